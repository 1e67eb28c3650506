"""A closed surface with fewer triangles, for solvers whose cost grows with their square."""

import numpy as np

from .surface import areas_mm2
from .torso import Shell


def coarsen(shell: Shell, most: int) -> Shell:
    """The surface with at most some number of triangles, its volume kept.

    Edges are taken out in the order of the squared distance that it costs (Garland and Heckbert
    1997).

    Parameters
    ----------
    shell
        Closed. It is returned as it is when it is coarse enough.
    most
        Triangles to leave.

    Raises
    ------
    ValueError
        When so few triangles are asked for that the surface falls apart.

    Examples
    --------
    >>> from cardiotwin.anatomy import fit_torso, load_heart
    >>> torso = fit_torso(load_heart("builtin").electrodes_mm)
    >>> len(coarsen(Shell(torso.nodes_mm, torso.triangles), 500).triangles) <= 500
    True
    """
    import pyvista as pv

    count = len(shell.triangles)
    if count <= most:
        return shell
    faces = np.insert(shell.triangles, 0, 3, axis=1).ravel()
    mesh = pv.PolyData(shell.nodes_mm, faces)
    fewer = mesh.decimate(1 - most / count, volume_preservation=True)
    nodes_mm = np.asarray(fewer.points, np.float64)
    triangles = np.asarray(fewer.regular_faces, np.int32)
    if len(triangles) > most or len(triangles) < 4 or areas_mm2(nodes_mm, triangles).min() <= 0:
        msg = f"a surface of {count} triangles cannot be coarsened to {most}; allow more"
        raise ValueError(msg)
    return Shell(nodes_mm, triangles)
