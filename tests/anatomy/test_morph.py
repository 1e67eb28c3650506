"""The inside of a mesh follows its boundary: closed forms, no flat tet, what is refused."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cardiotwin.anatomy.heart import tet_volumes
from cardiotwin.anatomy.kernels import morph as kernels
from cardiotwin.anatomy.morph import SLACK_MM, Morph, morph_nodes
from cardiotwin.anatomy.quality import scaled_jacobians
from cardiotwin.anatomy.shapes import box
from cardiotwin.anatomy.topology import boundary_triangles

EDGE_MM = 60.0


@pytest.fixture(scope="module")
def cube():
    """Nodes, tets and boundary nodes of a cube of 60 mm, its inner nodes off the lattice."""
    nodes_mm, tets = box((6, 6, 6), EDGE_MM / 6)
    boundary = np.unique(boundary_triangles(tets))
    inner = np.setdiff1d(np.arange(len(nodes_mm)), boundary)
    nodes_mm[inner] += np.random.default_rng(1).uniform(-1.5, 1.5, (len(inner), 3))
    return nodes_mm, tets, boundary


@pytest.fixture(scope="module")
def heart_shell(coarse_mesh):
    nodes_mm, tets, _ = coarse_mesh
    return nodes_mm, tets, np.unique(boundary_triangles(tets))


def bent(points_mm, per_mm=0.01):
    """A beam along x bent in the plane of x and y, which no affine map can do."""
    x, y, z = points_mm.T
    angle = per_mm * x
    return np.column_stack(
        [(1 / per_mm - y) * np.sin(angle), 1 / per_mm - (1 / per_mm - y) * np.cos(angle), z]
    )


def test_boundary_that_stays_leaves_every_node_in_place(cube):
    nodes_mm, tets, boundary = cube
    still_mm = morph_nodes(nodes_mm, tets, boundary, nodes_mm[boundary])
    # Rounding of a solve with coordinates of 60 mm.
    assert still_mm == pytest.approx(nodes_mm, abs=1e-11)


def test_affine_movement_of_the_boundary_is_that_of_every_node(heart_shell, rng):
    nodes_mm, tets, boundary = heart_shell
    turn = Rotation.from_euler("xyz", [100, -40, 170], degrees=True).as_matrix()
    linear = turn @ np.diag([1.3, 0.8, 1.1]) + 0.05 * rng.normal(size=(3, 3))
    wanted_mm = nodes_mm @ linear + [300.0, -5.0, 80.0]
    moved_mm = morph_nodes(nodes_mm, tets, boundary, wanted_mm[boundary])
    # Rounding: 300 mm times the condition of the fit.
    assert moved_mm == pytest.approx(wanted_mm, abs=1e-9)


def test_order_of_the_boundary_nodes_does_not_matter(cube, rng):
    nodes_mm, tets, boundary = cube
    order = rng.permutation(len(boundary))
    straight_mm = morph_nodes(nodes_mm, tets, boundary, bent(nodes_mm[boundary]))
    shuffled_mm = morph_nodes(nodes_mm, tets, boundary[order], bent(nodes_mm[boundary[order]]))
    assert shuffled_mm == pytest.approx(straight_mm, abs=1e-9)  # other order of the sums


def test_turning_the_targets_turns_the_result(cube):
    nodes_mm, tets, boundary = cube
    turn = Rotation.from_euler("xyz", [25, 60, -110], degrees=True).as_matrix()
    morph = Morph(nodes_mm, tets, boundary)
    bent_mm = bent(nodes_mm[boundary])
    turned_mm = morph.move(bent_mm @ turn)
    assert turned_mm == pytest.approx(morph.move(bent_mm) @ turn, abs=1e-9)  # rounding


def test_nodes_inside_a_bent_beam_are_near_where_bending_takes_them(cube):
    nodes_mm, tets, boundary = cube
    moved_mm = morph_nodes(nodes_mm, tets, boundary, bent(nodes_mm[boundary]))
    # Bending is not harmonic; 60 mm bent by 34 degrees leave 1 mm between the two inside.
    assert np.linalg.norm(moved_mm - bent(nodes_mm), axis=1).max() < 1.5
    assert moved_mm[boundary] == pytest.approx(bent(nodes_mm[boundary]), abs=1e-12)


def test_no_tet_is_flat_after_a_strong_movement(cube):
    """Twisted by 150 degrees and dented by a third of its edge, the cube keeps its tets."""
    nodes_mm, tets, boundary = cube

    def wrung(points_mm):
        x, y, z = (points_mm - EDGE_MM / 2).T
        angle = np.radians(150) * z / EDGE_MM
        dent = 20 * np.exp(-(x**2 + y**2) / 300) * (z > 29)
        turned = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
        return np.column_stack([*turned, z - dent])

    morph = Morph(nodes_mm, tets, boundary)
    moved_mm = morph.move(wrung(nodes_mm[boundary]))
    assert (tet_volumes(moved_mm, tets) > 0).all()
    assert scaled_jacobians(moved_mm, tets).min() >= morph.least == 0.02


def test_boundary_leaves_its_target_by_no_more_than_its_slack(cube):
    """A node pushed 0.5 mm through the far side of a tet that has no inner node."""
    nodes_mm, tets, boundary = cube
    tet = tets[np.isin(tets, boundary).all(axis=1)][0]
    a, b, c, d = nodes_mm[tet]
    normal = np.cross(c - b, d - b) / np.linalg.norm(np.cross(c - b, d - b))
    targets_mm = nodes_mm[boundary].copy()
    targets_mm[boundary == tet[0]] += ((b - a) @ normal + 0.5 * np.sign((b - a) @ normal)) * normal
    moved_mm = morph_nodes(nodes_mm, tets, boundary, targets_mm, slack_mm=1.0)
    off_mm = np.linalg.norm(moved_mm[boundary] - targets_mm, axis=1)
    assert (tet_volumes(moved_mm, tets) > 0).all()
    assert 0 < off_mm.max() <= 1.0 + 1e-12
    with pytest.raises(ValueError, match="stay flat or inverted"):
        morph_nodes(nodes_mm, tets, boundary, targets_mm, slack_mm=0.0)


def test_surface_that_crosses_itself_is_refused_with_its_place(cube):
    nodes_mm, tets, boundary = cube
    targets_mm = nodes_mm[boundary].copy()
    targets_mm[targets_mm[:, 0] == EDGE_MM, 0] = -10.0
    targets_mm[(targets_mm[:, 0] > 0), 0] *= 3  # keeps the affine part from turning over
    with pytest.raises(
        ValueError, match=r"cube: \d+ tets stay flat.*at \(.*\) mm; the surface crosses"
    ):
        Morph(nodes_mm, tets, boundary, name="cube").move(targets_mm)


def test_mirrored_targets_are_refused(cube):
    nodes_mm, tets, boundary = cube
    with pytest.raises(ValueError, match="mirror image of the boundary"):
        morph_nodes(nodes_mm, tets, boundary, nodes_mm[boundary] * [-1, 1, 1])


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda b, t: (b[:-1], t), r"targets_mm must have shape \(217, 3\), got \(218, 3\)"),
        (lambda b, t: (np.append(b[:-1], b[0]), t), "names a node twice"),
        (lambda b, t: (np.append(b[:-1], 343), t), "must lie in 0 to 342"),
        (lambda b, t: (b.astype(float), t), "must be numbers of nodes"),
        (lambda b, t: (b[:0], t[:0]), "must be numbers of nodes"),
        (lambda b, t: (b, np.where(np.arange(218)[:, None] == 7, np.nan, t)), "first is number 7"),
    ],
)
def test_broken_boundary_is_refused(cube, change, words):
    nodes_mm, tets, boundary = cube
    nodes, targets_mm = change(boundary, nodes_mm[boundary])
    with pytest.raises(ValueError, match=words):
        morph_nodes(nodes_mm, tets, nodes, targets_mm)


def test_piece_without_a_boundary_node_is_refused(cube):
    nodes_mm, tets, boundary = cube
    two_mm = np.concatenate([nodes_mm, nodes_mm + np.array([100, 0, 0])])
    both = np.concatenate([tets, tets + np.int32(len(nodes_mm))])
    with pytest.raises(ValueError, match="343 nodes lie in a piece that has no boundary node"):
        morph_nodes(two_mm, both, boundary, nodes_mm[boundary])


def test_relaxed_node_climbs_to_the_middle_of_its_star():
    """One inner node of an octahedron, pushed out through a face: the twin is a dense search."""
    shell_mm = 30.0 * np.array(
        [[1, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]]
    )
    nodes_mm = np.concatenate([shell_mm, [[14.0, 13.0, 12.0]]])
    tets = np.array(
        [
            [6, *((a, b, c) if (a + b + c) % 2 == 0 else (a, c, b))]
            for a in (0, 1)
            for b in (2, 3)
            for c in (4, 5)
        ],
        np.int32,
    )
    tets[tet_volumes(np.concatenate([shell_mm, [[0, 0, 0]]]), tets) < 0] = tets[
        tet_volumes(np.concatenate([shell_mm, [[0, 0, 0]]]), tets) < 0
    ][:, [1, 0, 2, 3]]
    start, members = np.zeros(8, np.int64), np.arange(8)
    start[7] = 8
    assert scaled_jacobians(nodes_mm, tets).min() < 0
    moved = kernels.relax_nodes(
        nodes_mm, tets, start, members, np.array([6]), nodes_mm[6:].copy(), np.array([np.inf]), 1.0
    )
    axis = np.linspace(-20, 20, 41)
    grid = np.stack(np.meshgrid(axis, axis, axis), axis=-1).reshape(-1, 3)
    best = max(
        scaled_jacobians(np.concatenate([shell_mm, [p]]), tets).min()
        for p in grid[np.linalg.norm(grid, axis=1) < 3]
    )
    assert moved == 1
    assert scaled_jacobians(nodes_mm, tets).min() == pytest.approx(best, rel=0.02)  # last step


def test_slack_of_the_default_is_a_fraction_of_the_error_of_a_fit():
    assert 0 < SLACK_MM <= 1.05 / 4
