"""Stacks become walls: known volumes and surfaces, any frame, ragged slices, no right ventricle."""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from cardiotwin.anatomy.build import build_heart
from cardiotwin.anatomy.heart import tet_volumes
from cardiotwin.anatomy.label_map import LabelMap
from cardiotwin.anatomy.label_schemes import INFARCT, LV, MYOCARDIUM, RV, WALL
from cardiotwin.anatomy.parametric import ParametricHeart, body_axes, wall_parts_mm
from cardiotwin.anatomy.parametric_stack import parametric_stack
from cardiotwin.anatomy.slice_order import is_ring
from cardiotwin.anatomy.slices import cut_slices, label_at_nodes
from cardiotwin.anatomy.stack import label_map_mesh
from cardiotwin.anatomy.stack_shape import Grid, crossings_mm, grown_mm, join_planes, outline_mm
from cardiotwin.anatomy.topology import boundary_triangles, euler_number, shared_edges

HEART = ParametricHeart()
LATTICE_MM = 3.0
#: A right wall that takes the coarse lattice of the quick tests.
COARSE = {"lattice_mm": LATTICE_MM, "rv_wall_mm": 4.2}


@pytest.fixture(scope="module")
def stack():
    return parametric_stack(pixel_mm=1.8, slice_mm=9.0)


@pytest.fixture(scope="module")
def mesh(stack):
    return label_map_mesh(stack, **COARSE)


def cavity_ml(label_map, mesh, surface):
    """By the theorem of Gauss: the flux of (0, 0, depth), to which the flat mouth adds nothing."""
    slices = cut_slices(label_map)
    a, b, c = slices.local_mm(mesh[0])[mesh[2][surface]].transpose(1, 0, 2)
    areas = np.cross(b - a, c - a)[:, 2] / 2
    return abs(float((areas * (a + b + c)[:, 2] / 3).sum())) / 1e3


def ring(shape, radius, middle=None):
    middle = (np.array(shape) - 1) / 2 if middle is None else middle
    return np.hypot(*(np.indices(shape) - np.reshape(middle, (2, 1, 1)))) < radius


def with_slices(label_map, change):
    codes = label_map.codes.copy()
    change(codes)
    return replace(label_map, codes=codes)


def test_boundary_is_one_manifold_of_two_cups(mesh):
    nodes_mm, tets, surfaces = mesh
    triangles = boundary_triangles(tets)
    assert euler_number(triangles) == 2
    assert len(shared_edges(triangles)) == 0
    assert (tet_volumes(nodes_mm, tets) > 0).all()
    assert sum(len(t) for t in surfaces.values()) == len(triangles)


@pytest.mark.slow
@pytest.mark.parametrize(("pixel_mm", "slice_mm"), [(1.4, 5.0), (1.4, 8.0), (1.8, 10.0)])
def test_cavities_keep_the_volume_of_their_voxels(pixel_mm, slice_mm):
    """Within 1 %: what the lattice cuts from a curve, and half a slice at the apex."""
    label_map = parametric_stack(pixel_mm=pixel_mm, slice_mm=slice_mm)
    mesh = label_map_mesh(label_map, **COARSE)
    for surface, tissue in (("lv_endo", "lv_cavity"), ("rv_endo", "rv_cavity")):
        counted = label_map.volume_ml(tissue)
        assert cavity_ml(label_map, mesh, surface) == pytest.approx(counted, rel=0.01), surface


@pytest.mark.slow
def test_surfaces_lie_on_the_ellipsoids_they_were_sampled_from():
    """Pixels of 1.4 mm alone, their staircase left in, would be off by up to 0.7 mm."""
    nodes_mm, _, surfaces = label_map_mesh(parametric_stack())
    local_mm = nodes_mm @ body_axes(HEART).T
    off = wall_parts_mm(local_mm, HEART)
    lv, rv = (np.abs(off[k][np.unique(surfaces[s])]) for k, s in ((0, "lv_endo"), (1, "rv_endo")))
    assert np.median(lv) < 0.15
    assert np.quantile(lv, 0.95) < 0.5
    assert np.median(rv) < 0.25
    epi = local_mm[np.unique(surfaces["epi"])]
    free = epi[(epi[:, 0] > 30) & (epi[:, 2] > 5) & (epi[:, 2] < 40)]  # far from grooves and apex
    # The right wall is grown by 3 mm from the right endocardium.
    assert np.median(-wall_parts_mm(free, HEART)[1]) == pytest.approx(3.0, abs=0.25)


