"""One row of a cohort's plan: every number that makes one virtual patient."""

from dataclasses import dataclass, fields
from typing import Any

from ..sim import BeatParams, Conduction, Repolarisation

NO_INFARCT = "none"
#: Codes of `territory` in the store, in this order.
TERRITORIES = (NO_INFARCT, "LAD", "LCx", "RCA")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """All that a case needs besides its heart; the row alone reproduces the patient."""

    index: int  #: position in the cohort
    seed: int  #: of the infarct's irregularity
    heart: str  #: what `anatomy.load_heart` takes
    territory: str  #: artery whose occlusion caused the infarct, or `NO_INFARCT`
    target_burden: float  #: share of left-ventricular muscle in the core
    target_transmurality: float  #: core share of the wall where it is scarred
    border_mm: float  #: width of the border zone
    border_speed_ratio: float
    border_apd_ratio: float
    cv_fibre_mm_per_ms: float
    cv_sheet_mm_per_ms: float
    cv_normal_mm_per_ms: float
    cv_endocardium_mm_per_ms: float
    apd_ms: float
    apicobasal_ms: float
    transmural_ms: float
    transventricular_ms: float
    anteroposterior_ms: float
    electrode_x_mm: float  #: shift of all electrodes to the left
    electrode_y_mm: float  #: to the back
    electrode_z_mm: float  #: to the head

    @property
    def beat_params(self) -> BeatParams:
        """The parameters of this patient's beat."""
        return BeatParams(
            conduction=Conduction(**self._named_in(Conduction)),
            repolarisation=Repolarisation(**self._named_in(Repolarisation)),
        )

    def _named_in(self, kind: type[Conduction | Repolarisation]) -> dict[str, Any]:
        ours = {f.name for f in fields(self)}
        return {f.name: getattr(self, f.name) for f in fields(kind) if f.name in ours}
