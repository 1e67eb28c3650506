"""ECG records looked into, drawn and searched for beats, as a user does it."""

import numpy as np
import pytest

from cardiotwin.app.ecg_file import open_ecg
from cardiotwin.app.ecg_options import WHOLE, Filtering
from cardiotwin.signals.read import read_ecg, read_recording
from cardiotwin.signals.recording import Marks, Recording
from cardiotwin.signals.synth import synthetic_ecg
from cardiotwin.signals.wfdb_marks import read_marks
from cardiotwin.signals.write import write_recording


def write_record(folder, name, ecg, marks=None):
    """A WFDB record in steps of a microvolt."""
    ecg = ecg.with_samples(ecg.samples_mv.round(3))
    gains = {f"gain {lead}": 1000.0 for lead in ecg.leads}
    gains |= {f"baseline {lead}": 0.0 for lead in ecg.leads}
    meta = {"age_years": 63.0, "sex": "female", **gains}
    recording = Recording(ecg=ecg, marks={} if marks is None else {"atr": marks}, meta=meta)
    write_recording(recording, folder / f"{name}.hea")
    return folder / f"{name}.hea"


@pytest.fixture(scope="module")
def twelve():
    """Ten seconds of twelve leads with a ventricular beat."""
    return synthetic_ecg(rng=np.random.default_rng(3), ventricular=(4,), noise_mv=0.005)


@pytest.fixture(scope="module")
def record(twelve, tmp_path_factory):
    ecg, truth = twelve
    folder = tmp_path_factory.mktemp("records")
    return write_record(folder, "made", ecg, Marks(times_ms=truth.qrs_peak_ms, labels=truth.labels))


@pytest.fixture(scope="module")
def long_record(tmp_path_factory):
    """Three minutes of one lead, no marks, two seconds missing."""
    ecg, _ = synthetic_ecg(duration_s=180.0, fs_hz=250.0, leads=("II",))
    samples_mv = ecg.samples_mv.copy()
    samples_mv[0, 250 * 100 : 250 * 102] = np.nan
    return write_record(tmp_path_factory.mktemp("records"), "long", ecg.with_samples(samples_mv))


def test_info_says_what_there_is(run, record, twelve):
    found = run("ecg", "info", record, "--json").result
    assert found["format"] == "WFDB"
    assert found["leads"] == list(twelve.ecg.leads)
    assert (found["fs_hz"], found["samples"], found["duration_s"]) == (500.0, 5000, 10.0)
    assert found["patient"] == {"age_years": 63.0, "sex": "female"}
    assert set(found["gain_per_mv"].values()) == {1000.0}
    assert found["marks"] == {"atr": {"N": len(twelve.truth.labels) - 1, "V": 1}}
    assert found["beats"]["from"] == "atr"
    assert found["beats"]["rate_per_min"] == pytest.approx(60, rel=0.02)
    v5 = found["signal"]["V5"]
    assert v5["missing"] == 0
    assert v5["highest_mv"] == pytest.approx(twelve.ecg.lead("V5").max(), abs=0.001)


def test_info_finds_beats_and_gaps_itself(run, long_record):
    found = run("ecg", "info", long_record, "--json").result
    assert found["beats"]["from"] == "found"
    assert found["beats"]["count"] == pytest.approx(178, abs=2)
    assert found["signal"]["II"]["missing"] == pytest.approx(2 / 180)
    assert found["signal"]["II"]["good"] == pytest.approx(178 / 180, abs=2.1 / 180)


def test_info_is_a_table_one_can_read(run, record):
    said = run("ecg", "info", record).out
    assert "12 leads (I, II, III, aVR, aVL, aVF, V1, V2, V3, V4, V5, V6), 500 Hz" in said
    assert "63 years, female" in said
    assert "marked in atr" in said
    assert "missing" not in run("ecg", "info", record, "--quick").out


