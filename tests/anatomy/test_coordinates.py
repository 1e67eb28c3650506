"""Ventricular coordinates: closed forms, invariance, and the fields shipped with real hearts."""

from types import SimpleNamespace

import numpy as np
import pytest
from scipy.spatial import cKDTree

from cardiotwin.anatomy.build import build_heart, heal_labels
from cardiotwin.anatomy.coordinates import (
    apex_nodes,
    between,
    septal_nodes,
    ventricular_coordinates,
    wall_fields,
)
from cardiotwin.anatomy.datasets import locate
from cardiotwin.anatomy.frame import heart_axes
from cardiotwin.anatomy.laplace import Laplacian
from cardiotwin.anatomy.parametric import body_axes, parametric_mesh
from cardiotwin.anatomy.rodero import read_rodero
from cardiotwin.anatomy.shapes import box
from cardiotwin.anatomy.topology import tet_faces
from cardiotwin.anatomy.trajectories import relative_position

#: Region of the septum in Rodero's files.
SEPTUM = 7
NAMES = ("apicobasal", "transmural", "rotational", "transventricular")


def turn_between(a, b):
    """Smallest angle from b to a."""
    return np.angle(np.exp(1j * (a - b)))


def together(a, b):
    """1 when two angles keep the same difference everywhere, 0 when they have none in common."""
    return np.abs(np.exp(1j * (a - b)).mean())


def correlation(a, b):
    return np.corrcoef(a, b)[0, 1]


@pytest.fixture(scope="module")
def shipped(dti004_folder):
    with np.load(dti004_folder / "DTI004_case.npz") as case:
        return {name: case[name] for name in ("ab", "tm", "rt", "tv")}


@pytest.fixture(scope="module")
def dti004_folder(data_folder):
    return data_folder / "hearts" / "dti004"


@pytest.fixture(scope="module")
def rodero_fields(data_folder):
    return read_rodero(locate("rodero01"))


@pytest.fixture(scope="module")
def rodero_parts(rodero_fields):
    """Coordinates of Rodero's heart with the septum that its file labels, and what made them."""
    mesh = rodero_fields
    septum = np.sort(tet_faces(mesh.tets[mesh.region == SEPTUM]), axis=1).tolist()
    labelled = set(map(tuple, septum))
    inside = [tuple(t) in labelled for t in np.sort(mesh.surfaces["rv_endo"], axis=1).tolist()]
    surfaces = heal_labels(mesh.surfaces, len(mesh.nodes_mm))
    surfaces["rv_septum"] = surfaces["rv_endo"][inside]
    laplacian = Laplacian(mesh.nodes_mm, mesh.tets)
    axes = heart_axes(mesh.nodes_mm, surfaces)
    walls = wall_fields(laplacian, surfaces, axes)
    base = np.unique(surfaces["base"])
    apex = np.setdiff1d(apex_nodes(mesh.nodes_mm, axes), base)
    parts = SimpleNamespace(laplacian=laplacian, apex=apex, base=base)
    return ventricular_coordinates(laplacian, surfaces, axes, walls), parts


# Closed forms


def test_septum_is_where_the_wall_leads_to_the_left():
    nodes_mm, tets = box((8, 8, 2), 5.0)
    x, _, z = nodes_mm.T
    laplacian = Laplacian(nodes_mm, tets)
    rv_endo = np.flatnonzero(z == 0)
    far = np.flatnonzero(z == 10)  # the left half leads to the left ventricle
    ends = np.concatenate([rv_endo, far])
    facing = laplacian.solve(ends, np.sign(20 - x[ends]) * (z[ends] > 0))
    found = septal_nodes(laplacian, rv_endo, facing)
    clear = np.abs(x[rv_endo] - 20) > 1  # by symmetry there is no flux on the border itself
    np.testing.assert_array_equal(np.isin(rv_endo, found)[clear], (x[rv_endo] < 20)[clear])


def test_field_between_two_sets_is_zero_on_one_and_one_on_the_other():
    laplacian = Laplacian(*box((4, 2, 2), 1.0))
    x = laplacian.nodes_mm[:, 0]
    # 1e-6: a hundred times the relative residual at which the solver stops.
    field = between(laplacian, np.flatnonzero(x == 0), np.flatnonzero(x == 4))
    np.testing.assert_allclose(field, x / 4, atol=1e-6)


# The built-in heart


def test_ends_have_their_values(coarse_heart):
    c, s = coarse_heart.coordinates, coarse_heart.surfaces
    lv, rv, epi, base = (np.unique(s[k]) for k in ("lv_endo", "rv_endo", "epi", "base"))
    np.testing.assert_array_equal(c.apicobasal[base], 1.0)
    assert c.apicobasal.min() == 0.0
    np.testing.assert_array_equal(c.transmural[lv], 0.0)
    np.testing.assert_array_equal(c.transmural[np.setdiff1d(epi, np.union1d(lv, rv))], 1.0)
    np.testing.assert_array_equal(c.transventricular[lv], 0.0)


