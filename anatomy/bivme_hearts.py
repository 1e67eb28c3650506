"""Hearts from biv-me fits: one mesh carried through the beat, or a new one for each frame."""

import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from .bivme import bivme_surface, read_bivme, read_control_points
from .bivme_points import load_arrays
from .bivme_template import find_template
from .build import build_heart
from .datasets import find
from .heart import Heart
from .stuffing import tetrahedralise
from .surface import LabelledSurface
from .template import TemplateMorph

#: Tets of end-diastole of the data set `bivme_patient1`, 63,390 nodes, in a folder beside it.
TEMPLATE_TETS = Path("bivme_template_tets") / "tets_1.8mm.npz"


def bivme_heart(
    path: Path | str, frame: int = 0, *, via: Literal["morph", "stuffing"] = "morph"
) -> Heart:
    """Heart of one frame of a biv-me fit.

    Parameters
    ----------
    path
        What `read_bivme` reads.
    frame
        Frame of the cardiac cycle; 0 is end-diastole.
    via
        `morph` carries the template to the frame, or warns that it cannot and makes a new mesh;
        `stuffing` makes a new mesh. For more than one heart see `bivme_hearts`.

    Raises
    ------
    OSError
        When a file is missing.
    ValueError
        When the frame does not exist, a file is broken, or `via` is neither.
    """
    if via not in ("morph", "stuffing"):
        msg = f"via must be morph or stuffing, got {via!r}"
        raise ValueError(msg)
    surface = read_bivme(path, frame)
    return _stuffed(surface) if via == "stuffing" else _carried(bivme_template(surface), surface)


def bivme_hearts(path: Path | str, template: TemplateMorph | None = None) -> Iterator[Heart]:
    """Hearts of all frames of a biv-me fit, in order: one mesh in the shapes of the beat.

    The electrodes are those about the first frame throughout. A frame that the template cannot
    be carried to, as when the fit crosses itself, gets a mesh of its own.

    Parameters
    ----------
    path
        What `read_control_points` reads.
    template
        From `bivme_template`; give it to share one between fits.

    Raises
    ------
    OSError
        When a file is missing.
    ValueError
        When a file is broken.
    """
    path = Path(path)
    folder = path if path.is_dir() else path.parent
    subdivision = find_template(folder)
    electrodes_mm = None
    for frame, points_mm in enumerate(read_control_points(path, points=None)):
        surface = bivme_surface(points_mm, subdivision, name=f"{folder.name} frame {frame}")
        template = template or bivme_template(surface)
        heart = _carried(template, surface, electrodes_mm)
        electrodes_mm = heart.electrodes_mm
        yield heart


def bivme_template(surface: LabelledSurface) -> TemplateMorph:
    """The heart that is carried to fits: made once, about 8 CPU-s.

    Parameters
    ----------
    surface
        A fit. Its own mesh is the template unless the data hold `bivme_template_tets`, which
        has more nodes and better tets.
    """
    patient = find("bivme_patient1")
    if patient is not None and (patient.parent / TEMPLATE_TETS).is_file():
        fit = read_bivme(patient)
        if np.array_equal(fit.triangles, surface.triangles):
            mesh = load_arrays(patient.parent / TEMPLATE_TETS, ("points", "tets"))
            tets = mesh["tets"].astype(np.int32)
            return TemplateMorph(fit, mesh["points"].astype(np.float64), tets)
    nodes_mm, tets, _ = tetrahedralise(surface)
    return TemplateMorph(surface, nodes_mm, tets)


def _carried(
    template: TemplateMorph,
    surface: LabelledSurface,
    electrodes_mm: NDArray[np.float64] | None = None,
) -> Heart:
    """The template in the shape of a surface, or a mesh of its own where that fails."""
    try:
        return template.heart(surface, electrodes_mm=electrodes_mm)
    except ValueError as error:
        warnings.warn(f"{error}. It got a mesh of its own", stacklevel=3)
        return _stuffed(surface, electrodes_mm)


def _stuffed(surface: LabelledSurface, electrodes_mm: NDArray[np.float64] | None = None) -> Heart:
    mesh = tetrahedralise(surface)
    return build_heart(*mesh, name=surface.name, electrodes_mm=electrodes_mm)