def test_beats_are_written_with_their_classes_and_compared_with_the_marks(
    run, record, twelve, tmp_path
):
    ran = run("ecg", "beats", record, "--out", tmp_path / "b.csv", "--json")
    assert ran.result["against"]["sensitivity"] == ran.result["against"]["ppv"] == 1.0
    lines = (tmp_path / "b.csv").read_text().splitlines()
    assert lines[0] == "time_ms,sample,rr_ms,class"
    table = [line.split(",") for line in lines[1:]]
    assert tuple(row[3] for row in table) == twelve.truth.labels
    times_ms = np.array([float(row[0]) for row in table])
    # A wide QRS has its largest deflection some way off its middle.
    np.testing.assert_allclose(times_ms, twelve.truth.qrs_peak_ms, atol=60)
    np.testing.assert_allclose([float(row[2]) for row in table[1:]], np.diff(times_ms), atol=2e-3)
    assert [int(row[1]) for row in table] == np.round(times_ms / 2).astype(int).tolist()


def test_beats_of_a_part_keep_the_clock_of_the_record(run, long_record, tmp_path):
    words = ("--start-s", "60.25", "--length-s", "30", "--out", tmp_path / "b.csv")
    ran = run("ecg", "beats", long_record, *words)
    assert "beats in 30 s, 60 a minute" in ran.out
    found = np.genfromtxt(tmp_path / "b.csv", delimiter=",", skip_header=1)[:, 0]
    whole = run("ecg", "beats", long_record, "--out", tmp_path / "all.csv")
    assert whole.status == 0
    every = np.genfromtxt(tmp_path / "all.csv", delimiter=",", skip_header=1)[:, 0]
    inside = every[(every > 61_000) & (every < 90_000)]
    assert np.isin(inside, found).all()
    assert found.min() >= 60_250
    assert found.max() < 90_250


def test_a_short_record_is_drawn_on_paper_and_a_long_one_as_lines(
    run, record, long_record, tmp_path
):
    short = run("ecg", "plot", record, "--out", tmp_path / "a.png", "--json")
    long = run("ecg", "plot", long_record, "--out", tmp_path / "b.png", "--tachogram", "--json")
    assert (short.result["layout"], long.result["layout"]) == ("3x4", "scroll")
    assert short.result["length_s"] == pytest.approx(10.0)
    assert long.result["beats"] == pytest.approx(178, abs=2)
    assert all((tmp_path / f"{name}.png").stat().st_size > 10_000 for name in "ab")


def test_the_paper_says_who_when_and_how_it_was_filtered(run, record, tmp_path):
    cut = ("--start-s", 2, "--length-s", 5, "--leads", "ii,avr,V1")
    filters = ("--highpass-hz", 0.5, "--lowpass-hz", 40)
    words = (*cut, *filters, "--waves", "--out", tmp_path / "a.svg", "--json")
    ran = run("ecg", "plot", record, *words)
    assert ran.result["leads"] == ["II", "aVR", "V1"]
    text = (tmp_path / "a.svg").read_text()
    for said in ("made.hea   from 0:00:02", "63 years, female", "0.5 to 40.0 Hz"):
        assert f"<!-- {said}" in text or said in text
    assert 'id="band-QRS"' in text


@pytest.mark.parametrize(
    ("words", "strips"),
    [
        ("--layout 6x2 --rhythm V1,II", {"V1-6", "II-7", "V6-5"}),
        ("--layout 12x1 --rhythm none --cabrera", {"-aVR-2", "V6-11"}),
        ("--speed 50 --gain 20 --no-beats", {"II-3", "V6-2"}),
    ],
)
def test_papers_are_arranged_as_told(run, record, tmp_path, words, strips):
    ran = run("ecg", "plot", record, *words.split(), "--no-intervals", "--out", tmp_path / "a.svg")
    assert ran.status == 0
    text = (tmp_path / "a.svg").read_text()
    assert all(f'id="ecg-{strip}"' in text for strip in strips)


def test_rr_intervals_are_a_picture_of_their_own(run, long_record, tmp_path):
    ran = run("ecg", "plot", long_record, "--layout", "rr", "--out", tmp_path / "rr.png", "--json")
    assert ran.result["beats"] == pytest.approx(178, abs=2)
    assert (tmp_path / "rr.png").stat().st_size > 5000