def test_right_endocardium_is_outside_of_the_septum_and_inside_of_the_free_wall(coarse_heart):
    c = coarse_heart.coordinates
    right = np.unique(coarse_heart.surfaces["rv_endo"])
    assert np.isin(c.transmural[right], (0.0, 1.0)).all()
    np.testing.assert_array_equal(c.transmural[right], 1.0 - c.transventricular[right])


def angle_in_the_making(heart, params):
    right, inferior, _ = body_axes(params) @ heart.nodes_mm.T
    return np.arctan2(-inferior, right)


def test_rotation_is_zero_in_mid_septum_and_half_a_turn_away_opposite(coarse_heart, thick_heart):
    c, angle = coarse_heart.coordinates, angle_in_the_making(coarse_heart, thick_heart)
    wall = coarse_heart.is_lv & (c.apicobasal > 0.2)
    # 3 degrees: a tenth of a 30 degree step on the 5 mm lattice, twice.
    for turn in (0.0, np.pi):
        near = wall & (np.abs(turn_between(angle, turn)) < np.radians(15))
        off = turn_between(c.rotational[near], turn)
        assert np.degrees(np.abs(off.mean())) < 3


def test_rotation_rises_with_the_angle_all_the_way_round(coarse_heart, thick_heart):
    c, angle = coarse_heart.coordinates, angle_in_the_making(coarse_heart, thick_heart)
    ring = coarse_heart.is_lv & (np.abs(c.apicobasal - 0.6) < 0.05)
    steps = np.digitize(angle[ring], np.radians(np.arange(-165, 166, 30))) % 12
    z = np.array([np.exp(1j * c.rotational[ring][steps == k]).mean() for k in range(12)])
    rise = np.angle(np.roll(z, -1) / z)
    assert (rise > 0).all()
    np.testing.assert_allclose(rise.sum(), 2 * np.pi)


def test_right_ventricle_begins_sixty_degrees_from_mid_septum(coarse_heart):
    c = coarse_heart.coordinates
    level = np.abs(c.apicobasal - 0.6) < 0.2
    groove = level & (np.abs(c.transventricular - 0.5) < 0.2) & (c.transmural > 0.8)
    for side in (-1, 1):
        there = np.degrees(c.rotational[groove & (np.sign(c.rotational) == side)])
        # 8 degrees: one lattice cube of 5 mm on the 35 mm radius of the groove.
        np.testing.assert_allclose(np.median(there), 60 * side, atol=8)


def test_right_ventricle_lies_between_the_insertions(coarse_heart):
    c = coarse_heart.coordinates
    right = np.degrees(c.rotational[~coarse_heart.is_lv])
    assert np.abs(right).max() < 85
    assert np.abs(np.median(right)) < 5


def test_apicobasal_rises_along_the_axis(coarse_heart, thick_heart):
    c = coarse_heart.coordinates
    depth_mm = body_axes(thick_heart)[2] @ coarse_heart.nodes_mm.T
    lv = coarse_heart.is_lv
    assert correlation(c.apicobasal[lv], -depth_mm[lv]) > 0.98


def test_coordinates_rise_with_the_fields_they_measure(coarse_heart, anatomy_of):
    c, parts = coarse_heart.coordinates, anatomy_of(coarse_heart)
    lv, rv, epi = (np.unique(coarse_heart.surfaces[k]) for k in ("lv_endo", "rv_endo", "epi"))
    inner = np.union1d(lv, rv[c.transmural[rv] == 0])
    outer = np.setdiff1d(np.union1d(epi, rv), inner)
    depth = between(parts.laplacian, inner, outer)
    for field, values in ((depth, c.transmural), (parts.walls.apex_to_base, c.apicobasal)):
        up, rise = parts.laplacian.gradient(field), parts.laplacian.gradient(values)
        falls = np.einsum("mk,mk->m", up, rise) < -1e-6 * np.abs(up).max() * np.abs(rise).max()
        # 0.1 %: where field lines part above an insertion, their lengths jump.
        assert coarse_heart.tet_volumes_mm3[falls].sum() < 1e-3 * coarse_heart.tet_volumes_mm3.sum()


def test_depth_is_linear_in_millimetres(coarse_heart, thick_heart):
    """On the flank of the left free wall, which lies between two like ellipsoids."""
    c = coarse_heart.coordinates
    right, inferior, apex = body_axes(thick_heart) @ coarse_heart.nodes_mm.T
    radius_mm = np.hypot(right, inferior)
    equator = np.abs(apex - thick_heart.base_above_equator_mm) < 6
    flank = equator & (right < 0) & (np.abs(inferior) < -right)
    depth = (radius_mm[flank] - thick_heart.lv_inner_radius_mm) / thick_heart.lv_wall_mm
    # 0.08: the 5 mm lattice puts two layers of tets in the 10 mm wall.
    np.testing.assert_allclose(c.transmural[flank], depth.clip(0, 1), atol=0.08)


# Invariance


