"""Heart geometry: meshes in, myocardium with fibres, coordinates and segments out."""

from .build import build_heart
from .heart import ELECTRODES, SURFACES, Heart, VentricularCoordinates
from .io import read_heart, write_heart
from .laplace import Laplacian, conjugate_gradients
from .library import load_heart
from .segments import SEGMENT_NAMES
from .torso import Torso, fit_torso

__all__ = [
    "ELECTRODES",
    "SEGMENT_NAMES",
    "SURFACES",
    "Heart",
    "Laplacian",
    "Torso",
    "VentricularCoordinates",
    "build_heart",
    "conjugate_gradients",
    "fit_torso",
    "load_heart",
    "read_heart",
    "write_heart",
]
