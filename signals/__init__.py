"""Every voltage against time: one type, its leads."""

from .ecg import ECG
from .leads import LEADS, twelve_leads
from .waves import (
    LEAD_GROUPS,
    QRS,
    pathological_q,
    poor_r_progression,
    qrs_bounds_ms,
    qrs_duration_ms,
    qrs_waves,
)

__all__ = [
    "ECG",
    "LEADS",
    "LEAD_GROUPS",
    "QRS",
    "pathological_q",
    "poor_r_progression",
    "qrs_bounds_ms",
    "qrs_duration_ms",
    "qrs_waves",
    "twelve_leads",
]
