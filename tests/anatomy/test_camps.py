"""Camps' csv folders: units, counting from 0 or 1, names of files, what is made and what kept."""

import numpy as np
import pytest

from cardiotwin.anatomy.camps import is_camps, read_camps, read_camps_fields
from cardiotwin.anatomy.heart import SURFACES


@pytest.fixture
def folder(block_heart, tmp_path):
    """The block heart as the public repository lays it out: electrodes one folder up."""
    nodes_mm, tets, surfaces = block_heart
    inner = tmp_path / "block_coarse"
    inner.mkdir()
    n = len(nodes_mm)

    def save(name, rows, form="%.17g"):
        np.savetxt(inner / f"block_coarse_{name}.csv", rows, form, delimiter=",")

    save("xyz", nodes_mm / 10)
    save("tetra", tets + 1, "%d")
    save("boundarynodefield_lvendo", np.unique(surfaces["lv_endo"]) + 1, "%d")
    save("boundarynodefield_rvendo", np.unique(surfaces["rv_endo"]) + 1, "%d")
    save("nodefield_fibre", np.tile([0.6, 0.8, 0], (n, 1)))
    save("nodefield_tm", np.linspace(0, 1, n))
    rows = np.arange(30.0).reshape(10, 3)
    np.savetxt(tmp_path / "block_electrode_xyz.csv", rows, delimiter=",")
    return inner


def test_heart_is_that_of_the_files(folder, block_heart):
    nodes_mm, tets, surfaces = block_heart
    heart = read_camps(folder.parent)
    assert heart.name == "block_coarse"
    np.testing.assert_allclose(heart.nodes_mm, nodes_mm, atol=1e-12)
    np.testing.assert_array_equal(heart.tets, tets)
    np.testing.assert_allclose(heart.fibres, np.tile([0.6, 0.8, 0], (len(tets), 1)), atol=1e-6)
    np.testing.assert_allclose(heart.electrodes_mm.ravel(), np.arange(30) * 10.0)
    for name in SURFACES[:2]:
        # A triangle of the top that cuts a corner of the rim has all its nodes in the list, too.
        assert 0 <= len(heart.surfaces[name]) - len(surfaces[name]) <= 2


def test_base_is_the_flat_top(folder):
    """Only the bevel that a real base has, 4 mm, may go beyond it."""
    heart = read_camps(folder)
    base_mm = heart.nodes_mm[heart.surfaces["base"]]
    assert (base_mm[:, :, 2].max(axis=1) == 48.0).all()
    top = (heart.nodes_mm[heart.surfaces["epi"]][:, :, 2] == 48.0).all(axis=1)
    assert not top.any()


def test_counting_from_zero_is_noticed(folder, block_heart):
    _, tets, surfaces = block_heart
    np.savetxt(folder / "block_coarse_tetra.csv", tets, "%d", delimiter=",")
    for name in ("lvendo", "rvendo"):
        nodes = np.unique(surfaces[f"{name[:2]}_endo"])
        np.savetxt(folder / f"block_coarse_boundarynodefield_{name}.csv", nodes, "%d")
    heart = read_camps(folder)
    assert len(heart.surfaces["lv_endo"]) == len(surfaces["lv_endo"])
    np.testing.assert_array_equal(heart.tets, tets)


def test_older_names_are_known(folder):
    for side in ("lv", "rv"):
        old = folder / f"block_coarse_boundarynodefield_ep-{side}nodes.csv"
        (folder / f"block_coarse_boundarynodefield_{side}endo.csv").rename(old)
    assert len(read_camps(folder).tets)


def test_three_axes_in_one_file_are_known(folder):
    n = len(np.loadtxt(folder / "block_coarse_xyz.csv", delimiter=","))
    (folder / "block_coarse_nodefield_fibre.csv").unlink()
    rows = np.tile([0, 1, 0, 0, 0, 1, 1, 0, 0], (n, 1))
    np.savetxt(folder / "block_coarse_nodefield_fibre-sheet-normal.csv", rows, delimiter=",")
    heart = read_camps(folder)
    np.testing.assert_allclose(np.abs(heart.fibres @ [0, 1, 0]), 1, atol=1e-6)
    np.testing.assert_allclose(np.abs(heart.sheets @ [0, 0, 1]), 1, atol=1e-6)


def test_fields_are_read_as_they_stand(folder):
    fields = read_camps_fields(folder)
    assert set(fields) == {"tm"}
    assert fields["tm"][0] == 0
    assert fields["tm"][-1] == 1


def test_missing_file_is_named_with_all_its_names(folder):
    (folder / "block_coarse_tetra.csv").unlink()
    with pytest.raises(OSError, match=r"no file block_coarse_tetra\.csv in"):
        read_camps(folder)
    with pytest.raises(OSError, match="no such folder"):
        read_camps(folder / "nowhere")


def test_millimetres_are_recognised(folder, block_heart):
    np.savetxt(folder / "block_coarse_xyz.csv", block_heart[0], delimiter=",")
    with pytest.raises(
        ValueError, match=r"_xyz\.csv: is 780 mm across.*read as cm; say units='mm'"
    ):
        read_camps(folder)
    assert np.ptp(read_camps(folder, units="mm").nodes_mm) == 78.0


def test_list_of_another_mesh_is_refused(folder):
    np.savetxt(folder / "block_coarse_boundarynodefield_lvendo.csv", np.arange(400, 700), "%d")
    with pytest.raises(ValueError, match="of its nodes lie on the boundary; it belongs to another"):
        read_camps(folder)


def test_swapped_lists_are_noticed(folder):
    one, other = (folder / f"block_coarse_boundarynodefield_{s}endo.csv" for s in ("lv", "rv"))
    left, right = one.read_text(), other.read_text()
    one.write_text(right)
    other.write_text(left)
    with pytest.raises(ValueError, match="are lv_endo and rv_endo swapped"):
        read_camps(folder)


def test_layout_is_recognised(folder, tmp_path):
    assert is_camps(folder)
    assert is_camps(folder.parent)
    (folder / "block_coarse_xyz.csv").unlink()
    assert not is_camps(tmp_path)
