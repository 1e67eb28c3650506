"""A millimetre of ECG paper is a millimetre."""

import re
import struct

import numpy as np
import pytest

from cardiotwin.signals import LEADS
from cardiotwin.viz import plot_ecg

INCH_MM = 25.4


def line(figure, gid):
    return next(one for one in figure.axes[0].lines if one.get_gid() == gid)


def on_paper_mm(figure, gid):
    """(points, 2) A line in millimetres of the saved figure."""
    one = line(figure, gid)
    return one.get_transform().transform(one.get_xydata()) / figure.dpi * INCH_MM


def svg_mm(text, gid):
    """(points, 2) A line in millimetres of an SVG file, whose unit is the point."""
    path = re.search(rf'<g id="{gid}">\s*<path d="([^"]+)"', text)[1]
    numbers = re.findall(r"[ML] ([-\d.]+) ([-\d.]+)", path)
    return np.array(numbers, float) / 72 * INCH_MM


def test_a_millivolt_is_10_mm_and_a_second_25_mm(beat):
    figure = plot_ecg(beat(fs_hz=500.0))
    at_mm = on_paper_mm(figure, "ecg-I-0")
    assert np.ptp(at_mm[:, 1]) == pytest.approx(10.0)
    assert np.ptp(at_mm[:, 0]) == pytest.approx(25.0 * (0.5 - 1 / 500))
    assert np.ptp(on_paper_mm(figure, "calibration"), axis=0) == pytest.approx((8.0, 10.0))


def test_the_saved_svg_has_the_same_scale(beat, tmp_path):
    plot_ecg(beat(), path=tmp_path / "ecg.svg")
    text = (tmp_path / "ecg.svg").read_text()
    # matplotlib writes six decimals of a point, and drops points on straight lines
    assert np.ptp(svg_mm(text, "ecg-V3-2")[:, 1]) == pytest.approx(10.0, abs=1e-4)
    assert np.ptp(svg_mm(text, "ecg-V3-2")[:, 0]) == pytest.approx(25.0 * 0.498, abs=1e-4)


def test_the_saved_png_has_ten_pixels_to_the_millimetre(beat, tmp_path):
    figure = plot_ecg(beat(), path=tmp_path / "ecg.png")
    data = (tmp_path / "ecg.png").read_bytes()
    inches = np.array(struct.unpack(">II", data[16:24])) / 254
    assert inches == pytest.approx(figure.get_size_inches(), abs=1 / 254)
    per_metre = struct.unpack(">II", data[data.index(b"pHYs") + 4 :][:8])
    assert per_metre == (10000, 10000)


def test_fine_lines_are_1_mm_apart_and_bold_ones_5(beat):
    for gid, step_mm in (("grid-1mm", 1.0), ("grid-5mm", 5.0)):
        figure = plot_ecg(beat())
        grid = next(c for c in figure.axes[0].collections if c.get_gid() == gid)
        xs = np.unique([s[0, 0] for s in grid.get_segments() if s[0, 0] == s[1, 0]])
        np.testing.assert_allclose(np.diff(xs), step_mm)


def test_baselines_and_pulses_start_on_bold_lines(beat):
    figure = plot_ecg(beat(peak_mv=-2.3))
    baselines = {
        line(figure, f"ecg-{lead}-{row}").get_ydata()[0] for row, lead in enumerate(LEADS[:3])
    }
    assert len(baselines) == 3
    assert all((y - 10.0) % 5 == pytest.approx(0) for y in baselines)


def test_leads_stand_in_the_usual_order_whatever_their_order_in_the_record(beat):
    figure = plot_ecg(beat(leads=LEADS[::-1]))
    at = {
        gid.split("-")[1]: (one.get_xdata()[0], -one.get_ydata()[0])
        for one in figure.axes[0].lines
        if (gid := one.get_gid()).startswith("ecg")
    }
    assert tuple(sorted(at, key=at.get)) == LEADS


def test_a_tall_beat_stays_on_the_paper_and_off_the_next_row(beat):
    figure = plot_ecg(beat(peak_mv=4.0))
    height_mm = figure.get_size_inches()[1] * INCH_MM
    tops = [
        line(figure, f"ecg-{lead}-{row}").get_ydata().max() for row, lead in enumerate(LEADS[:3])
    ]
    rest = [
        line(figure, f"ecg-{lead}-{row}").get_ydata().min() for row, lead in enumerate(LEADS[:3])
    ]
    assert tops[0] < height_mm
    assert tops[1] < rest[0]
    assert tops[2] < rest[1]


def test_ten_seconds_run_on_from_column_to_column_with_a_rhythm_strip(beat):
    figure = plot_ecg(beat(duration_ms=10_000, fs_hz=100))
    first, second = (line(figure, g).get_xdata() for g in ("ecg-I-0", "ecg-aVR-0"))
    assert second[0] - first[0] == pytest.approx(62.5)
    assert np.ptp(line(figure, "ecg-II-3").get_xdata()) == pytest.approx(25 * 9.99)
    peak = line(figure, "ecg-aVR-0").get_ydata()
    assert np.ptp(peak) == 0  # the only beat is at 0.1 s, in the first column


def test_a_short_beat_has_no_rhythm_strip(beat):
    gids = [one.get_gid() for one in plot_ecg(beat()).axes[0].lines]
    assert sum(g.startswith("ecg") for g in gids) == 12


def test_another_ecg_is_drawn_beneath_in_the_leads_both_have(beat):
    figure = plot_ecg(beat(), other=beat(leads=("II", "V2"), peak_mv=0.5), names=("a", "b"))
    gids = [one.get_gid() for one in figure.axes[0].lines]
    assert [g for g in gids if g.startswith("other")] == ["other-II-1", "other-V2-1"]
    assert gids.index("other-V2-1") < gids.index("ecg-I-0")
    assert [t.get_text() for t in figure.axes[0].get_legend().get_texts()] == ["a", "b"]


@pytest.mark.parametrize("leads", [("II",), ("MLII", "V5"), ("I", "II", *LEADS[6:])])
def test_any_subset_of_leads_is_drawn(beat, leads):
    gids = [one.get_gid() for one in plot_ecg(beat(leads=leads)).axes[0].lines]
    assert {g.split("-")[1] for g in gids if g.startswith("ecg")} == set(leads)


def test_an_ecg_without_samples_is_refused(beat):
    with pytest.raises(ValueError, match=r"has no samples: shape \(12, 0\)"):
        plot_ecg(beat(duration_ms=0))
