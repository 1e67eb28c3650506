"""Faces that tets share, by trying all pairs; pinches are cut."""

import numpy as np

from cardiotwin.anatomy.kernels.topology import gather_tets, match_faces
from cardiotwin.anatomy.shapes import box
from cardiotwin.anatomy.topology import (
    boundary_triangles,
    face_pieces,
    manifold_part,
    rim_loops,
    shared_edges,
    shared_nodes,
    tets_at_nodes,
    twin_faces,
)


def test_twins_are_the_faces_with_the_same_nodes():
    _, tets = box((2, 2, 1), 1.0)
    faces, twins = twin_faces(tets)
    nodes = np.sort(faces, axis=1)
    same = (nodes[:, None] == nodes[None]).all(axis=2) & ~np.eye(len(faces), dtype=bool)
    expected = np.where(same.any(axis=1), same.argmax(axis=1), -1)
    np.testing.assert_array_equal(twins, expected)


def test_faces_are_matched_alike_without_the_compiler():
    faces, expected = twin_faces(box((2, 1, 1), 1.0)[1])
    twins = np.empty(len(faces), np.int64)
    start = np.zeros(faces.max() + 2, np.int64)
    getattr(match_faces, "py_func", match_faces)(faces, start, twins)
    np.testing.assert_array_equal(twins, expected)


def test_each_node_has_the_tets_that_name_it():
    nodes_mm, tets = box((2, 2, 1), 1.0)
    n = len(nodes_mm)
    start, members = tets_at_nodes(tets, n)
    for i in range(n):
        expected = np.flatnonzero((tets == i).any(axis=1))
        np.testing.assert_array_equal(members[start[i] : start[i + 1]], expected)
    plain = np.empty(n + 1, np.int64), np.empty(tets.size, np.int64)
    getattr(gather_tets, "py_func", gather_tets)(tets, *plain)
    np.testing.assert_array_equal(plain[0], start)
    np.testing.assert_array_equal(plain[1], members)


def test_rims_are_the_edges_of_holes_as_they_were_wound():
    nodes_mm, tets = box((2, 2, 2), 1.0)
    triangles = boundary_triangles(tets)
    assert not len(rim_loops(triangles)[0])
    height = nodes_mm[triangles][:, :, 2]
    tube = triangles[~((height == 0).all(axis=1) | (height == 2).all(axis=1))]
    rims, loop = rim_loops(tube)
    level = nodes_mm[rims][:, :, 2]
    assert len(rims) == 16
    np.testing.assert_array_equal(loop == loop[level[:, 0] == 0][0], (level == 0).all(axis=1))
    assert set(loop) == {0, 1}
    wound = {(int(t[i]), int(t[i - 2])) for t in tube for i in range(3)}
    assert {(int(a), int(b)) for a, b in rims} <= wound


def test_cubes_that_touch_in_an_edge_or_a_node_are_parted():
    nodes_mm, tets = box((4, 4, 4), 1.0)
    cell = np.floor(nodes_mm[tets].mean(axis=1)).astype(int)
    for touching in ([[1, 1, 1], [2, 2, 1]], [[1, 1, 1], [2, 2, 2]]):
        here = (cell[:, None] == np.array(touching)).all(axis=2).any(axis=1)
        # A third cube makes the first the larger side.
        here |= (cell == [0, 1, 1]).all(axis=1)
        part = manifold_part(tets[here].astype(np.int32))
        assert face_pieces(part).max() == 0
        assert len(part) == 12
        assert not len(shared_edges(boundary_triangles(part)))
        assert not len(shared_nodes(boundary_triangles(part)))
