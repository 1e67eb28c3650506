"""A heart on disk: back to the bit, whole or not at all, and plain words for what is no heart."""

from dataclasses import replace

import numpy as np
import pytest
import pyvista

from cardiotwin.anatomy.heart import SURFACES
from cardiotwin.anatomy.io import heart_grid, read_heart, write_heart


def test_heart_comes_back_to_the_bit(coarse_heart, tmp_path):
    write_heart(coarse_heart, tmp_path / "h.vtu")
    back = read_heart(str(tmp_path / "h.vtu"))
    assert back.name == "coarse"
    for field in ("nodes_mm", "tets", "fibres", "sheets", "segments", "electrodes_mm"):
        ours, theirs = getattr(coarse_heart, field), getattr(back, field)
        assert theirs.dtype == ours.dtype, field
        np.testing.assert_array_equal(theirs, ours)
    for name, values in vars(coarse_heart.coordinates).items():
        np.testing.assert_array_equal(getattr(back.coordinates, name), values)
    for name in SURFACES:
        np.testing.assert_array_equal(back.surfaces[name], coarse_heart.surfaces[name])


def test_missing_electrode_comes_back_missing(coarse_heart, tmp_path):
    electrodes_mm = coarse_heart.electrodes_mm.copy()
    electrodes_mm[3] = np.nan
    write_heart(replace(coarse_heart, electrodes_mm=electrodes_mm), tmp_path / "h.vtu")
    np.testing.assert_array_equal(read_heart(tmp_path / "h.vtu").electrodes_mm, electrodes_mm)


def test_fields_are_written_for_paraview(coarse_heart, tmp_path):
    times_ms = np.linspace(0, 90, len(coarse_heart.nodes_mm))
    write_heart(coarse_heart, tmp_path / "h.vtu", {"activation_ms": times_ms})
    shown = pyvista.read(tmp_path / "h.vtu")
    np.testing.assert_array_equal(shown.point_data["activation_ms"], times_ms)
    assert shown.cell_data["surface"].max() == len(SURFACES)


def test_failed_write_leaves_the_old_file_and_no_part(coarse_heart, tmp_path):
    write_heart(coarse_heart, tmp_path / "h.vtu")
    before = (tmp_path / "h.vtu").read_bytes()
    with pytest.raises(ValueError, match="length of"):
        write_heart(coarse_heart, tmp_path / "h.vtu", {"wrong": np.zeros(3)})
    assert (tmp_path / "h.vtu").read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["h.vtu"]


def test_wrong_ending_is_named(coarse_heart, tmp_path):
    with pytest.raises(ValueError, match=r"written as \.vtu, got h\.stl"):
        write_heart(coarse_heart, tmp_path / "h.stl")
    with pytest.raises(ValueError, match=r"read from \.vtu, got h\.stl"):
        read_heart(tmp_path / "h.stl")


def test_missing_file_and_folder_are_named(coarse_heart, tmp_path):
    with pytest.raises(OSError, match=r"no such file: .*h\.vtu"):
        read_heart(tmp_path / "h.vtu")
    with pytest.raises(OSError, match=r"no such folder: .*nowhere"):
        write_heart(coarse_heart, tmp_path / "nowhere" / "h.vtu")


def test_mesh_that_is_no_heart_is_refused(tmp_path):
    pyvista.Sphere().cast_to_unstructured_grid().save(tmp_path / "ball.vtu")
    with pytest.raises(ValueError, match=r"ball\.vtu is not a heart: it lacks tetrahedra; make"):
        read_heart(tmp_path / "ball.vtu")


@pytest.mark.parametrize(("kind", "name"), [("cell", "fibre"), ("point", "rotational")])
def test_missing_array_is_made_again(coarse_heart, tmp_path, kind, name):
    """Fibres by rule and coordinates by Laplace solves are those the heart was built with."""
    grid = heart_grid(coarse_heart)
    del getattr(grid, f"{kind}_data")[name]
    grid.save(tmp_path / "h.vtu")
    back = read_heart(tmp_path / "h.vtu")
    assert back.name == "h"
    along = np.abs(np.einsum("ij,ij->i", back.fibres, coarse_heart.fibres))
    np.testing.assert_allclose(along, 1, atol=1e-4)
    np.testing.assert_allclose(
        back.coordinates.transmural, coarse_heart.coordinates.transmural, atol=1e-5
    )
    np.testing.assert_array_equal(back.electrodes_mm, coarse_heart.electrodes_mm)


def test_tets_alone_become_a_heart(coarse_heart, tmp_path):
    grid = heart_grid(coarse_heart).extract_cells(np.arange(len(coarse_heart.tets)))
    grid.clear_data()
    for name in ("h.vtu", "h.vtk"):
        grid.save(tmp_path / name)
        back = read_heart(tmp_path / name)
        for surface in SURFACES[:3]:
            ours, theirs = (np.unique(h.surfaces[surface]) for h in (coarse_heart, back))
            assert len(np.intersect1d(ours, theirs)) > 0.95 * len(np.union1d(ours, theirs))


