"""What was read off an ECG stands on the paper where it happened."""

from types import SimpleNamespace

import numpy as np
import pytest

from cardiotwin.signals import ECG, LEADS
from cardiotwin.signals.beat_classes import Beats
from cardiotwin.signals.leads import cabrera
from cardiotwin.signals.median_beat import median_beat
from cardiotwin.signals.synth import synthetic_ecg
from cardiotwin.viz import plot_ecg, plot_median_beat
from cardiotwin.viz.paper_layout import MARGIN_MM, PULSE_MM, Paper
from cardiotwin.viz.paper_marks import CLASS_COLOURS, Reading

LEFT_MM = MARGIN_MM + PULSE_MM


@pytest.fixture(scope="module")
def made():
    return synthetic_ecg(duration_s=10.0, rate_per_min=60.0, ventricular=(3,))


def axes_of(*args, **options):
    return plot_ecg(*args, **options).axes[0]


def lines(axes, word="ecg"):
    found = {one.get_gid(): one for one in axes.lines}
    return {gid: one for gid, one in found.items() if gid and gid.startswith(word)}


def texts(axes, gid):
    return [text for text in axes.texts if text.get_gid() == gid]


def boxes(axes, name):
    """Left, right, low and high of each band of a name, in mm."""
    found = [c for c in axes.collections if c.get_gid() == f"band-{name}"]
    corners = [p.vertices for c in found for p in c.get_paths()]
    return [(*x[:, 0][[0, 2]], *x[:, 1][[0, 1]]) for x in corners]


def waves_of(truth, leads):
    fields = {k: np.tile(v, (leads, 1)) for k, v in truth._asdict().items() if k != "labels"}
    return SimpleNamespace(leads=LEADS[:leads], **fields)


def test_speed_and_gain_are_true_and_written_on_the_paper(made):
    axes = axes_of(made.ecg, paper=Paper(mm_per_s=50.0, mm_per_mv=20.0))
    assert texts(axes, "scale")[0].get_text().startswith("50 mm/s    20 mm/mV")
    line = lines(axes)["ecg-II-3"]
    assert np.ptp(line.get_xdata()) == pytest.approx(50 * 9.998)
    assert np.ptp(line.get_ydata()) == pytest.approx(20 * np.ptp(made.ecg.lead("II")))
    pulse = lines(axes, "calibration")["calibration"]
    assert np.ptp(pulse.get_ydata()) == pytest.approx(20.0)


def test_six_by_two_shows_five_seconds_of_each_lead_and_the_rhythm_leads_whole(made):
    found = lines(axes_of(made.ecg, paper=Paper(layout="6x2", rhythm=("V1", "II"))))
    assert len(found) == 14
    starts = {gid: round(line.get_xdata()[0] - LEFT_MM) for gid, line in found.items()}
    assert starts["ecg-aVF-5"] == 0
    assert starts["ecg-V1-0"] == 125
    assert starts["ecg-V1-6"] == starts["ecg-II-7"] == 0


def test_cabrera_turns_avr_over(made):
    usual = lines(axes_of(made.ecg))["ecg-aVR-0"].get_ydata()
    found = lines(axes_of(made.ecg, paper=Paper(cabrera=True, layout="12x1")))
    order = sorted(found, key=lambda gid: int(gid.rsplit("-", 1)[1]))
    assert [gid.split("-", 1)[1].rsplit("-", 1)[0] for gid in order[:6]] == [
        *("aVL", "I", "-aVR", "II", "aVF", "III")
    ]
    turned = found["ecg--aVR-2"].get_ydata()
    v_mv = made.ecg.lead("aVR")
    np.testing.assert_allclose(turned - turned[0], -10 * (v_mv - v_mv[0]), atol=1e-9)
    assert len(usual) < len(turned)


def test_an_ecg_in_cabreras_order_is_drawn_in_it(made):
    found = lines(axes_of(cabrera(made.ecg)))
    assert found["ecg--aVR-2"].get_xdata()[0] == pytest.approx(LEFT_MM)


def test_two_leads_fill_their_rows(made):
    ecg = ECG(samples_mv=made.ecg.samples_mv[:2], fs_hz=500.0, leads=("MLII", "V5"))
    for line in lines(axes_of(ecg)).values():
        assert np.ptp(line.get_xdata()) == pytest.approx(25 * 9.998)


