"""What data sets of PhysioNet share: a list of records, and notes on the patient in headers."""

import re
import warnings
from collections.abc import Callable, Iterable
from math import nan
from pathlib import Path, PurePosixPath

from .records import OVER_89_YEARS, Record
from .wfdb_comments import facts
from .wfdb_header import read_header

#: How data sets write the sex of a patient.
SEXES = {"m": "male", "male": "male", "f": "female", "female": "female"}


def listed(folder: Path, suffixes: tuple[str, ...], *, below: str = "") -> list[str]:
    """Records of a folder that are there with every suffix, by path without suffix.

    The file RECORDS names them and gives their order; where it is missing, so do the files.

    Parameters
    ----------
    folder
        The data set.
    suffixes
        Such as (".hea", ".dat").
    below
        The folder in it to look in when RECORDS is missing.

    Raises
    ------
    OSError
        When there is no RECORDS, and no file to go by either.
    ValueError
        When RECORDS points out of the folder.
    """
    index = folder / "RECORDS"
    if index.is_file():
        names = index.read_text(encoding="utf-8").split()
        for name in names:
            if PurePosixPath(name).is_absolute() or ".." in PurePosixPath(name).parts:
                msg = f"{index} names {name!r}, which lies outside the data set"
                raise ValueError(msg)
    else:
        names = sorted(
            path.relative_to(folder).with_suffix("").as_posix()
            for path in (folder / below).glob(f"*{suffixes[0]}")
        )
        if not names:
            msg = f"{folder} has neither RECORDS nor a file *{suffixes[0]}; is it the data set?"
            raise FileNotFoundError(msg)
    stems = [name.removesuffix(suffixes[0]) for name in names]
    return [stem for stem in stems if all((folder / (stem + s)).is_file() for s in suffixes)]


def legible(
    folder: Path, names: Iterable[str], record_of: Callable[[Path, str], Record]
) -> tuple[Record, ...]:
    """Records by their headers; one that cannot be read is left out with a warning that names it.

    Parameters
    ----------
    folder, names
        The data set, and its records.
    record_of
        Makes a record of the folder and a name.
    """
    found = []
    for name in names:
        try:
            found.append(record_of(folder, name))
        except (OSError, ValueError) as error:
            warnings.warn(f"record {name} is left out: {error}", stacklevel=4)
    return tuple(found)


def patient_of(header: Path) -> tuple[float, str]:
    """Age in years and sex, as the comments of a WFDB header say them; nan and "" if not."""
    known = facts(read_header(header).comments)
    age, sex = known.get("age_years", nan), known.get("sex", "")
    return min(float(age), OVER_89_YEARS), str(sex)


def years(text: str) -> float:
    """An age as data sets write it; nan when it is not known.

    Examples
    --------
    >>> years("51"), years("90+"), years(">89"), years("300.0"), years("NaN")
    (51.0, 90.0, 90.0, 90.0, nan)
    """
    number = re.search(r"\d+(\.\d+)?", text)
    if number is None:
        return nan
    age = float(number[0])
    over = text.strip().startswith(">") or text.strip().endswith("+")
    return OVER_89_YEARS if over or age > OVER_89_YEARS else age


def sex(text: str) -> str:
    """Sex in words, female or male; empty when it is not known."""
    return SEXES.get(text.strip().lower(), "")
