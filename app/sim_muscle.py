"""What a simulation runs on: a heart, a left atrium or a slab, by the words of a user."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..anatomy import Heart, Surface
    from ..sim import Tissue
    from ..viz.solids import Block, Sheet

#: The slab of the N-version benchmark (Niederer 2011), at its coarsest spacing.
SLAB = "slab:20x7x3@0.5"
#: Most nodes of a slab: about 200 MB of ten Tusscher cells.
MOST_NODES = 2_000_000
#: Speeds of left atria along and across the fibre: measured ones spread over 0.4 to 1.0 m/s.
ATRIAL_MM_PER_MS = (0.8, 0.4)
_NUMBER = r"(\d+(?:\.\d*)?|\.\d+)"
_SLAB = re.compile(rf"slab:{_NUMBER}x{_NUMBER}(?:x{_NUMBER})?@{_NUMBER}")

MuscleSpec = Annotated[
    str,
    typer.Argument(
        help="A heart as in `cardiotwin sim beat`; a left atrium: la_kruse_01 to 05, strocchi01, "
        "or with --atrium any of its files; or a slab with fibres along x: slab:20x7x3@0.5 is "
        "20 by 7 by 3 mm at 0.5 mm, slab:50x50@0.5 a sheet."
    ),
]
Atrium = Annotated[
    bool,
    typer.Option("--atrium", help="SPEC is a left atrium: rodero01, or a .vtp .vtk .ply .stl."),
]


@dataclass(frozen=True, eq=False, kw_only=True)
class Muscle:
    """Elements with fibres, and the anatomy that they are of.

    Attributes
    ----------
    name : str
    body : Heart, Surface, Block or Sheet
    elements : (m, 4) or (m, 3) int32
    fibres : (m, 3)
    sheets : (m, 3), or None on a surface
    tissue : infarct that the file tells, if it tells one
    cells : cells of a slab along x, y and z; None on other muscle
    """

    name: str
    body: "Heart | Surface | Block | Sheet"
    elements: "NDArray[np.int32]"
    fibres: "NDArray[np.floating]"
    sheets: "NDArray[np.floating] | None" = None
    tissue: "Tissue | None" = None
    cells: tuple[int, int, int] | None = None

    @property
    def nodes_mm(self) -> "NDArray[np.float64]":
        """(n, 3)."""
        return self.body.nodes_mm

    @property
    def heart(self) -> "Heart | None":
        """The heart, where it is one."""
        from ..anatomy import Heart

        return self.body if isinstance(self.body, Heart) else None

    @property
    def atrium(self) -> "Surface | None":
        """The left atrium, where it is one."""
        from ..anatomy import Surface

        return self.body if isinstance(self.body, Surface) else None

    @property
    def spacing_mm(self) -> float:
        """Mean length of an edge."""
        import numpy as np

        corners_mm = self.nodes_mm[self.elements]
        if self.cells is not None:  # of the grid: the diagonals of its cells do not count
            return float(np.ptp(self.nodes_mm[:, 0])) / self.cells[0]
        edges_mm = corners_mm - np.roll(corners_mm, 1, axis=1)
        return float(np.linalg.norm(edges_mm, axis=2).mean())

    @property
    def suffix(self) -> str:
        """Ending of its files."""
        return ".vtp" if self.atrium is not None else ".vtu"

    def write(self, path: Path, fields: "Mapping[str, NDArray[Any]]") -> Path:
        """Write it with fields (n,) for ParaView; returns the path. Times of inf become nan."""
        import numpy as np

        from ..anatomy import write_atrium, write_heart
        from ..viz.solid_files import write_elements

        shown = {
            k: np.where(np.isfinite(v), v, np.nan).astype(np.float32) if v.dtype.kind == "f" else v
            for k, v in fields.items()
        }
        if self.heart is not None:
            write_heart(self.heart, path, shown)
        elif self.atrium is not None:
            write_atrium(self.atrium, path, shown)
        else:
            write_elements(self.nodes_mm, self.elements, path, shown, {"slab": self.name})
        return path


def load_muscle(spec: str, *, atrium: bool = False) -> Muscle:
    """Heart, atrium or slab of a specification.

    Raises
    ------
    OSError
        When the data or the file are not there.
    ValueError
        When the name is not known, or the data are broken.

    Examples
    --------
    >>> slab = load_muscle("slab:2x1x1@0.5")
    >>> slab.nodes_mm.shape, slab.elements.shape
    ((45, 3), (96, 4))
    """
    from ..anatomy import load_atrium, load_heart
    from ..anatomy.atrial_files import ATRIA

    if spec.partition(":")[0] == "slab":
        return _slab(SLAB if spec == "slab" else spec)
    only_atrial = spec in ATRIA and spec != "rodero01"
    if atrium or only_atrial:
        sheet = load_atrium(spec)
        return Muscle(name=spec, body=sheet, elements=sheet.triangles, fibres=sheet.fibres)
    slab = _written_slab(spec)
    if slab:
        return _slab(slab)
    heart = load_heart(spec)
    return Muscle(
        name=heart.name,
        body=heart,
        elements=heart.tets,
        fibres=heart.fibres,
        sheets=heart.sheets,
        tissue=_tissue_of_file(spec, len(heart.nodes_mm)),
    )


def _slab(spec: str) -> Muscle:
    """A box of tetrahedra or a sheet of triangles, its fibres along x."""
    import numpy as np

    from ..anatomy.shapes import box
    from ..viz.solids import Sheet, block

    told = _SLAB.fullmatch(spec)
    if told is None:
        msg = f"cannot read {spec!r}; a slab is slab:20x7x3@0.5, a sheet slab:50x50@0.5, in mm"
        raise ValueError(msg)
    *sizes_mm, spacing_mm = (float(x) for x in told.groups() if x is not None)
    cells = [round(size / spacing_mm) if spacing_mm else 0 for size in sizes_mm]
    if min(cells) < 1 or not np.allclose(np.multiply(cells, spacing_mm), sizes_mm, rtol=1e-6):
        msg = f"{spec}: every side must be a whole number of spacings, got {spacing_mm:g} mm"
        raise ValueError(msg)
    n = int(np.prod([c + 1 for c in cells]))
    if n > MOST_NODES:
        msg = f"{spec} has {n:,} nodes; take a wider spacing, at most {MOST_NODES:,} will do"
        raise ValueError(msg)
    body: Block | Sheet
    if len(cells) == 3:
        nodes_mm, elements = box((cells[0], cells[1], cells[2]), spacing_mm)
        body = block(nodes_mm, elements)
    else:
        nodes_mm, elements = _rectangle(cells[0], cells[1], spacing_mm)
        body = Sheet(nodes_mm=nodes_mm, triangles=elements)
    x, y = np.tile(np.eye(3)[:2, None], (1, len(elements), 1))
    return Muscle(
        name=spec,
        body=body,
        elements=elements,
        fibres=x,
        sheets=y if len(cells) == 3 else None,
        cells=(cells[0], cells[1], cells[2] if len(cells) == 3 else 0),
    )


def _rectangle(
    along: int, across: int, spacing_mm: float
) -> "tuple[NDArray[np.float64], NDArray[np.int32]]":
    """Nodes and triangles of a flat sheet, two triangles a square, their diagonals crossing."""
    import numpy as np

    node = np.arange((along + 1) * (across + 1), dtype=np.int32).reshape(along + 1, across + 1)
    a, b, c, d = node[:-1, :-1], node[1:, :-1], node[1:, 1:], node[:-1, 1:]
    odd = np.indices(a.shape).sum(axis=0)[..., None] % 2 == 1
    first = np.where(odd, np.stack([a, b, d], axis=-1), np.stack([a, b, c], axis=-1))
    second = np.where(odd, np.stack([b, c, d], axis=-1), np.stack([a, c, d], axis=-1))
    nodes_mm = np.zeros((node.size, 3))
    nodes_mm[:, :2] = np.indices(node.shape).reshape(2, -1).T * spacing_mm
    triangles = np.concatenate([first.reshape(-1, 3), second.reshape(-1, 3)])
    return nodes_mm, triangles.astype(np.int32)


def _written_slab(spec: str) -> str | None:
    """Specification in a file that `Muscle.write` wrote of a slab."""
    from ..anatomy.mesh_readers import read_mesh_file

    if not spec.endswith(".vtu") or not Path(spec).is_file():
        return None
    words = read_mesh_file(Path(spec)).texts.get("slab", [])
    return words[0] if words else None


def _tissue_of_file(spec: str, n: int) -> "Tissue | None":
    """Infarct that a file of ours tells by its arrays `tissue` and `border`."""
    import numpy as np

    from ..anatomy.mesh_readers import read_mesh_file
    from ..sim import BORDER, CORE, Tissue

    if not spec.endswith((".vtu", ".vtk")) or not Path(spec).is_file():
        return None
    arrays = read_mesh_file(Path(spec)).point_data
    labels = arrays.get("tissue")
    if labels is None or labels.shape != (n,):
        return None
    if not np.isin(labels, (0, BORDER, CORE)).all():
        msg = f"{spec}: array tissue must hold 0 healthy, 1 border zone or 2 core"
        raise ValueError(msg)
    border = np.asarray(arrays.get("border", labels == BORDER), np.float32)
    core = labels == CORE
    return Tissue(core=core, border=np.where(core, 0, border).astype(np.float32))
