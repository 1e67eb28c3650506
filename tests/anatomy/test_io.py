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


@pytest.mark.parametrize(
    ("kind", "name"),
    [("cell", "fibre"), ("point", "rotational"), ("point", "aha_segment"), ("field", "name")],
)
def test_missing_array_is_named(coarse_heart, tmp_path, kind, name):
    grid = heart_grid(coarse_heart)
    del getattr(grid, f"{kind}_data")[name]
    grid.save(tmp_path / "h.vtu")
    with pytest.raises(ValueError, match=f"not a heart: it lacks {kind} array {name}"):
        read_heart(tmp_path / "h.vtu")


def test_heart_without_its_skin_is_refused(coarse_heart, tmp_path):
    grid = heart_grid(coarse_heart)
    grid.extract_cells(np.arange(len(coarse_heart.tets))).save(tmp_path / "h.vtu")
    with pytest.raises(ValueError, match="it lacks"):
        read_heart(tmp_path / "h.vtu")


@pytest.mark.parametrize("part", [0.5, 0.99])
def test_truncated_file_is_refused_in_one_line(coarse_heart, tmp_path, capfd, part):
    write_heart(coarse_heart, tmp_path / "h.vtu")
    whole = (tmp_path / "h.vtu").read_bytes()
    (tmp_path / "h.vtu").write_bytes(whole[: int(part * len(whole))])
    with pytest.raises(ValueError, match=r"h\.vtu is not a \.vtu mesh, or it is damaged"):
        read_heart(tmp_path / "h.vtu")
    assert capfd.readouterr().err == ""


def test_text_file_is_refused_in_one_line(tmp_path, capfd):
    (tmp_path / "h.vtu").write_text("this is not XML")
    with pytest.raises(ValueError, match=r"h\.vtu is not a \.vtu mesh, or it is damaged"):
        read_heart(tmp_path / "h.vtu")
    assert capfd.readouterr().err == ""


def test_heart_in_micrometres_is_named(coarse_heart, tmp_path):
    grid = heart_grid(coarse_heart)
    grid.points = grid.points * 1000
    grid.save(tmp_path / "h.vtu")
    with pytest.raises(ValueError, match="looks like micrometres"):
        read_heart(tmp_path / "h.vtu")
