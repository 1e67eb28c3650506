"""The arrays of a cohort on disk: names, dimensions, types and meanings (docs/store.md)."""

from dataclasses import dataclass, fields

from .case import Case

SCHEMA = "cardiotwin-cohort"
SCHEMA_VERSION = 1
#: Values of the column `status`.
STATUS = ("missing", "done", "failed")
MISSING, DONE, FAILED = range(3)
#: Value of `tissue` where a heart has fewer nodes than the largest, or the case failed.
NO_TISSUE = -1

_UNITS = {"_mm_per_ms": "mm/ms", "_mm": "mm", "_ms": "ms", "_mv": "mV"}
_MEANINGS = {
    "case": "position in the cohort",
    "seed": "seed of the infarct's irregularity",
    "heart": "code of the heart, a group under hearts/",
    "territory": "code of the artery whose occlusion caused the infarct",
    "target_burden": "wanted share of left-ventricular muscle in the core",
    "target_transmurality": "wanted core share of the wall where it is scarred",
    "border_mm": "width of the border zone",
    "border_speed_ratio": "speed in pure border zone over healthy",
    "border_apd_ratio": "action potential duration in pure border zone over healthy",
    "cv_fibre_mm_per_ms": "speed along the fibre",
    "cv_sheet_mm_per_ms": "speed along the sheet, across the fibre",
    "cv_normal_mm_per_ms": "speed across the sheet",
    "cv_endocardium_mm_per_ms": "speed in the endocardial layer",
    "apd_ms": "mean action potential duration",
    "apicobasal_ms": "action potential duration, base minus apex",
    "transmural_ms": "action potential duration, epicardium minus endocardium",
    "transventricular_ms": "action potential duration, right minus left",
    "anteroposterior_ms": "action potential duration, anterior minus inferior",
    "electrode_x_mm": "shift of all electrodes to the left",
    "electrode_y_mm": "shift of all electrodes to the back",
    "electrode_z_mm": "shift of all electrodes to the head",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One array whose first dimension is the case."""

    name: str
    dtype: str
    meaning: str
    dims: tuple[str, ...] = ("case",)
    fill: float = float("nan")

    @property
    def units(self) -> str:
        """The unit that the name ends in, "1" without one."""
        return units_of(self.name)


def units_of(name: str) -> str:
    """The unit that a name ends in, "1" without one."""
    return next((unit for suffix, unit in _UNITS.items() if name.endswith(suffix)), "1")


def _plan_columns() -> tuple[Column, ...]:
    codes = {"index": ("case", "int32"), "seed": ("seed", "uint64")}
    codes |= {"heart": ("heart", "int16"), "territory": ("territory", "int8")}
    named = (codes.get(f.name, (f.name, "float64")) for f in fields(Case))
    return tuple(
        Column(name=name, dtype=dtype, meaning=_MEANINGS[name], fill=0) for name, dtype in named
    )


#: Written when the cohort is created: the plan, one value a case.
PLAN_COLUMNS = _plan_columns()

#: Measured on each infarct; 0 in healthy cases, where `site` is NaN.
ACHIEVED_COLUMNS = (
    Column(name="burden", dtype="float64", meaning="share of left-ventricular muscle in the core"),
    Column(
        name="transmurality", dtype="float64", meaning="core share of the wall where it is scarred"
    ),
    Column(
        name="border_share",
        dtype="float64",
        meaning="share of left-ventricular muscle in the border zone, half-dead counted half",
    ),
    Column(
        name="site",
        dtype="float64",
        meaning="of the occlusion, 0 proximal .. 1 distal on the artery",
    ),
)

#: Written batch by batch; a batch counts when its commit record names their checksums.
RESULT_COLUMNS = (
    *ACHIEVED_COLUMNS,
    Column(
        name="ecg_mv",
        dtype="float32",
        meaning="12-lead electrocardiogram",
        dims=("case", "lead", "sample"),
    ),
    Column(
        name="tissue",
        dtype="int8",
        meaning="state of the muscle at each node",
        dims=("case", "node"),
        fill=NO_TISSUE,
    ),
    Column(
        name="border",
        dtype="float16",
        meaning="0 healthy or core .. 1 pure border zone",
        dims=("case", "node"),
    ),
    Column(
        name="activation_ms",
        dtype="float32",
        meaning="time of activation, infinite where the wave never comes",
        dims=("case", "node"),
    ),
    Column(
        name="repolarisation_ms",
        dtype="float32",
        meaning="time of 90 % repolarisation, infinite where the wave never comes",
        dims=("case", "node"),
    ),
    # written last, so that a reader who sees a case done finds all of it
    Column(name="status", dtype="int8", meaning="how the case ended", fill=MISSING),
)
