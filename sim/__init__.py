"""Electrophysiology: heart and parameters in, activation and ECG out."""

from .beat import Beat, SimModel, move_electrodes, prepare, simulate
from .eikonal import EikonalMesh, eikonal_mesh, solve_eikonal
from .eikonal_metric import tet_metric, triangle_metric
from .params import (
    HEALTHY_ROOTS,
    BeatParams,
    Conduction,
    Conductivities,
    Repolarisation,
    RootSite,
)
from .tissue import BORDER, CORE, HEALTHY, Tissue, healthy, segment_shares

__all__ = [
    "BORDER",
    "CORE",
    "HEALTHY",
    "HEALTHY_ROOTS",
    "Beat",
    "BeatParams",
    "Conduction",
    "Conductivities",
    "EikonalMesh",
    "Repolarisation",
    "RootSite",
    "SimModel",
    "Tissue",
    "eikonal_mesh",
    "healthy",
    "move_electrodes",
    "prepare",
    "segment_shares",
    "simulate",
    "solve_eikonal",
    "tet_metric",
    "triangle_metric",
]
