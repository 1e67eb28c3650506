"""When a recording began, as the formats that are read here say it."""

from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

#: What stands for a start that is not known: the first that two digits of a year can tell (EDF).
UNKNOWN_START = datetime(1985, 1, 1)
#: Of WFDB headers; other readers give ISO 8601.
_WFDB = ("%H:%M:%S %d/%m/%Y", "%H:%M:%S.%f %d/%m/%Y")


def start_of(meta: Mapping[str, str | float]) -> datetime:
    """Date and time of the first sample; `UNKNOWN_START` where they are not both known.

    Examples
    --------
    >>> start_of({"start": "2020-01-02 03:04:05"}) == start_of({"start": "3:04:05 02/01/2020"})
    True
    """
    told = str(meta.get("start"))
    with suppress(ValueError):
        return datetime.fromisoformat(told)
    for form in _WFDB:
        with suppress(ValueError):
            return datetime.strptime(told, form)
    return UNKNOWN_START
