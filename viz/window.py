"""A heart in a window that can be turned and cut open, by PyVista."""

import os
import sys
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart


def show_field(
    heart: Heart,
    values: NDArray[np.generic],
    *,
    title: str,
    colours: str | Sequence[str],
    names: Sequence[str] = (),
    never: str = "#9a9aa0",
) -> None:
    """Open a window with a plane to drag through the wall; returns when it is closed.

    Parameters
    ----------
    heart : the anatomy
    values : (n,) whole numbers that count `names`, or floats; nan is drawn in `never`
    title : of the colour bar, with the unit
    colours : name of a colour map, or one colour a name
    names : what the whole numbers mean
    never : colour of nan

    Raises
    ------
    OSError
        When there is no display; VTK would end the process.
    """
    require_display()
    import pyvista as pv

    grid = pv.UnstructuredGrid({pv.CellType.TETRA: heart.tets}, heart.nodes_mm)
    if names:  # a tetrahedron has the label that half of its nodes reach: none lie in between
        grid.cell_data[title] = np.sort(values[heart.tets], axis=1)[:, 2]
    else:
        grid.point_data[title] = values
    plotter = pv.Plotter(title=f"cardiotwin: {heart.name}")
    plotter.add_mesh_clip_plane(
        grid,
        normal="-y",
        scalars=title,
        cmap=colours if isinstance(colours, str) else list(colours),
        nan_color=never,
        clim=(-0.5, len(names) - 0.5) if names else None,
        annotations=dict(enumerate(names)),
        n_colors=len(names) or 16,
        scalar_bar_args={"n_labels": 0 if names else 6, "fmt": "%.0f"},
    )
    plotter.add_axes(  # type: ignore[call-arg]
        xlabel="left", ylabel="back", zlabel="head"
    )
    plotter.view_xz()  # type: ignore[call-arg]
    plotter.show()


def require_display() -> None:
    """Raise when this machine has no screen that a window could open on."""
    if sys.platform in ("darwin", "win32"):
        return
    if not (os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")):
        msg = "no display to open a window on; give a path to write a picture instead"
        raise OSError(msg)
