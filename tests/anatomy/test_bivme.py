"""biv-me fits: the facts of patient 1, and what a broken folder gets."""

import os
from pathlib import Path

import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import csr_matrix

from cardiotwin.anatomy.bivme import (
    MATERIALS,
    bivme_surface,
    is_bivme,
    read_bivme,
    read_control_points,
)
from cardiotwin.anatomy.bivme_template import MODEL_FILES, find_template
from cardiotwin.anatomy.heart import tet_volumes
from cardiotwin.anatomy.stuffing import tetrahedralise
from cardiotwin.anatomy.surface import areas_mm2, enclosed_volume_mm3, gaps_to_triangles_mm
from cardiotwin.anatomy.topology import boundary_triangles, euler_number


@pytest.fixture(scope="module")
def folder():
    root = os.environ.get("CARDIOTWIN_DATA")
    if root is None:
        pytest.skip("set CARDIOTWIN_DATA to the folder that holds hearts/bivme_patient1")
    return Path(root) / "hearts" / "bivme_patient1"


@pytest.fixture(scope="module")
def wall(folder):
    return read_bivme(folder)


def corner_folder(path, **changes):
    """A folder in the format, whose surface is one tetrahedron of 60 mm with a label a face."""
    corner_mm = np.array([[0.0, 0, 0], [60, 0, 0], [0, 60, 0], [0, 0, 60]], np.float32)
    names = ["LV_ENDOCARDIAL", "RV_SEPTUM", "LV_EPICARDIAL", "MITRAL_VALVE_CUT", "MITRAL_VALVE"]
    arrays = {
        "sub_data": np.ones(4, np.float32),
        "sub_indices": np.arange(4, dtype=np.int32),
        "sub_indptr": np.arange(5, dtype=np.int32),
        "sub_shape": np.array([4, 4]),
        "faces": np.array([[0, 1, 2], [0, 1, 3], [0, 2, 3], [1, 2, 3], [3, 2, 1]], np.int16),
        "material": np.arange(5, dtype=np.uint8),
        "material_names": np.array(names),
    } | changes
    np.savez(path / "template.npz", **{k: v for k, v in arrays.items() if v is not None})
    np.savez(path / "control_points.npz", control_points_mm=np.stack([corner_mm, 2 * corner_mm]))
    return path


def test_caps_are_dropped_and_the_rest_is_closed_and_outward(tmp_path):
    surface = read_bivme(corner_folder(tmp_path), frame=1)
    assert surface.labels.tolist() == [0, 1, 2, 3]
    assert enclosed_volume_mm3(surface.nodes_mm, surface.triangles) == pytest.approx(120**3 / 6)


def test_missing_file_is_named(tmp_path):
    with pytest.raises(OSError, match=r"control_points\.npz is missing; a biv-me folder holds"):
        read_bivme(tmp_path)


def test_missing_array_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"template\.npz lacks the array faces"):
        read_bivme(corner_folder(tmp_path, faces=None))


@pytest.mark.parametrize("frame", [-1, 2])
def test_frame_out_of_range_is_refused(tmp_path, frame):
    with pytest.raises(ValueError, match=f"frame must be 0 to 1, got {frame}"):
        read_bivme(corner_folder(tmp_path), frame)


def fit_mm(frames=3):
    """(frames, 388, 3) Points of a cloud the size of a heart, one step further each frame."""
    points = np.random.default_rng(2).uniform(0, 90, (388, 3))
    return points + 0.5 * np.arange(frames)[:, None, None]


def write_frame(path, points_mm, number, *, heading="x,y,z,Frame\n", separator=","):
    rows = (separator.join([*map(repr, row), str(number)]) for row in points_mm.tolist())
    path.write_text(heading + "\n".join(rows) + "\n")
    return path


def write_frames(folder, numbers=(0, 1, 2)):
    for number, points_mm in zip(numbers, fit_mm(len(numbers)), strict=True):
        write_frame(folder / f"p1_model_frame_{number:03}.txt", points_mm, number)
    return folder


def write_model(folder, template):
    """The template in biv-me's own files, from the arrays of ours."""
    matrix = csr_matrix(
        (template["sub_data"], template["sub_indices"], template["sub_indptr"]),
        shape=template["sub_shape"],
    )
    names = template["material_names"][template["material"]]
    savemat(folder / MODEL_FILES[0], {"S": matrix.astype(float)})
    np.savetxt(folder / MODEL_FILES[1], template["faces"].astype(int) + 1, fmt="%d")
    lines = (f"{i}\t{name}\n" for i, name in enumerate(names))
    (folder / MODEL_FILES[2]).write_text("".join(lines))
    return folder


@pytest.mark.parametrize(
    ("heading", "separator"),
    [("x,y,z,Frame\n", ","), ("", ","), ("", " "), ("x y z frame\n", "\t")],
)
def test_text_of_one_frame_gives_its_points(tmp_path, heading, separator):
    points_mm = fit_mm(1)
    path = write_frame(
        tmp_path / "model.txt", points_mm[0], 7, heading=heading, separator=separator
    )
    np.testing.assert_array_equal(read_control_points(path), points_mm)


