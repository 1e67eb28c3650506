"""The quality report: a good mesh has no warnings, each fault has its own."""

import numpy as np
import pytest
import pyvista

from cardiotwin.anatomy.kernels.shape import tet_shapes
from cardiotwin.anatomy.parametric import ParametricHeart, parametric_mesh
from cardiotwin.anatomy.quality import mesh_quality, scaled_jacobians

REGULAR_MM = np.array([[1.0, 1, 1], [1, -1, -1], [-1, 1, -1], [-1, -1, 1]])
TET = np.array([[0, 1, 2, 3]], np.int32)


@pytest.fixture(scope="module")
def mesh():
    return parametric_mesh(ParametricHeart(rv_wall_mm=6.0), lattice_mm=4.0)


def test_regular_tet_scores_one_and_its_mirror_minus_one():
    assert scaled_jacobians(REGULAR_MM, TET[:, [0, 2, 1, 3]]) == pytest.approx(
        -scaled_jacobians(REGULAR_MM, TET)
    )
    assert abs(scaled_jacobians(REGULAR_MM, TET)[0]) == pytest.approx(1.0)


def test_scaled_jacobian_agrees_with_its_definition(rng):
    nodes_mm = rng.normal(size=(40, 3))
    tets = np.arange(40, dtype=np.int32).reshape(10, 4)
    for tet, found in zip(nodes_mm[tets], scaled_jacobians(nodes_mm, tets), strict=True):
        jacobian = np.linalg.det(tet[1:] - tet[0])
        lengths = np.linalg.norm(tet[:, None] - tet[None], axis=2) + np.eye(4)
        assert found == pytest.approx(np.sqrt(2) * jacobian / lengths.prod(axis=1).max())


def test_scaled_jacobian_is_that_of_vtk(rng):
    nodes_mm = rng.normal(size=(200, 3))
    tets = rng.permuted(np.tile(np.arange(200), (40, 1)), axis=1)[:, :4]
    grid = pyvista.UnstructuredGrid({pyvista.CellType.TETRA: tets}, nodes_mm)
    measured = np.asarray(grid.cell_quality("scaled_jacobian")["scaled_jacobian"])
    np.testing.assert_allclose(scaled_jacobians(nodes_mm, tets), measured, atol=1e-12)


def test_scaled_jacobian_is_the_same_without_the_compiler(rng):
    nodes_mm, tets = rng.normal(size=(30, 3)), np.arange(28).reshape(7, 4)
    plain = np.empty(7)
    getattr(tet_shapes, "py_func", tet_shapes)(nodes_mm, tets, plain)
    np.testing.assert_allclose(plain, scaled_jacobians(nodes_mm, tets), rtol=1e-12)


def test_flat_tet_scores_nothing():
    assert scaled_jacobians(np.zeros((4, 3)), TET)[0] == 0


def test_good_heart_has_no_warnings(mesh):
    quality = mesh_quality(*mesh)
    assert quality.warnings == ()
    assert quality.boundary_is_manifold
    assert (quality.pieces, quality.boundary_euler_number) == (1, 2)
    assert quality.nodes == len(mesh[0])
    assert quality.tets == len(mesh[1])
    assert 0.1 < quality.min_scaled_jacobian < quality.mean_scaled_jacobian < 1


def test_wall_thickness_is_that_of_the_parameters(mesh):
    quality = mesh_quality(*mesh)
    # Chords of a 4 mm lattice on a radius of 25 mm.
    assert quality.lv_wall_median_mm == pytest.approx(9.0, abs=0.3)
    assert quality.rv_wall_median_mm == pytest.approx(6.0, abs=0.3)


def test_faults_are_named(mesh):
    nodes_mm, tets, surfaces = mesh
    inverted = tets.copy()
    inverted[0] = tets[0, [1, 0, 2, 3]]
    cases = {
        "1 tets are inverted or flat, one of them at": (nodes_mm, inverted, surfaces),
        "surface epi is empty or missing": (nodes_mm, tets, surfaces | {"epi": tets[:0, :3]}),
        "nodes lie on both lv_endo and epi": (
            nodes_mm,
            tets,
            surfaces | {"epi": np.vstack([surfaces["epi"], surfaces["lv_endo"][:1]])},
        ),
        "triangles are labelled, the boundary has": (
            nodes_mm,
            tets,
            surfaces | {"base": surfaces["base"][1:]},
        ),
        "the muscle is 1.": (nodes_mm * 0.2, tets, surfaces),
    }
    for message, broken in cases.items():
        assert any(message in w for w in mesh_quality(*broken).warnings), message


def test_pieces_and_touching_boundaries_are_counted():
    nodes_mm = np.vstack([REGULAR_MM, REGULAR_MM[1:] + 5])[:, ::-1] * 30
    touching = np.array([[0, 1, 2, 3], [0, 4, 5, 6]], np.int32)
    quality = mesh_quality(nodes_mm, touching, {})
    assert quality.pieces == 2
    assert not quality.boundary_is_manifold
    assert np.isnan(quality.lv_wall_median_mm)
    assert any("boundary touches itself in 1 places" in w for w in quality.warnings)
