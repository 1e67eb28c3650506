"""The Heart type: volumes, and what it refuses in which words."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.anatomy.heart import (
    ELECTRODES,
    SURFACES,
    Heart,
    VentricularCoordinates,
    tet_volumes,
)
from cardiotwin.anatomy.shapes import box


@pytest.fixture
def cube():
    """A cube of muscle, 40 mm wide, that says it is a heart."""
    nodes_mm, tets = box((4, 4, 4), 10.0)
    n, m = len(nodes_mm), len(tets)
    x = nodes_mm[:, 0] / 40
    return Heart(
        name="cube",
        nodes_mm=nodes_mm,
        tets=tets,
        fibres=np.tile(np.float32([1, 0, 0]), (m, 1)),
        sheets=np.tile(np.float32([0, 1, 0]), (m, 1)),
        coordinates=VentricularCoordinates(
            apicobasal=x, transmural=x, rotational=x, transventricular=x
        ),
        segments=np.zeros(n, np.int8),
        surfaces=dict.fromkeys(SURFACES, tets[:1, :3]),
        electrodes_mm=np.zeros((len(ELECTRODES), 3)),
    )


def with_node(heart, node, place):
    nodes_mm = heart.nodes_mm.copy()
    nodes_mm[node] = place
    return nodes_mm


def test_volumes_are_a_sixth_of_the_determinant_of_the_edges(rng):
    nodes_mm = rng.normal(0, 20, (50, 3))
    tets = rng.integers(0, 50, (200, 4)).astype(np.int32)  # some flat, half of them inverted
    edges_mm = nodes_mm[tets[:, 1:]] - nodes_mm[tets[:, :1]]
    # Edges of about 50 mm: products of 1e5 mm3, rounded at the sixteenth digit.
    np.testing.assert_allclose(
        tet_volumes(nodes_mm, tets), np.linalg.det(edges_mm) / 6, rtol=1e-12, atol=1e-9
    )


def test_volumes_are_those_of_the_cube(cube):
    # Six equal tets a cube; a corner node of Kuhn's cube touches 2 or 6 of them, an inner one 24.
    np.testing.assert_allclose(cube.tet_volumes_mm3, 1000 / 6, rtol=1e-12)
    np.testing.assert_allclose(cube.node_volumes_mm3.sum(), 40.0**3, rtol=1e-12)
    inner = ((cube.nodes_mm > 0) & (cube.nodes_mm < 40)).all(axis=1)
    np.testing.assert_allclose(cube.node_volumes_mm3[inner], 1000.0, rtol=1e-12)


def test_left_ventricle_ends_half_way_to_the_right(cube):
    np.testing.assert_array_equal(cube.is_lv, cube.nodes_mm[:, 0] < 20)


@pytest.mark.parametrize(
    ("factor", "words"),
    [
        (1e-3, "looks like metres, multiply by 1000"),
        (0.1, "looks like centimetres, multiply by 10"),
        (1e3, "looks like micrometres, multiply by 0.001"),
        (25.0, "is 1000 mm across; two ventricles are 40 to 300 mm"),
    ],
)
def test_wrong_units_are_named(cube, factor, words):
    with pytest.raises(ValueError, match=words):
        replace(cube, nodes_mm=cube.nodes_mm * factor)


def test_node_that_is_not_finite_is_named(cube):
    with pytest.raises(ValueError, match=r"cube: 1 nodes are not finite .* node 7"):
        replace(cube, nodes_mm=with_node(cube, 7, np.nan))


def test_inverted_tet_is_named_with_its_place(cube):
    tets = cube.tets.copy()
    tets[3] = tets[3, [1, 0, 2, 3]]
    place = ", ".join(f"{x:.1f}" for x in cube.nodes_mm[tets[3]].mean(axis=0))
    with pytest.raises(ValueError, match=rf"1 of 384 .* inverted or flat.*tet 3 at \({place}\)"):
        replace(cube, tets=tets)


@pytest.mark.parametrize("node", [-2, 125])
def test_node_out_of_range_is_named(cube, node):
    tets = cube.tets.copy()
    tets[5, 1] = node
    with pytest.raises(ValueError, match=f"tets name node {node}, but nodes run from 0 to 124"):
        replace(cube, tets=tets)


def test_node_without_a_tet_is_named(cube):
    nodes_mm = np.vstack([cube.nodes_mm, [20.0, 20, 20]])
    with pytest.raises(ValueError, match=r"1 nodes belong to no tet, the first is node 125"):
        replace(cube, nodes_mm=nodes_mm)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("nodes_mm", np.zeros((5, 2)), r"nodes_mm must have shape \(n, 3\), got \(5, 2\)"),
        ("tets", np.zeros((0, 4), np.int32), r"tets must have shape \(m, 4\), got \(0, 4\)"),
        ("fibres", np.zeros((3, 3)), r"fibres must have shape \(384, 3\), got \(3, 3\)"),
        ("segments", np.zeros(3), r"segments must have shape \(125,\)"),
        ("electrodes_mm", np.zeros((9, 3)), r"electrodes_mm must have shape \(10, 3\)"),
        ("surfaces", {"epi": None}, "surfaces lack lv_endo, rv_endo, base; a heart needs"),
    ],
)
def test_array_of_the_wrong_shape_is_named(cube, field, value, words):
    with pytest.raises(ValueError, match=words):
        replace(cube, **{field: value})


def test_coordinates_belong_to_the_nodes(cube):
    names = ("apicobasal", "transmural", "rotational", "transventricular")
    few = VentricularCoordinates(**{name: np.zeros(4) for name in names})
    with pytest.raises(ValueError, match="coordinates have 4 values for 125 nodes"):
        replace(cube, coordinates=few)
    with pytest.raises(ValueError, match="one value a node each"):
        replace(few, transmural=np.zeros(3))
    with pytest.raises(ValueError, match=r"coordinates\.rotational holds values that are not"):
        replace(few, rotational=np.array([0, np.nan, 0, 0]))