@pytest.mark.parametrize("command", ["info", "beats"])
def test_what_is_not_there_is_one_line(run, tmp_path, command):
    ran = run("ecg", command, tmp_path / "no.hea")
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert "no.hea" in ran.err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--out a.tif", "a.tif must end in .png, .svg or .pdf"),
        ("--out a.png --start-s 11", "--start-s 11 lies beyond the record, 10 s long"),
        ("--out a.png --leads V9", "no lead 'V9'; this ECG has I, II"),
        ("--out a.png --leads ,", "--leads must name leads, commas between, got ','"),
        ("--out a.png --layout scroll --leads II,V1", "scroll shows one lead, not II, V1"),
        ("--out a.png --layout scroll --line-s 0.01", "take 1 s"),
        ("--out a.png --layout scroll --line-s 0", "--line-s"),
        ("--out a.png --layout scroll --speed 0 --cabrera", "--speed, --cabrera would do nothing"),
        ("--out a.png --layout rr --gain -3", "--gain would do nothing in layout rr; add --layout"),
        ("--out a.png --tachogram", "nothing in layout 3x4; add --layout scroll"),
        ("--out a.png --speed 0", "mm_per_s must be positive, got 0.0"),
        ("--out a.png --rhythm V7", "no lead 'V7'"),
        ("--out a.png --highpass-hz 300", "cutoff_hz must lie between 0 and 250"),
        ("--out a.png --layout 5x5", "Invalid value for '--layout'"),
    ],
)
def test_a_mistake_in_a_picture_is_one_line(run, record, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    ran = run("ecg", "plot", record, *words.split())
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert not list(tmp_path.iterdir())


def test_a_data_set_that_nobody_knows_is_one_line(run):
    ran = run("ecg", "info", "mitbd:100")
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "mitbd" in ran.err


def test_records_of_data_sets_go_by_their_names(run, data_folder):
    found = run("ecg", "info", "mitdb:208", "--quick", "--json").result
    assert found["leads"] == ["MLII", "V1"]
    assert found["marks"]["atr"]["V"] == 992
    assert found["patient"]["sex"] == "female"
    ran = run("ecg", "info", "mitdb:999")
    assert "mitdb has no record '999' here; it has 48, such as 100, 101, 102" in ran.err


def test_leading_zeros_do_not_matter(run, data_folder):
    plain, padded = (run("ecg", "info", f"ptb-xl:{n}", "--quick").out for n in ("539", "00539"))
    assert plain.splitlines()[3:] == padded.splitlines()[3:] != []


def test_the_median_beat_is_measured(run, record, twelve):
    found = run("ecg", "measure", record, "--json").result
    truth = twelve.truth
    sinus = [k for k, label in enumerate(truth.labels) if label == "N"]
    qt_ms = np.median((truth.t_offset_ms - truth.qrs_onset_ms)[sinus])
    # Borders of a raised cosine fade out: tens of ms for the slow T wave, few for QRS and P.
    assert found["intervals"]["rate_per_min"] == pytest.approx(60, rel=0.02)
    assert found["intervals"]["pr_ms"] == pytest.approx(160, abs=20)
    assert found["intervals"]["qrs_ms"] == pytest.approx(92, abs=20)
    assert found["intervals"]["qt_ms"] == pytest.approx(qt_ms, abs=40)
    assert found["beats"] <= len(sinus)
    highest = twelve.ecg.lead("V4").max()
    assert found["leads"]["V4"]["r_mv"] == pytest.approx(highest, abs=0.1)
    assert found["arms_exchanged"] is False


def test_measures_are_two_tables_one_can_read(run, record):
    said = run("ecg", "measure", record, "--leads", "I,II,V1").out
    assert "PR interval" in said
    assert "120 to 200" in said
    assert [line.split()[0] for line in said.splitlines() if line.strip()][-3:] == ["I", "II", "V1"]


def test_exchanged_arms_are_told(run, twelve, tmp_path):
    from cardiotwin.signals.electrode_swap import with_arms_swapped

    path = write_record(tmp_path, "swapped", with_arms_swapped(twelve.ecg))
    assert "were arms exchanged?" in run("ecg", "measure", path).out


def test_the_median_beat_is_drawn_large(run, record, tmp_path):
    ran = run("ecg", "plot", record, "--layout", "beat", "--out", tmp_path / "b.svg")
    assert ran.status == 0
    text = (tmp_path / "b.svg").read_text()
    assert "100 mm/s    20 mm/mV" in text
    assert text.count('id="border') == 4 * 12
    assert 'id="band-T"' in text


def test_a_single_beat_stands_for_itself(run, twelve, tmp_path):
    truth = twelve.truth
    start_ms = truth.p_onset_ms[1] - 50
    path = write_record(tmp_path, "one", twelve.ecg.cut(start_ms, start_ms + 650))
    found = run("ecg", "measure", path, "--json").result
    assert found["beats"] == 1
    assert found["intervals"]["rate_per_min"] is None
    assert found["intervals"]["qrs_ms"] == pytest.approx(92, abs=20)
    assert run("ecg", "plot", path, "--out", tmp_path / "one.png").status == 0


def test_a_record_without_beats_is_drawn_with_a_note(run, twelve, tmp_path):
    path = write_record(tmp_path, "flat", twelve.ecg.with_samples(0 * twelve.ecg.samples_mv))
    ran = run("ecg", "plot", path, "--out", tmp_path / "flat.png")
    assert ran.status == 0
    assert "cardiotwin: note: no intervals" in ran.err
    assert run("ecg", "measure", path).status == 2


@pytest.mark.parametrize("ending", [".edf", ".csv", ".npz", ".hea", ".dcm"])
def test_a_record_is_the_same_in_another_format(run, record, twelve, tmp_path, ending):
    out = tmp_path / f"copy{ending}"
    ran = run("ecg", "convert", record, out, "--lossy")
    assert ran.status == 0, ran.err
    ecg = read_ecg(out)
    assert ecg.leads == twelve.ecg.leads
    assert ecg.fs_hz == pytest.approx(500.0)
    # Steps of a microvolt, and no format may be coarser.
    np.testing.assert_allclose(ecg.samples_mv, twelve.ecg.samples_mv, atol=6e-4)


def test_what_is_known_of_the_patient_and_does_not_go_along_is_noted(run, record, tmp_path):
    ran = run("ecg", "convert", record, tmp_path / "a.edf", "--json")
    assert ran.result["left_out"] == ["comments"]
    assert run("ecg", "info", tmp_path / "a.edf", "--quick", "--json").result["patient"] == {
        "age_years": 63.0,
        "sex": "female",
    }
    ran = run("ecg", "convert", tmp_path / "a.edf", tmp_path / "a.csv", "--lossy")
    assert "note: " in ran.err
    assert "a.csv does not say age_years, sex; .npz keeps all that is known" in ran.err
    assert run("ecg", "convert", record, tmp_path / "a.npz").err == ""


def test_a_part_is_converted_with_its_marks_on_its_own_clock(run, record, twelve, tmp_path):
    cut = ("--start-s", 2, "--length-s", 5, "--leads", "V1,II", "--fs-hz", 250)
    ran = run("ecg", "convert", record, tmp_path / "part.hea", *cut, "--json")
    found = read_recording(tmp_path / "part.hea")
    assert found.ecg.leads == ("V1", "II")
    assert (found.ecg.fs_hz, found.ecg.samples_mv.shape[1]) == (250.0, 1250)
    times_ms = twelve.truth.qrs_peak_ms
    inside = times_ms[(times_ms >= 2000) & (times_ms < 7000)] - 2000
    np.testing.assert_allclose(found.marks["atr"].times_ms, inside, atol=2.1)  # half a sample
    assert ran.result["marks"] == {"atr": len(inside)}


def test_a_part_begins_later_than_the_whole(run, twelve, tmp_path):
    for name, start in (
        ("known", {"start": "2020-01-02 23:59:59"}),
        ("hour", {"start": "3:04:05"}),
    ):
        write_recording(Recording(ecg=twelve.ecg, meta=start), tmp_path / f"{name}.hea")
        words = (tmp_path / f"{name}.hea", tmp_path / f"{name}.npz", "--start-s", 2)
        assert run("ecg", "convert", *words).status == 0
    assert read_recording(tmp_path / "known.npz").meta["start"] == "2020-01-03 00:00:01"
    assert "start" not in read_recording(tmp_path / "hour.npz").meta


def test_a_table_of_numbers_needs_a_rate(run, tmp_path):
    rows = "\n".join(f"{k},{k}" for k in range(500))
    (tmp_path / "t.csv").write_text(f"II,V1\n{rows}\n")
    words = ("ecg", "convert", tmp_path / "t.csv", tmp_path / "t.npz")
    assert run(*words).status == 2
    assert run(*words, "--csv-fs-hz", 250, "--csv-unit", "uV").status == 0
    ecg = read_ecg(tmp_path / "t.npz")
    assert ecg.fs_hz == 250.0
    assert ecg.samples_mv[:, 100] == pytest.approx(0.1)


def test_what_is_there_is_not_replaced_unless_told(run, record, tmp_path):
    out = tmp_path / "x.csv"
    out.write_text("mine")
    ran = run("ecg", "convert", record, out)
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "x.csv is there already; add --overwrite to replace it" in ran.err
    assert out.read_text() == "mine"
    assert run("ecg", "convert", record, out, "--overwrite", "--lossy").status == 0
    assert out.read_text() != "mine"


def test_beats_are_written_as_marks(run, record, twelve, tmp_path):
    assert run("ecg", "beats", record, "--out", tmp_path / "made.qrs").status == 0
    marks = read_marks(tmp_path / "made.qrs", 500.0)
    assert marks.labels == twelve.truth.labels


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("out.mp3", "out.mp3 must end in .hea, .edf"),
        ("out.npz --csv-fs-hz 500", "--csv-fs-hz and --csv-unit are of a .csv file"),
        ("out.npz --start-s 20", "--start-s 20 lies beyond the record, 10 s long"),
        ("out.npz --leads X", "no lead 'X'"),
        ("out.npz --fs-hz -5", "fs_hz"),
    ],
)
def test_a_mistake_in_a_conversion_is_one_line(run, record, tmp_path, monkeypatch, words, said):
    monkeypatch.chdir(tmp_path)
    ran = run("ecg", "convert", record, *words.split())
    assert (ran.status, ran.out, ran.err.count("\n")) == (2, "", 1)
    assert said in ran.err
    assert not list(tmp_path.iterdir())


