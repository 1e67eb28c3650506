"""Pictures of a heart show what is in it, where it is."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from cardiotwin.viz import plot_scar
from cardiotwin.viz.camera import (
    anterior_view,
    inferior_view,
    long_axis_view,
    lv_axes,
    short_axis_view,
)
from cardiotwin.viz.heart import SCAR_COLOURS, scar_paint
from cardiotwin.viz.shade import render

HALF_MM, SIZE_PX = 60.0, 120
BORDER_COLOUR, CORE_COLOUR = SCAR_COLOURS[1:]


def picture(heart, view, paint):
    return render(heart, view, paint, half_mm=HALF_MM, size_px=SIZE_PX)


def shows(image, colour):
    """(rows, columns) Opaque pixels of a colour, however lit."""
    wanted = np.array(to_rgb(colour)) / sum(to_rgb(colour))
    hue = image[..., :3] / np.maximum(image[..., :3].sum(axis=-1, keepdims=True), 1e-9)
    return (image[..., 3] == 1) & (np.abs(hue - wanted).max(axis=-1) < 0.01)


def scar_where(heart, core, view):
    return shows(picture(heart, view, scar_paint(2 * core.astype(np.int8))), CORE_COLOUR)


@pytest.fixture(autouse=True)
def _coarse(monkeypatch):
    """Whole figures with few pixels, to save time."""
    monkeypatch.setattr("cardiotwin.viz.panels.DPI", 50)


@pytest.fixture
def patch(ventricle):
    """A function: core within 0.5 rad of a wall."""
    rotational = ventricle.coordinates.rotational

    def make(angle):
        return np.abs(np.angle(np.exp(1j * (rotational - angle)))) < 0.5

    return make


def test_core_is_in_the_picture_only_when_it_is_in_the_heart(ventricle, patch):
    core = patch(np.pi / 2)
    assert scar_where(ventricle, core, anterior_view()).sum() > 300
    assert not scar_where(ventricle, np.zeros_like(core), anterior_view()).any()


def test_border_zone_has_a_colour_of_its_own(ventricle, patch):
    image = picture(ventricle, anterior_view(), scar_paint(patch(np.pi / 2).astype(np.int8)))
    assert shows(image, BORDER_COLOUR).sum() > 300
    assert not shows(image, CORE_COLOUR).any()


def test_an_anterior_scar_is_seen_from_the_front_and_not_from_behind(ventricle, patch):
    core = patch(np.pi / 2) & (ventricle.coordinates.apicobasal > 0.4)
    core &= ventricle.coordinates.transmural > 0.5
    assert scar_where(ventricle, core, anterior_view()).any()
    assert not scar_where(ventricle, core, inferior_view()).any()


def test_the_left_of_the_patient_is_on_the_right_of_the_anterior_view(ventricle, patch):
    _, columns = np.nonzero(scar_where(ventricle, patch(np.pi), anterior_view()))
    assert columns.min() > SIZE_PX / 2  # a lateral scar
    _, columns = np.nonzero(scar_where(ventricle, patch(np.pi), inferior_view()))
    assert columns.max() < SIZE_PX / 2


def test_the_head_is_at_the_top_of_the_anterior_view(ventricle):
    rows, _ = np.nonzero(
        scar_where(ventricle, ventricle.coordinates.apicobasal > 0.8, anterior_view())
    )
    assert rows.max() < SIZE_PX / 2


@pytest.mark.parametrize(
    ("wall", "side"), [(np.pi / 2, "top"), (-np.pi / 2, "bottom"), (0, "left"), (np.pi, "right")]
)
def test_the_short_axis_shows_each_wall_where_the_bullseye_does(ventricle, patch, wall, side):
    rows, columns = np.nonzero(
        scar_where(ventricle, patch(wall), short_axis_view(lv_axes(ventricle)))
    )
    row, column = rows.mean() - SIZE_PX / 2, columns.mean() - SIZE_PX / 2
    far = {"top": -row, "bottom": row, "left": -column, "right": column}
    assert far[side] > SIZE_PX / 6


def test_a_subendocardial_scar_shows_only_in_the_cuts_and_half_as_thick(ventricle):
    inner, whole = ventricle.coordinates.transmural < 0.5, np.ones(len(ventricle.nodes_mm), bool)
    view = short_axis_view(lv_axes(ventricle), np.zeros(3))
    assert not scar_where(ventricle, inner, anterior_view())[: SIZE_PX // 2].any()
    row = SIZE_PX // 2
    thick = [scar_where(ventricle, c, view)[row, SIZE_PX // 2 :].sum() for c in (inner, whole)]
    assert thick[1] == pytest.approx(12.0, abs=2)  # 12 mm of wall at 1 mm to the pixel
    assert thick[0] == pytest.approx(6.0, abs=2)


def test_the_long_axis_passes_through_the_scar(ventricle, patch):
    core = patch(1.0)
    view = long_axis_view(lv_axes(ventricle), ventricle.nodes_mm[core].mean(axis=0))
    assert "antero" in view.edges[0] + view.edges[1]
    assert scar_where(ventricle, core, view).sum() > 300


def test_a_scar_of_the_apex_is_cut_from_septum_to_lateral_wall(ventricle):
    axes = lv_axes(ventricle)
    view = long_axis_view(axes, axes.centre_mm - 30 * axes.basal)
    assert view.edges[:2] == ("septal", "lateral")


def test_pictures_are_written_whole_and_the_same_twice(ventricle, patch, tmp_path):
    for name in ("a.png", "b.png"):
        labels = 2 * patch(0.0).astype(np.int8)
        plot_scar(ventricle, labels, path=tmp_path / name, electrodes=True)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.png", "b.png"]
    assert (tmp_path / "a.png").read_bytes() == (tmp_path / "b.png").read_bytes()


def test_a_window_without_a_display_is_refused_with_a_remedy(ventricle, monkeypatch):
    monkeypatch.setattr("sys.platform", "linux")
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
    with pytest.raises(OSError, match="give a path to write a picture"):
        plot_scar(ventricle, np.zeros(len(ventricle.nodes_mm), np.int8))


@pytest.mark.parametrize(
    ("labels", "words"), [([0, 1], r"shape \(1408,\), got \(2,\)"), ([3] * 1408, "got 3")]
)
def test_bad_labels_are_refused(ventricle, labels, words, tmp_path):
    with pytest.raises(ValueError, match=words):
        plot_scar(ventricle, np.array(labels), path=tmp_path / "a.png")
    assert not any(tmp_path.iterdir())