def test_fibres_of_others_are_kept_whatever_their_name_and_place(coarse_heart, tmp_path):
    grid = heart_grid(coarse_heart).extract_cells(np.arange(len(coarse_heart.tets)))
    grid.clear_data()
    grid.cell_data["Fiber"] = np.tile([0.0, 3.0, 4.0], (len(coarse_heart.tets), 1))
    grid.save(tmp_path / "h.vtu")
    heart = read_heart(tmp_path / "h.vtu")
    np.testing.assert_allclose(heart.fibres, np.tile([0, 0.6, 0.8], (heart.fibres.shape[0], 1)))
    np.testing.assert_allclose((heart.fibres * heart.sheets).sum(axis=1), 0, atol=1e-5)
    del grid.cell_data["Fiber"]
    grid.point_data["f0"] = np.tile([0.0, -0.6, -0.8], (len(coarse_heart.nodes_mm), 1))
    grid.save(tmp_path / "h.vtu")
    along = read_heart(tmp_path / "h.vtu").fibres @ [0, 0.6, 0.8]
    np.testing.assert_allclose(np.abs(along), 1, atol=1e-6)


def test_classes_at_points_name_the_surfaces(block_heart, tmp_path):
    nodes_mm, tets, surfaces = block_heart
    grid = pyvista.UnstructuredGrid({pyvista.CellType.TETRA: tets}, nodes_mm)
    grid.point_data["class"] = np.full(len(nodes_mm), 2, np.int32)
    for name, value in (("base", 1), ("lv_endo", 3), ("rv_endo", 4)):
        inner = np.setdiff1d(surfaces[name], surfaces["base"]) if value > 1 else surfaces[name]
        grid.point_data["class"][np.unique(inner)] = value
    grid.save(tmp_path / "h.vtu")
    heart = read_heart(tmp_path / "h.vtu")
    deep = (nodes_mm[surfaces["lv_endo"]][:, :, 2] < 48.0).all(axis=1)
    assert set(np.unique(surfaces["lv_endo"][deep])) <= set(np.unique(heart.surfaces["lv_endo"]))
    both = np.intersect1d(heart.surfaces["lv_endo"], heart.surfaces["epi"])
    assert not both.size


def test_tets_in_centimetres_are_read_when_said(coarse_heart, tmp_path):
    grid = heart_grid(coarse_heart)
    grid.points = grid.points / 10
    grid.save(tmp_path / "h.vtu")
    with pytest.raises(ValueError, match=r"h\.vtu: .* looks like centimetres.*say units='cm'"):
        read_heart(tmp_path / "h.vtu")
    back = read_heart(tmp_path / "h.vtu", units="cm")
    np.testing.assert_allclose(back.nodes_mm, coarse_heart.nodes_mm, atol=1e-9)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("transmural", 7.0, "array transmural must lie in -1.1 to 1.1"),
        ("apicobasal", np.nan, "array apicobasal must lie in"),
        ("aha_segment", 18, "array aha_segment must lie in 0 to 17"),
    ],
)
def test_impossible_values_are_refused(coarse_heart, tmp_path, name, value, message):
    grid = heart_grid(coarse_heart).copy()  # the grid shares the heart's memory
    grid.point_data[name][3] = value
    grid.save(tmp_path / "h.vtu")
    with pytest.raises(ValueError, match=f"h.vtu: {message}"):
        read_heart(tmp_path / "h.vtu")


def test_fibre_that_is_no_direction_is_refused(coarse_heart, tmp_path):
    grid = heart_grid(coarse_heart).copy()
    grid.cell_data["fibre"][7] = [2.0, 0, 0]
    grid.save(tmp_path / "h.vtu")
    with pytest.raises(ValueError, match=r"h\.vtu: fibre of tet 7 has length 2; it must be"):
        read_heart(tmp_path / "h.vtu")


@pytest.mark.parametrize("part", [0.5, 0.99])
def test_truncated_file_is_refused_in_one_line(coarse_heart, tmp_path, capfd, part):
    write_heart(coarse_heart, tmp_path / "h.vtu")
    whole = (tmp_path / "h.vtu").read_bytes()
    (tmp_path / "h.vtu").write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(ValueError, match=r"h\.vtu is damaged or no \.vtu file: no element found"):
        read_heart(tmp_path / "h.vtu")
    assert capfd.readouterr().err == ""


def test_text_file_is_refused_in_one_line(tmp_path, capfd):
    (tmp_path / "h.vtu").write_text("this is not XML")
    with pytest.raises(ValueError, match=r"h\.vtu is damaged or no \.vtu file: syntax error"):
        read_heart(tmp_path / "h.vtu")
    assert capfd.readouterr().err == ""


def test_heart_in_micrometres_is_named(coarse_heart, tmp_path):
    grid = heart_grid(coarse_heart)
    grid.points = grid.points * 1000
    grid.save(tmp_path / "h.vtu")
    with pytest.raises(ValueError, match="looks like micrometres"):
        read_heart(tmp_path / "h.vtu")
