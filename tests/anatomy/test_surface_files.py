"""One labelled surface from a file: labels by array, name, mapping or shape; what is refused."""

import warnings

import numpy as np
import pytest
import pyvista

from cardiotwin.anatomy.bivme import read_bivme
from cardiotwin.anatomy.heart import SURFACES
from cardiotwin.anatomy.mesh_readers import read_mesh_file
from cardiotwin.anatomy.surface import enclosed_volume_mm3
from cardiotwin.anatomy.surface_files import read_surface
from cardiotwin.anatomy.surface_names import surface_named

COBIVECO = {1: "base", 2: "epi", 3: "lv_endo", 4: "rv_endo"}
#: Cobiveco's number of each of `SURFACES`.
CLASS = np.array([3, 4, 2, 1])


@pytest.fixture
def wall(block_heart):
    """The block heart's surface without labels, and the label of each triangle."""
    nodes_mm, _, surfaces = block_heart
    triangles = np.concatenate([surfaces[s] for s in SURFACES])
    used, index = np.unique(triangles, return_inverse=True)
    mesh = pyvista.make_tri_mesh(nodes_mm[used], index.reshape(-1, 3))
    labels = np.repeat(np.arange(4), [len(surfaces[s]) for s in SURFACES])
    return mesh, labels


@pytest.mark.parametrize("name", ["class", "cls"])
def test_classes_of_cobiveco_are_known(wall, tmp_path, name):
    mesh, labels = wall
    mesh.cell_data[name] = CLASS[labels].astype(np.float32)
    mesh.save(tmp_path / "wall.vtp")
    np.testing.assert_array_equal(read_surface(tmp_path / "wall.vtp").labels, labels)


def test_classes_at_points_go_to_the_triangles(wall, tmp_path):
    """A triangle takes the class of most of its points, so only rims may differ."""
    mesh, labels = wall
    mesh.point_data["class"] = np.full(mesh.n_points, 2)
    for label in (0, 1, 3):
        mesh.point_data["class"][np.unique(mesh.regular_faces[labels == label])] = CLASS[label]
    mesh.save(tmp_path / "wall.vtk")
    found = read_surface(tmp_path / "wall.vtk").labels
    assert (found == labels).mean() > 0.9
    np.testing.assert_array_equal(found[labels == 3], 3)


def test_numbers_of_others_need_a_meaning(wall, tmp_path):
    mesh, labels = wall
    mesh.cell_data["parts"] = 10 * labels
    mesh.cell_data["region"] = 10 * labels
    path = tmp_path / "wall.vtp"
    mesh.save(path)
    with pytest.raises(ValueError, match=r"wall\.vtp: array region has the value 0, which has no"):
        read_surface(path)
    meaning = {10 * i: s for i, s in enumerate(SURFACES)}
    for array in (None, "parts"):
        found = read_surface(path, labels=meaning, array=array).labels
        np.testing.assert_array_equal(found, labels)
    with pytest.raises(ValueError, match=r"wall\.vtp: array region has the value 30"):
        read_surface(path, labels={k: meaning[k] for k in (0, 10, 20)})
    with pytest.raises(ValueError, match=r"wall\.vtp: has no array tissue; it has"):
        read_surface(path, labels=meaning, array="tissue")
    with pytest.raises(ValueError, match=r"labels must be lv_endo, .* got 'lv'"):
        read_surface(path, labels={0: "lv"})


def test_file_without_labels_is_labelled_from_its_shape(wall, tmp_path):
    mesh, labels = wall
    mesh.save(tmp_path / "wall.stl")
    surface = read_surface(tmp_path / "wall.stl")
    sizes = np.bincount(surface.labels, minlength=4)
    np.testing.assert_allclose(sizes[:3], np.bincount(labels)[:3], rtol=0.05)


def test_triangles_that_mean_nothing_are_left_out(wall, tmp_path):
    """Caps that close the mouths, as biv-me has them, are no part of the wall."""
    mesh, labels = wall
    caps = pyvista.make_tri_mesh(mesh.points, mesh.regular_faces[labels == 0][:20])
    both = pyvista.make_tri_mesh(
        mesh.points, np.vstack([mesh.regular_faces, caps.regular_faces[:, ::-1]])
    )
    both.cell_data["label"] = np.append(labels, np.full(20, 9))
    both.save(tmp_path / "wall.ply")
    both.save(tmp_path / "wall.vtk")
    meaning = {**dict(enumerate(SURFACES)), 9: None}
    np.testing.assert_array_equal(
        read_surface(tmp_path / "wall.vtk", labels=meaning).labels, labels
    )


def test_surface_in_pieces_that_share_their_rims_is_joined(wall, tmp_path):
    mesh, labels = wall
    corners = mesh.points[mesh.regular_faces].reshape(-1, 3)
    soup = pyvista.make_tri_mesh(corners, np.arange(len(corners)).reshape(-1, 3))
    soup.cell_data["class"] = CLASS[labels]
    soup.save(tmp_path / "soup.vtp")
    surface = read_surface(tmp_path / "soup.vtp")
    assert len(surface.nodes_mm) == mesh.n_points
    np.testing.assert_array_equal(surface.labels, labels)


