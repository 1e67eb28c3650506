"""Every voltage against time: one type, its leads."""

from .ecg import ECG
from .leads import LEADS, twelve_leads

__all__ = ["ECG", "LEADS", "twelve_leads"]
