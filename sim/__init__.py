"""Electrophysiology: heart and parameters in, activation and ECG out."""

from .beat import Beat, SimModel, prepare, simulate
from .params import (
    HEALTHY_ROOTS,
    BeatParams,
    Conduction,
    Conductivities,
    Repolarisation,
    RootSite,
)
from .tissue import BORDER, CORE, HEALTHY, Tissue, healthy

__all__ = [
    "BORDER",
    "CORE",
    "HEALTHY",
    "HEALTHY_ROOTS",
    "Beat",
    "BeatParams",
    "Conduction",
    "Conductivities",
    "Repolarisation",
    "RootSite",
    "SimModel",
    "Tissue",
    "healthy",
    "prepare",
    "simulate",
]
