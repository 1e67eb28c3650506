"""Hearts from files and folders: which reader each one needs, and what it does not say itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from .bivme import is_bivme, read_bivme
from .bivme_hearts import bivme_heart
from .build import build_heart
from .camps import is_camps, read_camps
from .heart import Heart
from .io import read_heart
from .label_map import read_label_map
from .mesh_readers import read_mesh_file
from .open_surfaces import read_open_surfaces
from .opencarp import read_opencarp_heart
from .pose import in_body_axes
from .stack import RV_WALL_MM, label_map_mesh
from .stuffing import LATTICE_MM, tetrahedralise
from .surface import LabelledSurface
from .surface_files import read_surface
from .tetwild import tetrahedralise_tetwild


@dataclass(frozen=True, slots=True, kw_only=True)
class FileOptions:
    """What a file does not say about itself; None leaves it to the reader."""

    #: Meaning of the labels: a scheme of a label map (`acdc`), or pairs such as
    #: `1=rv_cavity,2=myocardium,3=lv_cavity` or, of a surface, `1=base,2=epi,3=lv_endo,4=rv_endo`.
    labels: str | None = None
    #: Frame of the cardiac cycle, from 0, of a biv-me folder or a 4D label map.
    frame: int | None = None
    #: Unit of length of a mesh or surface: mm, cm, m or um.
    units: str | None = None
    #: Right ventricle of a label map: `labels` as labelled, `template` made up.
    rv: str | None = None
    #: Thickness of the right free wall of a label map, which does not show it.
    rv_wall_mm: float | None = None
    #: Edge of the lattice cube of stuffing, or of the tets of tetwild.
    lattice_mm: float | None = None
    #: What fills a surface with tets: `stuffing`, the slow `tetwild` of the extra `mesh`, or, of
    #: a biv-me fit, `morph`, which gives all fits the same tets.
    mesher: str | None = None
    #: `own`: the axes of the file are not those of a body, and the heart is turned into them.
    pose: str | None = None

    def __post_init__(self) -> None:
        for name, allowed in _CHOICES.items():
            if getattr(self, name) not in (None, *allowed):
                msg = f"{name} must be {' or '.join(allowed)}, got {getattr(self, name)!r}"
                raise ValueError(msg)


def read_any_heart(path: str | Path, options: FileOptions | None = None) -> Heart:
    """Heart from a file or folder of any kind that the package reads.

    Parameters
    ----------
    path
        Tetrahedra (.vtu, .vtk, openCARP's .pts), a closed surface (.vtp .vtk .ply .stl .obj), a
        label map of a short-axis stack (.nii, .nii.gz), or a folder: a biv-me fit, Camps' csv
        files, or the open surfaces of a heart.
    options
        What the file does not say itself.

    Raises
    ------
    OSError
        When the file cannot be read.
    ValueError
        When it is of no known kind, an option does not belong to its kind, or what it holds is
        not a heart.
    """
    path, options = Path(path), options or FileOptions()
    kind = kind_of(path)
    taken = (*_OPTIONS[kind], "pose")
    strange = [f.name for f in fields(options) if f.name not in taken]
    for name in strange:
        if getattr(options, name) is not None:
            msg = f"{path.name} is {kind}, which has no option {name}; it has {', '.join(taken)}"
            raise ValueError(msg)
    heart = _READERS[kind](path, options)
    return in_body_axes(heart) if options.pose == "own" else heart


def kind_of(path: Path) -> str:
    """What a file or folder is, by its name and, where that does not tell, by a look inside.

    Raises
    ------
    OSError
        When there is no such file.
    ValueError
        When it is of no known kind.

    Examples
    --------
    >>> kind_of(Path("patient001_frame01_gt.nii.gz"))
    'a label map'
    """
    if path.is_dir():
        return _kind_of_folder(path)
    name = path.name.lower()
    if is_bivme(path):
        return "a biv-me fit"
    for kind, endings in _ENDINGS.items():
        if name.endswith(endings):
            return kind
    if name.endswith(".vtk"):
        return "tetrahedra" if len(read_mesh_file(path).tets) else "a surface"
    known = ", ".join([e for group in _ENDINGS.values() for e in group] + [".vtk"])
    msg = f"{path} is of no known kind; use a folder, or a file that ends in {known}"
    raise ValueError(msg)


def _kind_of_folder(folder: Path) -> str:
    if is_bivme(folder):
        return "a biv-me fit"
    if is_camps(folder):
        return "a Camps folder"
    surfaces = (".vtk", *_ENDINGS["a surface"])
    if any(p.name.lower().endswith(surfaces) for p in folder.iterdir()):
        return "a folder of surfaces"
    msg = (
        f"{folder} holds no heart: neither biv-me control points, nor NAME_tetra.csv, nor surface "
        "files such as lv_endo.ply"
    )
    raise ValueError(msg)


def _pairs(labels: str) -> dict[int | str, str | None]:
    """Meaning of each label from `1=base,2=epi`; `none` leaves a label out."""
    meaning: dict[int | str, str | None] = {}
    for pair in labels.split(","):
        value, equals, name = (x.strip() for x in pair.partition("="))
        if not (value and equals and name):
            msg = f"labels must be pairs such as 1=base,2=epi, got {labels!r}"
            raise ValueError(msg)
        meaning[int(value) if value.lstrip("-").isdigit() else value] = (
            None if name.lower() == "none" else name
        )
    return meaning


def _surface_meaning(options: FileOptions) -> dict[int | str, str | None] | None:
    return None if options.labels is None else _pairs(options.labels)


def _map_meaning(options: FileOptions) -> str | Mapping[int, str]:
    """A scheme's name, or the tissue of each label."""
    labels = options.labels or "auto"
    if "=" not in labels:
        return labels
    meaning = {int(k): v or "background" for k, v in _pairs(labels).items() if isinstance(k, int)}
    if len(meaning) < len(_pairs(labels)):
        msg = f"labels of a label map are whole numbers, got {labels!r}"
        raise ValueError(msg)
    return meaning


def _fill(surface: LabelledSurface, options: FileOptions) -> Heart:
    """Mesh a closed surface and build its heart."""
    lattice_mm = options.lattice_mm or LATTICE_MM
    if options.mesher == "morph":
        msg = f"{surface.name}: only fits that share a topology can be morphed, as biv-me's do"
        raise ValueError(msg)
    mesh = (
        tetrahedralise_tetwild(surface, edge_mm=lattice_mm)
        if options.mesher == "tetwild"
        else tetrahedralise(surface, lattice_mm=lattice_mm)
    )
    return build_heart(*mesh, name=surface.name)


def _bivme(path: Path, options: FileOptions) -> Heart:
    frame = options.frame or 0
    if options.mesher == "morph":
        return bivme_heart(path, frame, via="morph")
    return _fill(read_bivme(path, frame), options)


def _label_map(path: Path, options: FileOptions) -> Heart:
    label_map = read_label_map(path, labels=_map_meaning(options), frame=options.frame)
    mesh = label_map_mesh(
        label_map,
        lattice_mm=options.lattice_mm or LATTICE_MM,
        rv_wall_mm=options.rv_wall_mm or RV_WALL_MM,
        rv=options.rv or "labels",
    )
    return build_heart(*mesh, name=label_map.name)


_CHOICES = {
    "rv": ("labels", "template"),
    "mesher": ("stuffing", "tetwild", "morph"),
    "pose": ("body", "own"),
}
#: Kinds that an ending tells.
_ENDINGS = {
    "a label map": (".nii", ".nii.gz"),
    "tetrahedra": (".vtu",),
    "an openCARP mesh": (".pts", ".elem"),
    "a surface": (".vtp", ".ply", ".stl", ".obj"),
}
#: Options that each kind has beside `pose`.
_OPTIONS = {
    "a label map": ("labels", "frame", "rv", "rv_wall_mm", "lattice_mm"),
    "tetrahedra": ("labels", "units"),
    "an openCARP mesh": ("units",),
    "a surface": ("labels", "units", "lattice_mm", "mesher"),
    "a biv-me fit": ("frame", "lattice_mm", "mesher"),
    "a Camps folder": ("units",),
    "a folder of surfaces": ("units", "lattice_mm", "mesher"),
}
_READERS: dict[str, Callable[[Path, FileOptions], Heart]] = {
    "a label map": _label_map,
    "tetrahedra": lambda p, o: read_heart(p, labels=_surface_meaning(o), units=o.units),
    "an openCARP mesh": lambda p, o: read_opencarp_heart(p, units=o.units),
    "a surface": lambda p, o: _fill(read_surface(p, labels=_surface_meaning(o), units=o.units), o),
    "a biv-me fit": _bivme,
    "a Camps folder": lambda p, o: read_camps(p, units=o.units),
    "a folder of surfaces": lambda p, o: _fill(read_open_surfaces(p, units=o.units), o),
}
