"""What the eikonal solver refuses, by its words."""

import re

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.eikonal import (
    activation_times,
    ball_sources,
    eikonal_mesh,
    solve_eikonal,
    tet_metric,
)

from .eikonal_tissue import uniform


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"sources": []}, "sources is empty: the wave has no place to start"),
        ({"sources": [12]}, "sources name node 12, but nodes run from 0 to 11"),
        ({"sources": [-1]}, "sources name node -1, but nodes run from 0 to 11"),
        ({"sources": [0.5]}, "sources must be (s,) node indices, got shape (1,) of float64"),
        ({"source_times_ms": [1.0, 2.0]}, "source_times_ms must have shape (1,), got (2,)"),
        ({"source_times_ms": np.nan}, "source_times_ms must be finite, got nan"),
        ({"speeds_mm_per_ms": (0.6, -0.4, 0.2)}, "speeds_mm_per_ms must be positive, got -0.4"),
        ({"speeds_mm_per_ms": (0.6, 0.0, 0.2)}, "speeds_mm_per_ms must be positive, got 0.0"),
        ({"speeds_mm_per_ms": (0.6, np.nan, 0.2)}, "speeds_mm_per_ms must be positive, got nan"),
        ({"speeds_mm_per_ms": 0.6}, "speeds_mm_per_ms must have shape (3,), got ()"),
        ({"scale": np.zeros(12)}, "scale must be positive, got 0.0"),
        ({"scale": np.ones(3)}, "scale must have shape (12,), got (3,)"),
        ({"fibres": np.zeros((12, 3))}, "tet 0 has no metric: its fibre or sheet is zero"),
        ({"fibres": np.ones((12, 2))}, "fibres must have shape (12, 3), got (12, 2)"),
        ({"nodes_mm": np.zeros((12, 2))}, "nodes_mm must have shape (n, 3), got (12, 2)"),
        ({"nodes_mm": np.zeros((12, 3))}, "or two of its nodes coincide"),
        ({"tets": np.zeros((12, 3), int)}, "tets must have shape (m, 4), got (12, 3)"),
        ({"tets": np.zeros((12, 4)) + 0.5}, "tets must be node indices, got float64"),
        ({"tets": np.full((12, 4), 12)}, "tets name node 12, but nodes run from 0 to 11"),
        ({"ball_mm": -1.0}, "ball_mm must be 0 or a radius in mm, got -1.0"),
        ({"ball_mm": np.nan}, "ball_mm must be 0 or a radius in mm, got nan"),
        ({"order": 3}, "order must be 1 or 2, got 3"),
        ({"blocked": np.ones(12, bool)}, "every source is blocked (the first is node 0)"),
        ({"blocked": np.ones(12)}, "blocked must be (12,) bool, got shape (12,) of float64"),
        ({"triangles": [[0, 1, 2]]}, "triangles and triangle_speed_mm_per_ms go together"),
        (
            {"triangles": [[0, 1, 2]], "triangle_speed_mm_per_ms": -1.0},
            "speed_mm_per_ms must be positive, got -1.0",
        ),
        (
            {"triangles": [[0, 1, 1]], "triangle_speed_mm_per_ms": 1.0},
            "triangle 0 has two nodes at the same place",
        ),
    ],
)
def test_a_wrong_value_is_named(change, words):
    nodes_mm, tets = box((2, 1, 1), 1.0)
    right = {
        "nodes_mm": nodes_mm,
        "tets": tets,
        **uniform(tets),
        "speeds_mm_per_ms": (0.6, 0.6, 0.6),
        "sources": [0],
    }
    with pytest.raises(ValueError, match=re.escape(words)) as error:
        activation_times(**(right | change))
    assert "\n" not in str(error.value)


def test_a_metric_of_another_mesh_is_refused():
    nodes_mm, tets = box((2, 1, 1), 1.0)
    mesh = eikonal_mesh(nodes_mm, tets, tets[:2, :3])
    metric = tet_metric(nodes_mm, tets, **uniform(tets), speeds_mm_per_ms=(0.6, 0.6, 0.6))
    with pytest.raises(ValueError, match=r"tet_metric must have shape \(12, 6\), got \(11, 6\)"):
        solve_eikonal(mesh, tet_metric=metric[1:], triangle_metric=np.ones((2, 3)), sources=[0])
    with pytest.raises(ValueError, match=r"triangle_metric is missing: the mesh has 2 triangles"):
        solve_eikonal(mesh, tet_metric=metric, sources=[0])


def test_a_ball_without_nodes_is_refused():
    nodes_mm, _ = box((2, 1, 1), 1.0)
    with pytest.raises(ValueError, match=r"no node lies within 0.1 mm of \(0.5, 0.5, 0.5\) mm"):
        ball_sources(nodes_mm, (0.5, 0.5, 0.5), 0.1, speeds_mm_per_ms=0.6)
    with pytest.raises(ValueError, match="must be two different directions"):
        ball_sources(nodes_mm, (0, 0, 0), 1, speeds_mm_per_ms=1, fibre=(1, 0, 0), sheet=(2, 0, 0))
