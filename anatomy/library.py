"""Hearts by name: the real ones that are at hand, the built-in one, or a file of the user's."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from .build import build_heart
from .datasets import locate
from .dti004 import read_dti004
from .formats import FileOptions, read_any_heart
from .heart import Heart
from .parametric import parametric_mesh
from .rodero import read_rodero

#: Name of the heart made in code.
BUILTIN = "builtin"


def load_heart(spec: str, options: FileOptions | None = None) -> Heart:
    """Heart by name, or from a file or folder.

    Parameters
    ----------
    spec
        `builtin`, a name from `cardiotwin data list`, or a path; see `read_any_heart` for the
        kinds of files.
    options
        What a file does not say itself. Of the named hearts only `bivme_patient1` has some.

    Raises
    ------
    OSError
        When the data of a known heart, or the file, are not there; the message says how to
        get them.
    ValueError
        When the name is not known or the data are broken.
    """
    if spec == "bivme_patient1":
        heart = read_any_heart(locate(spec), options)
        return replace(heart, name=spec) if heart.name.endswith("frame 0") else heart
    if spec not in _READERS:
        if not Path(spec).exists() and "." not in spec and "/" not in spec:
            names = ", ".join([*_READERS, "bivme_patient1"])
            msg = f"unknown heart {spec!r}; use {names}, or the path of a file or folder"
            raise ValueError(msg)
        return read_any_heart(spec, options)
    if options is not None and options != FileOptions():
        msg = f"{spec} takes no options: all about it is known"
        raise ValueError(msg)
    return _READERS[spec]()


def _builtin() -> Heart:
    return build_heart(*parametric_mesh(), name=BUILTIN)


def _rodero01() -> Heart:
    mesh = read_rodero(locate("rodero01"))
    surfaces = mesh.surfaces | {"rv_septum": mesh.rv_septum}
    return build_heart(mesh.nodes_mm, mesh.tets, surfaces, name="rodero01")


_READERS: dict[str, Callable[[], Heart]] = {
    BUILTIN: _builtin,
    "dti004": lambda: read_dti004(locate("dti004")),
    "rodero01": _rodero01,
}
