"""Damaged files: every reader returns what is valid or says in one line which file is not."""

import warnings
from types import SimpleNamespace

import numpy as np
import pytest
import pyvista
from vtkmodules.vtkIOXML import vtkXMLPolyDataWriter

from cardiotwin.anatomy.camps import read_camps, read_camps_fields
from cardiotwin.anatomy.dti004 import read_dti004
from cardiotwin.anatomy.heart import SURFACES, Heart
from cardiotwin.anatomy.io import read_heart
from cardiotwin.anatomy.mesh_readers import read_mesh_file
from cardiotwin.anatomy.open_surfaces import read_open_surfaces
from cardiotwin.anatomy.opencarp import read_opencarp, read_opencarp_heart, write_opencarp
from cardiotwin.anatomy.surface import LabelledSurface
from cardiotwin.anatomy.surface_files import read_surface

#: Damaged copies of each file in the suite and in the longer run.
FEW, MANY = 40, 300


@pytest.fixture(scope="module")
def wall(block_heart):
    """The block heart as the polygons of a file, with our labels at its triangles."""
    nodes_mm, tets, surfaces = block_heart
    triangles = np.concatenate([surfaces[s] for s in SURFACES])
    used, index = np.unique(triangles, return_inverse=True)
    mesh = pyvista.make_tri_mesh(nodes_mm[used], index.reshape(-1, 3))
    sizes = [len(surfaces[s]) for s in SURFACES]
    mesh.cell_data["surface"] = np.repeat(np.arange(1, 5, dtype=np.uint8), sizes)
    return SimpleNamespace(mesh=mesh, nodes_mm=nodes_mm, tets=tets, surfaces=surfaces)


def check_labels(surface):
    """What no reader may let through: other than one closed wall with all four labels."""
    assert isinstance(surface, LabelledSurface)
    assert set(surface.labels) == {0, 1, 2, 3}
    assert 40 <= np.ptp(surface.nodes_mm, axis=0).max() <= 300


def check_mesh_file(mesh):
    n = len(mesh.points)
    for cells, data in ((mesh.triangles, mesh.triangle_data), (mesh.tets, mesh.tet_data)):
        assert not cells.size or (cells.min() >= 0 and cells.max() < n)
        assert all(len(values) == len(cells) for values in data.values())
    assert all(len(values) == n for values in mesh.point_data.values())


def check_heart(heart):
    assert isinstance(heart, Heart)
    for axes in (heart.fibres, heart.sheets):
        np.testing.assert_allclose(np.linalg.norm(axes, axis=1), 1, atol=2e-3)
    assert all(len(heart.surfaces[s]) for s in SURFACES)


def save_vtp(mesh, path, *, mode, packer):
    writer = vtkXMLPolyDataWriter()
    writer.SetInputData(mesh)
    writer.SetFileName(str(path))
    getattr(writer, f"SetDataModeTo{mode}")()
    getattr(writer, f"SetCompressorTypeTo{packer}")()
    writer.EncodeAppendedDataOff()
    writer.Write()


def save_obj(mesh, path):
    lines = [f"v {x:g} {y:g} {z:g}" for x, y, z in mesh.points]
    for label, name in enumerate(SURFACES, start=1):
        faces = mesh.regular_faces[mesh.cell_data["surface"] == label] + 1
        lines += [f"g {name}", *(f"f {a} {b} {c}" for a, b, c in faces)]
    path.write_text("\n".join(lines))


def save_ply(mesh, path, *, binary):
    rows = np.zeros(mesh.n_cells, [("n", "u1"), ("corners", "<i4", 3), ("surface", "u1")])
    rows["n"], rows["corners"] = 3, mesh.regular_faces
    rows["surface"] = mesh.cell_data["surface"]
    style = "binary_little_endian" if binary else "ascii"
    head = [
        f"ply\nformat {style} 1.0\nelement vertex {mesh.n_points}",
        *(f"property double {axis}" for axis in "xyz"),
        f"element face {mesh.n_cells}\nproperty list uchar int vertex_indices",
        "property uchar surface\nend_header\n",
    ]
    body = mesh.points.astype("<f8").tobytes() + rows.tobytes()
    if not binary:
        faces = [[3, *f, s] for f, s in zip(rows["corners"], rows["surface"], strict=True)]
        body = "\n".join(" ".join(map(str, row)) for row in [*mesh.points.tolist(), *faces])
        body = body.encode()
    path.write_bytes("\n".join(head).encode() + body)