def assert_same_heart(mesh, other):
    """Both fill the same wall; the lattice starts elsewhere and cuts each curve differently."""
    assert (tet_volumes(*mesh[:2]) > 0).all()
    volume = tet_volumes(*other[:2]).sum()
    assert tet_volumes(*mesh[:2]).sum() == pytest.approx(volume, rel=2e-3)
    for name, triangles in other[2].items():
        ours = mesh[0][np.unique(mesh[2][name])].mean(axis=0)
        np.testing.assert_allclose(ours, other[0][np.unique(triangles)].mean(axis=0), atol=0.5)


def test_a_turned_affine_turns_the_heart(stack, mesh):
    rng = np.random.default_rng(2)
    turn, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    turn *= np.linalg.det(turn)
    motion = np.eye(4)
    motion[:3, :3], motion[:3, 3] = turn, [30.0, -40.0, 5.0]
    turned = label_map_mesh(replace(stack, affine_mm=motion @ stack.affine_mm), **COARSE)
    assert_same_heart(turned, (mesh[0] @ turn.T + motion[:3, 3], *mesh[1:]))


@pytest.mark.parametrize("flips", [(0,), (0, 1, 2)])
def test_flipped_axes_give_the_same_heart(flips, stack, mesh):
    """Left-handed voxel axes and slices from the apex among them."""
    codes, affine = stack.codes, stack.affine_mm.copy()
    for axis in flips:
        affine[:3, 3] += affine[:3, axis] * (codes.shape[axis] - 1)
        affine[:3, axis] *= -1
        codes = np.flip(codes, axis)
    flipped = LabelMap(name="flipped", codes=codes, affine_mm=affine)
    assert_same_heart(label_map_mesh(flipped, **COARSE), mesh)


def test_coarse_mesh_keeps_the_volume_of_its_voxels(stack, mesh):
    """Within 1 %: what the lattice cuts from a curve, and half a slice at the apex."""
    for surface, tissue in (("lv_endo", "lv_cavity"), ("rv_endo", "rv_cavity")):
        counted = stack.volume_ml(tissue)
        assert cavity_ml(stack, mesh, surface) == pytest.approx(counted, rel=0.01), surface


def test_base_is_flat_at_the_upper_face_of_the_top_slice(stack, mesh):
    local_mm = cut_slices(stack).local_mm(mesh[0])
    assert local_mm[:, 2].min() == pytest.approx(0, abs=1e-9)
    rims = [np.intersect1d(mesh[2]["base"], mesh[2][s]) for s in ("lv_endo", "rv_endo")]
    for rim in rims:
        assert np.median(local_mm[rim, 2]) < LATTICE_MM / 2


def test_apex_closes_within_a_slice_of_where_it_was(stack, mesh):
    deepest = cut_slices(stack).local_mm(mesh[0])[:, 2].max()
    true = HEART.base_above_equator_mm + HEART.lv_inner_depth_mm + HEART.lv_wall_mm
    assert abs(deepest - true) < stack.voxel_mm[2] / 2


def test_it_becomes_a_heart(mesh):
    heart = build_heart(*mesh, name="stack")
    assert sorted(set(heart.segments.tolist()) - {0}) == list(range(1, 18))


def test_breath_hold_shifts_are_taken_away(stack):
    """One slice 9 mm off comes back to within the 2 mm that may be the bend of the heart."""

    def shifted(codes):
        codes[:, :, 5] = np.roll(codes[:, :, 5], 5, axis=0)

    slices = cut_slices(with_slices(stack, shifted))
    at = int(np.flatnonzero(slices.numbers == 5)[0])
    assert slices.shifts_mm[at, 0] == pytest.approx(5 * 1.8 - 2.0, abs=1.0)
    others = np.delete(slices.shifts_mm, at, axis=0)
    assert np.abs(others).max() < 0.5
    still = cut_slices(with_slices(stack, shifted), align_mm=np.inf)
    assert (still.shifts_mm == 0).all()


def test_basal_slices_without_a_whole_ring_are_left_out(stack):
    def open_up(codes):
        i = np.argwhere(codes[:, :, 1] == LV)[:, 0].mean()
        codes[int(i) + 5 :, :, 1][codes[int(i) + 5 :, :, 1] == MYOCARDIUM] = 0

    with pytest.warns(UserWarning, match=r"slices \[1\] at the base are left out"):
        slices = cut_slices(with_slices(stack, open_up))
    assert slices.numbers[0] == 2


