"""A body of several conductivities: its boundary elements, solved once, read at any place."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import lu_factor, lu_solve

from ..anatomy import Torso
from ..anatomy.heart import place_of
from ..anatomy.nearest import Tree
from ..anatomy.torso import Shell
from .kernels.torso import sheet_fields, solid_angles
from .lead_sources import LeadSources, free_sources, triangle_areas_mm2
from .params import require_positive

#: Largest system that is solved: 2.9 GB and some two minutes of one core.
MOST_TRIANGLES = 16_000
#: An electrode is read this far from the edge of its triangle to the middle, for on an edge the
#: solid angles of both sides are undefined.
ASIDE = 0.01


@dataclass(frozen=True, slots=True, kw_only=True)
class BodyConductivities:
    """Conductivities about the muscle, which itself conducts as the torso does.

    Only their ratios count: `Conductivities.source_strength` gives the source as a voltage.
    """

    torso_s_per_m: float = 0.2  #: van Oosterom and Huiskamp 1989
    lung_s_per_m: float = 0.04  #: same
    blood_s_per_m: float = 0.6  #: same, of the cavities

    def __post_init__(self) -> None:
        require_positive(self)


@dataclass(frozen=True, eq=False, kw_only=True)
class VolumeConductor:
    """Boundary elements of a body, factorised; made by `volume_conductor`.

    Attributes
    ----------
    torso : Torso
    corners_mm : (q, 3, 3) float64
        Triangles of the skin, then of lungs, then of the cavities.
    jumps : (q,) float64
        Conductivity inside less that outside, over the torso's and over 4 pi.
    skin_shares : (q,) float64
        Share of each triangle in the skin's area; 0 off the skin.
    factors
        LU decomposition of the transposed system.
    """

    torso: Torso
    corners_mm: NDArray[np.float64]
    jumps: NDArray[np.float64]
    skin_shares: NDArray[np.float64]
    factors: tuple[NDArray[np.float64], NDArray[Any]]

    def skin_sources(self, electrodes_mm: NDArray[np.float64]) -> LeadSources:
        """Electrodes, each moved to the nearest place of the skin."""
        places_mm, seen = self._on_skin(electrodes_mm)
        return self._sources(places_mm, seen)

    def inner_sources(self, electrodes_mm: NDArray[np.float64]) -> LeadSources:
        """Electrodes where they are, in the body.

        Raises
        ------
        ValueError
            When one lies outside the skin.
        """
        seen = self._seen(electrodes_mm)
        outside = np.flatnonzero(seen @ self.jumps < 1e-6)
        if outside.size:
            place = place_of(electrodes_mm[outside[0]])
            msg = f"electrode {outside[0]} at {place} lies outside the body, where nothing conducts"
            raise ValueError(msg)
        return self._sources(electrodes_mm, seen)

    def free_fields(
        self, points_mm: NDArray[np.float64], part: slice = slice(None)
    ) -> NDArray[np.float64]:
        """(q, p, 3) Gradient at each point (p, 3) of the mean of 1/r over each triangle in `part`.

        Which is the mean potential that three unit dipoles there would make on the triangle in
        an infinite torso, times 4 pi and its conductivity.
        """
        corners_mm = self.corners_mm[part]
        out = np.empty((len(corners_mm), len(points_mm), 3))
        points_mm = np.ascontiguousarray(points_mm, np.float64)
        areas_mm2 = triangle_areas_mm2(corners_mm)
        sheet_fields(points_mm, corners_mm, corners_mm.mean(axis=1), areas_mm2, out)
        return out

    def surface_potentials(self, free: NDArray[np.float64]) -> NDArray[np.float64]:
        """(q, t) Potential of each triangle, from its mean potential (q, t) in an infinite torso.

        Both times 4 pi and the torso's conductivity; the skin's mean is 0.
        """
        potentials = lu_solve(self.factors, free, trans=1, check_finite=False)
        return np.asarray(potentials - self.skin_shares @ potentials)

    def forward(
        self, points_mm: NDArray[np.float64], electrodes_mm: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(p, e, 3) What `skin_sources` gives, by a solution for every dipole: slow."""
        surface = self.surface_potentials(self.free_fields(points_mm).reshape(len(self.jumps), -1))
        places_mm, seen = self._on_skin(electrodes_mm)
        free = free_sources(places_mm).at(points_mm).transpose(1, 0, 2).reshape(len(places_mm), -1)
        return _read(seen * self.jumps, surface, free).reshape(len(places_mm), -1, 3).swapaxes(0, 1)

    def node_potentials(
        self, surface: NDArray[np.float64], free: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """(p, t) Potential at each node of the skin.

        Read as an electrode is, from `surface_potentials` (q, t) and the potentials (p, t) that
        the nodes would have in an infinite torso.
        """
        skin = self.torso.triangles
        seen = self._seen(self.torso.nodes_mm)
        # In the corner of a triangle its own solid angle is 0, or undefined.
        seen[skin.ravel(), np.repeat(np.arange(len(skin)), 3)] = 0.0
        return _read(seen * self.jumps, surface, free)

    def _on_skin(
        self, electrodes_mm: NDArray[np.float64]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The nearest places (e, 3) of the skin, and the solid angles (e, q) seen from there."""
        triangles, shares = Tree(self.torso.nodes_mm, self.torso.triangles).closest(electrodes_mm)
        inner = (1 - ASIDE) * shares + ASIDE / 3
        places_mm = np.einsum("ec,ecd->ed", inner, self.corners_mm[triangles])
        return places_mm, self._seen(places_mm, triangles)

    def _seen(
        self, places_mm: NDArray[np.float64], on: NDArray[np.int64] | None = None
    ) -> NDArray[np.float64]:
        """(e, q) Solid angles of all triangles; `on` (e,) the triangle of the skin it lies on."""
        angles = np.empty((len(places_mm), len(self.corners_mm)))
        solid_angles(self.corners_mm, np.ascontiguousarray(places_mm, np.float64), angles)
        if on is not None:
            row = np.arange(len(on))
            angles[row, on] = 0.0
            angles[row, on] = 2 * np.pi - angles[:, self.skin_shares > 0].sum(axis=1)
        return angles

    def _sources(self, places_mm: NDArray[np.float64], seen: NDArray[np.float64]) -> LeadSources:
        """Charges of electrodes that see the triangles under some solid angles (e, q)."""
        seen = seen * self.jumps
        conductivity = seen.sum(axis=1)
        rows = seen / conductivity[:, None] - self.skin_shares
        sheets = lu_solve(self.factors, np.ascontiguousarray(rows.T), check_finite=False)
        return LeadSources(
            places_mm, 1 / conductivity, self.corners_mm, np.ascontiguousarray(sheets)
        )


def _read(
    seen: NDArray[np.float64], surface: NDArray[np.float64], free: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(e, t) Potential at places that see the surfaces (q, t) with some weights (e, q)."""
    return np.asarray((free + seen @ surface) / seen.sum(axis=1, keepdims=True))


def volume_conductor(
    torso: Torso, conductivities: BodyConductivities | None = None
) -> VolumeConductor:
    """Boundary elements of skin, lungs and blood with one potential a triangle.

    With g the conductivity over the torso's, and 4 pi times the torso's conductivity taken into
    the potential phi, a dipole p makes at any place x (Geselowitz 1967)

        g(x) phi(x) = p . grad 1/r + 1/(4 pi) sum_j (g_inside - g_outside)_j Omega_j(x) phi_j,

    Omega_j being the solid angle of triangle j, and g(x) on a surface the mean of both sides.
    Taken at the middle of each triangle (Barr, Ramsey and Spach 1977) this is a linear system for
    phi_j; the first term is the mean over the triangle, so that a dipole next to it does no harm.
    The constant that is left open is fixed by a mean of zero over the skin. An electrode is read
    by the same formula at its own place, which is why it may lie between the middles.

    Parameters
    ----------
    torso
        Its `lungs` and `cavities` count.
    conductivities
        Of torso, lungs and blood.

    Returns
    -------
    VolumeConductor
        8 bytes for each pair of triangles: 0.5 GB and some 15 s of one core at 8,000.

    Raises
    ------
    ValueError
        When a surface is not closed or wound inward, or there are too many triangles.
    """
    conductivities = conductivities or BodyConductivities()
    lung, blood = (
        s / conductivities.torso_s_per_m
        for s in (conductivities.lung_s_per_m, conductivities.blood_s_per_m)
    )
    skin = Shell(torso.nodes_mm, torso.triangles)
    parts = [("skin", skin, 1.0, 0.0)]
    parts += [(f"lung {k}", shell, lung, 1.0) for k, shell in enumerate(torso.lungs, 1)]
    parts += [(f"cavity {k}", shell, blood, 1.0) for k, shell in enumerate(torso.cavities, 1)]
    for name, shell, _, _ in parts:
        require_closed(shell, name)
    corners_mm = np.concatenate([s.nodes_mm[s.triangles] for _, s, _, _ in parts])
    if len(corners_mm) > MOST_TRIANGLES:
        msg = (
            f"the body has {len(corners_mm):,} triangles, more than {MOST_TRIANGLES:,}; coarsen it"
        )
        raise ValueError(msg)
    counts = [len(s.triangles) for _, s, _, _ in parts]
    jumps = np.repeat([inside - outside for _, _, inside, outside in parts], counts) / (4 * np.pi)
    shares = np.zeros(len(corners_mm))
    shares[: counts[0]] = torso.areas_mm2 / torso.areas_mm2.sum()
    return VolumeConductor(
        torso=torso,
        corners_mm=corners_mm,
        jumps=jumps,
        skin_shares=shares,
        factors=_factorise(corners_mm, jumps, shares),
    )


def _factorise(
    corners_mm: NDArray[np.float64], jumps: NDArray[np.float64], shares: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[Any]]:
    """LU decomposition of the transposed system; the transpose is in LAPACK's order already."""
    system = np.empty((len(corners_mm), len(corners_mm)))
    solid_angles(corners_mm, corners_mm.mean(axis=1), system)
    system *= -jumps
    np.fill_diagonal(system, 0.0)
    np.fill_diagonal(system, -system.sum(axis=1))  # a uniform potential needs no source
    system += shares
    lu, pivots = lu_factor(system.T, overwrite_a=True, check_finite=False)
    return lu, pivots


def require_closed(shell: Shell, name: str) -> None:
    """Raise when a surface has an edge of its own, or is wound inward; name the place."""
    edges = np.concatenate([shell.triangles[:, [i, (i + 1) % 3]] for i in range(3)])
    n = len(shell.nodes_mm)
    there, back = edges @ [n, 1], edges[:, ::-1] @ [n, 1]
    keys, counts = np.unique(np.concatenate([there, back]), return_inverse=True)
    balance = np.bincount(counts, np.repeat([1, -1], len(edges)), len(keys))
    if balance.any():
        at = keys[np.flatnonzero(balance)[0]]
        place = place_of(shell.nodes_mm[[at // n, at % n]].mean(axis=0))
        loose = int((np.abs(balance) > 0).sum() // 2)
        msg = f"{name} is not closed, or its triangles are wound in different ways: {loose} edges, "
        raise ValueError(msg + f"the first at {place}; fill its holes and turn its triangles")
    a, b, c = shell.nodes_mm[shell.triangles].transpose(1, 0, 2)
    if np.einsum("ij,ij->", a, np.cross(b, c)) <= 0:
        msg = f"{name} is inside out: its normals point inward; reverse the order of its triangles"
        raise ValueError(msg)
    flat = np.flatnonzero(triangle_areas_mm2(shell.nodes_mm[shell.triangles]) <= 0)
    if flat.size:
        place = place_of(shell.nodes_mm[shell.triangles[flat[0]]].mean(axis=0))
        msg = f"{name} has {flat.size} triangles without area, the first at {place}; remove them"
        raise ValueError(msg)
