"""Physical parameters of a beat; the unit is the last word of each name."""

from dataclasses import dataclass, field, fields
from typing import Literal


def require_positive(params: object) -> None:
    """Raise when a number in a parameter set is not positive and finite."""
    for f in fields(params):  # type: ignore[arg-type]
        value = getattr(params, f.name)
        if isinstance(value, int | float) and not 0 < value < float("inf"):
            msg = f"{type(params).__name__}.{f.name} must be positive, got {value}"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conduction:
    """How fast the wave runs."""

    #: The four speeds were fitted with the root sites to a normal QRS of two real hearts, in the
    #: lower half of what is measured: 0.65 along and 0.5 across the fibre in man (Taggart 2000),
    #: 0.67, 0.30 and 0.17 along fibre, sheet and normal in the pig (Caldwell 2009). The layer
    #: stands for all of the Purkinje network beyond the roots, so it is slower than the 1.2 to 1.8
    #: of an endocardium whose network is modelled as a tree as well (Camps 2021).
    cv_fibre_mm_per_ms: float = 0.50  #: along the fibre
    cv_sheet_mm_per_ms: float = 0.38  #: along the sheet, across the fibre
    cv_normal_mm_per_ms: float = 0.35  #: across the sheet
    cv_endocardium_mm_per_ms: float = 1.04  #: Purkinje-muscle layer on both endocardia
    border_speed_ratio: float = 0.5  #: speed in pure border zone over healthy (Camps 2023 uses 0.5)

    def __post_init__(self) -> None:
        require_positive(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class RootSite:
    """Where the His-Purkinje system first reaches the muscle, in ventricular coordinates."""

    name: str
    wall: Literal["lv_endo", "rv_septum", "rv_free"]
    apicobasal: float
    rotational: float  #: rad, 0 mid-septum, positive towards the anterior wall
    time_ms: float = 0.0


#: Earliest sites of the healthy human ventricles. Durrer 1970: three on the left within 5 ms (high
#: on the anterior paraseptal wall below the mitral ring, mid-septum, posterior paraseptal), then
#: the right near the moderator band. Places and times were fitted within these areas so that two
#: real hearts and the built-in one have a normal 12-lead QRS, and lose R where the first two have
#: large infarcts; see benchmarks/fit_roots.py and docs/validation.md.
HEALTHY_ROOTS = (
    RootSite(name="left mid-septum", wall="lv_endo", apicobasal=0.42, rotational=-0.13),
    RootSite(
        name="left anterior paraseptal",
        wall="lv_endo",
        apicobasal=0.83,
        rotational=1.20,
        time_ms=2.1,
    ),
    RootSite(
        name="left posterior paraseptal",
        wall="lv_endo",
        apicobasal=0.48,
        rotational=-0.97,
        time_ms=2.9,
    ),
    RootSite(
        name="right moderator band", wall="rv_free", apicobasal=0.48, rotational=-0.06, time_ms=3.5
    ),
    RootSite(name="right septum", wall="rv_septum", apicobasal=0.58, rotational=0.04, time_ms=3.6),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repolarisation:
    """Action potential duration over the ventricles; each gradient is a difference in ms."""

    #: The gradients have the signs that a T wave along the QRS asks for: apex, epicardium and left
    #: ventricle repolarise before base, endocardium and right ventricle. Their sizes stay within
    #: the 194..366 ms that Camps' fit to the ECG of DTI004 spans.
    #: Mean over the ventricles, 90 % repolarisation: sampled healthy hearts then have the QT of 60
    #: beats a minute, 350 to 450 ms (benchmarks/anatomy_population.py).
    apd_ms: float = 280.0
    apicobasal_ms: float = 55.0  #: base minus apex
    transmural_ms: float = -32.0  #: epicardium minus endocardium; coupling leaves two thirds of it
    transventricular_ms: float = 45.0  #: right minus left
    anteroposterior_ms: float = -20.0  #: anterior minus inferior
    border_apd_ratio: float = 1.3  #: APD in pure border zone over healthy, chronic infarct
    #: All durations are those at 60 beats a minute, and change with the cube root of the cycle
    #: (Fridericia 1920, there for QT).
    beats_per_min: float = 60.0

    def __post_init__(self) -> None:
        if not 20 <= self.beats_per_min <= 300:
            msg = f"Repolarisation.beats_per_min must lie in 20..300, got {self.beats_per_min}"
            raise ValueError(msg)
        if not 100 <= self.apd_ms <= 500:
            msg = f"Repolarisation.apd_ms must lie in 100..500, got {self.apd_ms}"
            raise ValueError(msg)

    @property
    def rate_factor(self) -> float:
        """Durations at this heart rate over those at 60 a minute."""
        return float((60.0 / self.beats_per_min) ** (1 / 3))


@dataclass(frozen=True, slots=True, kw_only=True)
class Conductivities:
    """Conductivities of the two spaces of the muscle, along and across the fibre."""

    intracellular_fibre_s_per_m: float = 0.34  #: Roberts and Scher 1982, in situ
    intracellular_cross_s_per_m: float = 0.060  #: same
    extracellular_fibre_s_per_m: float = 0.12  #: same
    extracellular_cross_s_per_m: float = 0.080  #: same

    def __post_init__(self) -> None:
        require_positive(self)

    @property
    def monodomain_s_per_m(self) -> tuple[float, float]:
        """Of the two spaces in series, along and across the fibre."""
        fibre = 1 / self.intracellular_fibre_s_per_m + 1 / self.extracellular_fibre_s_per_m
        cross = 1 / self.intracellular_cross_s_per_m + 1 / self.extracellular_cross_s_per_m
        return 1 / fibre, 1 / cross

    @property
    def source_strength(self) -> tuple[float, float]:
        """Share of the membrane's step that appears outside, along and across the fibre.

        A wavefront drives sigma_i grad Vm through muscle of conductivity sigma_i + sigma_e, so
        the potential outside jumps by sigma_i / (sigma_i + sigma_e) of the step in Vm
        (Roberts and Scher measured 74 mV along and 43 mV across for a step of 100 mV). The
        jump is the strength of the double layer that the torso sees, whatever its own
        conductivity.
        """
        fibre = self.intracellular_fibre_s_per_m
        cross = self.intracellular_cross_s_per_m
        return (
            fibre / (fibre + self.extracellular_fibre_s_per_m),
            cross / (cross + self.extracellular_cross_s_per_m),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class BeatParams:
    """Everything about a beat that is not anatomy or disease."""

    conduction: Conduction = field(default_factory=Conduction)
    roots: tuple[RootSite, ...] = HEALTHY_ROOTS
    repolarisation: Repolarisation = field(default_factory=Repolarisation)
    conductivities: Conductivities = field(default_factory=Conductivities)
    duration_ms: float = 600.0  #: of the simulated ECG; the border zone's slow repolarisation ends
    fs_hz: float = 1000.0

    def __post_init__(self) -> None:
        require_positive(self)