def test_of_a_long_record_the_first_ten_seconds_are_shown_and_the_paper_says_so():
    ecg, _ = synthetic_ecg(duration_s=30.0, fs_hz=100.0)
    axes = axes_of(ecg)
    assert "first 10 s of 30 s" in texts(axes, "scale")[0].get_text()
    assert np.ptp(lines(axes)["ecg-II-3"].get_xdata()) == pytest.approx(250.0)


def test_a_rhythm_lead_that_is_not_there_is_refused(made):
    with pytest.raises(ValueError, match="no lead 'V7'; this ECG has I, II"):
        plot_ecg(made.ecg, paper=Paper(rhythm=("V7",)))


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"mm_per_s": 0.0}, "mm_per_s must be positive, got 0.0"),
        ({"mm_per_mv": np.inf}, "mm_per_mv must be positive, got inf"),
        ({"layout": "5x5"}, "layout must be 3x4, 6x2, 12x1, got '5x5'"),
    ],
)
def test_paper_that_cannot_be_is_refused(options, said):
    with pytest.raises(ValueError, match=said):
        Paper(**options)


def test_a_lead_far_off_zero_is_moved_and_the_paper_says_by_how_much(beat):
    ecg = beat()
    axes = axes_of(ECG(samples_mv=ecg.samples_mv + 3.25, fs_hz=500.0, leads=LEADS))
    assert "V6 moved by -3.25 mV" in texts(axes, "scale")[0].get_text()
    np.testing.assert_allclose(
        lines(axes)["ecg-V6-2"].get_ydata(), lines(axes_of(ecg))["ecg-V6-2"].get_ydata()
    )


def test_a_trace_beyond_any_row_is_cut_off_and_the_paper_says_so(beat):
    axes = axes_of(beat(peak_mv=30.0))
    assert axes.figure.get_size_inches()[1] * 25.4 < 260
    assert "cut off at the row's edge: I, II, III" in texts(axes, "scale")[0].get_text()
    low, high = (
        lines(axes)["ecg-I-0"].get_clip_box().transformed(axes.transData.inverted()).intervaly
    )
    assert high - low == pytest.approx(75.0)  # 60 mm and the name above, 10 mm below


def test_bands_lie_between_the_true_borders_of_the_waves(made):
    one = ECG(samples_mv=made.ecg.samples_mv[:1], fs_hz=500.0, leads=("I",))
    axes = axes_of(one, reading=Reading(waves=waves_of(made.truth, 1)))
    start_mm = lines(axes)["ecg-I-0"].get_xdata()[0]
    for name, wave in (("P", "p"), ("QRS", "qrs"), ("T", "t")):
        onsets_ms, offsets_ms = (
            getattr(made.truth, f"{wave}_{end}_ms") for end in ("onset", "offset")
        )
        there = np.isfinite(onsets_ms)  # the ventricular beat has no P wave
        found = np.array(boxes(axes, name))[:, :2]
        wanted = np.stack([onsets_ms[there], offsets_ms[there]], axis=1)
        np.testing.assert_allclose(found, start_mm + 0.025 * wanted)
    assert [t.get_text() for t in axes.get_legend().get_texts()] == ["P", "QRS", "T"]


def test_a_band_is_cut_where_its_strip_ends(made):
    axes = axes_of(made.ecg, reading=Reading(waves=waves_of(made.truth, 12)))
    right_mm = axes.get_xlim()[1] - MARGIN_MM
    for name in ("P", "QRS", "T"):
        left, right = np.array(boxes(axes, name))[:, :2].T
        assert (left < right).all()
        assert left.min() >= LEFT_MM
        assert right.max() <= right_mm


def test_codes_stand_over_their_beats_in_the_colour_of_their_class(made):
    beats = Beats(made.truth.qrs_peak_ms, made.truth.labels, made.truth.labels)
    axes = axes_of(made.ecg, reading=Reading(beats=beats))
    found = texts(axes, "beat")
    assert tuple(text.get_text() for text in found) == beats.codes
    at_mm = [text.get_position()[0] for text in found]
    np.testing.assert_allclose(at_mm, LEFT_MM + 0.025 * beats.times_ms)
    assert found[3].get_color() == CLASS_COLOURS["V"]
    peak_mm = lines(axes)["ecg-II-3"].get_ydata().max()
    assert all(text.get_position()[1] > peak_mm for text in found)


