"""Labels from the shape alone: right on hearts whose labels are known, refused where unsure."""

import numpy as np
import pytest

from cardiotwin.anatomy.bivme import read_bivme
from cardiotwin.anatomy.cavities import LV, RV, check_cavities, measure_cavity, mouths
from cardiotwin.anatomy.heart import SURFACES
from cardiotwin.anatomy.kernels.sky import open_sky
from cardiotwin.anatomy.labelling import add_base, label_tet_boundary, label_wall, sky_share
from cardiotwin.anatomy.mesh_readers import read_mesh_file
from cardiotwin.anatomy.parametric import ParametricHeart, parametric_mesh
from cardiotwin.anatomy.shapes import box
from cardiotwin.anatomy.surface import LabelledSurface, areas_mm2
from cardiotwin.anatomy.topology import boundary_triangles


def flat(surfaces):
    """Triangles of a mapping of surfaces, and their labels."""
    labels = np.repeat(np.arange(4), [len(surfaces[s]) for s in SURFACES])
    return np.concatenate([surfaces[s] for s in SURFACES]), labels.astype(np.int8)


def share_right(nodes_mm, triangles, labels):
    """Share of the area whose label is found again, and area of each (true, found) pair."""
    found = label_wall(nodes_mm, triangles)
    areas = areas_mm2(nodes_mm, triangles)
    table = np.bincount(labels.astype(int) * 4 + found, areas, minlength=16).reshape(4, 4)
    return np.trace(table) / table.sum(), table


def test_block_heart_is_labelled_but_for_some_triangles_at_the_rims(block_heart):
    nodes_mm, tets, surfaces = block_heart
    right, table = share_right(nodes_mm, *flat(surfaces))
    assert right > 0.97
    assert table[LV, RV] == table[RV, LV] == 0
    found = label_tet_boundary(nodes_mm, tets)
    assert sum(len(t) for t in found.values()) == len(boundary_triangles(tets))


def test_labels_do_not_depend_on_the_pose(turned, coarse_heart):
    right, table = share_right(turned.heart.nodes_mm, *flat(turned.heart.surfaces))
    assert right > 0.97
    assert table[LV, RV] == table[RV, LV] == 0


@pytest.mark.parametrize("name", ["builtin", "dti004"])
def test_hearts_are_labelled_from_their_shape(name, request):
    """What differs lies along the rims: a base is bevelled, and so is an edge in a mesh."""
    heart = request.getfixturevalue(name)
    right, table = share_right(heart.nodes_mm, *flat(heart.surfaces))
    assert right > 0.97
    assert table[LV, RV] == table[RV, LV] == 0


@pytest.mark.slow
@pytest.mark.parametrize(
    "changes",
    [
        {"lv_inner_radius_mm": 34.0, "lv_inner_depth_mm": 80.0, "rv_shift_mm": 30.0},
        {"lv_inner_radius_mm": 17.0, "lv_inner_depth_mm": 55.0, "lv_wall_mm": 14.0},
        {"rv_wall_mm": 11.0, "lv_wall_mm": 9.0},
        {"rv_inner_radii_mm": (55.0, 50.0, 80.0)},
        {"rv_inner_radii_mm": (25.0, 35.0, 50.0)},
        {"base_above_equator_mm": 2.0},
        {"base_above_equator_mm": 30.0},
    ],
    ids=["dilated", "thick", "right thick", "right large", "right small", "short", "tall"],
)
def test_hearts_far_from_the_usual_are_labelled_from_their_shape(changes):
    params = ParametricHeart(**{"rv_wall_mm": 6.0, "lv_wall_mm": 9.0, **changes})
    nodes_mm, _, surfaces = parametric_mesh(params, lattice_mm=4.0)
    right, table = share_right(nodes_mm, *flat(surfaces))
    assert right > 0.98
    assert table[LV, RV] == table[RV, LV] == 0


@pytest.mark.parametrize("frame", [0, 10])
def test_cine_fits_are_labelled_from_their_shape(data_folder, frame):
    """Their base is four narrow rims; the wall between them, which we call base, is epi there."""
    fit = read_bivme(data_folder / "hearts" / "bivme_patient1", frame)
    right, table = share_right(fit.nodes_mm, fit.triangles, fit.labels)
    assert right > 0.97
    assert table[LV, RV] == table[RV, LV] == 0


def test_valves_of_a_ct_heart_are_no_obstacle_to_its_ventricles(rodero01):
    """Its base takes in the walls of outflow tracts: only the other three can be found again."""
    _, table = share_right(rodero01.nodes_mm, *flat(rodero01.surfaces))
    assert (np.diag(table)[:3] > 0.96 * table[:3].sum(axis=1)).all()
    assert table[LV, RV] == table[RV, LV] == 0


def test_solid_body_has_no_cavities():
    nodes_mm, tets = box((4, 4, 4), 20.0)
    with pytest.raises(ValueError, match="brick: has no two cavities by its shape: a ventricle"):
        label_tet_boundary(nodes_mm, tets, name="brick")


