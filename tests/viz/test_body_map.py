"""The map of the skin: signs have colours, zero is bold, electrodes lie on their side."""

import numpy as np
import pytest

from cardiotwin.anatomy import ELECTRODES, fit_torso
from cardiotwin.viz import plot_body_map
from cardiotwin.viz.body_map import draw_body_map, isopotential_paint, symmetric_levels
from cardiotwin.viz.camera import HEAD, LEFT, View
from cardiotwin.viz.shade import render
from cardiotwin.viz.solids import Sheet


@pytest.fixture(autouse=True)
def _coarse(monkeypatch):
    monkeypatch.setattr("cardiotwin.viz.panels.DPI", 40)


@pytest.fixture(scope="module")
def skin(ventricle):
    return fit_torso(ventricle.electrodes_mm)


@pytest.fixture
def front_image(skin):
    """Red, green and blue shares (rows, columns) of the front, the potential rising to the left."""
    sheet = Sheet(nodes_mm=skin.nodes_mm, triangles=skin.triangles)
    potentials_mv = (skin.nodes_mm - skin.nodes_mm.mean(axis=0)) @ LEFT / 100
    levels_mv = symmetric_levels(potentials_mv)
    half = len(levels_mv) // 2
    paint = isopotential_paint(potentials_mv, levels_mv, ["blue"] * half + ["red"] * half)
    front = View(title="", right=LEFT, up=HEAD, edges=("", "", "", ""))
    return render(sheet, front, paint, half_mm=300.0, size_px=150)


def test_the_colour_turns_where_the_sign_does(front_image):
    red, _, blue = front_image[75, :, :3].T
    seen = front_image[75, :, 3] == 1
    side = np.arange(150) - 75
    assert (blue > red)[seen & (side < -3)].all()
    assert (red > blue)[seen & (side > 3)].all()


def test_the_zero_line_is_the_darkest(front_image):
    row = front_image[75, :, :3].sum(axis=1)
    seen = np.flatnonzero(front_image[75, :, 3] == 1)
    middle = seen[len(seen) // 4 : -len(seen) // 4]
    assert abs(middle[row[middle].argmin()] - 75) <= 3  # the middle of the chest


def test_levels_hold_every_potential_about_zero(rng):
    for size in (1e-3, 0.7, 40.0):
        potentials_mv = size * rng.normal(size=100)
        levels_mv = symmetric_levels(potentials_mv)
        assert levels_mv[0] == -levels_mv[-1]
        assert 0.0 in levels_mv
        assert levels_mv[-1] >= np.abs(potentials_mv).max() > 0.4 * levels_mv[-1]
        assert 8 <= len(levels_mv) <= 25


def test_a_column_a_moment_with_electrodes_in_front(ventricle, skin):
    potentials_mv = np.tile(skin.nodes_mm @ LEFT / 100, (2, 1))
    figure = draw_body_map(skin, potentials_mv, [20.0, 45.0], ventricle.electrodes_mm)
    front, other, back, _ = figure.axes[:4]
    assert [front.get_title(), other.get_title()] == ["20 ms", "45 ms"]
    names = {text.get_text() for text in front.texts} & set(ELECTRODES)
    assert {"V1", "V2", "V3", "V4"} <= names
    assert not {"V1", "V2"} & {text.get_text() for text in back.texts}


def test_no_panel_cuts_the_body(skin):
    figure = draw_body_map(skin, np.zeros((1, len(skin.nodes_mm))), [0.0])
    image = np.asarray(figure.axes[0].images[0].get_array())
    rows = np.flatnonzero((image[..., 3] > 0).any(axis=1))
    low, high = figure.axes[0].get_ylim()
    step = (image.shape[0] - 1) / (figure.axes[0].images[0].get_extent()[1] * 2)
    assert np.ptp(rows) / step < high - low


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda mv: mv[:, 1:], "potentials_mv must have shape"),
        (lambda mv: mv[:0], "potentials_mv must have shape"),
        (lambda mv: mv * np.nan, "potentials_mv holds values that are not finite"),
    ],
)
def test_potentials_that_do_not_fit_are_refused(skin, spoil, words, tmp_path):
    potentials_mv = np.ones((1, len(skin.nodes_mm)))
    with pytest.raises(ValueError, match=words):
        plot_body_map(skin, spoil(potentials_mv), [10.0], path=tmp_path / "a.png")
    assert not any(tmp_path.iterdir())
