"""A long record on one page: every line at its time, every beat in its colour."""

import numpy as np
import pytest

from cardiotwin.signals import ECG
from cardiotwin.signals.beat_classes import Beats
from cardiotwin.signals.recording import Marks
from cardiotwin.viz.paper_marks import CLASS_COLOURS
from cardiotwin.viz.scroll import plot_scroll
from cardiotwin.viz.scroll_page import LEFT_MM, WIDE_MM
from cardiotwin.viz.tachogram import plot_tachogram
from cardiotwin.viz.thinned import thin

#: A beat a second; the one after the tenth is early.
BEATS_MS = np.sort(np.append(1000.0 * np.arange(1, 90), 10_600.0))


@pytest.fixture(scope="module")
def trace():
    """Ninety seconds with a spike of 1 mV at each beat, and a gap."""
    samples_mv = np.zeros((1, 9000))
    samples_mv[0, (BEATS_MS / 10).astype(int)] = 1.0
    samples_mv[0, 4000:4500] = np.nan
    ecg = ECG(samples_mv=samples_mv, fs_hz=100.0, leads=("II",))
    return thin([(0, ecg)], "II", 10.0)


@pytest.fixture(scope="module")
def beats():
    classes = tuple("V" if t == 10_600.0 else "N" for t in BEATS_MS)
    return Beats(BEATS_MS, classes, classes)


def line_of(axes, gid):
    return next(one for one in axes.lines if one.get_gid() == gid)


def texts(axes, gid):
    return [t.get_text() for t in axes.texts if t.get_gid() == gid]


def test_a_beat_stands_in_its_line_at_its_time(trace, beats):
    axes = plot_scroll(trace, beats=beats, line_s=30.0).axes[0]
    x, y = line_of(axes, "trace-all").get_data()
    high = y[np.isfinite(y)].max()
    top = np.unique(x[np.isclose(y, high)].round(6))
    seconds = np.append(np.arange(1, 30), 10.6)
    np.testing.assert_allclose(top, np.sort(LEFT_MM + WIDE_MM * seconds / 30))
    assert np.isnan(x).sum() == 2  # the pen is lifted between three lines
    assert texts(axes, "time") == ["0:00:00", "0:00:30", "0:01:00"]
    assert texts(axes, "rate") == ["60", "60", "60"]


def test_only_the_early_beat_has_the_colour_of_its_class(trace, beats):
    axes = plot_scroll(trace, beats=beats, line_s=30.0).axes[0]
    early = line_of(axes, "trace-V")
    assert early.get_color() == CLASS_COLOURS["V"]
    x = early.get_xdata()[np.isfinite(early.get_ydata())]
    seconds = (x - LEFT_MM) * 30 / WIDE_MM
    assert seconds.min() == pytest.approx(10.45, abs=0.011)
    assert seconds.max() < 11.0
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["N 89", "V 1", "gap"]


def test_gaps_and_doubtful_stretches_are_cut_where_lines_end(trace):
    axes = plot_scroll(trace, doubtful_ms=np.array([[25_000.0, 65_000.0]]), line_s=30.0).axes[0]
    found = {c.get_gid(): c.get_paths() for c in axes.collections}
    assert len(found["band-gap"]) == 1
    widths = [np.ptp(p.vertices[:, 0]) for p in found["band-doubtful"]]
    assert widths == pytest.approx([WIDE_MM / 6, WIDE_MM, WIDE_MM / 6])
    gap = found["band-gap"][0].vertices[:, 0]
    assert gap.min() == pytest.approx(LEFT_MM + WIDE_MM / 3, abs=0.1)


def test_lines_are_so_long_that_the_record_fits_a_page(trace):
    axes = plot_scroll(trace).axes[0]
    assert len(texts(axes, "time")) == 9  # of ten seconds
    assert texts(plot_scroll(trace, start_s=86_390.0).axes[0], "time")[1] == "0:00:00"


def test_a_rhythm_is_named_where_it_begins(trace):
    rhythms = Marks(times_ms=np.array([36_000.0]), labels=("+",), notes=("(AFIB",))
    axes = plot_scroll(trace, rhythms=rhythms, line_s=30.0).axes[0]
    (name,) = (t for t in axes.texts if t.get_gid() == "rhythm")
    assert name.get_text() == "AFIB"
    assert name.get_position()[0] == pytest.approx(LEFT_MM + WIDE_MM / 5, abs=1)


def test_too_many_lines_are_refused_with_what_would_do(trace):
    with pytest.raises(ValueError, match=r"lines of 0.25 s make 360, more than 240; take 1 s"):
        plot_scroll(trace, line_s=0.25)


def test_a_record_without_a_single_sample_is_an_empty_page():
    ecg = ECG(samples_mv=np.full((1, 500), np.nan), fs_hz=100.0, leads=("II",))
    axes = plot_scroll(thin([(0, ecg)], "II", 10.0)).axes[0]
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["gap"]


def test_rr_intervals_stand_over_the_beats_that_end_them(beats, tmp_path):
    axes = plot_tachogram(beats, duration_ms=90_000.0, path=tmp_path / "rr.png").axes[0]
    early = next(one for one in axes.lines if one.get_gid() == "rr-V" and one.get_xdata().size)
    assert early.get_xdata()[0] * 1000 == pytest.approx(10_600.0)
    assert early.get_ydata()[0] == pytest.approx(600.0)
    assert (tmp_path / "rr.png").stat().st_size > 5000


def test_a_pause_beyond_the_axis_is_an_arrow_at_its_edge():
    beats = Beats(np.array([0.0, 1000.0, 6000.0]), ("N",) * 3, ("N",) * 3)
    axes = plot_tachogram(beats, duration_ms=6000.0).axes[0]
    (arrow,) = (one for one in axes.lines if one.get_marker() == "^" and one.get_xdata().size)
    assert arrow.get_ydata()[0] < axes.get_ylim()[1] == pytest.approx(2000.0)


def test_one_beat_has_no_rr_interval():
    with pytest.raises(ValueError, match="RR intervals need two beats, got 1"):
        plot_tachogram(Beats(np.array([5.0]), ("N",), ("N",)), duration_ms=1000.0)


def test_the_tachogram_stands_below_the_lines(trace, beats):
    plain, with_it = (plot_scroll(trace, beats=beats, tachogram=t) for t in (False, True))
    assert len(with_it.axes) == 2
    assert with_it.get_size_inches()[1] > plain.get_size_inches()[1]
    assert with_it.axes[1].get_position().y1 < 40 / (25.4 * with_it.get_size_inches()[1])
