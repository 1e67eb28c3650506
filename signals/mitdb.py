"""MIT-BIH Arrhythmia Database: 48 half-hours of two leads, with a label for each beat."""

from pathlib import Path

from .physionet import legible, listed, patient_of
from .recording import Recording
from .records import Record, described

#: Beats are paced; the AAMI practice (EC57) leaves these records out.
PACED = frozenset({"102", "104", "107", "217"})
#: Two records of one man.
SAME_PATIENT = {"202": "201"}
#: The split of de Chazal et al. (IEEE Trans Biomed Eng 51:1196, 2004): train on DS1, test on DS2.
DS1 = "101 106 108 109 112 114 115 116 118 119 122 124 201 203 205 207 208 209 215 220 223 230"
DS2 = "100 103 105 111 113 117 121 123 200 202 210 212 213 214 219 221 222 228 231 232 233 234"


def records(folder: Path) -> tuple[Record, ...]:
    """Records that are on disk and have a legible header; the fold is DS1, DS2 or empty.

    The published split has the two records of one man, 201 and 202, on different sides. Here
    202 is in neither fold; `details["de_chazal"]` keeps the published side.

    Raises
    ------
    OSError
        When it is no folder of records.
    """
    return legible(folder, listed(folder, (".hea", ".dat")), _record)


def load(record: Record) -> Recording:
    """Both leads, by the names in the file, and the marks "atr"."""
    return described(record)


def _record(folder: Path, name: str) -> Record:
    path = folder / f"{name}.hea"
    age_years, sex = patient_of(path)
    published = "DS1" if name in DS1.split() else "DS2" if name in DS2.split() else ""
    return Record(
        name=name,
        patient=SAME_PATIENT.get(name, name),
        path=path,
        labels=("paced",) if name in PACED else (),
        fold="" if name in SAME_PATIENT else published,
        age_years=age_years,
        sex=sex,
        details={"de_chazal": published} if published else {},
    )