def test_text_without_frames_gives_one(tmp_path):
    np.savetxt(tmp_path / "model.txt", fit_mm(1)[0])
    np.testing.assert_allclose(read_control_points(tmp_path / "model.txt"), fit_mm(1))


def test_text_of_all_frames_gives_each(tmp_path):
    rows = [[*p, k] for k, points in enumerate(fit_mm()) for p in points]
    np.savetxt(tmp_path / "all.txt", rows, delimiter=",", header="x,y,z,Frame", comments="")
    np.testing.assert_allclose(read_control_points(tmp_path / "all.txt"), fit_mm())


def test_folder_of_text_files_gives_the_frames_in_order(tmp_path):
    np.testing.assert_array_equal(read_control_points(write_frames(tmp_path)), fit_mm())


def test_text_and_archive_of_one_fit_are_the_same_surface(tmp_path):
    corner_folder(tmp_path)
    archived = read_bivme(tmp_path, 1)
    with np.load(tmp_path / "control_points.npz") as file:
        for k, points_mm in enumerate(file["control_points_mm"].astype(float)):
            write_frame(tmp_path / f"a_model_frame_{k:03}.txt", points_mm, k)
    (tmp_path / "control_points.npz").unlink()
    text = read_bivme(tmp_path, 1)
    np.testing.assert_array_equal(text.nodes_mm, archived.nodes_mm)
    np.testing.assert_array_equal(text.triangles, archived.triangles)
    one = read_bivme(tmp_path / "a_model_frame_001.txt")
    np.testing.assert_array_equal(one.nodes_mm, archived.nodes_mm)


def test_biv_mes_own_template_files_are_the_same_template(tmp_path):
    archived = read_bivme(corner_folder(tmp_path))
    with np.load(tmp_path / "template.npz") as template:
        write_model(tmp_path, template)
    (tmp_path / "template.npz").unlink()
    model = read_bivme(tmp_path)
    np.testing.assert_array_equal(model.nodes_mm, archived.nodes_mm)
    np.testing.assert_array_equal(model.triangles, archived.triangles)
    np.testing.assert_array_equal(model.labels, archived.labels)


def test_flat_vector_of_surface_nodes_is_a_shape_of_the_atlas(tmp_path):
    surface = read_bivme(corner_folder(tmp_path))
    template = find_template(tmp_path)
    nodes_mm = np.array([[0.0, 0, 0], [60, 0, 0], [0, 60, 0], [0, 0, 60]])
    atlas = bivme_surface(nodes_mm.ravel(), template)
    np.testing.assert_array_equal(atlas.nodes_mm, surface.nodes_mm)
    with pytest.raises(ValueError, match="shape: needs 4 control points or 4 surface nodes, got"):
        bivme_surface(nodes_mm.ravel()[:-1], template, name="shape")


def test_missing_template_is_named_with_its_source(tmp_path, monkeypatch):
    monkeypatch.delenv("CARDIOTWIN_DATA", raising=False)
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path / "cache"))
    with pytest.raises(OSError, match=r"template\.npz is missing.*of biv-me \(src/model\)"):
        read_bivme(write_frames(tmp_path))


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (lambda p: p[:-1], r"needs shape \(frames, 388, 3\), got \(1, 387, 3\)"),
        (lambda p: p / 1000, "looks like metres, multiply by 1000"),
        (lambda p: p / 10, "looks like centimetres"),
        (lambda p: np.where(np.arange(388)[:, None] == 5, np.nan, p), "the first is number 5"),
    ],
)
def test_broken_points_are_refused(tmp_path, spoil, words):
    path = write_frame(tmp_path / "p_model_frame_000.txt", spoil(fit_mm(1)[0]), 0)
    with pytest.raises(ValueError, match=words):
        read_control_points(path)


def test_missing_frame_is_named(tmp_path):
    write_frames(tmp_path, (0, 1, 3))
    with pytest.raises(ValueError, match="frame 2 is missing"):
        read_control_points(tmp_path)
    with pytest.raises(ValueError, match="there is no frame 2; frame must be one of 0, 1, 3"):
        read_bivme(tmp_path, 2)


def test_frame_that_is_there_twice_is_named(tmp_path):
    write_frame(write_frames(tmp_path) / "p1_model_frame_1.txt", fit_mm(1)[0], 1)
    with pytest.raises(ValueError, match=r"frame_001\.txt and p1_model_frame_1\.txt are the same"):
        read_control_points(tmp_path)


def test_two_cases_in_a_folder_are_refused(tmp_path):
    write_frame(write_frames(tmp_path) / "p2_model_frame_003.txt", fit_mm(1)[0], 3)
    with pytest.raises(ValueError, match="several cases, p1, p2; give each a folder"):
        read_control_points(tmp_path)