def test_basal_slices_without_right_ventricle_are_left_out(stack):
    def no_rv(codes):
        codes[:, :, 1][codes[:, :, 1] == RV] = 0

    with pytest.warns(UserWarning, match=r"slices \[1\] at the base are left out"):
        assert cut_slices(with_slices(stack, no_rv)).numbers[0] == 2


def test_an_empty_slice_between_is_drawn_through(stack, mesh):
    def wipe(codes):
        codes[:, :, 5] = 0

    with pytest.warns(UserWarning, match=r"slices \[5\] are empty; the wall is drawn through"):
        nodes_mm, tets, _ = label_map_mesh(with_slices(stack, wipe), **COARSE)
    volume = tet_volumes(mesh[0], mesh[1]).sum()
    assert tet_volumes(nodes_mm, tets).sum() == pytest.approx(volume, rel=0.02)


def test_islands_and_holes_of_labels_leave_no_trace(stack, mesh):
    def spoil(codes):
        codes[4:6, 4:6, 4] = LV
        codes[8:10, 4:6, 5] = MYOCARDIUM
        codes[4:6, 8:10, 3] = RV
        i, j = np.argwhere(codes[:, :, 4] == LV).mean(axis=0).astype(int)
        codes[i : i + 2, j, 4] = 0

    nodes_mm, _, _ = label_map_mesh(with_slices(stack, spoil), **COARSE)
    np.testing.assert_allclose(nodes_mm, mesh[0])


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_ragged_shifted_slices_give_a_sound_mesh(stack, seed):
    """Outlines off by a pixel, slices by 3 mm, an apical slice of wall alone."""
    rng = np.random.default_rng(seed)
    codes = np.zeros_like(stack.codes)
    grid = np.indices(codes.shape[:2])
    for k in range(codes.shape[2]):
        noise = ndimage.gaussian_filter(rng.normal(size=grid.shape), (0, 3, 3))
        moved = grid + noise / noise.std() + rng.normal(0, 1.5, (2, 1, 1))
        codes[:, :, k] = ndimage.map_coordinates(stack.codes[:, :, k], moved, order=0)
    last = np.flatnonzero((codes == MYOCARDIUM).sum(axis=(0, 1)) > 50)[-1]
    codes[:, :, last][codes[:, :, last] == LV] = MYOCARDIUM
    ragged = replace(stack, codes=codes)
    nodes_mm, tets, _ = mesh = label_map_mesh(ragged)
    assert (tet_volumes(nodes_mm, tets) > 0).all()
    assert euler_number(boundary_triangles(tets)) == 2
    # What outlines this ragged lose to smoothing between slices.
    assert cavity_ml(ragged, mesh, "lv_endo") == pytest.approx(
        ragged.volume_ml("lv_cavity"), rel=0.03
    )


def test_no_right_ventricle_names_the_remedy(stack):
    alone = replace(stack, codes=np.where(stack.codes == RV, 0, stack.codes).astype(np.uint8))
    with pytest.raises(ValueError, match=r"no voxel is rv_cavity.*rv='template' adds"):
        label_map_mesh(alone, **COARSE)


def test_an_invented_right_ventricle_is_like_the_parametric_one(stack):
    alone = replace(stack, codes=np.where(stack.codes == RV, 0, stack.codes).astype(np.uint8))
    with pytest.warns(UserWarning, match="the right ventricle is made up"):
        mesh = label_map_mesh(alone, rv="template", **COARSE)
    # The map is the parametric heart's own: the same proportions, a septum 13 degrees off.
    assert cavity_ml(alone, mesh, "rv_endo") == pytest.approx(
        stack.volume_ml("rv_cavity"), rel=0.05
    )
    heart = build_heart(*mesh, name="left only")
    assert set(heart.segments.tolist()) == set(range(18))


