"""Names of leads: one spelling each, whatever a file or a user calls them."""

import re

#: Standard order of the twelve leads.
LEADS = ("I", "II", "III", "aVR", "aVL", "aVF", "V1", "V2", "V3", "V4", "V5", "V6")
#: Leads whose spelling is known: the twelve, further chest leads, Frank's, and Holter leads.
_KNOWN = (
    *LEADS,
    "-aVR",
    *("V7", "V8", "V9", "V1R", "V2R", "V3R", "V4R", "V5R", "V6R"),
    *("X", "Y", "Z"),
    *("MLI", "MLII", "MLIII"),
)
#: Other names of some: of DICOM and HL7, of Brazil (CODE-15), and of the PTB database.
_OTHER_NAMES = {
    "AVRneg": "-aVR",
    "DI": "I",
    "DII": "II",
    "DIII": "III",
    "vx": "X",
    "vy": "Y",
    "vz": "Z",
}
_SPELLING = {
    **{name.lower(): name for name in _KNOWN},
    **{other.lower(): name for other, name in _OTHER_NAMES.items()},
}
#: Blanks and commas at both ends.
_AROUND = re.compile(r"^[\s,]+|[\s,]+$")
#: Words before a lead's name ("MDC_ECG_LEAD_AVR", "Lead-V1"); in "ECG -aVR" the minus is a sign.
_BEFORE = re.compile(r"^((mdc|ecg|ekg|lead)(-|[\s_:.]*))+", re.IGNORECASE)
#: A lead that is not the first of its name, as `channels.names_of` tells them apart.
_AGAIN = re.compile(r"(.*\S)\s*\((\d+)\)")
#: What explains a lead's name after it ("II,", "Lead I (Einthoven)", "aVR, augmented ...").
_BEHIND = re.compile(r"\s*[,(].*$")


def canonical_lead(name: str) -> str:
    """Name of a lead as it is spelt here, whatever the file calls it.

    Case, words such as "ECG" or "Lead" before the name and remarks behind it do not matter.
    A name that is not known stays, without the space and the commas around it: MLII, a lead from
    the chest that resembles II, is a lead of its own.

    Examples
    --------
    >>> [canonical_lead(name) for name in ("ii", "AVR", "MDC_ECG_LEAD_V1", "II,", "Lead I (x)")]
    ['II', 'aVR', 'V1', 'II', 'I']
    >>> [canonical_lead(name) for name in ("ECG ECG", "mlii", " PLETH, ")]
    ['ECG ECG', 'MLII', 'PLETH']
    """
    plain = _AROUND.sub("", name)
    core = _BEHIND.sub("", _BEFORE.sub("", plain)).replace("\u2212", "-").replace("\u2013", "-")
    return _SPELLING.get(core.lower(), plain)


def name_in_ecg(name: str) -> str:
    """Canonical name of a lead, with the number of one that is not the first of its name.

    A file with two leads aVR gives "aVR" and "aVR (2)"; the second is a lead of its own.

    Examples
    --------
    >>> [name_in_ecg(name) for name in ("avr", "avr (2)", "ECG (2)")]
    ['aVR', 'aVR (2)', 'ECG (2)']
    """
    again = _AGAIN.fullmatch(name.strip())
    return f"{canonical_lead(again[1])} ({again[2]})" if again else canonical_lead(name)
