"""Heart geometry: meshes in, myocardium with fibres, coordinates and segments out."""

from .heart import ELECTRODES, SURFACES, Heart, VentricularCoordinates

__all__ = ["ELECTRODES", "SURFACES", "Heart", "VentricularCoordinates"]
