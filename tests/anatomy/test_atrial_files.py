"""Atria on disk: an exact round trip, users' files with tags, and messages about bad ones."""

import numpy as np
import pytest

from cardiotwin.anatomy.atrial_build import build_atrium
from cardiotwin.anatomy.atrial_files import ATRIA, load_atrium, read_atrium, write_atrium

from .atrial_shapes import ball


@pytest.fixture(scope="module")
def atrium():
    return build_atrium(*ball(subdivisions=3), name="ball")


@pytest.fixture
def users_file(atrium, tmp_path):
    """Function: the triangles in a file, with tags of the veins as some other tool has them."""
    import pyvista

    def write(ending=".vtk", factor=1.0, array="region"):
        mesh = pyvista.make_tri_mesh(atrium.nodes_mm * factor, atrium.triangles)
        values = np.full(mesh.n_cells, 10)
        for value, name in enumerate(("lipv", "lspv", "ripv", "rspv"), start=20):
            values[np.isin(atrium.triangles, atrium.openings[name]).any(axis=1)] = value
        mesh.cell_data[array] = values
        mesh.save(tmp_path / f"mine{ending}")
        return tmp_path / f"mine{ending}"

    return write


MEANING = {10: "body", 20: "lipv", 21: "lspv", 22: "ripv", 23: "rspv"}


def test_an_atrium_reads_back_exactly(atrium, tmp_path):
    path = tmp_path / "la.vtp"
    write_atrium(atrium, path, {"activation_ms": np.arange(len(atrium.nodes_mm))})
    back = load_atrium(str(path))
    assert back.name == "ball"
    for field in ("nodes_mm", "triangles", "tags", "fibres"):
        np.testing.assert_array_equal(getattr(back, field), getattr(atrium, field))
        assert getattr(back, field).dtype == getattr(atrium, field).dtype
    assert set(back.openings) == set(atrium.openings)
    for name, rim in atrium.openings.items():
        np.testing.assert_array_equal(back.openings[name], rim)
    assert [p.name for p in tmp_path.iterdir()] == ["la.vtp"]


@pytest.mark.parametrize("ending", [".vtk", ".vtp"])
def test_a_users_tags_are_understood(ending, users_file, atrium):
    read = read_atrium(users_file(ending), meaning=MEANING)
    assert set(read.openings) == set(atrium.openings)
    for name, rim in atrium.openings.items():
        assert set(read.openings[name]) == set(rim)
    assert set(np.unique(read.tags)) == {0, 2, 3, 4, 5}


def test_a_file_without_tags_is_understood_by_its_places(atrium, tmp_path):
    import pyvista

    pyvista.make_tri_mesh(atrium.nodes_mm, atrium.triangles).save(tmp_path / "bare.ply")
    read = read_atrium(tmp_path / "bare.ply")
    assert set(read.openings) == set(atrium.openings)


def test_units_are_converted(users_file, atrium):
    read = read_atrium(users_file(factor=1000.0), meaning=MEANING, units="um")
    assert read.area_cm2 == pytest.approx(atrium.area_cm2, rel=1e-5)  # .vtk in single precision


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({}, "mine.vtk: value 10 of region is none of 0 body"),
        ({"tag_array": "part", "meaning": MEANING}, "has no array part on its triangles; it has"),
        ({"meaning": {**MEANING, 10: "valve"}}, "'valve' is no part of an atrium; parts are body"),
        ({"meaning": MEANING, "units": "inch"}, "units must be one of mm, cm, m, um, got 'inch'"),
        ({"meaning": MEANING, "units": "cm"}, "is 500 mm across; a left atrium is 30 to 200 mm"),
    ],
)
def test_wrong_arguments_are_refused(arguments, message, users_file):
    with pytest.raises(ValueError, match=message):
        read_atrium(users_file(), **arguments)


def test_what_is_not_an_atrium_is_refused(tmp_path, atrium):
    with pytest.raises(ValueError, match="unknown atrium 'la_kruse_06'; use la_kruse_01"):
        load_atrium("la_kruse_06")
    with pytest.raises(FileNotFoundError, match="no such file"):
        load_atrium(str(tmp_path / "none.vtp"))
    with pytest.raises(ValueError, match=r"an atrium is written as \.vtp, got la\.vtu"):
        write_atrium(atrium, tmp_path / "la.vtu")
    with pytest.raises(OSError, match="no such folder"):
        write_atrium(atrium, tmp_path / "nowhere" / "la.vtp")


def test_a_known_atrium_that_is_not_here_says_where_it_belongs(monkeypatch, tmp_path):
    monkeypatch.setenv("CARDIOTWIN_DATA", str(tmp_path))
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path))
    with pytest.raises(OSError, match=r"strocchi01 is not on this machine; set CARDIOTWIN_DATA to"):
        load_atrium("strocchi01")
    path = tmp_path / ATRIA["strocchi01"][0]
    path.parent.mkdir(parents=True)
    np.savez(path, points_mm=np.zeros((3, 3)))
    with pytest.raises(ValueError, match=r"la\.npz is damaged: .*; copy it again"):
        load_atrium("strocchi01")


def test_the_atrium_of_the_fetched_whole_heart_is_found(atrium, monkeypatch, tmp_path):
    import pyvista

    monkeypatch.setenv("CARDIOTWIN_DATA", str(tmp_path))
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path))
    with pytest.raises(OSError, match=r"or run `cardiotwin data fetch rodero01`"):
        load_atrium("rodero01")
    path = tmp_path / ATRIA["rodero01"][1]
    path.parent.mkdir(parents=True)
    other = atrium.triangles[:5]
    cells = np.concatenate([other, atrium.triangles])
    heart = pyvista.UnstructuredGrid({pyvista.CellType.TRIANGLE: cells}, atrium.nodes_mm)
    heart.cell_data["_surface-id"] = np.repeat([489672, 3], [5, len(atrium.triangles)])
    heart.save(path)
    assert load_atrium("rodero01").area_cm2 == pytest.approx(atrium.area_cm2, rel=1e-9)


def test_damaged_files_are_refused_in_one_line(atrium, tmp_path, survives):
    path = tmp_path / "la.vtp"
    write_atrium(atrium, path)
    survives(lambda: read_atrium(path), path)


def test_damaged_files_of_users_are_refused_in_one_line(users_file, survives):
    for ending in (".vtk", ".vtp"):
        path = users_file(ending)
        survives(lambda path=path: read_atrium(path, meaning=MEANING), path, examples=40)


def test_tags_that_do_not_fit_are_not_wrapped(atrium, tmp_path):
    import pyvista

    write_atrium(atrium, tmp_path / "la.vtp")
    mesh = pyvista.read(tmp_path / "la.vtp")
    mesh.cell_data["tag"] = np.full(mesh.n_cells, 256)
    mesh.save(tmp_path / "la.vtp")
    with pytest.raises(ValueError, match=r"la\.vtp: array tag does not hold what write_atrium"):
        read_atrium(tmp_path / "la.vtp")
