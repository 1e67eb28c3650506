"""Action potential duration over the heart, as coupled muscle shows it."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import diags_array

from ..anatomy import Heart, Laplacian, conjugate_gradients
from .params import Repolarisation
from .tissue import Tissue

#: Coupling evens out durations over sqrt(D t): D = 0.1 mm2/ms (Bueno-Orovio 2008: 0.117) while
#: the membrane repolarises, t = 90 ms.
ELECTROTONIC_LENGTH_MM = 3.0


class GradientFields(NamedTuple):
    """Directions in which durations differ; each (n,), mean 0 over the muscle, range about 1."""

    apicobasal: NDArray[np.float64]
    transmural: NDArray[np.float64]
    transventricular: NDArray[np.float64]
    anteroposterior: NDArray[np.float64]


def gradient_fields(heart: Heart) -> GradientFields:
    """Ventricular coordinates, evened out over the electrotonic length and centred.

    The evening-out is linear, so doing it once a heart serves every set of gradients.
    """
    c = heart.coordinates
    fields = (c.apicobasal, c.transmural, c.transventricular, np.sin(c.rotational) / 2)
    laplacian = Laplacian(heart.nodes_mm, heart.tets)
    mass = heart.node_volumes_mm3
    system = diags_array(mass) + ELECTROTONIC_LENGTH_MM**2 * laplacian.stiffness
    smooth = (conjugate_gradients(system, mass * field, field) for field in fields)
    return GradientFields(*(s - np.average(s, weights=mass) for s in smooth))


def apd_map(fields: GradientFields, params: Repolarisation, tissue: Tissue) -> NDArray[np.float64]:
    """(n,) Action potential duration in ms: mean, gradients, and the border zone's change."""
    apd_ms = (
        params.apd_ms
        + params.apicobasal_ms * fields.apicobasal
        + params.transmural_ms * fields.transmural
        + params.transventricular_ms * fields.transventricular
        + params.anteroposterior_ms * fields.anteroposterior
    )
    return apd_ms * (1 + (params.border_apd_ratio - 1) * tissue.border)
