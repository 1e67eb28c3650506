"""Infarct synthesis, plans, generation, the on-disk store."""

from .case import NO_INFARCT, TERRITORIES, Case
from .check import CohortInfo, check_cohort, cohort_info
from .commit import Failure, read_failures
from .coronaries import ARTERIES
from .distribution import Bounded
from .generate import Summary, generate
from .infarct import (
    Achieved,
    Infarct,
    InfarctModel,
    InfarctTarget,
    draw_infarct,
    prepare_infarcts,
)
from .patient import Patient, PatientModel, prepare_patients, simulate_case
from .plan import CohortPlan, draw_case, draw_plan
from .store import open_cohort, read_cases, read_cohort_heart, read_plan

__all__ = [
    "ARTERIES",
    "NO_INFARCT",
    "TERRITORIES",
    "Achieved",
    "Bounded",
    "Case",
    "CohortInfo",
    "CohortPlan",
    "Failure",
    "Infarct",
    "InfarctModel",
    "InfarctTarget",
    "Patient",
    "PatientModel",
    "Summary",
    "check_cohort",
    "cohort_info",
    "draw_case",
    "draw_infarct",
    "draw_plan",
    "generate",
    "open_cohort",
    "prepare_infarcts",
    "prepare_patients",
    "read_cases",
    "read_cohort_heart",
    "read_failures",
    "read_plan",
    "simulate_case",
]
