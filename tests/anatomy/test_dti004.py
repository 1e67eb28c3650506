"""The reader of DTI004: units, labels and measured fibres as in the file."""

import numpy as np
import pytest

from cardiotwin.anatomy.dti004 import read_dti004
from cardiotwin.anatomy.foreign_tets import average_axes


def test_axis_has_no_head_and_no_tail():
    tets = np.array([[0, 1, 2, 3]])
    axes = np.array([[1.0, 0.1, 0], [-1, 0.1, 0], [1, -0.1, 0], [-1, -0.1, 0]])
    axes /= np.linalg.norm(axes, axis=1, keepdims=True)
    np.testing.assert_allclose(np.abs(average_axes(axes, tets)), [[1, 0, 0]], atol=1e-12)


def test_mean_of_two_axes_lies_half_way():
    tets = np.array([[0, 1, 2, 3]])
    a, b = np.radians([20.0, 40.0])
    axes = np.array([[np.cos(a), np.sin(a), 0], [np.cos(b), np.sin(b), 0]] * 2)
    mean = average_axes(axes, tets)[0]
    np.testing.assert_allclose(mean[1] / mean[0], np.tan(np.radians(30)))


def test_missing_file_is_named(tmp_path):
    with pytest.raises(OSError, match=r"no such file: .*DTI004_case\.npz"):
        read_dti004(tmp_path)


def test_heart_has_the_size_of_the_record(dti004):
    assert dti004.nodes_mm.shape == (36875, 3)
    assert dti004.tets.shape == (191859, 4)
    np.testing.assert_allclose(dti004.tet_volumes_mm3.sum() / 1000, 107.1, atol=0.05)


def test_boundary_is_split_into_four_surfaces(dti004):
    assert sum(len(t) for t in dti004.surfaces.values()) == 27024
    corners = np.concatenate(list(dti004.surfaces.values()))
    assert len(np.unique(np.sort(corners, axis=1), axis=0)) == 27024


def test_fibres_are_those_of_the_file(dti004, data_folder):
    with np.load(data_folder / "hearts" / "dti004" / "DTI004_case.npz") as case:
        measured = case["fibre"]
    along = np.abs(np.einsum("mk,mjk->mj", dti004.fibres, measured[dti004.tets])).mean(axis=1)
    # Fibres at the four nodes of a tet differ: 11 degrees from their mean axis.
    assert np.degrees(np.arccos(np.median(along))) < 15
    np.testing.assert_allclose(np.linalg.norm(dti004.fibres, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(np.linalg.norm(dti004.sheets, axis=1), 1, atol=1e-5)
    across = np.einsum("ij,ij->i", dti004.fibres, dti004.sheets)
    np.testing.assert_allclose(across, 0, atol=1e-5)


def test_whole_cut_plane_is_base(dti004):
    """The heart was cut by one plane; the epicardium has no part in it."""
    rim = np.unique(dti004.surfaces["base"])
    middle_mm = dti004.nodes_mm[rim].mean(axis=0)
    normal = np.linalg.svd(dti004.nodes_mm[rim] - middle_mm, full_matrices=False)[2][2]
    epi_mm = dti004.nodes_mm[dti004.surfaces["epi"]] - middle_mm
    # The plane is flat to 0.1 mm; only triangles of the rounded edge may lie in it.
    assert (np.abs(epi_mm @ normal).max(axis=1) < 0.2).mean() < 0.002


def test_damaged_file_is_named(tmp_path):
    (tmp_path / "DTI004_case.npz").write_bytes(b"PK\x03\x04 and no more")
    with pytest.raises(ValueError, match=r"DTI004_case\.npz is damaged .* fetch it again"):
        read_dti004(tmp_path)