def test_finer_mesh_has_the_same_coordinates(coarse_heart, thick_heart):
    nodes_mm, tets, surfaces = parametric_mesh(thick_heart, lattice_mm=4.0)
    fine = build_heart(nodes_mm, tets, surfaces, name="fine")
    gap_mm, nearest = cKDTree(nodes_mm).query(coarse_heart.nodes_mm)
    near = (gap_mm < 0.8) & (coarse_heart.coordinates.apicobasal > 0.2)
    assert near.sum() > 300
    for name, most in (("apicobasal", 0.02), ("transmural", 0.06), ("rotational", 0.06)):
        here = getattr(coarse_heart.coordinates, name)[near]
        there = getattr(fine.coordinates, name)[nearest[near]]
        # As far as 0.8 mm of a wall of 80 mm, 10 mm and a radius of 30 mm makes: 0.01, 0.08, 0.03.
        assert np.median(np.abs(turn_between(here, there))) < most, name


def test_rigid_motion_and_numbering_change_nothing(coarse_heart, turned):
    before, after = coarse_heart.coordinates, turned.heart.coordinates
    for name in NAMES:
        moved = getattr(after, name)[turned.nodes]
        off = turn_between(moved, getattr(before, name))
        # 1e-5: conjugate gradients stop at a relative residual of 1e-8.
        assert np.abs(off).max() < 1e-5, name


def test_scale_changes_nothing(coarse_mesh, coarse_heart, anatomy_of):
    parts = anatomy_of(coarse_heart)
    nodes_mm, tets, _ = coarse_mesh
    larger = Laplacian(1.3 * nodes_mm, tets)
    walls = wall_fields(larger, coarse_heart.surfaces, parts.axes)
    np.testing.assert_allclose(walls.left, parts.walls.left, atol=1e-6)
    np.testing.assert_allclose(walls.right, parts.walls.right, atol=1e-6)


def test_septum_labelled_as_epicardium_is_refused(coarse_heart, anatomy_of):
    parts = anatomy_of(coarse_heart)
    s = coarse_heart.surfaces
    septal = (coarse_heart.coordinates.transventricular[s["rv_endo"]] < 1).any(axis=1)
    wrong = {
        **s,
        "rv_endo": s["rv_endo"][~septal],
        "epi": np.concatenate([s["epi"], s["rv_endo"][septal]]),
    }
    with pytest.raises(ValueError, match="the septum is missing; check the surface labels"):
        wall_fields(parts.laplacian, wrong, parts.axes)


def test_parts_make_the_coordinates_of_the_heart(coarse_heart, anatomy_of):
    parts = anatomy_of(coarse_heart)
    again = ventricular_coordinates(parts.laplacian, coarse_heart.surfaces, parts.axes, parts.walls)
    for name in NAMES:
        np.testing.assert_array_equal(getattr(again, name), getattr(coarse_heart.coordinates, name))


# Real hearts, against what was shipped with them


def test_dti004_agrees_with_its_own_coordinates(dti004, shipped):
    c, lv = dti004.coordinates, dti004.is_lv
    assert correlation(c.transmural, 1 - shipped["tm"]) > 0.95  # 0.961
    # Its apex lies where the right ventricle ends, 22 mm from the left ventricle's tip.
    assert correlation(c.apicobasal, shipped["ab"]) > 0.93  # 0.943
    # rt runs the other way round, 0..1, from one insertion at 0 to the other at 2/3.
    theirs = 2 * np.pi * (5 / 6 - shipped["rt"])
    wall = lv & (c.transmural < 0.5)  # beyond, its septum belongs to the right ventricle
    assert together(c.rotational[wall], theirs[wall]) > 0.96  # 0.976
    assert np.degrees(np.median(np.abs(turn_between(c.rotational, theirs)[wall]))) < 5  # 3.9


def test_rodero01_agrees_with_its_own_coordinates(rodero_parts, rodero_fields):
    c, parts = rodero_parts
    assert correlation(c.transmural, rodero_fields.transmural) > 0.98  # 0.9804
    assert np.median(np.abs(c.transmural - rodero_fields.transmural)) < 0.03  # 0.019
    # The shipped apicobasal is harmonic: its field lines are measured as our own are.
    shipped = relative_position(
        parts.laplacian, rodero_fields.apicobasal.astype(float), parts.apex, parts.base
    )
    assert correlation(c.apicobasal, shipped) > 0.99  # 0.998
    assert np.median(np.abs(c.apicobasal - shipped)) < 0.03  # 0.007
    assert together(c.rotational, rodero_fields.rotational) > 0.97  # 0.987


def test_ventricles_of_rodero01_are_told_apart(rodero_parts, rodero_fields):
    right = rodero_parts[0].transventricular[rodero_fields.tets].mean(axis=1) > 0.5
    assert np.mean(right == (rodero_fields.region == 2)) > 0.98  # 0.985


def test_real_hearts_run_from_apex_to_base(dti004, rodero01):
    for heart in (dti004, rodero01):
        c = heart.coordinates
        base = np.unique(heart.surfaces["base"])
        assert (c.apicobasal.min(), c.apicobasal.max()) == (0.0, 1.0)
        np.testing.assert_array_equal(c.apicobasal[base], 1.0)