def test_a_gap_is_a_gap_in_the_line_on_a_grey_ground(beat):
    ecg = beat(leads=("II",))
    samples_mv = ecg.samples_mv.copy()
    samples_mv[0, 100:150] = np.nan
    axes = axes_of(ECG(samples_mv=samples_mv, fs_hz=500.0, leads=("II",)))
    line = lines(axes)["ecg-II-0"]
    assert np.isnan(line.get_ydata()).sum() == 50
    ((left, right, *_),) = boxes(axes, "gap")
    assert (left, right) == pytest.approx((line.get_xdata()[99], line.get_xdata()[150]))


def test_doubtful_seconds_are_marked_in_their_lead(made):
    quality = np.ones((12, 10))
    quality[10, 8:] = 0.2  # V5, in the last column
    axes = axes_of(made.ecg, reading=Reading(quality=quality))
    found = boxes(axes, "doubtful")
    left_mm = LEFT_MM + 62.5 * 3
    assert [box[:2] for box in found] == [
        pytest.approx((left_mm + 12.5, left_mm + 37.5)),
        pytest.approx((left_mm + 37.5, left_mm + 62.5)),
    ]


def test_lines_of_words_make_room_for_themselves(made):
    plain, told = (
        axes_of(made.ecg, title="x", reading=Reading(lines=lines)).figure.get_size_inches()[1]
        for lines in ((), ("63 y, female", "60/min"))
    )
    assert 25.4 * (told - plain) == pytest.approx(9.0)


def test_mlii_stands_where_ii_would_and_long_names_above_their_trace(made):
    ecg = ECG(samples_mv=made.ecg.samples_mv[:2], fs_hz=500.0, leads=("V1", "MLII"))
    assert set(lines(axes_of(ecg))) == {"ecg-MLII-0", "ecg-V1-1"}
    ecg = ECG(samples_mv=made.ecg.samples_mv[:1], fs_hz=500.0, leads=("ECG ECG",))
    axes = axes_of(ecg)
    (name,) = (t for t in axes.texts if t.get_text() == "ECG ECG")
    assert name.get_position()[0] > lines(axes)["ecg-ECG ECG-0"].get_xdata()[0]


def test_the_pulse_fits_its_row_at_any_gain(made):
    for mm_per_mv in (5.0, 10.0, 20.0, 40.0):
        axes = axes_of(made.ecg, paper=Paper(mm_per_mv=mm_per_mv))
        pulses = [one for one in axes.lines if one.get_gid() == "calibration"]
        tops = [one.get_ydata().max() for one in pulses]
        below = [one.get_ydata().min() for one in pulses]
        assert all(top < base for top, base in zip(tops[1:], below[:-1], strict=True))


def test_an_ecg_without_millivolts_is_not_given_any(made):
    ecg = ECG(samples_mv=made.ecg.samples_mv, fs_hz=500.0, leads=LEADS, meta={"unit": "z"})
    assert texts(axes_of(ecg), "scale")[0].get_text() == "25 mm/s    10 mm/SD"


def test_the_median_beat_is_large_and_crossed_where_its_intervals_end(made, tmp_path):
    peaks = (made.truth.qrs_peak_ms / 2).round().astype(int)
    beat = median_beat(made.ecg, peaks)
    path = tmp_path / "beat.png"
    axes = plot_median_beat(beat, borders_ms=(100.0, np.nan, 300.0), path=path).axes[0]
    line = lines(axes)["ecg-V1-0"]
    assert np.ptp(line.get_xdata()) == pytest.approx(0.1 * (beat.ecg.duration_ms - 2))
    assert texts(axes, "line")[0].get_text() == f"median of {beat.count} beats"
    crossed = {
        round(float(one.get_xdata()[0]), 6) for one in axes.lines if one.get_gid() == "border"
    }
    starts = {lines(axes)[gid].get_xdata()[0] for gid in ("ecg-I-0", "ecg-V1-0")}
    assert crossed == {round(start + mm, 6) for start in starts for mm in (10.0, 30.0)}
    assert path.stat().st_size > 20_000
