"""The picture of an anatomy shows every segment once, each in a colour of its own."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.viz import plot_anatomy
from cardiotwin.viz.anatomy import draw_anatomy, levels_scene, segment_colours
from cardiotwin.viz.camera import lv_axes
from cardiotwin.viz.figure import save_figure


def test_eighteen_colours_that_can_be_told_apart():
    assert len(set(segment_colours())) == 18


def pixels(heart):
    """One row below the other: segments, then the four coordinates."""
    return [np.asarray(a.images[0].get_array()) for a in draw_anatomy(heart, dpi=40).axes]


def test_each_row_follows_its_field_and_no_other(ventricle):
    before = pixels(ventricle)
    places = ventricle.coordinates
    half = np.where(ventricle.nodes_mm[:, 0] > 0, 5, 2).astype(np.int8)
    changed = [
        replace(ventricle, segments=half),
        replace(ventricle, coordinates=replace(places, transmural=1 - places.transmural)),
    ]
    assert len(before) == 5
    for heart, row in zip(changed, (0, 2), strict=True):
        same = [np.array_equal(a, b) for a, b in zip(before, pixels(heart), strict=True)]
        assert same == [i != row for i in range(5)]


def test_short_axes_lie_at_the_heights_of_their_names(ventricle):
    scene = levels_scene(ventricle, dpi=40)
    basal = lv_axes(ventricle).basal
    heights = [view.plane.point_mm @ basal for view in scene.views[:3]]
    assert (np.diff(heights) < 0).all()
    assert [view.title for view in scene.views[:3]] == [
        f"Short axis, {name}" for name in ("basal", "mid", "apical")
    ]


def test_the_picture_is_written_the_same_twice(ventricle, tmp_path):
    one, other = tmp_path / "one.png", tmp_path / "other.png"
    for path in (one, other):
        save_figure(draw_anatomy(ventricle, dpi=40), path, dpi=40)
    assert one.read_bytes() == other.read_bytes()


def test_a_wrong_ending_is_named(ventricle, tmp_path):
    with pytest.raises(ValueError, match="docx"):
        plot_anatomy(ventricle, path=tmp_path / "a.docx")
    assert not list(tmp_path.iterdir())
