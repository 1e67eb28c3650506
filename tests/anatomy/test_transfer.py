"""Fields carried from heart to heart: to itself, to a finer or turned self, there and back."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.anatomy.build import build_heart
from cardiotwin.anatomy.parametric import ParametricHeart, parametric_mesh
from cardiotwin.anatomy.transfer import Match, locate, match, schematic_mm, transfer


@pytest.fixture(scope="module")
def wide_heart():
    """Another heart: shorter, wider, its right ventricle larger, on another lattice."""
    params = ParametricHeart(
        rv_wall_mm=8.0, lv_wall_mm=12.0, lv_inner_depth_mm=62.0, lv_inner_radius_mm=28.0
    )
    return build_heart(*parametric_mesh(params, lattice_mm=4.5), name="wide")


@pytest.fixture(scope="module")
def there(coarse_heart, wide_heart):
    """Where in the wide heart the nodes of the coarse one lie."""
    return match(wide_heart, coarse_heart)


def edge_mm(heart):
    return np.median(np.linalg.norm(np.diff(heart.nodes_mm[heart.tets[:, :2]], axis=1), axis=-1))


def test_every_node_finds_itself(coarse_heart):
    here = match(coarse_heart, coarse_heart).carry(coarse_heart.nodes_mm)
    gap_mm = np.linalg.norm(here - coarse_heart.nodes_mm, axis=1)
    # Where the coordinates are nearly flat, among the last nodes below the base, two tets may
    # overlap in them: fewer than one node in a hundred.
    assert np.mean(gap_mm < 1e-6) > 0.99


def test_weights_are_shares(there, wide_heart):
    assert there.weights.min() >= 0
    np.testing.assert_allclose(there.weights.sum(axis=1), 1.0)
    assert there.nodes.max() < len(wide_heart.nodes_mm)


def test_coordinates_of_another_heart_arrive_as_its_own(there, wide_heart, coarse_heart):
    ours, theirs = coarse_heart.coordinates, wide_heart.coordinates
    for name in ("apicobasal", "transmural"):
        carried = there.carry(getattr(theirs, name))
        # 0.05: half an edge of 5 mm in a wall of 60 mm, a tenth of one in a wall of 10 mm.
        assert np.median(np.abs(carried - getattr(ours, name))) < 0.01
        assert np.quantile(np.abs(carried - getattr(ours, name)), 0.9) < 0.05
    turn = there.carry(theirs.rotational, "angle")
    off = np.angle(np.exp(1j * (turn - ours.rotational)))
    assert np.degrees(np.quantile(np.abs(off), 0.9)) < 5


def test_there_and_back_is_within_an_edge(there, wide_heart, coarse_heart):
    back = match(coarse_heart, wide_heart)
    again_mm = there.carry(back.carry(coarse_heart.nodes_mm))
    edges = np.linalg.norm(again_mm - coarse_heart.nodes_mm, axis=1) / edge_mm(coarse_heart)
    assert np.median(edges) < 1.0
    assert np.quantile(edges, 0.95) < 2.5


def test_angles_are_carried_round_and_labels_whole(there, wide_heart, coarse_heart):
    labels = there.carry(wide_heart.segments, "nearest")
    assert labels.dtype == wide_heart.segments.dtype
    assert np.mean(labels == coarse_heart.segments) > 0.9
    seam = Match(
        nodes=np.array([[0, 1, 2, 3]], np.int32),
        weights=np.full((1, 4), 0.25),
        inside=np.array([True]),
    )
    angles = np.array([3.1, -3.1, 3.0, -3.0])
    np.testing.assert_allclose(np.abs(seam.carry(angles, "angle")), np.pi)
    np.testing.assert_allclose(seam.carry(angles), 0.0, atol=1e-12)


def test_septum_stays_on_the_left(there, wide_heart, coarse_heart):
    side = there.carry(wide_heart.coordinates.transventricular)
    assert np.mean((side < 0.5) == coarse_heart.is_lv) > 0.98


def test_vectors_and_scalars_are_carried_alike(there, wide_heart):
    rows = there.carry(wide_heart.nodes_mm)
    for k in range(3):
        np.testing.assert_allclose(rows[:, k], there.carry(wide_heart.nodes_mm[:, k]))


def test_place_in_a_tet_has_its_barycentric_coordinates(rng):
    corners_mm = np.hstack([np.eye(4)[:, 1:] * 10, np.zeros((4, 3))])
    weights = rng.dirichlet(np.ones(4), 20)
    nodes, found = locate(corners_mm, np.array([[0, 1, 2, 3]], np.int32), weights @ corners_mm)
    np.testing.assert_array_equal(nodes, np.tile([0, 1, 2, 3], (20, 1)))
    np.testing.assert_allclose(found, weights, atol=1e-12)


def test_schematic_ventricle_is_nowhere_folded(coarse_heart):
    """Coordinates along a grid are a right-handed frame everywhere."""
    height, depth, turn = np.meshgrid(
        np.linspace(0.05, 1, 20), np.linspace(0, 1, 5), np.linspace(-3, 3, 25), indexing="ij"
    )
    flat = replace(
        coarse_heart.coordinates,
        apicobasal=height.ravel(),
        transmural=depth.ravel(),
        rotational=turn.ravel(),
        transventricular=0 * height.ravel(),
    )
    for left in (True, False):
        place = schematic_mm(flat, left).reshape(*height.shape, 3)
        frame = np.stack([np.gradient(place, axis=k) for k in range(3)], axis=-2)
        assert (np.sign(np.linalg.det(frame)) == np.sign(np.linalg.det(frame).flat[0])).all()


def test_field_of_another_size_is_refused(coarse_heart, wide_heart):
    with pytest.raises(ValueError, match=r"one row for each of the .* nodes of wide, got 3"):
        transfer(np.zeros(3), wide_heart, coarse_heart)


def test_unknown_way_is_refused(there, wide_heart):
    with pytest.raises(ValueError, match="how must be linear, nearest or angle, got 'cubic'"):
        there.carry(wide_heart.segments, "cubic")
