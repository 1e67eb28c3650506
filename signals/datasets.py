"""The ECG data sets: what each is, under which licence, where it lies, and how it is split."""

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import cast

from ..files.origins import Archives, ListedFiles
from ..files.places import Dataset, named
from .recording import Recording
from .records import Layout, Record

_PHYSIONET = ("https://physionet.org/files/", "https://physionet-open.s3.amazonaws.com/")
#: One zip is far quicker than thousands of files.
_ZIPS = "https://physionet.org/static/published-projects/"
_ZENODO = "https://zenodo.org/records/4916206/files/"


def _listed(path: str, limit_mb: float, *only: str) -> ListedFiles:
    """Files of PhysioNet: each set publishes a list of checksums."""
    return ListedFiles(
        mirrors=tuple(f"{mirror}{path}/" for mirror in _PHYSIONET),
        limit_mb=limit_mb,
        only=only or ("*",),
    )


@dataclass(frozen=True, kw_only=True)
class EcgDataset(Dataset):
    """A data set of ECGs, at hand or not.

    Attributes
    ----------
    count, patients
        Of records and of persons in the whole set; None where the publication does not say.
    split
        The rule by which it is divided, so that no person is on two sides.
    layout
        The module, or module and name, that knows how it lies on disk; it is imported late, so
        that the list of data sets is there at once.
    documented_only
        Its layout was written after its description, and never met the real files.
    """

    count: int
    patients: int | None
    split: str
    layout: str
    documented_only: bool = False

    def records(self, folder: Path | None = None) -> tuple[Record, ...]:
        """Every record that is on disk, without its signals.

        Parameters
        ----------
        folder
            Where the set lies; None looks where data sets lie.

        Raises
        ------
        OSError
            When it is not on this machine, not in the folder, or its index is missing.
        ValueError
            When its index is broken.
        """
        folder = self.locate() if folder is None else folder
        if not folder.is_dir():
            msg = f"{folder} is no folder; give that of {self.name}, which has {self.files[0]}"
            raise NotADirectoryError(msg)
        return self._layout.records(folder)

    @property
    def load(self) -> Callable[[Record], Recording]:
        """The function that reads the signals of one of its records."""
        return self._layout.load

    @property
    def _layout(self) -> Layout:
        module, _, name = self.layout.partition(".")
        found = import_module(f".{module}", __package__)
        return cast(Layout, getattr(found, name) if name else found)


