"""Fibres in pictures: their helix angle is that of the heart, and streaks run along them."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.viz.camera import anterior_view, lv_axes
from cardiotwin.viz.fibres import (
    draw_fibres,
    fibre_paint,
    helix_colours,
    nodal_tensor,
    peeled,
    streaks,
)
from cardiotwin.viz.helix import depth_profile, draw_helix, helix_angles_deg, wall_axes
from cardiotwin.viz.shade import look


def with_helix(heart, angle_deg):
    """The heart with fibres at one helix angle a tetrahedron, by depth."""
    up, around = wall_axes(heart)
    angle = np.deg2rad(angle_deg(heart.coordinates.transmural[heart.tets].mean(axis=1)))[:, None]
    fibres = np.cos(angle) * around + np.sin(angle) * up
    return replace(heart, fibres=np.nan_to_num(fibres).astype(np.float32))


def test_wall_axes_run_to_the_base_and_anticlockwise_round_it(ventricle):
    up, around = wall_axes(ventricle)
    basal = lv_axes(ventricle).basal
    away = ventricle.centres_mm - ventricle.centres_mm.mean(axis=0)
    assert (up @ basal > 0).all()
    assert np.median(np.einsum("ij,ij->i", np.cross(basal, away), around)) > 0
    np.testing.assert_allclose(np.einsum("ij,ij->i", up, around), 0, atol=1e-9)


@pytest.mark.parametrize("angle", [-60.0, -5.0, 0.0, 35.0, 85.0])
def test_helix_angle_is_the_one_the_fibres_were_given(ventricle, angle):
    heart = with_helix(ventricle, lambda depth: np.full_like(depth, angle))
    np.testing.assert_allclose(helix_angles_deg(heart), angle, atol=1e-3)  # float32 fibres
    backward = replace(heart, fibres=-heart.fibres)
    np.testing.assert_allclose(helix_angles_deg(backward), angle, atol=1e-3)


def test_a_profile_through_the_wall_is_a_line_where_the_angle_is(ventricle):
    heart = with_helix(ventricle, lambda depth: 60 - 120 * depth)
    depth = heart.coordinates.transmural[heart.tets].mean(axis=1)
    rows = depth_profile(depth, helix_angles_deg(heart))
    np.testing.assert_allclose(rows[:, 2], 60 - 120 * rows[:, 0], atol=12 + 1e-3)  # width of a bin
    assert (np.diff(rows[:, 2]) < 0).all()


def test_quartiles_do_not_tear_at_a_right_angle(rng):
    angles = (90 + rng.normal(0, 5, 1000) + 90) % 180 - 90  # about 90, half of them near -90
    middle, low, median, high = depth_profile(np.full(1000, 0.55), angles)[0]
    assert middle == pytest.approx(0.55)
    assert high - low < 10
    assert abs(abs(median) - 90) < 2


def test_streaks_are_alike_along_fibres_and_differ_across(ventricle):
    seen = look(ventricle, anterior_view(), half_mm=70, size_px=120).seen
    fibres = np.tile(np.array([0, 0, 1], np.float32), (len(ventricle.tets), 1))  # up
    heart = replace(ventricle, fibres=fibres)
    picture = np.full(seen.pixels.mask.shape, np.nan)
    picture[seen.pixels.mask] = streaks(seen, nodal_tensor(heart))
    along = np.nanmean(np.abs(np.diff(picture, axis=0)))
    across = np.nanmean(np.abs(np.diff(picture[:, ::2], axis=1)))
    assert along < 0.4 * across


def test_colour_follows_the_angle_and_wraps_round():
    ends = helix_colours(np.array([-90.0, 90.0]))
    np.testing.assert_allclose(ends[0], ends[1])
    assert (
        np.abs(np.diff(helix_colours(np.array([-45.0, 0.0, 45.0])), axis=0)).max(axis=1).min() > 0.2
    )


def test_a_picture_without_fibre_direction_is_not_the_same(ventricle):
    seen = look(ventricle, anterior_view(), half_mm=70, size_px=60).seen
    steep, flat = (with_helix(ventricle, lambda d, a=a: np.full_like(d, a)) for a in (60.0, 0.0))
    assert np.abs(fibre_paint(steep)(seen) - fibre_paint(flat)(seen)).mean() > 0.1


def test_peeling_takes_the_outside_off(ventricle):
    inner = peeled(ventricle, 0.5)
    shown = np.concatenate(list(inner.surfaces.values()))
    assert ventricle.coordinates.transmural[shown].max() < 0.7
    flat = replace(
        ventricle,
        coordinates=replace(ventricle.coordinates, transmural=np.ones(len(ventricle.nodes_mm))),
    )
    assert peeled(flat, 0.5) is flat


def test_figures_have_a_panel_for_each_depth_and_a_line_for_each_wall(ventricle):
    titles = [axes.get_title() for axes in draw_fibres(ventricle, dpi=40).axes]
    assert titles[:4] == ["Epicardium", "Mid-wall", "Endocardium", "Short axis"]
    named = draw_helix(ventricle).axes[0].get_legend_handles_labels()[1]
    assert named == ["Left free wall", "Septum"]  # there is no right ventricle
