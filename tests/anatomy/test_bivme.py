"""biv-me fits: the facts of patient 1, and what a broken folder gets."""

import os
from pathlib import Path

import numpy as np
import pytest

from cardiotwin.anatomy.bivme import MATERIALS, read_bivme
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
