"""One closed, labelled surface of the wall from a file of any common format."""

import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np

from .cavities import check_cavities
from .heart import place_of
from .labelling import label_wall
from .mesh_readers import in_millimetres, read_mesh_file
from .repair import crossings, fill_holes, is_open, merge_points
from .surface import LabelledSurface, check_closed, check_surface
from .surface_names import Meaning, triangle_labels


def read_surface(
    path: str | Path,
    *,
    labels: Meaning | None = None,
    array: str | None = None,
    units: str | float | None = None,
    fill_holes_mm: float = 0.0,
) -> LabelledSurface:
    r"""Closed surface of the ventricular wall from a .vtp, .vtk, .ply, .stl or .obj file.

    Labels come from an array of the file, at triangles or points: ours, Cobiveco's `class`, the
    materials of biv-me (whose valve caps are dropped), names of groups, or any other array with
    the meaning of its values in `labels`. A file without any is labelled by its shape (see
    `labelling.label_wall`), which is refused where it is not sure.

    Parameters
    ----------
    path
        One surface, in the axes of `Heart`.
    labels
        What each value of the array means: `lv_endo`, `rv_endo`, `epi`, `base`, or None for
        triangles to leave out.
    array
        Name of the array; without it, the first with a common name.
    units
        `mm`, `cm`, `m`, `um`, or the millimetres in one unit; mm without.
    fill_holes_mm
        Holes of at most this width are closed by a fan; wider ones are refused.

    Returns
    -------
    surface : LabelledSurface
        Closed, outward, one body.

    Raises
    ------
    OSError
        When the file cannot be read.
    ValueError
        When it is damaged, of another size than a heart, open, or not or wrongly labelled. One
        line names the file, the place and the remedy.

    Warns
    -----
    UserWarning
        When the surface crosses itself; the mesh of it will fill the union.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "wall.obj")
    ...     _ = path.write_text("v 0 0 0\nv 50 0 0\nv 0 50 0\nf 1 2 3\n")
    ...     try:
    ...         read_surface(path)
    ...     except ValueError as error:
    ...         print(str(error)[:22])
    wall.obj: 3 open edges
    """
    path = Path(path)
    mesh = read_mesh_file(path)
    if not len(mesh.triangles):
        what = "tetrahedra, no surface; read it as a heart" if len(mesh.tets) else "no triangles"
        msg = f"{path.name} has {what}"
        raise ValueError(msg)
    try:
        found = triangle_labels(mesh, labels, array)
    except ValueError as error:
        msg = f"{path.name}: {error}"
        raise ValueError(msg) from None
    kept = np.ones(len(mesh.triangles), bool) if found is None else found >= 0
    if not kept.any():
        msg = f"{path.name}: labels leave no triangle"
        raise ValueError(msg)
    surface = LabelledSurface(
        name=path.name,
        nodes_mm=in_millimetres(mesh.points, path.name, units),
        triangles=mesh.triangles[kept],
        labels=np.zeros(kept.sum(), np.int8) if found is None else found[kept],
    )
    return finish_surface(surface, labelled=found is not None, fill_holes_mm=fill_holes_mm)


def finish_surface(
    surface: LabelledSurface, *, labelled: bool, fill_holes_mm: float = 0.0
) -> LabelledSurface:
    """The surface repaired, checked, and labelled by its shape if it has no labels.

    Raises
    ------
    ValueError
        When it is not a closed, rightly labelled wall.

    Warns
    -----
    UserWarning
        When it crosses itself.
    """
    if is_open(surface):
        surface = merge_points(surface)
    if fill_holes_mm > 0:
        surface = fill_holes(surface, up_to_mm=fill_holes_mm)
    if labelled:
        surface = check_cavities(check_surface(surface))
    else:
        closed = check_closed(surface)
        labels = label_wall(closed.nodes_mm, closed.triangles, name=closed.name)
        surface = check_surface(replace(closed, labels=labels))
    places_mm = crossings(surface)
    if len(places_mm):
        msg = (
            f"{surface.name}: crosses itself in {len(places_mm)} places, the first at "
            f"{place_of(places_mm[0])}; a mesh of it fills the union, look there or remesh it"
        )
        warnings.warn(msg, stacklevel=3)
    return surface
