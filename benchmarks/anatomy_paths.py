"""Coordinates along field lines traced through the wall of a heart, by VTK's Runge-Kutta."""

import numpy as np
from numpy.typing import NDArray

from cardiotwin import Heart
from cardiotwin.anatomy import Laplacian
from cardiotwin.anatomy.coordinates import between


def path_figures(h: Heart, count: int) -> dict[str, float]:
    """Figures of one heart: shares of monotone paths, deviation from linear in their length."""
    c, laplacian = h.coordinates, Laplacian(h.nodes_mm, h.tets)
    lv, rv, epi = (np.unique(h.surfaces[s]) for s in ("lv_endo", "rv_endo", "epi"))
    inner = np.union1d(lv, rv[c.transmural[rv] == 0])
    outer = np.setdiff1d(np.union1d(epi, rv[c.transmural[rv] == 1]), inner)
    apex = np.flatnonzero(c.apicobasal == 0)
    base = np.flatnonzero(c.apicobasal == 1)
    low = np.flatnonzero((c.apicobasal > 0.02) & (c.apicobasal < 0.1))
    out = {}
    for name, field, values, seeds in (
        ("transmural", between(laplacian, inner, outer), c.transmural, inner),
        ("apicobasal", between(laplacian, apex, base), c.apicobasal, low),
    ):
        monotone, off = along_paths(h, laplacian.gradient(field), values, seeds, count)
        out[f"{name}_monotone_share"] = float(np.mean(monotone))
        out[f"{name}_off_linear"] = float(np.mean(off))
    return out


def along_paths(
    h: Heart,
    direction: NDArray[np.float64],
    values: NDArray[np.float64],
    seeds: NDArray[np.integer],
    count: int,
) -> tuple[list[bool], list[float]]:
    """Whether values rise all along each path, and the RMS they are off a straight line."""
    import pyvista

    grid = pyvista.UnstructuredGrid({pyvista.CellType.TETRA: h.tets}, h.nodes_mm)
    around = np.repeat(h.tet_volumes_mm3[:, None] * direction, 4, axis=0)
    nodal = np.stack([np.bincount(h.tets.ravel(), x, len(h.nodes_mm)) for x in around.T], axis=1)
    grid["direction"], grid["value"] = nodal, values
    rng = np.random.default_rng(0)
    near = np.isin(h.tets, seeds).any(axis=1)  # start in the middle of a tet at the seed
    starts = pyvista.PolyData(h.centres_mm[rng.choice(np.flatnonzero(near), count)])
    lines = grid.streamlines_from_source(
        starts,
        vectors="direction",
        integration_direction="forward",
        initial_step_length=0.2,
        max_step_length=0.5,
        step_unit="l",
        max_length=300.0,
    )
    monotone, off = [], []
    for k in range(lines.n_cells):
        line = lines.get_cell(k)
        value = np.asarray(lines["value"])[line.point_ids]
        last = int(np.argmax(value >= 1)) or len(value)  # a path ends where it arrives
        value, points_mm = value[:last], np.asarray(line.points)[:last]
        if last < 3:
            continue
        steps_mm = np.linalg.norm(np.diff(points_mm, axis=0), axis=1)
        way = np.concatenate([[0], np.cumsum(steps_mm)])
        straight = value[0] + (value[-1] - value[0]) * way / way[-1]
        monotone.append(bool((np.diff(value) > 0).all()))
        off.append(float(np.sqrt(np.mean((value - straight) ** 2))))
    return monotone, off