def test_triangles_inside_out_are_turned(wall, tmp_path, rng):
    mesh, labels = wall
    flip = rng.random(mesh.n_cells) < 0.5
    faces = np.where(flip[:, None], mesh.regular_faces[:, ::-1], mesh.regular_faces)
    turned = pyvista.make_tri_mesh(mesh.points, faces)
    turned.cell_data["class"] = CLASS[labels]
    turned.save(tmp_path / "wall.vtp")
    surface = read_surface(tmp_path / "wall.vtp")
    expected = enclosed_volume_mm3(np.asarray(mesh.points), mesh.regular_faces)
    assert enclosed_volume_mm3(surface.nodes_mm, surface.triangles) == pytest.approx(expected)


def test_hole_is_named_or_filled(wall, tmp_path):
    mesh, labels = wall
    keep = np.arange(mesh.n_cells) != np.flatnonzero(labels == 2)[100]
    holed = pyvista.make_tri_mesh(mesh.points, mesh.regular_faces[keep])
    holed.cell_data["class"] = CLASS[labels[keep]]
    path = tmp_path / "wall.vtp"
    holed.save(path)
    with pytest.raises(ValueError, match=r"wall\.vtp: 3 open edges, the first at \(.*\) mm; close"):
        read_surface(path)
    filled = read_surface(path, fill_holes_mm=10.0)
    assert len(filled.triangles) == mesh.n_cells + 2
    assert (filled.labels[-3:] == 2).all()


@pytest.mark.parametrize(("units", "factor"), [("cm", 0.1), ("m", 1e-3), ("um", 1e3), (2.5, 0.4)])
def test_units_are_converted_when_said(wall, tmp_path, units, factor):
    mesh, labels = wall
    mesh.cell_data["class"] = CLASS[labels]
    small = mesh.copy()
    small.points = small.points * factor
    small.save(tmp_path / "wall.vtp")
    surface = read_surface(tmp_path / "wall.vtp", units=units)
    np.testing.assert_allclose(np.ptp(surface.nodes_mm, axis=0), [78, 66, 48])
    with pytest.raises(ValueError, match=r"wall\.vtp: is .* mm across.*\(read as mm; say units="):
        read_surface(tmp_path / "wall.vtp")


@pytest.mark.parametrize("units", ["inch", -1.0, 0, np.nan])
def test_unknown_units_are_refused(wall, tmp_path, units):
    wall[0].save(tmp_path / "wall.vtp")
    with pytest.raises(ValueError, match="units must be one of mm, cm, m, um or a number of mm"):
        read_surface(tmp_path / "wall.vtp", units=units)


def test_missing_right_ventricle_is_named(wall, tmp_path):
    mesh, labels = wall
    mesh.cell_data["class"] = CLASS[np.where(labels == 1, 2, labels)]
    mesh.save(tmp_path / "wall.vtp")
    with pytest.raises(ValueError, match=r"wall\.vtp: no triangle is labelled rv_endo; a wall"):
        read_surface(tmp_path / "wall.vtp")


def test_second_body_is_named(wall, tmp_path):
    mesh, labels = wall
    ball = pyvista.Sphere(radius=3.0, center=(39.0, 33.0, 80.0))
    both = pyvista.make_tri_mesh(
        np.vstack([mesh.points, ball.points]),
        np.vstack([mesh.regular_faces, ball.regular_faces + mesh.n_points]),
    )
    both.cell_data["class"] = CLASS[np.append(labels, np.full(ball.n_cells, 2))]
    both.save(tmp_path / "wall.vtp")
    message = r"wall\.vtp: is 2 bodies, the least of \d+ triangles at \(39\.\d, 33\.\d, 80\.\d\) mm"
    with pytest.raises(ValueError, match=message):
        read_surface(tmp_path / "wall.vtp")


