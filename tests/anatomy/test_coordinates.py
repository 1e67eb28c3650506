"""Ventricular coordinates: closed forms, invariance, and the fields shipped with real hearts."""

import numpy as np
import pytest

from cardiotwin.anatomy.coordinates import (
    cavity_middle,
    edge_distances,
    equalise,
    septal_nodes,
    ventricular_coordinates,
    wall_fields,
)
from cardiotwin.anatomy.datasets import locate
from cardiotwin.anatomy.laplace import Laplacian
from cardiotwin.anatomy.parametric import body_axes
from cardiotwin.anatomy.rodero import read_rodero
from cardiotwin.anatomy.shapes import box

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
def bar():
    """40 mm along x, 4 mm thick."""
    return Laplacian(*box((40, 4, 4), 1.0))


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


# Closed forms


def test_way_along_straight_edges_is_the_distance(bar):
    start = np.flatnonzero(bar.nodes_mm[:, 0] == 0)
    np.testing.assert_allclose(edge_distances(bar, start), bar.nodes_mm[:, 0], atol=1e-12)


def test_equalised_levels_are_evenly_spaced_whatever_the_field(bar):
    share = bar.nodes_mm[:, 0] / 40
    start, end = np.flatnonzero(share == 0), np.flatnonzero(share == 1)
    even = equalise(share**3, bar, start, end)
    # 0.01: a hundred groups of nodes, each 1 % of the way.
    np.testing.assert_allclose(even, share, atol=0.01)


def test_middle_of_a_leaning_tube_is_its_axis():
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    height = np.linspace(0, 1, 49)
    nodes_mm = np.stack(
        [
            20 * np.cos(turn) + 10 * height[:, None],
            20 * np.sin(turn) + 0 * height[:, None],
            np.broadcast_to(60 * height[:, None], (49, 24)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    here = np.arange(49 * 24).reshape(49, 24)
    quads = [x.ravel() for x in (here[:-1], np.roll(here, -1, 1)[:-1], np.roll(here, -1, 1)[1:])]
    level = np.repeat(height, 24)
    middle = cavity_middle(nodes_mm, level, np.stack(quads, axis=1), levels=12)
    inner = (level > 0.05) & (level < 0.95)  # beyond the outermost groups it stays constant
    # 0.6 mm: one triangle of each quad leans to one side by a twelfth of a step round the ring.
    np.testing.assert_allclose(middle[inner, 0], 10 * level[inner], atol=0.6)
    np.testing.assert_allclose(middle[inner, 1], 0, atol=0.6)


def test_septum_is_where_the_wall_leads_to_the_left():
    nodes_mm, tets = box((8, 8, 2), 5.0)
    x, _, z = nodes_mm.T
    toward = np.where(x < 20, 1.0, -1.0)  # the left half leads to the left ventricle
    rv_endo = np.flatnonzero((z == 0) & (np.abs(x - 20) > 5))  # clear of the border
    found = septal_nodes(tets, rv_endo, toward * z / 10)
    np.testing.assert_array_equal(found, rv_endo[x[rv_endo] < 20])


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


def test_rotation_follows_the_angle_in_the_making(coarse_heart, thick_heart):
    right, inferior, _ = body_axes(thick_heart) @ coarse_heart.nodes_mm.T
    wall = coarse_heart.is_lv & (coarse_heart.coordinates.apicobasal > 0.2)
    off = turn_between(coarse_heart.coordinates.rotational, np.arctan2(-inferior, right))[wall]
    assert np.degrees(np.abs(off).mean()) < 4
    assert np.degrees(np.abs(off).max()) < 15


def test_apicobasal_rises_along_the_axis(coarse_heart, thick_heart):
    c = coarse_heart.coordinates
    depth_mm = body_axes(thick_heart)[2] @ coarse_heart.nodes_mm.T
    lv = coarse_heart.is_lv
    assert correlation(c.apicobasal[lv], -depth_mm[lv]) > 0.98


# Invariance


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
    assert correlation(c.transmural, 1 - shipped["tm"]) > 0.93  # 0.957
    assert correlation(c.apicobasal, shipped["ab"]) > 0.92  # 0.928
    # rt runs the other way round, 0..1: mid-septum is at 0.84.
    assert together(c.rotational[lv], -2 * np.pi * shipped["rt"][lv]) > 0.94  # 0.951
    septum = np.exp(2j * np.pi * shipped["rt"][lv & (np.abs(c.rotational) < 0.1)]).mean()
    assert 0.7 < np.angle(septum) / (2 * np.pi) % 1 < 1.0


def test_rodero01_agrees_with_its_own_coordinates(rodero01, rodero_fields):
    c, lv = rodero01.coordinates, rodero01.is_lv
    assert correlation(c.transmural, rodero_fields.transmural) > 0.93  # 0.936
    assert correlation(c.apicobasal, rodero_fields.apicobasal) > 0.93  # 0.968
    assert together(c.rotational[lv], rodero_fields.rotational[lv]) > 0.95  # 0.971
    # Both are near 0 at the septum; the shipped zero lies 28 degrees from mid-septum.
    off = np.abs(turn_between(c.rotational, rodero_fields.rotational)[lv])
    assert np.degrees(np.median(off)) < 35


def test_ventricles_of_rodero01_are_told_apart(rodero01, rodero_fields):
    right = rodero01.coordinates.transventricular[rodero01.tets].mean(axis=1) > 0.5
    assert np.mean(right == (rodero_fields.region == 2)) > 0.97  # 0.975


def test_real_hearts_run_from_apex_to_base(dti004, rodero01):
    for heart in (dti004, rodero01):
        c = heart.coordinates
        base = np.unique(heart.surfaces["base"])
        assert (c.apicobasal.min(), c.apicobasal.max()) == (0.0, 1.0)
        np.testing.assert_array_equal(c.apicobasal[base], 1.0)
