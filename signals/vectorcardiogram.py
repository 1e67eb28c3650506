"""The heart as one moving dipole: twelve leads to X, Y, Z and back, and the loop it draws.

X points to the patient's left, Y to the feet, Z to the back (Frank 1956).
"""

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .lead_names import LEADS
from .leads import derive_leads

#: The leads of a vectorcardiogram.
AXES = ("X", "Y", "Z")
#: The leads across and up the page in each of the pictures of a loop, as seen from the front, from
#: above and from the left; Y is drawn downwards.
PLANES = {"frontal": ("X", "Y"), "transverse": ("X", "Z"), "left sagittal": ("Z", "Y")}
#: The eight leads that hold all that twelve do, in the order of the matrices below.
_EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")

#: (8, 3) Eight leads from X, Y, Z: the torso of Frank (Dower, Machado and Osborne, Clin Cardiol
#: 3:87, 1980).
DOWER = np.array(
    [
        [0.632, -0.235, 0.059],
        [0.235, 1.066, -0.132],
        [-0.515, 0.157, -0.917],
        [0.044, 0.164, -1.387],
        [0.882, 0.098, -1.277],
        [1.213, 0.127, -0.601],
        [1.125, 0.127, -0.086],
        [0.831, 0.076, 0.230],
    ]
)
#: (3, 8) X, Y, Z from eight leads (Edenbrandt and Pahlm, J Electrocardiol 21:361, 1988): the
#: least-squares inverse of Dower's matrix, to the third decimal.
INVERSE_DOWER = np.array(
    [
        [0.156, -0.010, -0.172, -0.074, 0.122, 0.231, 0.239, 0.194],
        [-0.227, 0.887, 0.057, -0.019, -0.106, -0.022, 0.041, 0.048],
        [0.022, 0.102, -0.229, -0.310, -0.246, -0.063, 0.055, 0.108],
    ]
)
#: (3, 8) X, Y, Z from eight leads, by regression (Kors et al., Eur Heart J 11:1083, 1990).
KORS = np.array(
    [
        [0.38, -0.07, -0.13, 0.05, -0.01, 0.14, 0.06, 0.54],
        [-0.07, 0.93, 0.06, -0.02, -0.05, 0.06, -0.17, 0.13],
        [0.11, -0.23, -0.43, -0.06, -0.14, -0.20, -0.11, 0.31],
    ]
)


class Plane(NamedTuple):
    """The plane that a loop lies in as nearly as it can."""

    normal: NDArray[
        np.float64
    ]  #: (3,) unit, along X, Y, Z; right hand: fingers with the loop, thumb up
    planarity: float  #: share of the extent squared that lies in the plane; 1 for a flat loop


def vectorcardiogram(ecg: ECG, *, method: Literal["kors", "dower"] = "kors") -> ECG:
    """Leads X, Y and Z from leads I, II and V1 to V6.

    Parameters
    ----------
    ecg
        With V1 to V6 and any two of the limb leads.
    method
        "kors": the regression of Kors et al., the closer one to Frank's own leads; "dower": the
        inverse of Dower's matrix, the closer one to the twelve leads on the way back.

    Raises
    ------
    ValueError
        When a lead is missing, or the method is unknown.

    Examples
    --------
    >>> from cardiotwin.signals.synth import synthetic_ecg
    >>> vectorcardiogram(synthetic_ecg().ecg).leads
    ('X', 'Y', 'Z')
    """
    matrices = {"kors": KORS, "dower": INVERSE_DOWER}
    if method not in matrices:
        msg = f"unknown method {method!r}; choose {', '.join(matrices)}"
        raise ValueError(msg)
    eight = derive_leads(ecg).select(_EIGHT)
    samples_mv = matrices[method] @ eight.samples_mv
    return ECG(samples_mv=samples_mv, fs_hz=ecg.fs_hz, leads=AXES, meta=ecg.meta)


def twelve_leads_of(vcg: ECG) -> ECG:
    """Twelve leads in standard order from leads X, Y and Z, by Dower's matrix.

    Raises
    ------
    ValueError
        When X, Y or Z is missing.

    Examples
    --------
    >>> import numpy as np
    >>> vcg = ECG(samples_mv=np.ones((3, 5)), fs_hz=500.0, leads=AXES)
    >>> twelve_leads_of(vcg).leads[:4]
    ('I', 'II', 'III', 'aVR')
    """
    eight_mv = DOWER @ vcg.select(AXES).samples_mv
    eight = ECG(samples_mv=eight_mv, fs_hz=vcg.fs_hz, leads=_EIGHT, meta=vcg.meta)
    return derive_leads(eight).select(LEADS)


def magnitude_mv(vcg: ECG) -> NDArray[np.float64]:
    """(t,) Length of the vector (X, Y, Z), the spatial magnitude.

    Raises
    ------
    ValueError
        When X, Y or Z is missing.
    """
    return np.sqrt((vcg.select(AXES).samples_mv ** 2).sum(axis=0))


def loop_plane(vcg: ECG) -> Plane:
    """The plane through a loop, such as the QRS of a median beat cut out of it.

    Singular vectors of the vectors about their mean: the third is the normal, turned so that the
    loop runs counter-clockwise for an eye that it points at.

    Raises
    ------
    ValueError
        When X, Y or Z is missing, there are fewer than three samples, a gap, or no extent.

    Examples
    --------
    >>> turn = np.linspace(0.0, 2 * np.pi, 100)
    >>> samples_mv = np.stack([np.cos(turn), np.sin(turn), 0 * turn])
    >>> plane = loop_plane(ECG(samples_mv=samples_mv, fs_hz=500.0, leads=AXES))
    >>> plane.normal.round(6).tolist(), round(plane.planarity, 6)
    ([0.0, 0.0, 1.0], 1.0)
    """
    v = vcg.select(AXES).samples_mv
    if v.shape[1] < 3 or not np.isfinite(v).all() or not np.ptp(v, axis=1).any():
        msg = f"a loop needs three different samples without a gap, got {v.shape[1]} samples"
        raise ValueError(msg)
    v = v - v.mean(axis=1, keepdims=True)
    directions, extents, _ = np.linalg.svd(v, full_matrices=False)
    swept = np.cross(v, np.roll(v, -1, axis=1), axis=0).sum(axis=1)
    normal = directions[:, 2] * (1.0 if swept @ directions[:, 2] >= 0 else -1.0)
    squares = extents**2
    return Plane(normal, float(1 - squares[2] / squares.sum()))
