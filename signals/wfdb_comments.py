"""What the comments of WFDB headers say of the patient, in the ways of several databases."""

import re
from collections.abc import Sequence

_AGE = re.compile(r"<?\bage\b>?[ :=]*>?(\d{1,3})\b", re.IGNORECASE)
_SEX = re.compile(r"<?\bsex\b>?[ :=]*(f|m|female|male)\b", re.IGNORECASE)
#: MIT-BIH: "69 M 1085 1629 x1"; an unknown age is -1.
_MITDB = re.compile(r"(-1|\d{1,3}) ([MF])\b.*")


def facts(comments: Sequence[str]) -> dict[str, str | float]:
    """Age, sex, diagnoses and the comments themselves, where there are any.

    Examples
    --------
    >>> facts(["<age>: 51", "<sex>: F", "<diagnoses>:", "Rhythm: Sinus bradycardia."])["age_years"]
    51.0
    """
    text = "\n".join(comments)
    known: dict[str, str | float] = {"comments": text} if text else {}
    age, sex = _AGE.search(text), _SEX.search(text)
    mitdb = _MITDB.fullmatch(comments[0]) if comments else None
    if age or (mitdb and mitdb[1] != "-1"):
        known["age_years"] = float(age[1] if age else mitdb[1] if mitdb else 0)
    if sex or mitdb:
        letter = (sex[1] if sex else mitdb[2] if mitdb else "").lower()[0]
        known["sex"] = "female" if letter == "f" else "male"
    _, found, diagnoses = text.partition("<diagnoses>:")
    if found:
        known["diagnoses"] = "; ".join(line.strip() for line in diagnoses.split("\n") if line)
    return known
