"""Maps of times: bands where the time is, numbers on their borders, grey where there is none."""

import numpy as np
import pytest
from matplotlib.colors import to_rgb

from cardiotwin.viz import draw_activation, plot_activation
from cardiotwin.viz.camera import anterior_view
from cardiotwin.viz.shade import render
from cardiotwin.viz.solids import Sheet
from cardiotwin.viz.time_maps import NEVER_COLOUR, band_colours, draw_times, isochrones, time_paint

HALF_MM, SIZE_PX = 60.0, 120


def picture(heart, view, paint):
    return render(heart, view, paint, half_mm=HALF_MM, size_px=SIZE_PX)


def paint_of(heart, times_ms, levels_ms):
    return time_paint(heart, times_ms, levels_ms, band_colours(levels_ms))


def shows(image, colour):
    """(rows, columns) Opaque pixels of a colour, however lit."""
    wanted = np.array(to_rgb(colour)) / sum(to_rgb(colour))
    hue = image[..., :3] / np.maximum(image[..., :3].sum(axis=-1, keepdims=True), 1e-9)
    return (image[..., 3] == 1) & (np.abs(hue - wanted).max(axis=-1) < 0.01)


@pytest.fixture(autouse=True)
def _coarse(monkeypatch):
    """Whole figures with few pixels, to save time."""
    monkeypatch.setattr("cardiotwin.viz.panels.DPI", 50)


@pytest.fixture
def patch(ventricle):
    """A function: nodes within 0.5 rad of a wall."""
    rotational = ventricle.coordinates.rotational

    def make(angle):
        return np.abs(np.angle(np.exp(1j * (rotational - angle)))) < 0.5

    return make


def test_activation_bands_change_where_the_time_does(ventricle):
    # One millisecond a millimetre to the left: borders stand at whole pixels times ten.
    times_ms = ventricle.nodes_mm[:, 0] + 60.0
    levels_ms = isochrones(times_ms, 10.0)
    image = picture(ventricle, anterior_view(), paint_of(ventricle, times_ms, levels_ms))
    row = image[SIZE_PX // 2]
    for low_ms, colour in zip(levels_ms[:-1], band_colours(levels_ms), strict=True):
        middle = round(low_ms + 5)
        if row[middle, 3] == 1:
            assert shows(row[None, middle : middle + 1], colour).all()


def test_isochrones_are_darker_than_what_they_part(ventricle):
    times_ms = ventricle.nodes_mm[:, 0] + 60.0
    levels_ms = isochrones(times_ms, 10.0)
    image = picture(ventricle, anterior_view(), paint_of(ventricle, times_ms, levels_ms))
    light = image[SIZE_PX // 2, :, :3].sum(axis=-1)
    for line in (40, 50, 60, 70, 80):
        nearby = min(light[line - 4], light[line + 4])
        assert light[line - 1 : line + 1].min() < 0.9 * nearby


def test_only_nodes_that_are_never_activated_are_grey(ventricle, patch):
    times_ms = ventricle.nodes_mm[:, 2] + 60.0
    levels_ms = isochrones(times_ms, 10.0)
    paint = paint_of(ventricle, times_ms, levels_ms)
    assert not shows(picture(ventricle, anterior_view(), paint), NEVER_COLOUR).any()
    dead = np.where(patch(np.pi), np.inf, times_ms)
    paint = paint_of(ventricle, dead, levels_ms)
    _, columns = np.nonzero(shows(picture(ventricle, anterior_view(), paint), NEVER_COLOUR))
    assert columns.size > 100
    assert columns.min() > SIZE_PX / 2


def test_a_heart_that_is_never_activated_is_all_grey(ventricle):
    figure = draw_activation(ventricle, np.full(len(ventricle.nodes_mm), np.inf))
    assert any(t.get_text() == "never" for axes in figure.axes for t in axes.texts)


def test_bad_times_are_refused(ventricle, tmp_path):
    times_ms = np.zeros(len(ventricle.nodes_mm))
    with pytest.raises(ValueError, match="step_ms must be positive, got 0"):
        plot_activation(ventricle, times_ms, path=tmp_path / "a.png", step_ms=0)
    with pytest.raises(ValueError, match="nan at 1408 nodes; never activated is inf"):
        plot_activation(ventricle, times_ms * np.nan, path=tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"written as .png, .svg or .pdf, got 'a.jpeg'"):
        plot_activation(ventricle, times_ms, path=tmp_path / "a.jpeg")


def numbers(axes):
    """(x, y, level) of each number on a line of a panel, mm and ms."""
    texts = [t for t in axes.texts if t.get_gid() == "level"]
    return np.array([[*t.get_position(), float(t.get_text())] for t in texts]).reshape(-1, 3)


def test_numbers_stand_on_the_lines_they_name(ventricle):
    # One millisecond a millimetre to the left, which is the right of the anterior view.
    times_ms = ventricle.nodes_mm[:, 0] + 60.0
    middle_mm = (ventricle.nodes_mm[:, 0].min() + ventricle.nodes_mm[:, 0].max()) / 2
    said = numbers(draw_activation(ventricle, times_ms).axes[0])
    assert len(said) >= 4
    # Half a pixel of the grid on which lines are traced: 3 x 0.6 mm.
    np.testing.assert_allclose(said[:, 0] + middle_mm + 60.0, said[:, 2], atol=1.0)


def test_no_two_numbers_of_a_panel_touch(ventricle):
    figure = draw_times(ventricle, ventricle.nodes_mm[:, 2], "Time (ms)", step_ms=4.0)
    for axes in figure.axes[:4]:
        at = numbers(axes)[:, :2]
        pt_per_mm = 72 * axes.bbox.width / figure.dpi / np.ptp(axes.get_xlim())
        gaps_pt = np.linalg.norm(at[:, None] - at, axis=-1) * pt_per_mm
        assert gaps_pt[np.triu_indices(len(at), 1)].min(initial=99.0) > 14.0


def test_a_step_is_found_that_makes_few_bands(ventricle):
    times_ms = np.linspace(100.0, 340.0, len(ventricle.nodes_mm))
    figure = draw_times(ventricle, times_ms, "Duration (ms)")
    assert [t.get_text() for t in figure.axes[4].get_xticklabels()][:3] == ["100", "120", "140"]


def test_only_hearts_open_in_a_window():
    sheet = Sheet(nodes_mm=np.eye(3), triangles=np.array([[0, 1, 2]], np.int32))
    with pytest.raises(ValueError, match="only hearts open in a window; give a path"):
        plot_activation(sheet, np.zeros(3))
