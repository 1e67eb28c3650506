"""From a user's words to what the monodomain solver takes: cells, diffusion, stimuli."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from .number_words import numbers
from .sim_muscle import ATRIAL_MM_PER_MS

if TYPE_CHECKING:
    from ..sim.cell_model import CellModel
    from ..sim.operator import Operator
    from ..sim.regions import Cells
    from ..sim.stimulus import Stimulus
    from .sim_muscle import Muscle
    from .sim_places import Source

#: Layers of the wall, from the endocardium out, each a third of its thickness.
LAYERS = ("endo", "m", "epi")


class Pacing(NamedTuple):
    """When pulses come and what each is like.

    Attributes
    ----------
    beats, period_ms : of the regular pulses, S1
    s2_ms : from the last S1 to the early pulse S2; None for no such pulse
    pulse_ms, strength_mv_per_ms : length and strength of a pulse
    """

    beats: int
    period_ms: float
    s2_ms: float | None
    pulse_ms: float
    strength_mv_per_ms: float


def usual_cell(muscle: "Muscle") -> str:
    """Name of the cell model that is used when nothing is said."""
    if muscle.heart is not None:
        return "mitchell-schaeffer"
    return "mitchell-schaeffer-atrial" if muscle.atrium is not None else "ten-tusscher-epi"


def cells_of(muscle: "Muscle", name: str) -> "Cells":
    """The cell model of a name; one without its layer, such as ten-tusscher, fills the wall.

    Raises
    ------
    ValueError
        When there is no such model, or layers are asked of muscle that has none.
    """
    from ..sim.cells import cell_model, cell_models

    layered = [f"{name}-{layer}" for layer in LAYERS]
    if not set(layered) <= set(cell_models()):
        return cell_model(name)
    if muscle.heart is None:
        msg = f"{name} has the layers of a ventricle's wall; on {muscle.name} take {layered[-1]}"
        raise ValueError(msg)
    third = (3 * muscle.heart.coordinates.transmural).clip(0, 2.999).astype(int)
    return [(cell_model(layer), third == k) for k, layer in enumerate(layered)]


def first_model(cells: "Cells") -> "CellModel":
    """The model of which speeds are matched."""
    from ..sim.cell_model import CellModel

    return cells if isinstance(cells, CellModel) else cells[-1][0]


def diffusivities(
    muscle: "Muscle",
    cells: "Cells",
    *,
    cv: str | None,
    diffusivity: str | None,
    conductivity: str | None,
    dt_ms: float | None,
) -> tuple[float, ...]:
    """Diffusivities in mm2/ms along and across the fibre, from the one option that is told.

    Without any, waves on hearts and atria run at their usual speeds whatever the mesh, and slabs
    have the conductivities of the N-version benchmark.

    Raises
    ------
    ValueError
        When two are told, one cannot be read, or no diffusivity gives a speed on this mesh.
    """
    from ..sim import Conduction
    from ..sim.conduction import matched_diffusivity_mm2_per_ms
    from ..sim.diffusion import Monodomain

    told = {"--cv": cv, "--diffusivity": diffusivity, "--conductivity": conductivity}
    given = [option for option, words in told.items() if words is not None]
    if len(given) > 1:
        msg = f"{' and '.join(given)} say the same in two ways; give one"
        raise ValueError(msg)
    if conductivity is not None:
        fibre, cross, fibre_out, cross_out = numbers(conductivity, "--conductivity", 4)
        return Monodomain(
            intracellular_fibre_s_per_m=fibre,
            intracellular_cross_s_per_m=cross,
            extracellular_fibre_s_per_m=fibre_out,
            extracellular_cross_s_per_m=cross_out,
        ).diffusivity_mm2_per_ms
    if diffusivity is not None:
        return tuple(numbers(diffusivity, "--diffusivity", 2))
    if cv is None and muscle.cells is not None:
        return Monodomain().diffusivity_mm2_per_ms
    usual = Conduction()
    wanted: Sequence[float] = (usual.cv_fibre_mm_per_ms, usual.cv_sheet_mm_per_ms)
    if cv is not None:
        wanted = numbers(cv, "--cv", 2)
    elif muscle.atrium is not None:
        wanted = ATRIAL_MM_PER_MS
    return tuple(
        matched_diffusivity_mm2_per_ms(
            first_model(cells), speed, spacing_mm=muscle.spacing_mm, dt_ms=dt_ms
        )
        for speed in wanted
    )


def operator_of(
    muscle: "Muscle", diffusivity_mm2_per_ms: Sequence[float], endocardium_ratio: float
) -> "Operator":
    """Diffusion in the muscle: none in a core, slower waves in a border zone.

    Parameters
    ----------
    muscle : heart, atrium or slab
    diffusivity_mm2_per_ms : (2,) along and across the fibre
    endocardium_ratio : speed of the Purkinje layer over that along the fibre, where tetrahedra
        touch the endocardium of a heart; the diffusivity goes with its square
    """
    import numpy as np

    from ..sim import Conduction, healthy
    from ..sim.diffusion import tet_diffusion, triangle_diffusion
    from ..sim.grid import grid_diffusion
    from ..sim.muscle import diffusivity_scale

    d = list(diffusivity_mm2_per_ms)
    if muscle.cells is not None:
        return grid_diffusion(muscle.cells, muscle.spacing_mm, (1.0, 0.0, 0.0), d)
    heart = muscle.heart
    if heart is None:
        return triangle_diffusion(muscle.nodes_mm, muscle.elements, muscle.fibres, d)
    tissue = muscle.tissue or healthy(len(muscle.nodes_mm))
    scale = diffusivity_scale(heart, tissue, Conduction().border_speed_ratio)
    inner = np.zeros(len(muscle.nodes_mm), bool)
    inner[np.concatenate([heart.surfaces[s] for s in ("lv_endo", "rv_endo")])] = True
    scale[inner[heart.tets].sum(axis=1) >= 3] *= endocardium_ratio**2
    return tet_diffusion(muscle.nodes_mm, muscle.elements, muscle.fibres, None, d, scale)


def stimuli_of(
    muscle: "Muscle",
    pacing: Pacing,
    places: Sequence[str],
    s2_places: Sequence[str],
    radius_mm: float | None,
) -> "list[Stimulus]":
    """A stimulus for each source of S1, and for each of S2.

    Raises
    ------
    ValueError
        When a source cannot be read or lies outside the muscle, or a number is impossible.
    """
    from ..sim.stimulus import burst, s1s2
    from .sim_places import sources

    radius = max(2.0, 2 * muscle.spacing_mm) if radius_mm is None else radius_mm
    if not radius > 0:
        msg = f"--radius-mm must be positive, got {radius_mm}"
        raise ValueError(msg)
    if s2_places and pacing.s2_ms is None:
        msg = "--s2-source is of an early pulse; add --s2-ms, from the last beat to it"
        raise ValueError(msg)
    regular = burst(pacing.beats, pacing.period_ms)
    early = () if pacing.s2_ms is None else s1s2(pacing.beats, pacing.period_ms, pacing.s2_ms)[-1:]
    first = sources(muscle, places, radius_mm=radius)
    if not s2_places:
        return _pulsed(first, (*regular, *early), pacing)
    second = sources(muscle, s2_places, radius_mm=radius, option="--s2-source")
    return _pulsed(first, regular, pacing) + _pulsed(second, early, pacing)


def _pulsed(
    paced: "Sequence[Source]", times_ms: Sequence[float], pacing: Pacing
) -> "list[Stimulus]":
    """A stimulus for each source, so much later as it says."""
    from ..sim.stimulus import Stimulus

    return [
        Stimulus(
            nodes=source.nodes,
            times_ms=tuple(t + source.time_ms for t in times_ms),
            duration_ms=pacing.pulse_ms,
            strength_mv_per_ms=pacing.strength_mv_per_ms,
        )
        for source in paced
    ]
