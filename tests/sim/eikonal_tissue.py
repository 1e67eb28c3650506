"""Tissue with a known answer, for the tests of the eikonal solver."""

import numpy as np

from cardiotwin.anatomy.shapes import box

ANISOTROPIC = (0.6, 0.4, 0.2)  # mm/ms along fibre, sheet, normal
ISOTROPIC = (0.6, 0.6, 0.6)


def rotation(rng):
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    return q * np.linalg.det(q)


def turned(degrees):
    """Fibre, sheet and normal as columns, turned so far about z."""
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    return np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])


def uniform(tets, axes=None):
    """The same fibre and sheet in every tet: the first two columns of `axes`."""
    fibre, sheet, _ = (np.eye(3) if axes is None else axes).T
    return {"fibres": np.tile(fibre, (len(tets), 1)), "sheets": np.tile(sheet, (len(tets), 1))}


def slowness(speeds, axes):
    """D^-1, ms^2/mm^2."""
    return axes @ np.diag(1 / np.square(speeds)) @ axes.T


def lengths(away_mm, inverse):
    """(n,) Time of a straight run along each row, by D^-1."""
    return np.sqrt(np.einsum("ni,ij,nj->n", away_mm, inverse, away_mm))


def faces_in(tets, inside):
    """(k, 3) Faces of `tets` whose three nodes are all `inside`, each once."""
    faces = tets[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]].reshape(-1, 3)
    return np.unique(np.sort(faces[inside[faces].all(axis=1)], axis=1), axis=0)


def skewed(rng):
    """Arguments of `activation_times` for skewed tets with random fibres and a fast surface."""
    nodes_mm, tets = box((6, 5, 4), 1.0)
    nodes_mm += rng.uniform(-0.2, 0.2, nodes_mm.shape)
    fibres, sheets = rng.normal(size=(2, len(tets), 3))
    return {
        "nodes_mm": nodes_mm,
        "tets": tets,
        "fibres": fibres,
        "sheets": sheets,
        "speeds_mm_per_ms": ANISOTROPIC,
        "scale": rng.uniform(0.5, 1, len(tets)),
        "triangles": faces_in(tets, np.arange(len(nodes_mm)) % 5 == 0),
        "triangle_speed_mm_per_ms": 1.5,
        "sources": np.array([7, 130]),
        "source_times_ms": np.array([0.0, 3.0]),
    }
