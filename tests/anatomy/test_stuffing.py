"""Isosurface stuffing: volumes, order of convergence, topology, conformity, quality."""

from dataclasses import replace

import numpy as np
import pytest
import trimesh

from cardiotwin.anatomy.bivme import read_bivme
from cardiotwin.anatomy.distance import Columns, wall_gaps
from cardiotwin.anatomy.gate import gate
from cardiotwin.anatomy.heart import tet_volumes
from cardiotwin.anatomy.kernels import stuffing as kernels
from cardiotwin.anatomy.quality import scaled_jacobians
from cardiotwin.anatomy.stuffing import stuff, tetrahedralise
from cardiotwin.anatomy.surface import (
    LabelledSurface,
    areas_mm2,
    boundary_triangles,
    enclosed_volume_mm3,
)
from cardiotwin.anatomy.topology import (
    euler_number,
    face_pieces,
    shared_edges,
    shared_nodes,
    tet_faces,
)

RADIUS_MM = 30.0
BOX_MM = np.array([[-31.0] * 3, [31.0] * 3])


def ball(points_mm):
    return np.linalg.norm(points_mm, axis=1) - RADIUS_MM


def shell(points_mm):
    return np.maximum(ball(points_mm), 22.0 - np.linalg.norm(points_mm, axis=1))


def torus(points_mm):
    ring_mm = np.hypot(points_mm[:, 0], points_mm[:, 1]) - 20.0
    return np.hypot(ring_mm, points_mm[:, 2]) - 9.0


def bowl(points_mm):
    """Half a spherical wall of 8 mm, cut flat."""
    return np.maximum(shell(points_mm), points_mm[:, 2])


def bowl_surface(side=48):
    """`bowl` as a surface of revolution; the inside is halved into lv_endo and rv_endo."""
    profile = np.array(
        [[30 * np.sin(a), -30 * np.cos(a)] for a in np.linspace(0, np.pi / 2, 16)]
        + [[22 * np.sin(a), -22 * np.cos(a)] for a in np.linspace(np.pi / 2, 0, 12)]
    )
    mesh = trimesh.creation.revolve(profile, sections=side)
    middle_mm = mesh.triangles_center
    is_inner = np.linalg.norm(middle_mm, axis=1) < 26.0
    label = np.where(is_inner, np.where(middle_mm[:, 0] < 0, 0, 1), 2)
    label[middle_mm[:, 2] > -0.1] = 3
    return LabelledSurface(
        name="bowl",
        nodes_mm=np.array(mesh.vertices, float),
        triangles=np.array(mesh.faces, np.int32),
        labels=label.astype(np.int8),
    )


def thinned(surface, share):
    """The surface with this share of its wall, both sides moved alike."""
    walls = wall_gaps(surface)
    gaps_mm = np.where(np.isfinite(walls.gaps_mm), walls.gaps_mm, 0)
    inward_mm = (gaps_mm * (1 - share) / 2)[:, None] * walls.outward
    return replace(surface, nodes_mm=surface.nodes_mm - inward_mm)