SAVE = {
    "ascii.vtp": lambda mesh, path: save_vtp(mesh, path, mode="Ascii", packer="None"),
    "zlib.vtp": lambda mesh, path: save_vtp(mesh, path, mode="Binary", packer="ZLib"),
    "plain.vtp": lambda mesh, path: save_vtp(mesh, path, mode="Binary", packer="None"),
    "appended.vtp": lambda mesh, path: save_vtp(mesh, path, mode="Appended", packer="None"),
    "lzma.vtp": lambda mesh, path: save_vtp(mesh, path, mode="Appended", packer="LZMA"),
    "ascii.vtk": lambda mesh, path: mesh.save(path, binary=False),
    "binary.vtk": lambda mesh, path: mesh.save(path),
    "ascii.ply": lambda mesh, path: save_ply(mesh, path, binary=False),
    "binary.ply": lambda mesh, path: save_ply(mesh, path, binary=True),
    "groups.obj": save_obj,
    "ascii.stl": lambda mesh, path: mesh.save(path, binary=False),
    "binary.stl": lambda mesh, path: mesh.save(path),
}


def quietly(read, *args, **kwargs):
    """The reader's result without its warnings, which damage may rightly raise."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        return read(*args, **kwargs)


@pytest.mark.parametrize("name", SAVE)
def test_every_format_of_a_surface_reads_the_same(wall, tmp_path, name):
    SAVE[name](wall.mesh, tmp_path / name)
    surface = read_surface(tmp_path / name)
    check_labels(surface)
    if not name.endswith(".stl"):
        sizes = [len(wall.surfaces[s]) for s in SURFACES]
        np.testing.assert_array_equal(np.bincount(surface.labels), sizes)
    corners = np.sort(surface.nodes_mm[surface.triangles].reshape(-1, 9).sum(axis=1))
    expected = wall.mesh.points[wall.mesh.regular_faces].reshape(-1, 9).sum(axis=1)
    np.testing.assert_allclose(corners, np.sort(expected), rtol=1e-6)


@pytest.mark.parametrize("name", SAVE)
def test_damaged_surface_file_is_named(wall, tmp_path, survives, name):
    path = tmp_path / name
    SAVE[name](wall.mesh, path)
    survives(lambda: read_mesh_file(path), path, examples=FEW, check=check_mesh_file)
    survives(lambda: quietly(read_surface, path), path, examples=FEW // 2, check=check_labels)


@pytest.mark.slow
@pytest.mark.parametrize("name", SAVE)
def test_badly_damaged_surface_file_is_named(wall, tmp_path, survives, name):
    path = tmp_path / name
    SAVE[name](wall.mesh, path)
    survives(lambda: read_mesh_file(path), path, examples=MANY, check=check_mesh_file)
    survives(lambda: quietly(read_surface, path), path, examples=MANY, check=check_labels)


def save_parts(wall, folder):
    for label, name in enumerate(SURFACES, start=1):
        part = wall.mesh.extract_cells(wall.mesh.cell_data["surface"] == label)
        part.extract_surface(algorithm="dataset_surface").save(folder / f"{name}.ply")


def save_carp(wall, stem):
    heart = SimpleNamespace(
        nodes_mm=wall.nodes_mm,
        tets=wall.tets,
        fibres=np.tile([1.0, 0, 0], (len(wall.tets), 1)),
        sheets=np.tile([0, 1.0, 0], (len(wall.tets), 1)),
        surfaces=wall.surfaces,
        is_lv=wall.nodes_mm[:, 0] > 36,
    )
    write_opencarp(heart, stem)


def save_camps(wall, folder):
    def save(name, rows, form="%.17g"):
        np.savetxt(folder / f"block_{name}.csv", rows, form, delimiter=",")

    n = len(wall.nodes_mm)
    save("xyz", wall.nodes_mm / 10)
    save("tetra", wall.tets + 1, "%d")
    save("boundarynodefield_lvendo", np.unique(wall.surfaces["lv_endo"]) + 1, "%d")
    save("boundarynodefield_rvendo", np.unique(wall.surfaces["rv_endo"]) + 1, "%d")
    save("nodefield_fibre", np.tile([1.0, 0, 0], (n, 1)))
    save("nodefield_tm", np.linspace(0, 1, n))
    save("electrode_xyz", np.arange(30.0).reshape(10, 3))


def save_vtu(wall, path):
    n, m = len(wall.nodes_mm), len(wall.tets)
    grid = pyvista.UnstructuredGrid({pyvista.CellType.TETRA: wall.tets}, wall.nodes_mm)
    grid.cell_data["fibre"] = np.tile([1.0, 0, 0], (m, 1))
    grid.point_data["class"] = np.full(n, 2, np.int32)
    for name, value in (("base", 1), ("lv_endo", 3), ("rv_endo", 4)):
        grid.point_data["class"][np.unique(wall.surfaces[name])] = value
    grid.save(path)


def attack_all(wall, tmp_path, survives, examples):
    """Every file of every layout in turn; a heart is built of what survives, so fewer of these."""
    save_parts(wall, tmp_path)
    part = tmp_path / "epi.ply"
    survives(
        lambda: quietly(read_open_surfaces, tmp_path),
        part,
        examples=examples,
        check=check_labels,
        named=tmp_path.name,
    )
    save_carp(wall, tmp_path / "carp")
    for ending in (".pts", ".elem", ".lon", ".lv_endo.surf"):
        survives(
            lambda: quietly(read_opencarp, tmp_path / "carp"),
            tmp_path / f"carp{ending}",
            examples=examples,
            named="carp.",
        )
    camps = tmp_path / "camps"
    camps.mkdir()
    save_camps(wall, camps)
    survives(lambda: read_camps_fields(camps), camps / "block_nodefield_tm.csv", named="block")
    hearts = [
        (lambda: read_camps(camps), camps / f"block_{name}.csv", "block")
        for name in ("xyz", "tetra", "boundarynodefield_lvendo", "nodefield_fibre", "electrode_xyz")
    ]
    save_vtu(wall, tmp_path / "tets.vtu")
    hearts.append((lambda: read_heart(tmp_path / "tets.vtu"), tmp_path / "tets.vtu", None))
    hearts.append((lambda: read_opencarp_heart(tmp_path / "carp"), tmp_path / "carp.pts", "carp"))
    for read, path, named in hearts:
        survives(read, path, examples=max(examples // 4, 5), check=check_heart, named=named)


def test_damaged_tetrahedra_and_parts_are_named(wall, tmp_path, survives):
    attack_all(wall, tmp_path, survives, FEW // 2)


@pytest.mark.slow
def test_badly_damaged_tetrahedra_and_parts_are_named(wall, tmp_path, survives):
    attack_all(wall, tmp_path, survives, MANY // 2)


def test_damaged_archive_is_named(tmp_path, survives, block_heart):
    nodes_mm, tets, surfaces = block_heart
    axes = {
        k: np.tile(v, (len(nodes_mm), 1))
        for k, v in (("fibre", [1.0, 0, 0]), ("sheet", [0, 1.0, 0]))
    }
    np.savez_compressed(
        tmp_path / "DTI004_case.npz",
        xyz=nodes_mm / 10,
        tetra=tets,
        lvendo=np.unique(surfaces["lv_endo"]),
        rvendo=np.unique(surfaces["rv_endo"]),
        electrodes=np.zeros((10, 3)),
        **axes,
    )
    path = tmp_path / "DTI004_case.npz"
    survives(lambda: read_dti004(tmp_path), path, examples=FEW // 2, check=check_heart, named="004")