def test_infarct_reaches_the_nodes(stack, mesh):
    codes = stack.codes.copy()
    i, j, _ = np.indices(codes.shape)
    middle = np.argwhere(codes == LV).mean(axis=0)
    scar = (codes == MYOCARDIUM) & (i < middle[0]) & (abs(j - middle[1]) < 15)
    codes[scar] = INFARCT
    label_map = replace(stack, codes=codes)
    at_nodes = label_at_nodes(label_map, mesh[0])
    assert set(np.unique(at_nodes)) == {MYOCARDIUM, INFARCT}
    inside = (mesh[0] - stack.affine_mm[:3, 3]) @ np.linalg.inv(stack.affine_mm[:3, :3]).T
    angle = np.abs(np.arctan2(inside[:, 1] - middle[1], middle[0] - inside[:, 0]))
    near = np.hypot(*(inside[:, :2] - middle[:2]).T) < 20
    lateral = near & (angle < 0.3) & (inside[:, 2] > 1) & (inside[:, 2] < 8)
    assert (at_nodes[lateral] == INFARCT).mean() > 0.98
    assert (at_nodes[near & (angle > 1.6)] == MYOCARDIUM).all()
    assert np.isin(at_nodes, WALL).all()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"lattice_mm": 3.0}, r"lattice_mm must be positive and at most 2\.22 for a right wall"),
        ({"lattice_mm": 0.0}, "lattice_mm must be positive"),
        ({"rv": "none"}, "rv must be labels or template, got 'none'"),
    ],
)
def test_wrong_options_are_named(options, words, stack):
    with pytest.raises(ValueError, match=words):
        label_map_mesh(stack, **options)


def test_no_whole_ring_is_told_with_what_would_do(stack):
    def crescents(codes):
        half = np.indices(codes.shape)[0] > np.argwhere(codes == LV)[:, 0].mean()
        codes[half & (codes == MYOCARDIUM)] = 0

    with pytest.raises(ValueError, match=r"with a whole ring in \[\]; a heart needs 3 or more"):
        cut_slices(with_slices(stack, crescents))


def test_an_outline_is_smooth_and_keeps_the_pixels_area():
    pitch_mm = np.array([1.5, 1.5])
    mask = ring((61, 61), 20.0)
    outline = outline_mm(mask, pitch_mm, np.zeros(2))
    fine = ndimage.zoom(outline, 8, order=1)
    area = (fine < 0).sum() * ((61 - 1) / (fine.shape[0] - 1)) ** 2
    assert area == pytest.approx(mask.sum(), rel=0.01)
    off = outline - 1.5 * (np.hypot(*(np.indices((61, 61)) - 30.0)) - 20.0)
    # A staircase of 1.5 mm is off by 1.5 / sqrt(12) = 0.43 mm in the mean square.
    assert np.sqrt((off[np.abs(outline) < 1.5] ** 2).mean()) < 0.3


def test_a_paraboloid_is_joined_exactly():
    """Radius squared 400 (1 - z / 50): exact between planes, at the base and to the tip."""
    grid = Grid(np.zeros(3), np.array([1.0, 1.0, 1.0]), (61, 61, 60))
    depths = np.array([5.0, 15.0, 25.0, 35.0, 45.0])
    away = np.hypot(*(np.indices((61, 61)) - 30.0))
    planes = np.stack([away - np.sqrt(400 * (1 - z / 50)) for z in depths])
    joined = join_planes(planes, depths, 50.0, grid.depths_mm)
    radius = np.sqrt(400 * np.maximum(1 - grid.depths_mm / 50, 0))
    exact = away[:, :, None] - radius
    np.testing.assert_allclose(joined[..., :50], exact[..., :50], atol=1e-6)
    assert (joined[..., 51:] > 0).all()


def test_a_grown_ball_is_a_ball():
    grid = Grid(np.full(3, -20.0), np.full(3, 1.0), (41, 41, 41))
    away = np.linalg.norm(grid.points_mm(), axis=1).reshape(grid.counts)
    on_surface = np.linalg.norm(crossings_mm(away - 10.0, grid), axis=1)
    np.testing.assert_allclose(on_surface, 10.0, atol=0.02)  # chords of a line through a sphere
    grown = grown_mm(away - 10.0, grid, 4.0, 3.0)
    near = np.abs(away - 14.0) < 2
    # Points a step apart: sqrt(4^2 + 0.5^2) - 4 at most, and the smoothing of a curve.
    assert np.abs(grown - (away - 14.0))[near].max() < 0.2


def test_a_ring_may_have_small_gaps_only():
    cavity, disc = ring((41, 41), 10.0), ring((41, 41), 15.0)
    wall = disc & ~cavity
    angle = np.arctan2(*(np.indices((41, 41)) - 20.0))
    assert is_ring(cavity, wall)
    assert is_ring(cavity, wall & (np.abs(angle) > 0.2))
    assert not is_ring(cavity, wall & (np.abs(angle) > 0.6))
    assert not is_ring(np.zeros_like(cavity), disc)


def test_warnings_are_not_repeated_for_labels(stack, mesh):
    def no_rv(codes):
        codes[:, :, 1][codes[:, :, 1] == RV] = 0

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert (label_at_nodes(with_slices(stack, no_rv), mesh[0]) == MYOCARDIUM).all()
