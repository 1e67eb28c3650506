"""Which channel of a file is a lead of the ECG, and what its samples are in mV."""

import numpy as np
import pytest

from cardiotwin.signals.channels import Channel, Field, in_mv, is_lead, leads_of, names_of


def field(name, unit="mV", fs_hz=250.0, length=100):
    return Field(name, unit, fs_hz, length)


@pytest.mark.parametrize(
    "name",
    [
        *("I", "ii", "III", "AVR", "aVL", "avf", "V", "V1", "v6", "V7", "V3R", "II,", "MLII"),
        *("MLIII", "ECG", "ECG1", "ECG ECG", "EKG", "ECG I", "Lead II", "MDC_ECG_LEAD_V1"),
        *("X", "vz", "MCL1", "CM5", "CC5", "ML5", "D3", "V5 ", "mod.V1", "-aVR", "V1-Ref"),
    ],
)
def test_names_of_leads_are_known(name):
    assert is_lead(field(name))


@pytest.mark.parametrize(
    "name",
    [
        *("PLETH", "RESP", "ABP", "EEG Fp1", "EOG", "EMG chin", "CO2", "SpO2", "Resp C", "BP"),
        *("", "C3", "EEG C3-Ref", "Fp1-Ref", "-Ref"),
    ],
)
def test_names_of_other_signals_are_not(name):
    assert not is_lead(field(name))


@pytest.mark.parametrize("unit", ["mmHg", "NU", "bpm", "", "g", "%"])
def test_what_is_no_voltage_is_no_lead(unit):
    assert not is_lead(field("V", unit))


def test_the_ecg_has_the_rate_and_length_of_most_leads():
    fields = [
        field("I", fs_hz=500.0),
        field("II"),
        field("PLETH"),
        field("V1"),
        field("V2", length=9),
    ]
    assert leads_of(fields) == [1, 3]
    assert leads_of([field("I", fs_hz=500.0), field("II")]) == [0], "the first of two as frequent"
    assert leads_of([field("PLETH", "NU")]) == []


IEC = ("C1", "C2", "C3", "C4", "C5", "C6")


def test_chest_leads_may_go_by_their_iec_names():
    fields = [field(name) for name in ("I", "aVF", *IEC)]
    assert leads_of([*fields, field("RESP", "ohm")]) == list(range(8))
    assert names_of(fields, leads=True)[2:] == ("V1", "V2", "V3", "V4", "V5", "V6")
    assert names_of([field("V1-Ref"), field("ecg i")], leads=True) == ("V1-Ref", "I")


@pytest.mark.parametrize(
    "names",
    [
        ("I", "II", "C3", "C4"),  # a sleep record with few electrodes
        ("I", "II", *IEC, "Cz"),  # a dense EEG with two leads beside it
        ("ECG", *IEC),
        IEC,
        ("I", "II", *IEC, "C1"),
    ],
)
def test_an_eeg_is_never_an_ecg(names):
    leads = leads_of([field(name, "uV") for name in names])
    assert [names[k] for k in leads] == [n for n in names if n in ("I", "II", "ECG")]


def test_volts_and_microvolts_are_rounded_once(rng):
    samples = rng.normal(size=50)
    for unit, expected in [
        ("mV", samples),
        ("uV", samples / 1000),
        ("\u00b5V", samples / 1000),
        ("\u03bcV", samples / 1000),
        ("V", samples * 1000),
        ("nV", samples / 1e6),
    ]:
        assert in_mv(Channel(field("II", unit), samples)).tobytes() == expected.tobytes()


def test_names_are_printable_different_and_never_empty():
    names = names_of([field("a\x07b"), field(" ,"), field("x" * 500), field("a?b")], leads=False)
    assert names == ("a?b", "signal 2", "x" * 80, "a?b (2)")


def test_names_canonical_in_the_ecg_stay_as_they_are_in_traces():
    assert names_of([field("AVR,"), field("avr")], leads=True) == ("aVR", "aVR (2)")
    assert names_of([field("AVR,")], leads=False) == ("AVR",)


def test_missing_samples_stay_missing_in_every_unit():
    samples = np.array([1.0, np.nan])
    for unit in ("mV", "uV", "V"):
        assert np.isnan(in_mv(Channel(field("II", unit), samples))).tolist() == [False, True]
