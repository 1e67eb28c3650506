"""Surfaces with known answers for the tests of atria: tubes, plates and a ball with openings."""

import numpy as np

#: Directions of the openings of `ball`: valve below, left veins at +x, right veins at -x.
DIRECTIONS = {
    "mitral": (0, 0, -1),
    "lspv": (0.9, 0, 0.6),
    "lipv": (0.95, 0.3, -0.1),
    "rspv": (-0.9, 0, 0.6),
    "ripv": (-0.95, 0.3, -0.1),
}


def grid(around, along, *, closed):
    """Triangles of a grid of (along + 1) rows, which closes upon itself or not; outward if so."""
    columns = around if closed else around + 1
    node = np.arange((along + 1) * columns).reshape(along + 1, columns)
    ring = np.concatenate([node, node[:, :1]], axis=1) if closed else node
    a, b, c, d = ring[:-1, :-1], ring[:-1, 1:], ring[1:, 1:], ring[1:, :-1]
    halves = [np.stack(corners, axis=-1).reshape(-1, 3) for corners in ((a, b, c), (a, c, d))]
    return np.concatenate(halves).astype(np.int32)


def tube(bottom_mm=20.0, top_mm=20.0, height_mm=60.0, around=48, along=24):
    """Nodes and outward triangles of a cylinder or cone about z, open at both ends."""
    share = np.repeat(np.arange(along + 1) / along, around)
    angle = np.tile(np.arange(around) * 2 * np.pi / around, along + 1)
    radius = bottom_mm + (top_mm - bottom_mm) * share
    nodes_mm = np.stack([radius * np.cos(angle), radius * np.sin(angle), height_mm * share], axis=1)
    return nodes_mm, grid(around, along, closed=True)


def ball(radius_mm=25.0, subdivisions=4, directions=None):
    """Nodes and triangles of a sphere with an opening in each direction, the valve the widest."""
    import pyvista

    sphere = pyvista.Icosphere(radius=radius_mm, nsub=subdivisions)
    nodes_mm, triangles = np.array(sphere.points, float), sphere.regular_faces.astype(np.int32)
    middle = nodes_mm[triangles].mean(axis=1)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    for name, direction in (directions or DIRECTIONS).items():
        towards = np.array(direction) / np.linalg.norm(direction)
        keep = middle @ towards < (0.85 if name == "mitral" else 0.96)
        middle, triangles = middle[keep], triangles[keep]
    used, renumbered = np.unique(triangles, return_inverse=True)
    return nodes_mm[used], renumbered.reshape(-1, 3).astype(np.int32)
