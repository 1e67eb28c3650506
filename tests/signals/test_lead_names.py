"""One name for each lead, in whatever dress files and users give it."""

import pytest

from cardiotwin.signals import LEADS
from cardiotwin.signals.lead_names import canonical_lead, name_in_ecg


@pytest.mark.parametrize("name", [*LEADS, "-aVR", "MLII", "V7", "V4R", "X", "Y", "Z"])
def test_known_leads_are_known_in_every_dress(name):
    dresses = (name, name.lower(), name.upper(), f" {name}, ", f"ECG {name}", f"Lead {name}")
    assert {canonical_lead(dress) for dress in dresses} == {name}
    assert canonical_lead(canonical_lead(name)) == name


@pytest.mark.parametrize(
    ("found", "name"),
    [
        ("MDC_ECG_LEAD_AVR", "aVR"),  # HL7 and DICOM
        ("MDC_ECG_LEAD_AVRneg", "-aVR"),
        ("aVR, augmented voltage, right", "aVR"),
        ("Lead I (Einthoven)", "I"),
        ("DIII", "III"),  # CODE-15
        ("vx", "X"),  # PTB
        ("Lead-aVR", "aVR"),
        ("ECG -aVR", "-aVR"),
        ("\u2212aVR", "-aVR"),
    ],
)
def test_names_of_files_become_those_used_here(found, name):
    assert canonical_lead(found) == name


@pytest.mark.parametrize(
    "name", ["ECG ECG", "ECG", "V", "MCL", "I-II", "EEG C1", "ECG1", "RESP", ""]
)
def test_unknown_names_stay(name):
    assert canonical_lead(name) == name
    assert canonical_lead(f" {name}, ") == name


@pytest.mark.parametrize("name", ["aVR", "ii,", " x, ,\t", "Lead V1 (2)", "ECG (3)", "a (2) (3)"])
def test_a_name_made_canonical_stays(name):
    assert canonical_lead(canonical_lead(name)) == canonical_lead(name)
    assert name_in_ecg(name_in_ecg(name)) == name_in_ecg(name)


def test_a_number_tells_leads_of_one_name_apart():
    assert name_in_ecg("AVR (2)") == name_in_ecg(" avr(2)") == "aVR (2)"
    assert name_in_ecg("aVR (augmented)") == "aVR"
