"""Rule-based fibres and sheets, after Bayer, Blake, Plank and Trayanova (Ann Biomed Eng 2012)."""

from collections.abc import Callable
from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array, diags_array

from .coordinates import WallFields
from .frame import unit
from .heart import tet_volumes
from .laplace import Laplacian

#: A tet whose walls tell less than this about its direction takes that of its neighbours.
LEAST_EVIDENCE = 1e-3
#: Mean of values (m, k) of tets over those that share a node with each.
Mean = Callable[[NDArray[np.float64]], NDArray[np.float64]]


@dataclass(frozen=True, slots=True, kw_only=True)
class FibreAngles:
    """Angles of the rule, in degrees.

    `alpha` is the fibre's helix angle: from the circumferential direction, positive towards the
    base where the circumferential direction is base x outward. `beta` turns the sheet about the
    fibre (Bayer's convention; Doste turns it about the long axis), away from the wall's normal.
    Each is seen from the cavity whose wall it is, so a septum with one angle on both sides turns
    by twice that angle. What is None is as in the left ventricle, or as in the rest of the same
    ventricle for the two sides of the septum.

    Raises
    ------
    ValueError
        When an angle is outside -90..90 degrees, or `profile_power` outside 1..5.
    """

    alpha_endo_deg: float = 40.0  #: Bayer 2012: least difference to measured fibres
    alpha_epi_deg: float = -50.0  #: same
    beta_endo_deg: float = -65.0  #: same
    beta_epi_deg: float = 25.0  #: same
    rv_alpha_endo_deg: float | None = None
    rv_alpha_epi_deg: float | None = None
    rv_beta_endo_deg: float | None = None
    rv_beta_epi_deg: float | None = None
    septum_left_alpha_deg: float | None = None
    septum_right_alpha_deg: float | None = None
    #: The angle runs from wall to wall as sign(t) |t|^power, t from 1 to -1: 1 is linear.
    profile_power: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            low, high = (1.0, 5.0) if field.name == "profile_power" else (-90.0, 90.0)
            if value is not None and not low <= value <= high:
                msg = f"{field.name} must be {low:g} to {high:g}, got {value}"
                raise ValueError(msg)


#: Streeter's canine angles as a rule for human hearts (Potse, IEEE TBME 53:2425, 2006): a cubic
#: profile, flatter amid the wall. Chaste has it; DTI004's fibres are within 10 degrees of it.
POTSE_2006 = FibreAngles(
    alpha_endo_deg=60.0,
    alpha_epi_deg=-60.0,
    rv_alpha_endo_deg=45.0,
    rv_alpha_epi_deg=-45.0,
    beta_endo_deg=0.0,
    beta_epi_deg=0.0,
    profile_power=3.0,
)
#: Doste (Int J Numer Meth Biomed Eng 35:e3185, 2019), without outflow tracts, which no surface
#: of a `Heart` names, and with sheets along the wall's normal.
DOSTE_2019 = FibreAngles(
    alpha_endo_deg=60.0,
    alpha_epi_deg=-60.0,
    rv_alpha_endo_deg=90.0,
    rv_alpha_epi_deg=-25.0,
    beta_endo_deg=0.0,
    beta_epi_deg=0.0,
)