def test_frame_that_contradicts_its_file_name_is_refused(tmp_path):
    path = write_frame(tmp_path / "p1_model_frame_004.txt", fit_mm(1)[0], 5)
    with pytest.raises(ValueError, match="its lines say frame 5, its name says 004"):
        read_control_points(path)


def test_materials_of_another_template_are_refused(tmp_path):
    corner_folder(tmp_path, material=np.arange(4, dtype=np.uint8))
    with pytest.raises(ValueError, match="4 materials for 5 triangles"):
        read_bivme(tmp_path)


def test_matrix_that_names_no_such_point_is_refused(tmp_path):
    """Unchecked, such a matrix reads beyond the end of an array."""
    corner_folder(tmp_path, sub_indices=np.array([0, 1, 2, 40_000_000], np.int32))
    with pytest.raises(ValueError, match=r"template\.npz is damaged"):
        read_bivme(tmp_path)


def test_a_fit_is_known_by_its_files(tmp_path):
    assert not is_bivme(tmp_path)
    assert not is_bivme(tmp_path / "heart.vtu")
    assert is_bivme(write_frames(tmp_path))
    assert is_bivme(tmp_path / "p1_model_frame_001.txt")


def check_points(points_mm):
    assert points_mm.shape[1:] == (388, 3)
    assert np.isfinite(points_mm).all()


def check_wall(surface):
    assert set(surface.labels) == {0, 1, 2, 3}
    assert 40 <= np.ptp(surface.nodes_mm, axis=0).max() <= 300


def test_damaged_text_is_named_or_still_a_fit(tmp_path, survives):
    path = write_frame(tmp_path / "p1_model_frame_000.txt", fit_mm(1)[0], 0)
    survives(lambda: read_control_points(path), path, check=check_points)


def test_damaged_archive_is_named_or_still_a_fit(tmp_path, survives):
    path = tmp_path / "control_points.npz"
    np.savez_compressed(path, control_points_mm=fit_mm())
    survives(lambda: read_control_points(path), path, check=check_points)


@pytest.mark.parametrize("file", ["template.npz", *MODEL_FILES])
def test_damaged_template_is_refused_or_still_a_wall(tmp_path, survives, file):
    corner_folder(tmp_path)
    if file != "template.npz":
        with np.load(tmp_path / "template.npz") as template:
            write_model(tmp_path, template)
        (tmp_path / "template.npz").unlink()
    read = lambda: read_bivme(tmp_path)  # noqa: E731
    survives(read, tmp_path / file, check=check_wall, named=tmp_path.name)


def test_every_material_but_the_caps_has_a_surface(folder):
    with np.load(folder / "template.npz") as template:
        names = {str(n) for n in template["material_names"]}
    caps = {"MITRAL_VALVE", "AORTA_VALVE", "TRICUSPID_VALVE", "PULMONARY_VALVE"}
    assert names - caps == set(MATERIALS)


@pytest.mark.parametrize(("frame", "volume_ml"), [(0, 177.9), (10, 145.5)])
def test_wall_of_patient_1_has_its_known_size(folder, frame, volume_ml):
    wall = read_bivme(folder, frame)
    assert len(wall.nodes_mm) == 5806
    assert len(wall.triangles) == 11_616
    assert euler_number(wall.triangles) == -2
    assert enclosed_volume_mm3(wall.nodes_mm, wall.triangles) / 1e3 == pytest.approx(
        volume_ml, abs=0.05
    )


def test_axes_are_left_back_head(wall):
    """The apex lies left, in front and below of the base; the right ventricle right and front."""
    middle = wall.nodes_mm[wall.triangles].mean(axis=1)
    lv_mm, rv_mm, base_mm = (middle[wall.labels == i].mean(axis=0) for i in (0, 1, 3))
    assert ((lv_mm - base_mm) * [1, -1, -1] > 0).all()
    assert ((rv_mm - lv_mm)[:2] < 0).all()


@pytest.mark.slow
def test_wall_of_patient_1_becomes_tetrahedra(wall):
    nodes_mm, tets, surfaces = tetrahedralise(wall)
    triangles = boundary_triangles(tets)
    assert euler_number(triangles) == -2
    assert (tet_volumes(nodes_mm, tets) > 0).all()
    # The right wall is thickened where it is thinner than 2.4 mm: 1.5 % of the volume.
    volume_mm3 = enclosed_volume_mm3(wall.nodes_mm, wall.triangles)
    assert tet_volumes(nodes_mm, tets).sum() == pytest.approx(volume_mm3, rel=0.02)
    off_mm = gaps_to_triangles_mm(nodes_mm[np.unique(triangles)], wall.nodes_mm, wall.triangles)
    assert np.percentile(off_mm, 95) < 0.9
    for i, name in enumerate(("lv_endo", "rv_endo", "epi")):
        before = areas_mm2(wall.nodes_mm, wall.triangles[wall.labels == i]).sum()
        assert areas_mm2(nodes_mm, surfaces[name]).sum() == pytest.approx(before, rel=0.05), name
