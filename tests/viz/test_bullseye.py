"""Segments lie where Cerqueira 2002 puts them."""

import numpy as np
import pytest

from cardiotwin.viz import plot_bullseye, plot_scar_bullseye
from cardiotwin.viz.bullseye import SEGMENT_NAMES, segment_centre, segment_wedge

#: Cerqueira 2002, figure 4: where the middle of each wall lies, in degrees from the right.
WALLS = {
    "anterior": 90,
    "anteroseptal": 150,
    "inferoseptal": 210,
    "inferior": 270,
    "inferolateral": 330,
    "anterolateral": 30,
    "septal": 180,
    "lateral": 0,
}


@pytest.mark.parametrize("segment", range(1, 17))
def test_each_segment_lies_towards_its_wall(segment):
    x, y = segment_centre(segment)
    wall = np.deg2rad(WALLS[SEGMENT_NAMES[segment - 1].split()[1]])
    np.testing.assert_allclose(np.array([x, y]) / np.hypot(x, y), (np.cos(wall), np.sin(wall)))


def test_segment_1_is_at_the_top_and_3_at_the_lower_left():
    assert segment_centre(1)[0] == pytest.approx(0)
    assert segment_centre(1)[1] > 0.7
    assert segment_centre(3)[0] < -0.5
    assert segment_centre(3)[1] < -0.3


def test_basal_is_outside_and_the_apex_inside():
    radii = [np.hypot(*segment_centre(s)) for s in (1, 7, 13, 17)]
    assert radii == sorted(radii, reverse=True)


def test_the_segments_tile_the_disc():
    wedges = (segment_wedge(s) for s in range(1, 18))
    assert sum((b**2 - a**2) * (hi - lo) / 360 for a, b, lo, hi in wedges) == pytest.approx(1)


def patches(figure):
    return {p.get_gid(): p for p in figure.axes[0].patches}


def test_a_larger_value_is_darker_and_no_value_is_grey():
    values = np.linspace(0, 100, 17)
    values[4] = np.nan
    drawn = patches(plot_bullseye(values, label="Core (%)"))
    light = [sum(drawn[f"segment-{s}"].get_facecolor()[:3]) for s in (1, 6, 11, 17)]
    assert light == sorted(light, reverse=True)
    red, _, blue, _ = drawn["segment-5"].get_facecolor()
    assert blue - red < 0.02


def test_values_stand_in_their_segments_and_the_label_below():
    figure = plot_bullseye(np.arange(17.0) + 40, label="Core (% of segment)")
    texts = {t.get_text(): t.get_position() for t in figure.axes[0].texts}
    for segment in range(1, 18):
        np.testing.assert_allclose(texts[str(segment + 39)], segment_centre(segment), atol=0.05)
    assert figure.axes[1].get_xlabel() == "Core (% of segment)"


def test_equal_values_and_no_values_are_drawn():
    plot_bullseye(np.zeros(17), label="Core (%)")
    plot_bullseye(np.full(17, np.nan), label="Core (%)")


def test_core_and_border_share_a_scale_and_are_written(tmp_path):
    path = tmp_path / "bullseye.svg"
    figure = plot_scar_bullseye(np.full(17, 20.0), np.full(17, 5.0), path=path, show_names=True)
    assert figure.axes[1].get_xlim() == figure.axes[3].get_xlim() == (0, 100)
    assert path.read_text().count('id="segment-1"') == 2


def test_other_than_17_values_are_refused():
    with pytest.raises(ValueError, match=r"takes 17 values, segments 1 to 17; got shape \(16,\)"):
        plot_bullseye(np.zeros(16), label="Core (%)")
    with pytest.raises(ValueError, match="segments run from 1 to 17, got 0"):
        segment_wedge(0)
