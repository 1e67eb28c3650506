"""Hearts by name: the real ones that are at hand, the built-in one, or a file of the user's."""

from collections.abc import Callable
from pathlib import Path

from .bivme import read_bivme
from .build import build_heart
from .datasets import locate
from .dti004 import read_dti004
from .heart import Heart
from .io import read_heart
from .parametric import parametric_mesh
from .rodero import read_rodero
from .stuffing import tetrahedralise

#: Name of the heart made in code.
BUILTIN = "builtin"


def load_heart(spec: str) -> Heart:
    """Heart by name or from a file.

    Parameters
    ----------
    spec
        `builtin`, a name from `cardiotwin data list`, or the path of a `.vtu` file.

    Raises
    ------
    OSError
        When the data of a known heart, or the file, are not there; the message says how to
        get them.
    ValueError
        When the name is not known or the data are broken.
    """
    if spec.endswith(".vtu"):
        return read_heart(spec)
    if spec not in _READERS:
        msg = f"unknown heart {spec!r}; use {', '.join(_READERS)} or the path of a .vtu file"
        raise ValueError(msg)
    return _READERS[spec]()


def _builtin() -> Heart:
    return build_heart(*parametric_mesh(), name=BUILTIN)


def _rodero01() -> Heart:
    mesh = read_rodero(locate("rodero01"))
    return build_heart(mesh.nodes_mm, mesh.tets, mesh.surfaces, name="rodero01")


def _bivme_patient1() -> Heart:
    surface = read_bivme(Path(locate("bivme_patient1")))
    return build_heart(*tetrahedralise(surface), name="bivme_patient1")


_READERS: dict[str, Callable[[], Heart]] = {
    BUILTIN: _builtin,
    "dti004": lambda: read_dti004(locate("dti004")),
    "rodero01": _rodero01,
    "bivme_patient1": _bivme_patient1,
}