def test_heart_whose_thick_wall_is_not_round_is_refused(block_heart):
    """Two equal round cavities: nothing says which is the left one."""
    nodes_mm, tets = box((13, 7, 7), 7.0)
    x, y, z = (nodes_mm[tets].mean(axis=1) / 7.0).astype(int).T
    one = (x >= 2) & (x < 5) & (y >= 2) & (y < 5) & (z >= 2)
    two = (x >= 8) & (x < 12) & (y >= 1) & (y < 6) & (z >= 1)
    notch = (x == 4) & (y == 4)
    tets = tets[~((one & ~notch) | two)]
    with pytest.raises(ValueError, match="cannot tell left from right: one cavity is rounder"):
        label_tet_boundary(nodes_mm, tets)


@pytest.mark.parametrize(
    ("swap", "message"),
    [
        ([1, 0, 2, 3], "are lv_endo and rv_endo swapped"),
        ([2, 1, 0, 3], "are lv_endo and epi swapped"),
        ([0, 2, 1, 3], "are rv_endo and epi swapped"),
    ],
)
def test_swapped_labels_are_named(block_heart, swap, message):
    nodes_mm, _, surfaces = block_heart
    triangles, labels = flat(surfaces)
    fields = {"name": "wall", "nodes_mm": nodes_mm, "triangles": triangles}
    check_cavities(LabelledSurface(**fields, labels=labels))
    with pytest.raises(ValueError, match=f"wall: .*{message}"):
        check_cavities(LabelledSurface(**fields, labels=np.array(swap, np.int8)[labels]))


def test_cavity_of_a_block_has_the_volume_of_its_cubes(block_heart):
    """The left cavity is a box, so its own hull; its walls are two cubes and more."""
    nodes_mm, _, surfaces = block_heart
    triangles, labels = flat(surfaces)
    cavity = measure_cavity(nodes_mm, triangles, labels, LV, "block")
    assert cavity.convexity == pytest.approx(1.0, abs=1e-9)
    assert 12.0 <= cavity.wall_mm <= 24.0
    other = measure_cavity(nodes_mm, triangles, labels, RV, "block")
    assert other.convexity < 0.8
    assert other.wall_mm == pytest.approx(6.0)


def test_mouth_points_out_of_the_cavity(block_heart):
    nodes_mm, _, surfaces = block_heart
    edges, loop, areas_of_mouths = mouths(nodes_mm, surfaces["lv_endo"])
    assert len(edges) == 12
    assert set(loop) == {0}
    np.testing.assert_allclose(areas_of_mouths, [[0, 0, 18.0**2]], atol=1e-9)


def test_convex_body_sees_the_whole_sky():
    nodes_mm, tets = box((4, 4, 4), 20.0)
    np.testing.assert_array_equal(sky_share(nodes_mm, boundary_triangles(tets)), 1.0)


def test_sky_kernel_agrees_with_plain_python(rng):
    full = rng.random((9, 8, 7)) < 0.05
    starts = rng.uniform(1, 6, (20, 3))
    normals = rng.normal(size=(20, 3))
    directions = rng.normal(size=(30, 3))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    share = np.empty(20)
    open_sky(starts, normals, directions, full, share)

    def free(start, direction):
        steps = start + np.arange(40)[:, None] * direction
        inside = ((steps >= 0) & (steps < full.shape)).all(axis=1)
        stop = inside.argmin()
        return not full[tuple(steps[:stop].astype(int).T)].any()

    for start, normal, found in zip(starts, normals, share, strict=True):
        weights = np.maximum(directions @ normal, 0)
        seen = [free(start, direction) for direction in directions]
        assert found == pytest.approx(weights @ seen / weights.sum())


def test_endocardia_of_another_heart_are_those_shipped_with_it(data_folder):
    """A heart that no number here was chosen on: its authors' endocardia to a part in a million."""
    folder = data_folder / "hearts" / "crtdemo"
    with np.load(folder / "mesh.npz") as mesh:
        nodes_mm, tets = mesh["points_mm"].astype(float), mesh["tets"]
    found = label_tet_boundary(nodes_mm, tets)
    for surface, name in (("lv_endo", "LVendo"), ("rv_endo", "RVendo")):
        shipped = read_mesh_file(folder / f"crtdemo_{name}_heart_cut.obj")
        area_mm2 = areas_mm2(shipped.points, shipped.triangles).sum()
        assert areas_mm2(nodes_mm, found[surface]).sum() == pytest.approx(area_mm2, rel=1e-6)


def test_cavity_without_a_mouth_gets_no_base():
    nodes_mm, tets = box((2, 2, 2), 20.0)
    triangles = boundary_triangles(tets)
    labels = np.zeros(len(triangles), np.int8)
    add_base(labels, nodes_mm, triangles)
    assert not labels.any()
