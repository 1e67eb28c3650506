"""What an electrode sees of a current dipole: lead vectors in free space and in a torso."""

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Torso
from .lead_sources import free_sources
from .volume_conductor import VolumeConductor, volume_conductor


def lead_vectors(
    points_mm: NDArray[np.float64],
    electrodes_mm: NDArray[np.float64],
    torso: Torso | VolumeConductor | None = None,
) -> NDArray[np.float64]:
    """Gradient at each point of 4 pi sigma times the electrodes' reciprocal potential.

    A dipole p in a medium of conductivity sigma makes the potential p . L / (4 pi sigma) at an
    electrode. Without a torso the medium is infinite and L = grad 1/r. With one, the skin
    insulates, lungs and blood conduct in their own ways, sigma is the torso's, each electrode
    is moved to the nearest place of the skin, and potentials are against the skin's mean.

    Parameters
    ----------
    points_mm
        (p, 3) Places of dipoles, inside the torso.
    electrodes_mm
        (e, 3)
    torso
        The body, or what `volume_conductor` has made of it; None for an infinite medium.

    Returns
    -------
    (p, e, 3) float64
        1/mm2.

    Examples
    --------
    >>> lead_vectors(np.zeros((1, 3)), np.array([[0.0, 0.0, 10.0]]))[0, 0].tolist()
    [0.0, 0.0, 0.01]
    """
    if torso is None:
        return free_sources(electrodes_mm).at(points_mm)
    body = volume_conductor(torso) if isinstance(torso, Torso) else torso
    return body.skin_sources(electrodes_mm).at(points_mm)