def test_surface_that_crosses_itself_is_reported_with_the_place(wall, tmp_path):
    mesh, labels = wall
    mesh.cell_data["class"] = CLASS[labels]
    top = np.flatnonzero((mesh.points == [0.0, 0.0, 48.0]).all(axis=1))[0]
    mesh.points[top] = [13.0, 13.0, -5.0]
    mesh.save(tmp_path / "wall.vtp")
    with pytest.warns(UserWarning, match=r"wall\.vtp: crosses itself in \d+ places, the first at"):
        read_surface(tmp_path / "wall.vtp")


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.vtp", b"", r"a\.vtp is empty"),
        ("a.stl", b"solid\n", r"a\.stl is damaged or no \.stl file"),
        (
            "a.xyz",
            b"1 2 3",
            r"a\.xyz: a mesh is read from \.vtp, \.vtu, \.vtk, \.ply, \.stl, \.obj",
        ),
        ("a.obj", b"v 0 0 0\n", r"a\.obj is damaged or no \.obj file: it has no points, no faces"),
        ("a.ply", b"ply\nformat ascii 1.0\nend_header\n", r"a\.ply is damaged .* no vertices"),
        ("a.vtk", b"# vtk DataFile\n\nASCII\nDATASET STRUCTURED_GRID\n1\n", "STRUCTURED_GRID, not"),
    ],
)
def test_file_that_is_no_surface_is_named(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_surface(tmp_path / name)


def test_missing_file_and_tetrahedra_are_named(tmp_path):
    with pytest.raises(OSError, match=r"no such file: .*a\.vtp"):
        read_surface(tmp_path / "a.vtp")
    box = pyvista.ImageData(dimensions=(3, 3, 3), spacing=(30, 30, 30)).to_tetrahedra()
    box.save(tmp_path / "a.vtu")
    with pytest.raises(ValueError, match=r"a\.vtu has tetrahedra, no surface; read it as a heart"):
        read_surface(tmp_path / "a.vtu")


@pytest.mark.parametrize("version", [42, 51])
@pytest.mark.parametrize("binary", [False, True])
def test_legacy_files_of_both_versions_read_as_vtk_reads_them(tmp_path, version, binary, rng):
    from vtkmodules.vtkIOLegacy import vtkPolyDataWriter

    mesh = pyvista.Sphere(radius=40.0)
    mesh.cell_data["vec"] = rng.normal(size=(mesh.n_cells, 3))
    mesh.point_data["tag"] = np.arange(mesh.n_points) % 4
    mesh.field_data["tag_names"] = ["one two", "three"]
    writer = vtkPolyDataWriter()
    writer.SetInputData(mesh)
    writer.SetFileName(str(tmp_path / "a.vtk"))
    writer.SetFileVersion(version)
    (writer.SetFileTypeToBinary if binary else writer.SetFileTypeToASCII)()
    writer.Write()
    read = read_mesh_file(tmp_path / "a.vtk")
    # VTK writes six digits of a number in text.
    np.testing.assert_allclose(read.points, mesh.points, rtol=1e-5)
    np.testing.assert_array_equal(read.triangles, mesh.regular_faces)
    np.testing.assert_allclose(read.triangle_data["vec"], mesh.cell_data["vec"], rtol=1e-5)
    np.testing.assert_array_equal(read.point_data["tag"], mesh.point_data["tag"])
    assert read.texts["tag_names"] == ["one two", "three"]


def test_strips_quads_and_pixels_keep_their_shape_and_winding(tmp_path):
    square = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]])
    for kind, cell in ((6, [0, 1, 2, 3]), (8, [0, 1, 2, 3]), (9, [0, 1, 3, 2])):
        pyvista.UnstructuredGrid([4, *cell], [kind], square).save(tmp_path / "a.vtk")
        mesh = read_mesh_file(tmp_path / "a.vtk")
        a, b, c = mesh.points[mesh.triangles].transpose(1, 0, 2)
        np.testing.assert_allclose(np.cross(b - a, c - a), [[0, 0, 1]] * 2)


def test_other_solids_are_refused(tmp_path):
    pyvista.ImageData(dimensions=(2, 2, 2)).cast_to_unstructured_grid().save(tmp_path / "a.vtu")
    with pytest.raises(ValueError, match=r"a\.vtu .* cells of VTK type 11; convert them"):
        read_mesh_file(tmp_path / "a.vtu")


@pytest.mark.parametrize(
    ("name", "surface"),
    [
        ("endo_lv", "lv_endo"),
        ("rvEndo", "rv_endo"),
        ("patient7_EPI", "epi"),
        ("heart-base", "base"),
        ("Left ventricle endocardium", "lv_endo"),
        ("Right ventricle septum", "rv_endo"),
        ("LV_EPICARDIAL", "epi"),
        ("MITRAL_VALVE_CUT", "base"),
        ("curve", None),
        ("aorta", None),
    ],
)
def test_names_are_understood(name, surface):
    assert surface_named(name) == surface


@pytest.mark.parametrize("name", ["surface_ED_frame000.vtp", "surface_ES_frame010.vtp"])
def test_cine_fit_reads_as_its_template_does(data_folder, name):
    folder = data_folder / "hearts" / "bivme_patient1"
    surface = read_surface(folder / name)
    fit = read_bivme(folder, int(name[-7:-4]))
    np.testing.assert_allclose(surface.nodes_mm, fit.nodes_mm, atol=1e-4)
    np.testing.assert_array_equal(surface.labels, fit.labels)


def test_mean_shape_of_cobiveco_reads_with_its_classes(data_folder, tmp_path):
    with np.load(data_folder / "hearts" / "cobiveco_geo1" / "geo1_meanshape.npz") as file:
        mesh = pyvista.make_tri_mesh(file["points_mm"].astype(float), file["tris"].astype(int))
        mesh.point_data["class"] = file["cls"].astype(np.float32)
    mesh.save(tmp_path / "heart.vtp")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        surface = read_surface(tmp_path / "heart.vtp")
    volume_ml = enclosed_volume_mm3(surface.nodes_mm, surface.triangles) / 1000
    assert volume_ml == pytest.approx(144.8, abs=0.1)
    mesh.save(tmp_path / "heart.stl")
    shape = read_surface(tmp_path / "heart.stl")
    np.testing.assert_allclose(
        np.bincount(shape.labels)[:3], np.bincount(surface.labels)[:3], rtol=0.02
    )
