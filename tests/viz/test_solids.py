"""Each kind of body is seen from the sides that one knows it by."""

import numpy as np
import pytest

from cardiotwin.anatomy import build_atrium
from cardiotwin.anatomy.shapes import box
from cardiotwin.viz.camera import BACK, HEAD, LEFT
from cardiotwin.viz.solids import Sheet, as_solid, atrial_axes, block, usual_views


@pytest.fixture
def ball():
    """A function: an atrium with valve and four veins, turned by a rotation."""
    import pyvista

    sphere = pyvista.Icosphere(radius=25.0, nsub=3)
    nodes_mm, triangles = np.array(sphere.points, float), sphere.regular_faces
    middle = nodes_mm[triangles].mean(axis=1)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    towards = np.array(
        [[0, 0, -1], [0.8, 0, 0.6], [0.9, 0.4, -0.1], [-0.8, 0, 0.6], [-0.9, 0.4, -0.1]]
    )
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    kept = (middle @ towards.T < [0.85, 0.96, 0.96, 0.96, 0.96]).all(axis=1)

    def make(rotation):
        atrium = build_atrium(nodes_mm, triangles[kept], name="ball")
        return turn(atrium, rotation)

    return make


def turn(atrium, rotation):
    from dataclasses import replace

    return replace(
        atrium,
        nodes_mm=atrium.nodes_mm @ rotation.T,
        fibres=(atrium.fibres @ rotation.T).astype(np.float32),
    )


def test_an_atrium_tells_its_own_axes_however_its_file_was_turned(ball, rng):
    turned, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turned *= np.linalg.det(turned)
    for rotation in (np.eye(3), turned):
        axes = np.array(atrial_axes(ball(rotation)))
        wanted = np.array([LEFT, BACK, HEAD]) @ rotation.T
        # Superior veins also lie in front of the inferior ones: up leans forward by a little.
        assert (np.einsum("ij,ij->i", axes, wanted) > [0.98, 0.9, 0.9]).all()
        np.testing.assert_allclose(axes @ axes.T, np.eye(3), atol=1e-9)
        assert np.linalg.det(axes) == pytest.approx(1.0)


def test_views_of_an_atrium_have_left_where_one_looks_for_it(ball):
    anterior, posterior, lateral, above = usual_views(ball(np.eye(3)))
    assert anterior.right @ LEFT > 0.98
    assert posterior.right @ LEFT < -0.98
    assert lateral.towards @ LEFT > 0.98
    assert above.towards @ HEAD > 0.9


def test_a_slab_is_seen_from_two_corners_and_a_sheet_from_above():
    nodes_mm, tets = box((4, 3, 2), 1.0)
    first, second = usual_views(block(nodes_mm, tets))
    assert (first.towards * [-1, -1, 1] > 0).all()
    assert (second.towards * [1, 1, 1] > 0).all()
    triangles = np.array([[0, 1, 2]], np.int32)
    (only,) = usual_views(Sheet(nodes_mm=np.eye(3) * [1, 1, 0], triangles=triangles))
    np.testing.assert_allclose(only.towards, HEAD)


def test_the_faces_of_a_block_are_its_whole_boundary():
    nodes_mm, tets = box((4, 3, 2), 0.5)
    faces = block(nodes_mm, tets).surfaces
    assert sum(map(len, faces.values())) == 2 * 2 * (4 * 3 + 4 * 2 + 3 * 2)
    for name, face in faces.items():
        axis, edge = "xyz".index(name[1]), max if name[0] == "+" else min
        assert (nodes_mm[face][..., axis] == edge(nodes_mm[:, axis])).all()


def test_what_is_drawn_of_an_atrium_are_its_triangles(ball):
    atrium = ball(np.eye(3))
    assert as_solid(atrium).surfaces["sheet"] is atrium.triangles
    assert as_solid(atrium).tets.shape == (0, 4)
