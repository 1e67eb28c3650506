"""A coarse heart made in code, and damage to files for the readers to survive."""

import functools
import re
import struct
from datetime import timedelta
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from cardiotwin.anatomy.build import build_heart
from cardiotwin.anatomy.coordinates import wall_fields
from cardiotwin.anatomy.frame import heart_axes
from cardiotwin.anatomy.heart import SURFACES
from cardiotwin.anatomy.laplace import Laplacian
from cardiotwin.anatomy.parametric import ParametricHeart, parametric_mesh
from cardiotwin.anatomy.shapes import box
from cardiotwin.anatomy.topology import boundary_triangles


@pytest.fixture(scope="session")
def thick_heart():
    """Parameters of a heart whose walls take a 5 mm lattice."""
    return ParametricHeart(rv_wall_mm=8.0, lv_wall_mm=10.0)


@pytest.fixture(scope="session")
def coarse_mesh(thick_heart):
    """Nodes, tets and surfaces of about 7,700 nodes."""
    return parametric_mesh(thick_heart, lattice_mm=5.0)


@pytest.fixture(scope="session")
def coarse_heart(coarse_mesh):
    return build_heart(*coarse_mesh, name="coarse")


@pytest.fixture(scope="session")
def turned(coarse_mesh):
    """The same heart after a rigid motion, its nodes and tets in another order."""
    rng = np.random.default_rng(3)
    q, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    q *= np.linalg.det(q)
    nodes_mm, tets, surfaces = coarse_mesh
    old, rows = rng.permutation(len(nodes_mm)), rng.permutation(len(tets))
    new = np.argsort(old).astype(np.int32)
    mesh = (
        nodes_mm[old] @ q.T + [30.0, -200.0, 7.0],
        new[tets[:, [1, 2, 0, 3]]][rows],
        {name: new[triangles][::-1] for name, triangles in surfaces.items()},
    )
    return SimpleNamespace(
        heart=build_heart(*mesh, name="turned"), rotation=q, nodes=new, tets=rows
    )


@pytest.fixture(scope="session")
def anatomy_of():
    """Function: the Laplacian, axes and wall fields of a heart."""

    def parts(heart):
        laplacian = Laplacian(heart.nodes_mm, heart.tets)
        axes = heart_axes(heart.nodes_mm, heart.surfaces)
        walls = wall_fields(laplacian, heart.surfaces, axes)
        return SimpleNamespace(laplacian=laplacian, axes=axes, walls=walls)

    return parts


#: What damaged text and binary files say in place of a number.
TEXT_NUMBERS = (b"nan", b"inf", b"-1", b"0", b"1e308", b"-1e308", b"4294967296", b"3.5", b"x")
BINARY_NUMBERS = (
    *(struct.pack("<f", x) for x in (np.nan, np.inf, -1.0, 1e38)),
    *(struct.pack("<d", x) for x in (np.nan, 1e308)),
    *(struct.pack("<i", x) for x in (-1, 0, 2**31 - 1)),
    struct.pack("<q", 2**62),
)


def _damage(whole, *, seed):
    """The bytes of a file with one to three places damaged, as the seed says."""
    rng = np.random.default_rng(seed)
    for _ in range(rng.integers(1, 4)):
        at = int(rng.integers(len(whole) + 1))
        end = at + int(rng.integers(1, 40))
        lines, line = whole.split(b"\n"), whole.count(b"\n", 0, at)
        tokens = list(re.finditer(rb"-?\d+(\.\d*)?(e-?\d+)?", whole[at : at + 200]))
        match rng.choice(["flip", "cut", "drop", "double", "garbage", "text", "text", "binary"]):
            case "flip":
                flipped = bytes(b ^ (1 << rng.integers(8)) for b in whole[at : at + 1])
                whole = whole[:at] + flipped + whole[at + 1 :]
            case "cut":
                whole = whole[:at]
            case "drop":
                whole = whole[:at] + whole[end:]
            case "double":
                whole = b"\n".join([*lines[: line + 1], *lines[line:]])
            case "garbage":
                whole = whole[:at] + rng.bytes(end - at) + whole[at:]
            case "text" if tokens:
                start, stop = (at + x for x in tokens[0].span())
                whole = whole[:start] + TEXT_NUMBERS[rng.integers(len(TEXT_NUMBERS))] + whole[stop:]
            case _:
                number = BINARY_NUMBERS[rng.integers(len(BINARY_NUMBERS))]
                whole = whole[:at] + number + whole[at + len(number) :]
    return whole


@pytest.fixture(scope="session")
def mutations():
    """Strategy of functions bytes -> bytes that each damage a file in one to three places."""
    return st.integers(0, 2**32 - 1).map(lambda seed: functools.partial(_damage, seed=seed))


@pytest.fixture(scope="session")
def survives(mutations):
    """Function that feeds damaged copies of a file to a reader.

    It fails unless the reader returns something that `check` accepts, or raises ValueError or
    OSError with one line that names the file or the `named` thing, within `seconds` each. The
    file is whole again afterwards. The damage is the same in every run.
    """

    def run(read, path, *, examples=60, check=lambda result: None, named=None, seconds=5.0):
        whole = path.read_bytes()

        @settings(
            max_examples=examples,
            derandomize=True,
            database=None,
            deadline=timedelta(seconds=seconds),
            suppress_health_check=list(HealthCheck),
            phases=[Phase.generate],
        )
        @given(mutations)
        def attempt(damage):
            path.write_bytes(damage(whole))
            try:
                result = read()
            except (ValueError, OSError) as error:
                message = str(error)
                names = (path.name, *([named] if named else []))
                assert any(name in message for name in names), f"{message!r} names no file"
                assert "\n" not in message, f"{message!r} is more than one line"
            else:
                check(result)

        try:
            attempt()
        finally:
            path.write_bytes(whole)

    return run


@pytest.fixture(scope="session")
def block_heart():
    """Nodes in mm, tets and named boundary of a wall of 6 mm cubes, its labels beyond doubt.

    A round left cavity with walls of two cubes, half surrounded by a right one of one cube's wall.
    """
    cube_mm, cubes = 6.0, (13, 11, 8)
    nodes_mm, tets = box(cubes, cube_mm)
    x, y, z = (nodes_mm[tets].mean(axis=1) / cube_mm).astype(int).T
    left = (x >= 8) & (x < 11) & (y >= 4) & (y < 7) & (z >= 2)
    far, arms = (x >= 1) & (x < 4), (x >= 1) & (x < 9) & ((y < 3) | (y >= 8))
    right = (far | arms) & (y >= 1) & (y < 10) & (z >= 1)
    used, index = np.unique(tets[~(left | right)], return_inverse=True)
    nodes_mm, tets = nodes_mm[used], index.reshape(-1, 4).astype(np.int32)
    triangles = boundary_triangles(tets)
    middle = nodes_mm[triangles].mean(axis=1) / cube_mm
    high = np.array(cubes[:2]) - 1e-6
    outside = ((middle[:, :2] < 1e-6) | (middle[:, :2] > high)).any(axis=1)
    in_left = (np.abs(middle[:, 0] - 9.5) < 1.51) & (np.abs(middle[:, 1] - 5.5) < 1.51)
    labels = np.select(
        [middle[:, 2] > cubes[2] - 1e-6, outside | (middle[:, 2] < 1e-6), in_left], [3, 2, 0], 1
    )
    return nodes_mm, tets, {s: triangles[labels == i] for i, s in enumerate(SURFACES)}
