"""Electrophysiology: heart and parameters in, activation and ECG out."""

from .params import BeatParams, Conduction, Conductivities, Repolarisation, RootSite
from .tissue import BORDER, CORE, HEALTHY, Tissue, healthy

__all__ = [
    "BORDER",
    "CORE",
    "HEALTHY",
    "BeatParams",
    "Conduction",
    "Conductivities",
    "Repolarisation",
    "RootSite",
    "Tissue",
    "healthy",
]
