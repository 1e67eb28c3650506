"""From tetrahedra with labelled surfaces to a `Heart`."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .coordinates import ventricular_coordinates, wall_fields
from .electrodes import place_electrodes
from .fibres import FibreAngles, rule_based_fibres
from .frame import heart_axes
from .heart import SURFACES, Heart, check_mesh
from .laplace import Laplacian
from .segments import aha_segments
from .topology import components


def build_heart(
    nodes_mm: NDArray[np.float64],
    tets: NDArray[np.int32],
    surfaces: Mapping[str, NDArray[np.int32]],
    *,
    name: str,
    fibres: tuple[NDArray[np.float32], NDArray[np.float32]] | None = None,
    angles: FibreAngles | None = None,
    electrodes_mm: NDArray[np.float64] | None = None,
) -> Heart:
    """Heart with coordinates, segments, and whatever of fibres and electrodes is not given.

    Parameters
    ----------
    nodes_mm
        (n, 3) Node positions; x to the left, y to the back, z to the head.
    tets
        (m, 4) Positively oriented.
    surfaces
        Boundary triangles named `lv_endo`, `rv_endo`, `epi`, `base`; and `rv_septum`, those of
        `rv_endo` on the septum, where somebody has labelled them.
    name
        Short name for captions and cohorts.
    fibres
        Two (m, 3) arrays, fibre and sheet directions; without them those of the rule.
    angles
        Of the rule; see `FibreAngles`.
    electrodes_mm
        (10, 3) in the order of `ELECTRODES`; without them those of a template torso.

    Raises
    ------
    ValueError
        When the mesh is broken or a surface is missing; the message names the place.
    """
    check_mesh(nodes_mm, tets, name)
    missing = [s for s in SURFACES if s not in surfaces or len(surfaces[s]) == 0]
    if missing:
        msg = f"{name}: no triangles labelled {', '.join(missing)}; label the boundary first"
        raise ValueError(msg)
    surfaces = heal_labels(surfaces, len(nodes_mm))
    laplacian = Laplacian(nodes_mm, tets)
    axes = heart_axes(nodes_mm, surfaces)
    walls = wall_fields(laplacian, surfaces, axes)
    coordinates = ventricular_coordinates(laplacian, surfaces, axes, walls)
    if fibres is None:
        fibres = rule_based_fibres(laplacian, walls, angles)
    if electrodes_mm is None:
        electrodes_mm = place_electrodes(nodes_mm, tets)
    return Heart(
        name=name,
        nodes_mm=nodes_mm,
        tets=tets,
        fibres=fibres[0],
        sheets=fibres[1],
        coordinates=coordinates,
        segments=aha_segments(coordinates),
        surfaces={s: surfaces[s] for s in SURFACES},
        electrodes_mm=electrodes_mm,
    )


def heal_labels(surfaces: Mapping[str, NDArray[np.int32]], n: int) -> dict[str, NDArray[np.int32]]:
    """Give islands of `base` that touch no endocardium to `epi`: a valve plane has a rim."""
    base = surfaces["base"]
    island = components(base.ravel(), np.roll(base, 1, axis=1).ravel(), n)
    endocardium = np.concatenate([surfaces["lv_endo"].ravel(), surfaces["rv_endo"].ravel()])
    valves = np.isin(island[base[:, 0]], island[np.intersect1d(endocardium, base)])
    healed = dict(surfaces)
    healed["base"] = base[valves]
    healed["epi"] = np.concatenate([surfaces["epi"], base[~valves]])
    return healed