SHAPES = {
    "ball": (ball, 2, 4 / 3 * np.pi * 30**3),
    "shell": (shell, 4, 4 / 3 * np.pi * (30**3 - 22**3)),
    "torus": (torus, 0, 2 * np.pi**2 * 20 * 9**2),
    "bowl": (bowl, 2, 2 / 3 * np.pi * (30**3 - 22**3)),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_mesh_has_the_volume_and_the_topology_of_the_shape(shape):
    distance, euler, volume_mm3 = SHAPES[shape]
    nodes_mm, tets = stuff(distance, BOX_MM, lattice_mm=3.0)
    assert euler_number(boundary_triangles(tets)) == euler
    # Chords of the torus's tube, radius 9 = 3 lattices, lose the most.
    assert tet_volumes(nodes_mm, tets).sum() == pytest.approx(volume_mm3, rel=0.02)


@pytest.mark.parametrize("shape", SHAPES)
def test_tets_are_positive_conforming_and_in_one_piece(shape):
    nodes_mm, tets = stuff(SHAPES[shape][0], BOX_MM, lattice_mm=3.0)
    triangles = boundary_triangles(tets)
    _, uses = np.unique(np.sort(tet_faces(tets), axis=1), axis=0, return_counts=True)
    assert (tet_volumes(nodes_mm, tets) > 0).all()
    assert uses.max() == 2
    assert not len(shared_edges(triangles))
    assert not len(shared_nodes(triangles))
    assert face_pieces(tets).max() == 0
    assert set(np.unique(tets)) == set(range(len(nodes_mm)))
    # A face used once inside the shape would be a crack: all lie on the zero set.
    inside = np.abs(SHAPES[shape][0](nodes_mm[np.unique(triangles)]))
    assert np.percentile(inside, 95) < 0.1
    # The boundary encloses what the tets fill: no overlaps.
    filled = tet_volumes(nodes_mm, tets).sum()
    assert enclosed_volume_mm3(nodes_mm, triangles) == pytest.approx(filled)


def test_worst_tet_has_a_scaled_jacobian_above_a_tenth(rng):
    for centre in rng.uniform(-1.5, 1.5, (4, 3)):
        nodes_mm, tets = stuff(lambda p, c=centre: ball(p - c), BOX_MM + 0.5, lattice_mm=4.0)
        assert scaled_jacobians(nodes_mm, tets).min() > 0.10


def test_volume_of_a_ball_converges_with_second_order():
    lattices_mm = np.array([8.0, 4.0, 2.0])
    exact = 4 / 3 * np.pi * RADIUS_MM**3
    errors = [
        abs(tet_volumes(*stuff(ball, BOX_MM, lattice_mm=h)).sum() / exact - 1) for h in lattices_mm
    ]
    assert np.polyfit(np.log(lattices_mm), np.log(errors), 1)[0] > 1.7


def test_half_space_is_met_exactly():
    def slab(points_mm):
        tilted = points_mm @ np.array([0.6, 0.48, 0.64])
        return np.maximum(np.abs(tilted) - 10.0, ball(points_mm))

    nodes_mm, tets = stuff(slab, BOX_MM, lattice_mm=3.0)
    outer = np.unique(boundary_triangles(tets))
    deep = outer[np.linalg.norm(nodes_mm[outer], axis=1) < 25]
    tilted = np.abs(nodes_mm[deep] @ np.array([0.6, 0.48, 0.64]))
    np.testing.assert_allclose(tilted, 10.0, atol=1e-9)


def test_only_the_largest_piece_is_kept():
    def two_balls(points_mm):
        small = np.linalg.norm(points_mm - [24.0, 0, 0], axis=1) - 5.0
        return np.minimum(np.linalg.norm(points_mm - [-8.0, 0, 0], axis=1) - 18.0, small)

    nodes_mm, tets = stuff(two_balls, BOX_MM, lattice_mm=3.0)
    assert nodes_mm[:, 0].max() < 10.1
    assert face_pieces(tets).max() == 0


def test_balls_that_just_touch_come_out_manifold():
    def touching(points_mm):
        left = np.linalg.norm(points_mm - [-12.0, 0, 0], axis=1)
        return np.minimum(left, np.linalg.norm(points_mm - [12.0, 0, 0], axis=1)) - 12.2

    for lattice_mm in (2.0, 3.0, 4.0):
        _, tets = stuff(touching, BOX_MM, lattice_mm=lattice_mm)
        triangles = boundary_triangles(tets)
        assert not len(shared_edges(triangles))
        assert not len(shared_nodes(triangles))


def test_same_input_same_mesh():
    first, second = (stuff(shell, BOX_MM, lattice_mm=4.0) for _ in range(2))
    assert all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_units_scale():
    nodes_mm, tets = stuff(ball, BOX_MM, lattice_mm=4.0)
    doubled_mm, same = stuff(lambda p: 2 * ball(p / 2), 2 * BOX_MM, lattice_mm=8.0)
    np.testing.assert_array_equal(tets, same)
    np.testing.assert_allclose(doubled_mm, 2 * nodes_mm, rtol=1e-12)


@pytest.mark.parametrize("lattice_mm", [0.0, -1.0, np.nan])
def test_lattice_must_be_positive(lattice_mm):
    with pytest.raises(ValueError, match="lattice_mm must be positive"):
        stuff(ball, BOX_MM, lattice_mm=lattice_mm)


def test_lattice_coarser_than_the_shape_is_an_error():
    with pytest.raises(ValueError, match="make lattice_mm smaller than 12"):
        tetrahedralise(bowl_surface(), lattice_mm=12.0, min_wall_mm=0.0)


def test_nothing_inside_is_an_error():
    with pytest.raises(ValueError, match="no tetrahedron fits inside the surface"):
        stuff(lambda p: np.ones(len(p)), BOX_MM, lattice_mm=4.0)


def test_labelled_surface_keeps_volume_place_and_labels():
    surface = bowl_surface()
    nodes_mm, tets, surfaces = tetrahedralise(surface, lattice_mm=3.0)
    triangles = boundary_triangles(tets)
    volume_mm3 = enclosed_volume_mm3(surface.nodes_mm, surface.triangles)
    assert euler_number(triangles) == euler_number(surface.triangles)
    # The two sharp rims lose their corners.
    assert tet_volumes(nodes_mm, tets).sum() == pytest.approx(volume_mm3, rel=0.02)
    before = [
        areas_mm2(surface.nodes_mm, surface.triangles[surface.labels == i]).sum() for i in (0, 1, 2)
    ]
    after = [areas_mm2(nodes_mm, surfaces[s]).sum() for s in ("lv_endo", "rv_endo", "epi")]
    np.testing.assert_allclose(after, before, rtol=0.05)
    assert sum(map(len, surfaces.values())) == len(triangles)


def test_wall_thinner_than_the_lattice_has_no_holes_and_its_own_volume():
    surface = bowl_surface()
    nodes_mm, tets, _ = tetrahedralise(surface, lattice_mm=9.0)
    assert euler_number(boundary_triangles(tets)) == 2
    filled = tet_volumes(nodes_mm, tets).sum()
    # Chords of an edge of 8 mm; a bowl thickened to 12 mm would have 1.4 times the volume.
    whole = enclosed_volume_mm3(surface.nodes_mm, surface.triangles)
    assert filled == pytest.approx(whole, rel=0.01)


def test_wall_of_a_fifth_of_the_lattice_is_announced_with_its_place():
    surface = thinned(bowl_surface(), 0.2)
    with pytest.warns(
        UserWarning, match=r"bowl: the wall is thinner than .* most at \(.*\) mm; make"
    ):
        _, tets, _ = tetrahedralise(surface, lattice_mm=9.0)
    assert euler_number(boundary_triangles(tets)) == 2


def test_mesh_is_on_the_surface_and_passes_the_gate():
    surface = bowl_surface()
    assert gate(*tetrahedralise(surface, lattice_mm=2.5), surface=surface) == ()


def test_base_is_flat_and_its_rims_are_sharp():
    surface = bowl_surface()
    nodes_mm, _, surfaces = tetrahedralise(surface, lattice_mm=3.0)
    base = np.unique(surfaces["base"])
    # A few rim nodes stay off the edge where reaching it would spoil a tet: the bevel is there.
    assert np.mean(np.abs(nodes_mm[base, 2]) > 1e-9) < 0.02
    for name in ("lv_endo", "rv_endo", "epi"):
        shared = np.intersect1d(base, surfaces[name])
        radius_mm = np.linalg.norm(nodes_mm[shared], axis=1)
        # The polygon of 48 sides lies up to 0.07 mm inside the circle.
        off_mm = np.abs(radius_mm - (30.0 if name == "epi" else 22.0))
        assert np.mean(off_mm > 0.08) < 0.06


@pytest.mark.parametrize("nodes", [2_000, 20_000])
def test_number_of_nodes_is_met_within_a_tenth(nodes):
    found = len(tetrahedralise(bowl_surface(), nodes=nodes)[0])
    assert found == pytest.approx(nodes, rel=0.1)


@pytest.mark.parametrize("wanted", [{"nodes": 50}, {"nodes": 5000, "lattice_mm": 2.0}])
def test_either_a_lattice_or_a_number_of_nodes_is_taken(wanted):
    with pytest.raises(ValueError, match="give either lattice_mm or a number of nodes from 100"):
        tetrahedralise(bowl_surface(), **wanted)


def test_surface_that_crosses_itself_is_filled_as_the_union():
    """A rod with round ends, bent until both ends lie within it: a ring."""
    radius_mm, bend_mm = 9.0, 25.0
    turn = np.linspace(0, np.pi / 2, 8)
    cap = radius_mm * np.stack([np.sin(turn), -np.cos(turn)], axis=1)
    side = np.stack([np.full(60, radius_mm), np.linspace(0, 2 * np.pi * bend_mm, 60)], axis=1)
    far_cap = cap[::-1] * [1, -1] + [0, 2 * np.pi * bend_mm]
    rod = trimesh.creation.revolve(np.vstack([cap[:-1], side, far_cap[1:]]), sections=32)
    x, y, z = np.array(rod.vertices).T
    angle, away_mm = z / bend_mm, bend_mm + x
    ring = LabelledSurface(
        name="ring",
        nodes_mm=np.stack([away_mm * np.cos(angle), away_mm * np.sin(angle), y], axis=1),
        triangles=np.array(rod.faces, np.int32),
        labels=(rod.triangles_center[:, 2] // 40 % 4).astype(np.int8),
    )
    with pytest.warns(UserWarning, match="the mesh has Euler number 0, the surface 2"):
        nodes_mm, tets, _ = tetrahedralise(ring, lattice_mm=2.5, min_wall_mm=0.0)
    exact = 2 * np.pi**2 * bend_mm * radius_mm**2
    assert tet_volumes(nodes_mm, tets).sum() == pytest.approx(exact, rel=0.02)
    assert scaled_jacobians(nodes_mm, tets).min() > 0.1


def test_fit_of_a_patient_passes_the_gate(data_folder):
    surface = read_bivme(data_folder / "hearts" / "bivme_patient1")
    nodes_mm, tets, surfaces = tetrahedralise(surface, nodes=50_000)
    assert gate(nodes_mm, tets, surfaces, surface=surface) == ()
    assert euler_number(boundary_triangles(tets)) == euler_number(surface.triangles) == -2
    assert len(nodes_mm) == pytest.approx(50_000, rel=0.05)


def test_holes_are_announced():
    with pytest.warns(
        UserWarning, match=r"bowl: the mesh has Euler number .* make lattice_mm smal"
    ):
        tetrahedralise(bowl_surface(), lattice_mm=9.0, min_wall_mm=0.0)


def test_kernel_gives_the_same_without_the_compiler(rng):
    surface = bowl_surface(side=8)
    points_mm = rng.uniform(-30, 30, (20, 3))
    everything = np.arange(len(surface.triangles))
    columns = Columns(-40.0, -40.0, 80.0, (1, 1), np.array([0, len(everything)]), everything)
    args = (points_mm, surface.nodes_mm, surface.triangles, columns)
    compiled, plain = np.empty(20, np.int64), np.empty(20, np.int64)
    kernels.count_turns(*args, compiled)
    getattr(kernels.count_turns, "py_func", kernels.count_turns)(*args, plain)
    np.testing.assert_array_equal(compiled, plain)
