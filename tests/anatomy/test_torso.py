"""The torso: closed, wound outward, of the right size, about the heart and near its electrodes."""

import numpy as np
import pytest

from cardiotwin.anatomy.electrodes import Chest
from cardiotwin.anatomy.heart import ELECTRODES
from cardiotwin.anatomy.torso import barrel, fit_torso
from cardiotwin.sim.kernels.torso import solid_angles

ELLIPSOID_MM = np.array([165.0, 115, 200])


def enclosed_mm3(torso):
    a, b, c = torso.nodes_mm[torso.triangles].transpose(1, 0, 2)
    return np.einsum("ij,ij->", np.cross(a, b), c) / 6


def ellipsoid(around):
    return barrel(np.array([5.0, -3, 40]), ELLIPSOID_MM, power=2, around=around, along=around // 2)


def windings(torso, points_mm):
    """How often the skin goes round each point: 1 inside, 0 outside."""
    angles = np.empty((len(points_mm), len(torso.triangles)))
    solid_angles(torso.nodes_mm[torso.triangles], points_mm, angles)
    return angles.sum(axis=1) / (4 * np.pi)


def test_skin_is_closed_and_wound_one_way():
    torso = barrel(np.zeros(3), ELLIPSOID_MM)
    edges = np.concatenate([torso.triangles[:, [i, (i + 1) % 3]] for i in range(3)])
    forward = {tuple(e) for e in edges.tolist()}
    assert len(forward) == len(edges)  # no edge twice in one direction
    assert forward == {(b, a) for a, b in forward}  # and each once in the other
    assert len(torso.nodes_mm) - len(edges) // 2 + len(torso.triangles) == 2  # a sphere (Euler)


def test_normals_point_outward():
    torso = ellipsoid(24)
    a, b, c = torso.nodes_mm[torso.triangles].transpose(1, 0, 2)
    outward = np.einsum("ij,ij->i", np.cross(b - a, c - a), torso.centres_mm - [5.0, -3, 40])
    assert (outward > 0).all()


def test_volume_of_an_ellipsoid_converges_at_second_order():
    exact = 4 / 3 * np.pi * ELLIPSOID_MM.prod()
    errors = np.array([1 - enclosed_mm3(ellipsoid(k)) / exact for k in (12, 24, 48)])
    assert (errors > 0).all()  # the corners lie on the ellipsoid, so the triangles lie inside
    assert np.log2(errors[:-1] / errors[1:]).min() > 1.8


def test_area_of_a_sphere_converges():
    sphere = barrel(np.zeros(3), np.full(3, 100.0), power=2, around=72, along=48)
    np.testing.assert_allclose(sphere.areas_mm2.sum(), 4 * np.pi * 100**2, rtol=5e-3)


def test_higher_power_makes_a_fuller_barrel():
    volumes = [enclosed_mm3(barrel(np.zeros(3), ELLIPSOID_MM, power=p)) for p in (2, 4, 6, 20)]
    assert (np.diff(volumes) > 0).all()
    assert volumes[-1] < 2 * np.pi * ELLIPSOID_MM.prod()  # the cylinder about it


def test_torso_of_the_template_is_the_template():
    chest = Chest()
    torso = fit_torso(chest.electrodes_mm())
    half = np.ptp(torso.nodes_mm, axis=0)[:2] / 2
    np.testing.assert_allclose(half, [chest.half_width_mm, chest.half_depth_mm], rtol=0.01)


def test_torso_moves_with_its_electrodes():
    electrodes_mm = Chest().electrodes_mm()
    shift = np.array([40.0, -300, 8])
    moved = fit_torso(electrodes_mm + shift)
    np.testing.assert_allclose(moved.nodes_mm, fit_torso(electrodes_mm).nodes_mm + shift, atol=1e-3)


@pytest.mark.parametrize("name", ["dti004", "rodero01", "coarse_heart"])
def test_heart_lies_inside_and_chest_electrodes_near_the_skin(name, request):
    heart = request.getfixturevalue(name)
    torso = fit_torso(heart.electrodes_mm)
    skin = torso.nodes_mm[torso.triangles]
    fine = np.concatenate([skin.reshape(-1, 3), skin.mean(axis=1), skin[:, [0, 1]].mean(axis=1)])
    off_mm = np.linalg.norm(heart.electrodes_mm[4:, None] - fine, axis=2).min(axis=1)
    assert off_mm.max() < 15
    np.testing.assert_allclose(windings(torso, heart.nodes_mm[::200]), 1, atol=1e-9)


def test_limbs_lie_within_the_height_of_the_torso():
    electrodes_mm = Chest().electrodes_mm()
    z = fit_torso(electrodes_mm).nodes_mm[:, 2]
    assert z.min() < electrodes_mm[:, 2].min() < electrodes_mm[:, 2].max() < z.max()


def test_missing_limb_is_left_out():
    electrodes_mm = Chest().electrodes_mm()
    electrodes_mm[ELECTRODES.index("RL")] = np.nan
    assert np.isfinite(fit_torso(electrodes_mm).nodes_mm).all()


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([6], "lacks a chest electrode; a torso needs V1 to V6"),
        ([0, 1, 2], "lacks LA, RA and LL"),
    ],
)
def test_too_few_electrodes_are_named(rows, words):
    electrodes_mm = Chest().electrodes_mm()
    electrodes_mm[rows] = np.nan
    with pytest.raises(ValueError, match=words):
        fit_torso(electrodes_mm)


def test_nine_electrodes_are_refused():
    with pytest.raises(ValueError, match=r"must have shape \(10, 3\), got \(9, 3\)"):
        fit_torso(Chest().electrodes_mm()[:9])
