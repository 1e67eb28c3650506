"""Action potential duration over the heart, as coupled muscle shows it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart
from .electrotonus import ELECTROTONIC_LENGTH_MM, Coupling, electrotonic_coupling
from .params import Repolarisation
from .tissue import Tissue

__all__ = ["ELECTROTONIC_LENGTH_MM", "GradientFields", "apd_map", "gradient_fields"]


class GradientFields(NamedTuple):
    """Directions in which durations differ; each (n,), mean 0 over the muscle, range about 1."""

    apicobasal: NDArray[np.float64]
    transmural: NDArray[np.float64]
    transventricular: NDArray[np.float64]
    anteroposterior: NDArray[np.float64]


def gradient_fields(heart: Heart, coupling: Coupling | None = None) -> GradientFields:
    """Ventricular coordinates, evened out by electrotonic coupling and centred.

    The evening-out is linear, so doing it once a heart serves every set of gradients.

    Parameters
    ----------
    heart
        The heart.
    coupling
        From `electrotonic_coupling`, where it is at hand.
    """
    coupling = coupling or electrotonic_coupling(heart)
    c = heart.coordinates
    fields = (c.apicobasal, c.transmural, c.transventricular, np.sin(c.rotational) / 2)
    smooth = [coupling.smooth(field) for field in fields]
    mass = heart.node_volumes_mm3
    return GradientFields(*(s - np.average(s, weights=mass) for s in smooth))


def apd_map(
    fields: GradientFields,
    params: Repolarisation,
    tissue: Tissue,
    coupling: Coupling | None = None,
) -> NDArray[np.float64]:
    """(n,) Action potential duration in ms: mean, gradients, border zone's change, heart rate.

    Parameters
    ----------
    fields
        From `gradient_fields`.
    params
        Mean, differences, ratio in the border zone and heart rate.
    tissue
        Core and border zone.
    coupling
        Evens out what the border zone changes, around the core; without it the change keeps
        the edges of the border zone.
    """
    apd_ms = (
        params.apd_ms
        + params.apicobasal_ms * fields.apicobasal
        + params.transmural_ms * fields.transmural
        + params.transventricular_ms * fields.transventricular
        + params.anteroposterior_ms * fields.anteroposterior
    )
    change_ms = apd_ms * (params.border_apd_ratio - 1) * tissue.border
    if coupling is not None and change_ms.any():
        change_ms = coupling.smooth(change_ms, tissue.core)
    return params.rate_factor * (apd_ms + change_ms)
