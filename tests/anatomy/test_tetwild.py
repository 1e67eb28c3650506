"""fTetWild as an option: the same kind of result as stuffing, or one line that says what to do."""

import sys

import numpy as np
import pytest
import trimesh

from cardiotwin.anatomy.gate import gate
from cardiotwin.anatomy.surface import LabelledSurface, enclosed_volume_mm3
from cardiotwin.anatomy.tetwild import tetrahedralise_tetwild


@pytest.fixture
def block():
    """A box of 60 mm with one face of each label and two more of epicardium."""
    mesh = trimesh.creation.box((60.0, 60.0, 60.0))
    side = mesh.face_normals @ [0, 1, 2] + 3 * (mesh.face_normals @ [1, 0, 0])
    labels = np.select([side > 2.5, side < -2.5, side > 1.5], [0, 1, 3], 2)
    return LabelledSurface(
        name="block",
        nodes_mm=np.array(mesh.vertices, float),
        triangles=np.array(mesh.faces, np.int32),
        labels=labels.astype(np.int8),
    )


def test_box_is_filled_and_its_faces_are_named(block, tmp_path, monkeypatch):
    pytest.importorskip("pytetwild")
    monkeypatch.chdir(tmp_path)
    nodes_mm, tets, surfaces = tetrahedralise_tetwild(block, edge_mm=15.0)
    assert not list(tmp_path.iterdir())  # no file is left behind
    assert gate(nodes_mm, tets, surfaces, surface=block) == ()
    for name, label in (("lv_endo", 0), ("rv_endo", 1)):
        face_mm = block.nodes_mm[block.triangles[block.labels == label]]
        np.testing.assert_allclose(nodes_mm[surfaces[name]].mean(), face_mm.mean(), atol=6)
        np.testing.assert_allclose(nodes_mm[surfaces[name]][..., 0], face_mm[0, 0, 0], atol=1.5)
    assert enclosed_volume_mm3(nodes_mm, np.concatenate(list(surfaces.values()))) > 0.99 * 60**3


def test_missing_package_is_named_with_its_extra(block, monkeypatch):
    monkeypatch.setitem(sys.modules, "pytetwild", None)
    with pytest.raises(ValueError, match=r"needs pytetwild; pip install cardiotwin\[mesh\]"):
        tetrahedralise_tetwild(block, edge_mm=15.0)


@pytest.mark.parametrize("edge_mm", [0.0, -2.0, np.nan, np.inf])
def test_edge_must_be_a_length(block, edge_mm):
    pytest.importorskip("pytetwild")
    with pytest.raises(ValueError, match="edge_mm must be positive"):
        tetrahedralise_tetwild(block, edge_mm=edge_mm)


def test_surface_is_checked_first(block):
    pytest.importorskip("pytetwild")
    lidless = LabelledSurface(
        name="lidless",
        nodes_mm=block.nodes_mm,
        triangles=block.triangles[1:],
        labels=block.labels[1:],
    )
    with pytest.raises(ValueError, match=r"lidless: .* open edges"):
        tetrahedralise_tetwild(lidless, edge_mm=15.0)