def test_fibrillating_atria_have_no_pr_interval(run, tmp_path):
    ecg, _ = synthetic_ecg(rng=np.random.default_rng(5), af=True, rate_per_min=80.0)
    found = run("ecg", "measure", write_record(tmp_path, "af", ecg), "--json").result["intervals"]
    assert found["pr_ms"] is found["p_ms"] is found["p_axis_deg"] is None
    assert found["qrs_ms"] == pytest.approx(92, abs=20)


def test_the_mains_are_taken_off_in_pieces_as_in_one(run, tmp_path):
    hum, _ = synthetic_ecg(duration_s=150.0, fs_hz=250.0, leads=("II",), mains_mv=0.2)
    path = write_record(tmp_path, "hum", hum)
    source = open_ecg(str(path))
    filtering = Filtering(highpass_hz=0.5, mains="auto")
    pieces = [piece.samples_mv for _, piece in source.chunks(WHOLE, filtering)]
    assert len(pieces) > 1
    whole = filtering.apply(source.recording().ecg).samples_mv
    # Filters are followed until they have faded: a tenth of a microvolt, a step of files being one.
    np.testing.assert_allclose(np.concatenate(pieces, axis=1), whole, atol=1e-4)
    middle = slice(2500, -2500)  # whole periods of 50 Hz, away from the ends
    tone = np.exp(2j * np.pi * 50 / 250 * np.arange(whole.shape[1]))[middle]
    assert 2 * np.abs((whole[0, middle] * tone).mean()) < 0.01 * 0.2
