"""Eikonal figures: planar waves, a point source in a box, orders of convergence."""

from typing import Any

import numpy as np

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.eikonal import activation_times, ball_sources

SPEEDS_MM_PER_MS = np.array([0.6, 0.4, 0.2])
#: Edge of the cube; half of it is a whole number of every spacing.
EDGE_MM = 20.0
BALL_MM = 3.0


def turned(degrees: float) -> tuple[np.ndarray, np.ndarray]:
    """Fibre and sheet direction, turned so far about z."""
    a = np.radians(degrees)
    return np.array([np.cos(a), np.sin(a), 0.0]), np.array([-np.sin(a), np.cos(a), 0.0])


def slowness(x: np.ndarray, fibre: np.ndarray, sheet: np.ndarray, speeds: np.ndarray) -> np.ndarray:
    """Exact time of a straight run along each row of x."""
    axes = np.stack([fibre, sheet, np.cross(fibre, sheet)])
    return np.linalg.norm(x @ axes.T / speeds, axis=1)


def arrivals(
    mesh: tuple[np.ndarray, np.ndarray],
    directions: tuple[np.ndarray, np.ndarray],
    speeds: np.ndarray,
    start: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Times at every node with the same fibre and sheet throughout, from sources and times."""
    nodes, tets = mesh
    fibres, sheets = (np.tile(v, (len(tets), 1)) for v in directions)
    return activation_times(
        nodes,
        tets,
        fibres=fibres,
        sheets=sheets,
        speeds_mm_per_ms=speeds,
        sources=start[0],
        source_times_ms=start[1],
    )


def planar() -> dict[str, Any]:
    """Largest error of planar waves, isotropic and in fibres turned by 37 degrees."""
    nodes, tets = box((8, 8, 8), 1.0)
    worst = 0.0
    for speeds, degrees in ((np.full(3, 0.6), 0.0), (SPEEDS_MM_PER_MS, 37.0)):
        fibre, sheet = turned(degrees)
        axes = np.stack([fibre, sheet, np.cross(fibre, sheet)])
        d = axes.T @ np.diag(speeds**2) @ axes
        for direction in np.array([[1.0, 0, 0], [0.6, 0.8, 0], [1.0, 1, 1], [0.2, -0.5, 0.9]]):
            gradient = direction / np.sqrt(direction @ d @ direction)
            exact = nodes @ gradient
            ray = d @ gradient
            low, high = nodes.min(axis=0), nodes.max(axis=0)
            inflow = np.where(ray > 0, nodes == low, (nodes == high) & (ray < 0)).any(axis=1)
            sources = np.flatnonzero(inflow)
            got = arrivals((nodes, tets), (fibre, sheet), speeds, (sources, exact[sources]))
            worst = max(worst, float(np.abs(got - exact).max()))
    return {"planar_error_ms": worst}


def source_error(
    spacing_mm: float, speeds: np.ndarray, degrees: float, ball_mm: float = 0
) -> float:
    """Mean relative error about a source in the middle of the cube, outside the source."""
    cells = round(EDGE_MM / spacing_mm)
    nodes, tets = box((cells, cells, cells), spacing_mm)
    fibre, sheet = turned(degrees)
    away = nodes - EDGE_MM / 2 - nodes.min(axis=0)
    middle = int(np.argmin(np.linalg.norm(away, axis=1)))
    sources, times = np.array([middle]), np.zeros(1)
    if ball_mm:
        sources, times = ball_sources(
            nodes, nodes[middle], ball_mm, speeds_mm_per_ms=speeds, fibre=fibre, sheet=sheet
        )
    got = arrivals((nodes, tets), (fibre, sheet), speeds, (sources, times))
    exact = slowness(away, fibre, sheet, speeds)
    rest = np.setdiff1d(np.arange(len(nodes)), sources)
    return float(np.mean(np.abs(got - exact)[rest] / exact[rest]))


def point() -> dict[str, Any]:
    """Point source at 1 mm: isotropic, fibres at 30 degrees to the cube, and along its edges.

    With fibres along the edges the error is what fim-python 1.2.2 gives to five digits: both
    find the fixed point of the same elements.
    """
    return {
        "point_iso_rel": source_error(1.0, np.full(3, 0.6), 0.0),
        "point_aniso_rel": source_error(1.0, SPEEDS_MM_PER_MS, 30.0),
        "point_aniso_along_edges_rel": source_error(1.0, SPEEDS_MM_PER_MS, 0.0),
    }


def orders() -> dict[str, Any]:
    """Order of the error in the spacing: least squares through 2, 1 and 0.5 mm."""
    spacings = (2.0, 1.0, 0.5)
    speeds = np.full(3, 0.6)
    bare = [source_error(h, speeds, 0.0) for h in spacings]
    ball = [source_error(h, speeds, 0.0, BALL_MM) for h in spacings]
    return {
        "point_order": float(np.polyfit(np.log(spacings), np.log(bare), 1)[0]),
        "ball_order": float(np.polyfit(np.log(spacings), np.log(ball), 1)[0]),
        "point_errors_rel": [round(e, 4) for e in bare],
        "ball_errors_rel": [round(e, 4) for e in ball],
    }