def rule_based_fibres(
    laplacian: Laplacian, walls: WallFields, angles: FibreAngles | None = None
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Fibre and sheet direction of every tetrahedron.

    Every point sees three walls, left endocardium, right endocardium and epicardium, each with a
    share of it: the harmonic field that is 1 on that wall and 0 on the others. Each wall
    proposes axes (circumferential, to the base, through the wall) and turns them by an angle
    that runs from wall to wall; the answer is the main direction of the proposals, weighted with
    the shares. As in Bayer (2012), but for two things. There the blend of axes changes the angle
    again, which makes it a parabola through the wall. And an axis has no head and no tail: the
    mean of outer products (k a a') knows that, and needs no choice among flipped quaternions.

    Parameters
    ----------
    laplacian
        Of the heart's mesh, m tets.
    walls
        The harmonic fields between its surfaces; with `right` zero, a left ventricle alone.
    angles
        Of fibres and sheets on each wall; those of Bayer (2012) without.

    Returns
    -------
    fibres, sheets : (m, 3) float32
        Unit vectors, orthogonal to each other; every tet has them.

    Examples
    --------
    >>> from cardiotwin.anatomy.shapes import box
    >>> slab = Laplacian(*box((4, 2, 2), 1.0))
    >>> x, _, z = slab.nodes_mm.T
    >>> walls = WallFields(
    ...     left=1 - x / 4, right=0 * x, apex_to_base=z / 2, septal_right=np.array([], int)
    ... )
    >>> fibres, _ = rule_based_fibres(slab, walls)
    >>> bool(np.allclose(fibres[:, 0], 0, atol=1e-6))
    True
    """
    angles = angles or FibreAngles()
    mean = neighbour_mean(laplacian)
    harmonic = (walls.left, walls.right, walls.outer)
    shares = np.stack([walls_at(laplacian, f) for f in harmonic], axis=1)
    shares /= shares.sum(axis=1, keepdims=True)
    nearby = mean(shares)
    up = unit(mean(laplacian.gradient(walls.apex_to_base)))
    fibre_moment, sheet_moment = np.zeros((2, len(shares), 3, 3))
    for wall, towards in enumerate((-1, -1, 1)):
        outward = unit(towards * mean(laplacian.gradient(harmonic[wall])))
        around = np.cross(up, outward)  # null where up and outward are one direction
        weight = shares[:, wall] * np.einsum("ij,ij->i", around, around)
        fibre, sheet = turned(unit(around), outward, *wall_angles(wall, shares, nearby, angles))
        fibre_moment += np.einsum("m,mi,mj->mij", weight, fibre, fibre)
        sheet_moment += np.einsum("m,mi,mj->mij", weight, sheet, sheet)
    fibres = main_axis(fill(fibre_moment, mean))
    across = np.eye(3) - fibres[:, :, None] * fibres[:, None, :]
    sheets = main_axis(across @ (fill(sheet_moment, mean) + 1e-9 * np.eye(3)) @ across)
    return fibres.astype(np.float32), sheets.astype(np.float32)


def walls_at(laplacian: Laplacian, field: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m,) Value of a nodal field in the middle of each tetrahedron, kept within 0..1."""
    return np.clip(field[laplacian.tets].mean(axis=1), 0.0, 1.0)


def neighbour_mean(laplacian: Laplacian) -> Mean:
    """The mean by volume, first at each node, then over the four nodes of each tet.

    A gradient is constant in a tet and jumps between tets. Its mean is smooth, and exists where
    all four nodes of a tet lie on one surface, so that its own gradient is null.
    """
    tets = laplacian.tets
    m, n = len(tets), len(laplacian.nodes_mm)
    of_tet = csr_array((np.ones(4 * m), tets.ravel(), np.arange(0, 4 * m + 1, 4)), shape=(m, n))
    to_nodes = of_tet.T.tocsr() @ diags_array(tet_volumes(laplacian.nodes_mm, tets))
    share = diags_array(1 / to_nodes.sum(axis=1)) @ to_nodes
    return lambda values: of_tet @ (share @ values) / 4


def wall_angles(
    wall: int, shares: NDArray[np.float64], nearby: NDArray[np.float64], angles: FibreAngles
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Alpha and beta (m,) in degrees as one wall sees them: 0 left, 1 right, 2 epicardium.

    Seen from the other cavity the same line has the opposite angle. The shares (m, 3) `nearby`
    tell which wall lies opposite, also where a tet lies in one wall with all its nodes.
    """
    left, right, outer = shares_through(wall, shares, angles.profile_power).T
    near_left, near_right, near_outer = nearby.T
    sign = np.array([[1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])[wall]
    septum_left = _or(angles.septum_left_alpha_deg, angles.alpha_endo_deg)
    septum_right = _or(angles.septum_right_alpha_deg, _right(angles, "alpha_endo"))
    alpha = (
        sign[0] * left * between(angles.alpha_endo_deg, septum_left, near_outer, near_right)
        + sign[1]
        * right
        * between(_right(angles, "alpha_endo"), septum_right, near_outer, near_left)
        + outer * between(angles.alpha_epi_deg, _right(angles, "alpha_epi"), near_left, near_right)
    )
    beta = (
        sign[0] * left * angles.beta_endo_deg
        + sign[1] * right * _right(angles, "beta_endo")
        + outer * between(angles.beta_epi_deg, _right(angles, "beta_epi"), near_left, near_right)
    )
    return alpha, beta


def _or(own_deg: float | None, other_deg: float) -> float:
    return other_deg if own_deg is None else own_deg


def _right(angles: FibreAngles, name: str) -> float:
    """An angle of the right ventricle, that of the left one where it is None."""
    return _or(getattr(angles, f"rv_{name}_deg"), getattr(angles, f"{name}_deg"))


def between(
    first_deg: float, second_deg: float, first: NDArray[np.float64], second: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(m,) Mean of two angles by two shares."""
    return first_deg + (second_deg - first_deg) * second / np.maximum(first + second, 1e-12)


def shares_through(wall: int, shares: NDArray[np.float64], power: float) -> NDArray[np.float64]:
    """(m, 3) Shares after the depth below one wall is bent by `FibreAngles.profile_power`."""
    t = 2 * shares[:, wall] - 1
    bent = (1 + np.sign(t) * np.abs(t) ** power) / 2
    rest = np.delete(shares, wall, axis=1)
    rest *= ((1 - bent) / np.maximum(1 - shares[:, wall], 1e-12))[:, None]
    return np.insert(rest, wall, bent, axis=1)


def turned(
    around: NDArray[np.float64],
    outward: NDArray[np.float64],
    alpha_deg: NDArray[np.float64],
    beta_deg: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Fibre and sheet (m, 3): axes turned by alpha about the third, then by -beta about the first.

    The axes are circumferential, towards the base, through the wall.
    """
    towards_base = np.cross(outward, around)
    a, b = np.radians(alpha_deg)[:, None], np.radians(beta_deg)[:, None]
    fibre = np.cos(a) * around + np.sin(a) * towards_base
    cross_fibre = np.cos(a) * towards_base - np.sin(a) * around
    return fibre, np.cos(b) * outward + np.sin(b) * cross_fibre


def fill(moment: NDArray[np.float64], mean: Mean) -> NDArray[np.float64]:
    """(m, 3, 3) Moments; one with too little trace gets its neighbours' mean, ring by ring."""
    flat = moment.reshape(-1, 9)
    known = flat[:, [0, 4, 8]].sum(axis=1) > LEAST_EVIDENCE
    reached = known
    while reached.any() and not known.all():
        near = mean(np.where(known[:, None], flat, 0))
        reached = ~known & (near[:, [0, 4, 8]].sum(axis=1) > 0)
        flat = np.where(reached[:, None], near, flat)
        known = known | reached
    return flat.reshape(-1, 3, 3)


def main_axis(moment: NDArray[np.float64]) -> NDArray[np.float64]:
    """(m, 3) Unit eigenvector of the largest eigenvalue of symmetric matrices."""
    return np.linalg.eigh(moment)[1][:, :, 2]
