"""The heart in its torso: lungs beside it, electrodes named, those behind hollow."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgba

from cardiotwin.anatomy import ELECTRODES
from cardiotwin.anatomy.torso import Shell, barrel
from cardiotwin.viz.torso import draw_torso, plot_torso


@pytest.fixture
def body(ventricle):
    middle_mm = ventricle.nodes_mm.mean(axis=0)
    torso = barrel(middle_mm, np.array([170.0, 120, 260]))
    sides = np.array([[-90, 20, 40], [90, 20, 40]])
    lungs = [barrel(middle_mm + at, np.full(3, 40.0), power=2) for at in sides]
    return replace(torso, lungs=tuple(Shell(s.nodes_mm, s.triangles) for s in lungs))


def layers(figure, panel):
    return [np.asarray(image.get_array()) for image in figure.axes[panel].images]


def test_both_panels_have_lungs_heart_and_skin(ventricle, body):
    figure = draw_torso(ventricle, body, dpi=40)
    assert [axes.get_title() for axes in figure.axes] == ["From the front", "From the left"]
    for panel in (0, 1):
        right, left, heart, skin = (layer[..., 3] > 0 for layer in layers(figure, panel))
        assert heart.any()
        for inner in (right, left, heart):
            assert not (inner & ~skin).any()  # all lies within the outline of the skin
    right, left, *_ = (layer[..., 3] > 0 for layer in layers(figure, 0))
    assert right.any(axis=0).nonzero()[0].max() < left.any(axis=0).nonzero()[0].min()


def test_skin_is_clearer_in_the_middle_than_at_its_edge(ventricle, body):
    skin = layers(draw_torso(ventricle, body, dpi=40), 0)[-1][..., 3]
    row = skin[len(skin) // 2]
    inside = np.flatnonzero(row)
    assert row[inside[len(inside) // 2]] < 0.5 * row[inside[2]]


def test_a_torso_without_lungs_has_none(ventricle, body):
    assert len(layers(draw_torso(ventricle, replace(body, lungs=()), dpi=40), 0)) == 2


def test_electrodes_behind_the_body_are_hollow_and_missing_ones_left_out(ventricle, body):
    electrodes_mm = ventricle.electrodes_mm.copy()
    electrodes_mm[ELECTRODES.index("V6")] = [60, 150, 0]  # on the back
    electrodes_mm[ELECTRODES.index("RL")] = np.nan
    figure = draw_torso(replace(ventricle, electrodes_mm=electrodes_mm), body, dpi=40)
    dots = [line for line in figure.axes[0].lines if line.get_marker() == "o"]
    fills = [to_rgba(dot.get_markerfacecolor()) for dot in dots]
    assert len(dots) == len(ELECTRODES) - 1
    assert fills.count(to_rgba("white")) == 1
    names = {text.get_text() for text in figure.axes[0].texts}
    assert {"LA", "RA", "LL", "V1"} <= names
    assert "RL" not in names


def test_a_picture_is_written_and_a_wrong_ending_named(ventricle, body, tmp_path):
    plot_torso(ventricle, body, path=tmp_path / "torso.png")
    assert (tmp_path / "torso.png").stat().st_size > 10_000
    with pytest.raises(ValueError, match="docx"):
        plot_torso(ventricle, body, path=tmp_path / "torso.docx")
