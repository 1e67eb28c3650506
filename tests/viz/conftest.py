"""A small left ventricle with the axes of a patient: its apex points to the feet."""

import itertools

import numpy as np
import pytest

from cardiotwin.anatomy import Heart, VentricularCoordinates
from cardiotwin.signals import LEADS

#: Inner and outer radius across the long axis, and by how much it is longer.
INNER_MM, OUTER_MM, LONGER = 25.0, 37.0, 1.4


@pytest.fixture(scope="session")
def ventricle():
    """Truncated ellipsoid shell about the z axis: septum to the right, anterior wall in front."""
    depth, down, around = np.meshgrid(
        np.linspace(0, 1, 4), np.linspace(0.15, 0.65, 11) * np.pi, np.arange(32), indexing="ij"
    )
    angle = 2 * np.pi * around / 32
    radius = INNER_MM + depth * (OUTER_MM - INNER_MM)
    x, y = -radius * np.sin(down) * np.cos(angle), -radius * np.sin(down) * np.sin(angle)
    nodes_mm = np.stack([x, y, -LONGER * radius * np.cos(down)], axis=-1).reshape(-1, 3)
    tets = _split(np.arange(len(nodes_mm)).reshape(depth.shape))
    a, b, c, d = nodes_mm[tets].transpose(1, 0, 2)
    flip = np.einsum("ij,ij->i", np.cross(b - a, c - a), d - a) < 0
    tets[flip] = tets[flip][:, [0, 1, 3, 2]]
    m = len(tets)
    transmural = depth.ravel()
    return Heart(
        name="shell",
        nodes_mm=nodes_mm,
        tets=tets.astype(np.int32),
        fibres=np.tile(np.array([1, 0, 0], np.float32), (m, 1)),
        sheets=np.tile(np.array([0, 1, 0], np.float32), (m, 1)),
        coordinates=VentricularCoordinates(
            apicobasal=((down - down.min()) / np.ptp(down)).ravel(),
            transmural=transmural,
            rotational=np.arctan2(-nodes_mm[:, 1], -nodes_mm[:, 0]),
            transventricular=np.zeros(len(nodes_mm)),
        ),
        segments=np.ones(len(nodes_mm), np.int8),
        surfaces=_surfaces(tets, transmural),
        electrodes_mm=np.array(
            [[170, -60, 190], [-170, -60, 190], [130, -60, -250], [-130, -60, -250]]
            + [[-30 + 30 * i, -95 + 8 * i, 10 - 5 * i] for i in range(6)],
            dtype=float,
        ),
    )


def _split(grid):
    """Six tetrahedra for each block of the grid, which closes on itself in its last direction."""
    blocks = []
    for order in itertools.permutations(range(3)):
        corner, path = np.zeros(3, int), [grid[:-1, :-1]]
        for axis in order:
            corner[axis] = 1
            moved = grid[corner[0] : grid.shape[0] - 1 + corner[0]]
            moved = moved[:, corner[1] : grid.shape[1] - 1 + corner[1]]
            path.append(np.roll(moved, -corner[2], axis=2))
        blocks.append(np.stack(path, axis=-1).reshape(-1, 4))
    return np.concatenate(blocks)


def _surfaces(tets, transmural):
    faces = np.concatenate([tets[:, f] for f in ([1, 2, 3], [0, 3, 2], [0, 1, 3], [0, 2, 1])])
    _, first, counts = np.unique(np.sort(faces), axis=0, return_index=True, return_counts=True)
    outside = faces[first[counts == 1]].astype(np.int32)
    endo, epi = ((transmural[outside] == side).all(axis=1) for side in (0, 1))
    return {
        "lv_endo": outside[endo],
        "rv_endo": np.zeros((0, 3), np.int32),
        "epi": outside[epi],
        "base": outside[~endo & ~epi],
    }


@pytest.fixture
def beat():
    """A function that makes a 12-lead ECG: 1 mV for 40 ms in every lead, 0 elsewhere."""
    from cardiotwin.signals import ECG

    def make(duration_ms=500.0, fs_hz=500.0, leads=LEADS, peak_mv=1.0):
        times_ms = np.arange(round(duration_ms * fs_hz / 1000)) * 1000 / fs_hz
        one = np.where((times_ms >= 100) & (times_ms < 140), peak_mv, 0.0)
        return ECG(samples_mv=np.tile(one, (len(leads), 1)), fs_hz=fs_hz, leads=tuple(leads))

    return make
