"""Rule-based fibres and sheets: LDRB of Bayer, Blake, Plank and Trayanova (Ann Biomed Eng 2012)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from .coordinates import WallFields
from .frame import unit
from .laplace import Laplacian


@dataclass(frozen=True, slots=True, kw_only=True)
class FibreAngles:
    """Angles of the rule, in degrees.

    `alpha` is the fibre's helix angle from the circumferential direction; `beta` turns the
    sheet about the fibre (Bayer's convention; Doste turns it about the long axis).
    """

    alpha_endo_deg: float = 60.0  #: Streeter 1969, human range 50..80
    alpha_epi_deg: float = -60.0  #: same
    beta_endo_deg: float = -65.0  #: Bayer 2012
    beta_epi_deg: float = 25.0  #: Bayer 2012


def rule_based_fibres(
    laplacian: Laplacian, walls: WallFields, angles: FibreAngles | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fibre and sheet direction of every tetrahedron.

    One departure from Bayer: there the inner axes keep the endocardial angle and are blended
    with outer axes whose angle runs through the wall already. That makes the helix angle a
    parabola and, where endocardium and epicardium differ by more than 90 degrees, makes it
    jump (by 45 degrees at three quarters of the wall for 60 and -60). Here both sets of axes
    have the one angle that runs linearly from wall to wall, and the blend only joins frames.

    Parameters
    ----------
    laplacian
        Of the heart's mesh, m tets.
    walls
        The harmonic fields between its surfaces.
    angles
        Of fibres and sheets on the endocardium and epicardium.

    Returns
    -------
    fibres, sheets : (m, 3) float32
        Unit vectors, orthogonal to each other.
    """
    angles = angles or FibreAngles()
    left, right, outer = (walls_at(laplacian, f) for f in (walls.left, walls.right, walls.outer))
    up = laplacian.gradient(walls.apex_to_base)
    steepness = np.linalg.norm(up, axis=1)
    flat = steepness < 1e-6 * steepness.mean()  # in the apex, and where a tet lies in the base
    up[flat] = up.mean(axis=0)
    leftward, rightward, outward = (
        laplacian.gradient(f) for f in (walls.left, walls.right, walls.outer)
    )
    depth = right / np.maximum(left + right, 1e-12)
    across = np.einsum("ij,ij->i", rightward - leftward, outward)
    side = np.where(across >= 0, 1.0, -1.0)  # -1 where left to right leads inward: right free wall

    def angle(endo_deg: float, epi_deg: float) -> NDArray[np.float64]:
        return endo_deg * (1 - 2 * depth) * (1 - outer) + side * epi_deg * outer

    alpha = angle(angles.alpha_endo_deg, angles.alpha_epi_deg)
    beta = angle(angles.beta_endo_deg, angles.beta_epi_deg)
    q_left = turn(local_axes(up, -leftward), alpha, beta)
    q_right = turn(local_axes(up, rightward), alpha, beta)
    q_outer = turn(local_axes(up, outward), side * alpha, side * beta)
    q = blend(blend(q_left, q_right, depth), q_outer, outer)
    axes = matrices(q)
    return axes[:, :, 0].astype(np.float32), axes[:, :, 2].astype(np.float32)


def walls_at(laplacian: Laplacian, field: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m,) Value of a nodal field in the middle of each tetrahedron, kept within 0..1."""
    return np.clip(field[laplacian.tets].mean(axis=1), 0.0, 1.0)


def local_axes(up: NDArray[np.float64], outward: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m, 4) Quaternions of the axes circumferential, apex to base, endo to epi.

    Where a gradient vanishes any direction serves: the field that vanishes there has no
    weight in the blend.
    """
    longitudinal = unit(up)
    across = outward - np.einsum("ij,ij->i", outward, longitudinal)[:, None] * longitudinal
    lost = np.linalg.norm(across, axis=1) < 1e-9 * (1e-12 + np.linalg.norm(up, axis=1))
    spare = np.cross(longitudinal, np.eye(3)[np.argmin(np.abs(longitudinal), axis=1)])
    transmural = unit(np.where(lost[:, None], spare, across))
    axes = np.stack([np.cross(longitudinal, transmural), longitudinal, transmural], axis=2)
    return quaternions(axes)


def turn(
    q: NDArray[np.float64], alpha_deg: NDArray[np.float64], beta_deg: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(m, 4) Axes turned by alpha about their third axis, then by -beta about their first."""
    a, b = np.radians(alpha_deg) / 2, np.radians(beta_deg) / 2
    zero = np.zeros_like(a)
    about_third = np.stack([np.cos(a), zero, zero, np.sin(a)], axis=1)
    about_first = np.stack([np.cos(b), -np.sin(b), zero, zero], axis=1)
    return product(product(q, about_third), about_first)


def blend(
    q: NDArray[np.float64], other: NDArray[np.float64], share: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(m, 4) Spherical interpolation from `q` (share 0) to `other` (share 1).

    A fibre has no head and no tail: of the four ways to flip two of the axes, the one nearest
    to `other` is turned (Bayer 2012, bislerp).
    """
    flips = np.eye(4)
    candidates = np.stack([product(q, np.broadcast_to(f, q.shape)) for f in flips])
    closeness = np.einsum("kij,ij->ki", candidates, other)
    best = np.argmax(np.abs(closeness), axis=0)
    rows = np.arange(len(q))
    start = candidates[best, rows] * np.sign(closeness[best, rows] + 1e-300)[:, None]
    cosine = np.clip(np.abs(closeness[best, rows]), 0.0, 1.0)
    angle = np.maximum(np.arccos(cosine), 1e-9)
    weights = np.sin(angle * (1 - share)), np.sin(angle * share)
    return unit(weights[0][:, None] * start + weights[1][:, None] * other)


def product(p: NDArray[np.float64], q: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m, 4) Hamilton product; the real part stands first."""
    a, b = p[:, 0], q[:, 0]
    u, v = p[:, 1:], q[:, 1:]
    real = a * b - np.einsum("ij,ij->i", u, v)
    return np.column_stack([real, a[:, None] * v + b[:, None] * u + np.cross(u, v)])


def quaternions(axes: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m, 4) Unit quaternions of rotation matrices (m, 3, 3)."""
    return np.roll(Rotation.from_matrix(axes).as_quat(), 1, axis=1)


def matrices(q: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m, 3, 3) Rotation matrices of unit quaternions."""
    return Rotation.from_quat(np.roll(q, -1, axis=1)).as_matrix()
