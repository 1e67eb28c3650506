"""Potentials on the whole skin, by one forward solution of the body for all moments."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from ..anatomy import Heart, Torso
from ..anatomy.seating import check_torso
from .params import Conductivities
from .tissue import Tissue
from .volume_conductor import BodyConductivities, volume_conductor

#: The dipoles of the muscle in a cube of this size are added up at their middle.
CELL_MM = 4.0
#: Triangles whose fields are held in memory at a time.
_BLOCK = 256


class DipoleCells(NamedTuple):
    """The muscle as few dipoles.

    Attributes
    ----------
    places_mm : (c, 3) float64
    moments : (3 c, n) sparse
        Dipole of each cell over the torso's conductivity per mV at each node, x y z in turn; mm2.
    """

    places_mm: NDArray[np.float64]
    moments: csr_array


def dipole_cells(
    heart: Heart, conductivities: Conductivities, active: NDArray[np.bool_]
) -> DipoleCells:
    """Add up the dipoles of the active tetrahedra (m,) in cubes of `CELL_MM`."""
    centres_mm, volumes = heart.centres_mm[active], heart.tet_volumes_mm3[active]
    cubes = np.floor(centres_mm / CELL_MM).astype(np.int64)
    _, cell = np.unique(cubes, axis=0, return_inverse=True)
    cell = cell.reshape(-1)
    whole = np.bincount(cell, volumes)
    places_mm = np.stack([np.bincount(cell, volumes * x) / whole for x in centres_mm.T], axis=1)
    # Volume times gradient of each hat function: a sixth of the opposite face's area vector.
    a, b, c, d = heart.nodes_mm[heart.tets[active]].transpose(1, 0, 2)
    u, v, w = b - a, c - a, d - a
    faces = np.stack([np.cross(v, w), np.cross(w, u), np.cross(u, v)], axis=1) / 6
    faces = np.concatenate([-faces.sum(axis=1, keepdims=True), faces], axis=1)
    along, across = conductivities.source_strength
    fibres = heart.fibres[active].astype(np.float64)[:, None]
    parallel = (faces * fibres).sum(axis=2, keepdims=True) * fibres
    dipoles = -(across * faces + (along - across) * parallel)  # (m, 4, 3)
    rows = np.broadcast_to(3 * cell[:, None, None] + np.arange(3), dipoles.shape)
    columns = np.broadcast_to(heart.tets[active][:, :, None], dipoles.shape)
    shape = (3 * len(whole), len(heart.nodes_mm))
    entries = (dipoles.ravel(), (rows.ravel(), columns.ravel()))
    return DipoleCells(places_mm, csr_array(entries, shape=shape))


def body_map(
    heart: Heart,
    torso: Torso,
    v_mv: NDArray[np.floating],
    *,
    conductivities: Conductivities | None = None,
    body: BodyConductivities | None = None,
    tissue: Tissue | None = None,
) -> NDArray[np.float64]:
    """Potential at each node of the skin, over time.

    The muscle's dipoles are added up in cubes of `CELL_MM`; their potentials in an infinite torso
    are the right-hand sides of one forward solution with the factorised body, and the nodes are
    read from it as electrodes are. Two seconds for 600 moments on a homogeneous torso.

    Parameters
    ----------
    heart
        Inside the torso.
    torso
        Its lungs and cavities count.
    v_mv
        (n, t) Membrane potentials, from `action_potential.membrane_potential` or a monodomain
        solution.
    conductivities
        Of the muscle.
    body
        Of torso, lungs and blood.
    tissue
        Whose core is silent; healthy by default.

    Returns
    -------
    (p, t) float64
        mV, against the mean of the skin.

    Raises
    ------
    ValueError
        When there is not one potential a node, the heart or a lung sticks out of the torso, or a
        surface is not closed.
    """
    if v_mv.ndim != 2 or len(v_mv) != len(heart.nodes_mm):
        msg = f"v_mv must be (n, t) with {len(heart.nodes_mm)} nodes, got {v_mv.shape}"
        raise ValueError(msg)
    check_torso(torso, heart, gap_mm=0.0)
    active: NDArray[np.bool_] = np.ones(len(heart.tets), bool)
    if tissue is not None:
        active = ~np.any(tissue.core[heart.tets], axis=1)
        v_mv = np.where(tissue.core[:, None], 0.0, v_mv)
        if not active.any():
            msg = "every node is dead, or next to one: there is no source to map"
            raise ValueError(msg)
    cells = dipole_cells(heart, conductivities or Conductivities(), active)
    dipoles = cells.moments @ v_mv  # (3 c, t)
    conductor = volume_conductor(torso, body)
    free = np.empty((len(conductor.jumps), v_mv.shape[1]))
    for first in range(0, len(free), _BLOCK):
        part = slice(first, first + _BLOCK)
        fields = conductor.free_fields(cells.places_mm, part)
        free[part] = fields.reshape(len(fields), -1) @ dipoles
    nodes = np.empty((len(torso.nodes_mm), v_mv.shape[1]))
    for first in range(0, len(nodes), _BLOCK):
        away = torso.nodes_mm[first : first + _BLOCK, None] - cells.places_mm
        fields = away / np.linalg.norm(away, axis=2, keepdims=True) ** 3
        nodes[first : first + _BLOCK] = fields.reshape(len(fields), -1) @ dipoles
    potentials = conductor.node_potentials(conductor.surface_potentials(free), nodes)
    return potentials / (4 * np.pi)