#: Every ECG data set that the package knows.
ECG_DATASETS = (
    EcgDataset(
        name="mitdb",
        kind="ecg",
        title="MIT-BIH Arrhythmia: half-hours, beats labelled",
        licence="ODC-By 1.0",
        citation="Moody and Mark, IEEE Eng Med Biol 20(3):45-50, 2001",
        source="physionet.org/content/mitdb/1.0.0",
        size_mb=104,
        files=("RECORDS", "100.hea"),
        origin=_listed("mitdb/1.0.0", 100, "RECORDS", "ANNOTATORS", "[12]??.*"),
        sha256={
            "RECORDS": "fcdca7ead9fc93f612f7e025029241cb6429ba2fcd05327b661bdc6b26fbcb57",
            "ANNOTATORS": "efeddd7bd1200ab99700a8ddf19b3e1b405adb4d8e5b9275bd1040f4292d84bf",
        },
        count=48,
        patients=47,
        split="DS1 and DS2 of de Chazal 2004 without 202, which is the patient of 201",
        layout="mitdb",
    ),
    EcgDataset(
        name="ptb-xl",
        kind="ecg",
        title="PTB-XL: 12 leads, diagnoses",
        licence="CC BY 4.0",
        citation="Wagner et al., Scientific Data 7:154, 2020",
        source="physionet.org/content/ptb-xl/1.0.3",
        size_mb=3000,
        files=("ptbxl_database.csv",),
        origin=Archives(
            mirrors=(f"{_ZIPS}ptb-xl/",),
            zips=("ptb-xl-a-large-publicly-available-electrocardiography-dataset-1.0.3.zip",),
            limit_mb=6000,
        ),
        sha256={
            "scp_statements.csv": (
                "ad05b0b1fcae83bb1230755ad9cfc7c96f303feddc08a4a9ad5bdc9ca63bac8f"
            ),
        },
        count=21_799,
        patients=18_869,
        split="strat_fold by patient: 1-8 train, 9 validation, 10 test",
        layout="ptb_xl",
    ),
    EcgDataset(
        name="ludb",
        kind="ecg",
        title="LUDB: 12 leads, borders of waves",
        licence="ODC-By 1.0",
        citation="Kalyakulina et al., IEEE Access 8:186181-186190, 2020",
        source="physionet.org/content/ludb/1.0.1",
        size_mb=35,
        files=("ludb.csv",),
        origin=Archives(
            mirrors=(f"{_ZIPS}ludb/",),
            zips=("lobachevsky-university-electrocardiography-database-1.0.1.zip",),
            limit_mb=200,
        ),
        count=200,
        patients=200,
        split="none published: by a hash of the patient",
        layout="ludb",
    ),
    EcgDataset(
        name="bidmc",
        kind="ecg",
        title="BIDMC: ECG, PPG and respiration",
        licence="ODC-By 1.0",
        citation="Pimentel et al., IEEE Trans Biomed Eng 64(8):1914-1923, 2017",
        source="physionet.org/content/bidmc/1.0.0",
        size_mb=35,
        files=("RECORDS", "bidmc01.hea"),
        origin=_listed("bidmc/1.0.0", 20, "bidmc??*.hea", "bidmc??*.dat", "*.breath", "[A-Z]*"),
        count=53,
        patients=None,
        split="none published: by a hash of the subject, who may have several records",
        layout="bidmc",
    ),
    EcgDataset(
        name="eegmat",
        kind="ecg",
        title="ECG at rest and in mental arithmetic",
        licence="ODC-By 1.0",
        citation="Zyma et al., Data 4(1):14, 2019",
        source="physionet.org/content/eegmat/1.0.0",
        size_mb=175,
        files=("subject-info.csv", "RECORDS"),
        origin=_listed("eegmat/1.0.0", 20),
        count=72,
        patients=36,
        split="none published: leave one subject out, or by a hash of the subject",
        layout="eegmat",
    ),
    EcgDataset(
        name="echonext",
        kind="ecg",
        title="EchoNext: 12 leads, structural disease",
        licence="PhysioNet restricted: sign its agreement",
        citation="Elias and Finer, EchoNext, PhysioNet 2025; Poterucha et al., Nature 2025",
        source="physionet.org/content/echonext/1.1.0",
        size_mb=None,
        files=("echonext_metadata_100k.csv", "EchoNext_metadata_100k.csv"),
        count=100_000,
        patients=36_286,
        split="the column split: train, val, test; no_split is left over",
        layout="echonext",
        documented_only=True,
    ),
    EcgDataset(
        name="code15",
        kind="ecg",
        title="CODE-15 %: 12 leads, diagnoses, survival",
        licence="CC BY 4.0",
        citation="Ribeiro et al., Nature Communications 11:1760, 2020; Zenodo 4916206",
        source="zenodo.org/records/4916206",
        size_mb=68_000,
        files=("exams.csv",),
        origin=Archives(
            mirrors=(_ZENODO,),
            zips=tuple(f"exams_part{k}.zip" for k in range(18)),
            beside=("exams.csv",),
            limit_mb=8000,
        ),
        count=345_779,
        patients=233_770,
        split="none published: by a hash of the patient",
        layout="code15",
        documented_only=True,
    ),
    EcgDataset(
        name="clare",
        kind="ecg",
        title="CLARE: cognitive load at a computer",
        licence="of its authors, no redistribution",
        citation="Bhatti et al., IEEE Trans Cogn Dev Syst 2025, doi 10.1109/TCDS.2025.3555517",
        source="its authors at Queen's University (Borealis)",
        size_mb=None,
        files=("ECG", "ecg"),
        count=96,
        patients=24,
        split="none published: leave one participant out, or by a hash of the participant",
        layout="load_reports.CLARE",
        documented_only=True,
    ),
    EcgDataset(
        name="cl-drive",
        kind="ecg",
        title="CL-Drive: cognitive load at the wheel",
        licence="of its authors, no redistribution",
        citation="Angkan et al., IEEE Trans Intell Transp Syst 2024",
        source="doi.org/10.5683/SP3/JJ2YZZ",
        size_mb=None,
        files=("ECG", "ecg"),
        count=189,
        patients=21,
        split="none published: leave one participant out, or by a hash of the participant",
        layout="load_reports.CL_DRIVE",
        documented_only=True,
    ),
)


def ecg_datasets() -> tuple[EcgDataset, ...]:
    """Every ECG data set the package knows.

    Examples
    --------
    >>> ", ".join(d.name for d in ecg_datasets())
    'mitdb, ptb-xl, ludb, bidmc, eegmat, echonext, code15, clare, cl-drive'
    """
    return ECG_DATASETS


def ecg_dataset(name: str) -> EcgDataset:
    """The ECG data set of that name.

    Raises
    ------
    ValueError
        When there is none.

    Examples
    --------
    >>> ecg_dataset("mitdb").patients
    47
    """
    return named(name, ECG_DATASETS, "ECG data set")
