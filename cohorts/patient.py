"""One virtual patient: a row of the plan and a heart in, infarct and beat out."""

from dataclasses import dataclass

import numpy as np

from ..anatomy import Heart, load_heart
from ..sim import Beat, SimModel, Tissue, healthy, move_electrodes, prepare, simulate
from .case import NO_INFARCT, Case
from .infarct import Achieved, InfarctModel, InfarctTarget, draw_infarct, prepare_infarcts


@dataclass(frozen=True, eq=False, kw_only=True)
class PatientModel:
    """What the patients of one heart share, prepared once."""

    heart: Heart
    sim: SimModel
    infarcts: InfarctModel


#: What the infarct of a healthy heart comes to.
NOTHING = Achieved(burden=0.0, transmurality=0.0, border_share=0.0, site=float("nan"))


@dataclass(frozen=True, eq=False, kw_only=True)
class Patient:
    """A case with its tissue and its beat."""

    case: Case
    tissue: Tissue
    achieved: Achieved
    beat: Beat


def prepare_patients(heart: Heart) -> PatientModel:
    """All that does not change from one patient of a heart to the next."""
    sim = prepare(heart)
    return PatientModel(heart=heart, sim=sim, infarcts=prepare_infarcts(heart, sim))


def simulate_case(case: Case, model: PatientModel | None = None) -> Patient:
    """The virtual patient of one row, the same alone as in a cohort.

    Parameters
    ----------
    case
        From `draw_plan`, or `read_cases` of a cohort.
    model
        From `prepare_patients` on the heart of the case; loaded by its name when None.

    Raises
    ------
    ValueError
        When the infarct cannot be had on this heart, or the beat is not finite.
    """
    model = model or prepare_patients(load_heart(case.heart))
    tissue, achieved = _draw(case, model)
    shift_mm = np.array([case.electrode_x_mm, case.electrode_y_mm, case.electrode_z_mm])
    beat = simulate(move_electrodes(model.sim, shift_mm), case.beat_params, tissue)
    if not np.isfinite(beat.ecg.samples_mv).all():
        msg = f"case {case.index}: the ECG is not finite"
        raise ValueError(msg)
    return Patient(case=case, tissue=tissue, achieved=achieved, beat=beat)


def _draw(case: Case, model: PatientModel) -> tuple[Tissue, Achieved]:
    """The infarct of a case; a healthy heart has none."""
    if case.territory == NO_INFARCT:
        return healthy(len(model.heart.nodes_mm)), NOTHING
    target = InfarctTarget(
        territory=case.territory,
        burden=case.target_burden,
        transmurality=case.target_transmurality,
        border_mm=case.border_mm,
    )
    infarct = draw_infarct(model.infarcts, target, np.random.default_rng(case.seed))
    return infarct.tissue, infarct.achieved
