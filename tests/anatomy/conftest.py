"""A coarse heart made in code, for what needs a heart but no particular one."""

from types import SimpleNamespace

import numpy as np
import pytest

from cardiotwin.anatomy.build import build_heart
from cardiotwin.anatomy.coordinates import wall_fields
from cardiotwin.anatomy.frame import heart_axes
from cardiotwin.anatomy.laplace import Laplacian
from cardiotwin.anatomy.parametric import ParametricHeart, parametric_mesh


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
