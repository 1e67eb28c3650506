"""Each kind of file finds its reader, and options go where they belong."""

import numpy as np
import pytest
import pyvista

from cardiotwin.anatomy import load_heart, write_heart, write_label_map, write_opencarp
from cardiotwin.anatomy.formats import FileOptions, kind_of, read_any_heart
from cardiotwin.anatomy.frame import heart_axes
from cardiotwin.anatomy.heart import SURFACES
from cardiotwin.anatomy.parametric_stack import parametric_stack
from cardiotwin.anatomy.pose import pose_angle_deg

COARSE = FileOptions(lattice_mm=4.5)


def write_surface(heart, path, names):
    """The named surfaces of a heart as one .vtp with a label at each triangle."""
    triangles = np.concatenate([heart.surfaces[s] for s in names])
    mesh = pyvista.make_tri_mesh(heart.nodes_mm, triangles.astype(int))
    labels = [SURFACES.index(s) + 1 for s in names]
    mesh.cell_data["part"] = np.repeat(labels, [len(heart.surfaces[s]) for s in names])
    mesh.clean().save(path)


def test_our_own_file_comes_back(coarse_heart, tmp_path):
    write_heart(coarse_heart, tmp_path / "h.vtu")
    heart = load_heart(str(tmp_path / "h.vtu"))
    assert np.array_equal(heart.nodes_mm, coarse_heart.nodes_mm)
    assert heart.name == "coarse"


def test_an_opencarp_mesh_keeps_its_tets_and_fibres(coarse_heart, tmp_path):
    write_opencarp(coarse_heart, tmp_path / "h.pts")
    heart = read_any_heart(tmp_path / "h.pts")
    assert np.array_equal(heart.tets, coarse_heart.tets)
    # six digits in the text of the file
    np.testing.assert_allclose(heart.fibres, coarse_heart.fibres, atol=2e-6)


def test_a_label_map_becomes_a_heart_of_its_volume(tmp_path):
    stack = parametric_stack(slice_mm=6.0)
    write_label_map(stack, tmp_path / "patient_gt.nii.gz")
    heart = read_any_heart(
        tmp_path / "patient_gt.nii.gz", FileOptions(rv_wall_mm=6.5, lattice_mm=4.5, labels="acdc")
    )
    assert heart.name == "patient_gt"
    named = FileOptions(
        rv_wall_mm=6.5, lattice_mm=4.5, labels="1=rv_cavity,2=myocardium,3=lv_cavity"
    )
    same = read_any_heart(tmp_path / "patient_gt.nii.gz", named)
    assert np.array_equal(same.nodes_mm, heart.nodes_mm)


def test_a_labelled_surface_is_meshed(coarse_heart, tmp_path):
    write_surface(coarse_heart, tmp_path / "s.vtp", SURFACES)
    (tmp_path / "renamed.vtp").write_bytes(
        (tmp_path / "s.vtp").read_bytes().replace(b'"part"', b'"tags"')
    )
    pairs = ",".join(f"{k + 1}={name}" for k, name in enumerate(SURFACES))
    heart = read_any_heart(tmp_path / "renamed.vtp", FileOptions(labels=pairs, lattice_mm=4.5))
    volume = heart.tet_volumes_mm3.sum() / coarse_heart.tet_volumes_mm3.sum()
    assert volume == pytest.approx(1, abs=0.02)  # a lattice of half a wall


def test_a_folder_of_open_surfaces_is_meshed(coarse_heart, tmp_path):
    for name in SURFACES:
        write_surface(coarse_heart, tmp_path / f"{name}.ply", [name])
    heart = read_any_heart(tmp_path, COARSE)
    volume = heart.tet_volumes_mm3.sum() / coarse_heart.tet_volumes_mm3.sum()
    assert volume == pytest.approx(1, abs=0.02)


def test_a_heart_in_a_frame_of_its_own_is_turned_into_a_body(turned, tmp_path):
    write_heart(turned.heart, tmp_path / "h.vtu")
    heart = read_any_heart(tmp_path / "h.vtu", FileOptions(pose="own"))
    axes = heart_axes(heart.nodes_mm, heart.surfaces)
    assert pose_angle_deg(axes) < 0.1
    as_it_lies = read_any_heart(tmp_path / "h.vtu", FileOptions(pose="body"))
    assert np.array_equal(as_it_lies.nodes_mm, turned.heart.nodes_mm)


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a_gt.nii", "a label map"),
        ("A.NII.GZ", "a label map"),
        ("h.vtu", "tetrahedra"),
        ("h.elem", "an openCARP mesh"),
        ("wall.stl", "a surface"),
        ("patient1_model_frame_003.txt", "a biv-me fit"),
    ],
)
def test_an_ending_tells_the_kind(name, kind, tmp_path):
    assert kind_of(tmp_path / name) == kind


def test_an_option_of_another_kind_is_refused(coarse_heart, tmp_path):
    write_heart(coarse_heart, tmp_path / "h.vtu")
    with pytest.raises(ValueError, match=r"h\.vtu is tetrahedra, which has no option frame"):
        read_any_heart(tmp_path / "h.vtu", FileOptions(frame=3))
    with pytest.raises(ValueError, match="builtin takes no options"):
        load_heart("builtin", FileOptions(frame=3))


def test_choices_are_checked_at_once():
    with pytest.raises(ValueError, match="rv must be labels or template, got 'none'"):
        FileOptions(rv="none")


@pytest.mark.parametrize("labels", ["1=base,2", "=epi", "1="])
def test_pairs_that_are_none_are_refused(labels, coarse_heart, tmp_path):
    write_surface(coarse_heart, tmp_path / "s.vtp", SURFACES)
    with pytest.raises(ValueError, match="labels must be pairs such as 1=base,2=epi, got"):
        read_any_heart(tmp_path / "s.vtp", FileOptions(labels=labels))


def test_a_folder_without_a_heart_says_what_would_be_one(tmp_path):
    (tmp_path / "notes.md").write_text("nothing")
    with pytest.raises(ValueError, match="holds no heart: neither biv-me control points"):
        read_any_heart(tmp_path)


def test_an_unknown_kind_names_the_known_ones(tmp_path):
    with pytest.raises(ValueError, match=r"of no known kind; .*\.nii, .*\.vtu, \.pts"):
        kind_of(tmp_path / "heart.docx")


def test_only_fits_of_one_topology_are_morphed(coarse_heart, tmp_path):
    for name in SURFACES:
        write_surface(coarse_heart, tmp_path / f"{name}.ply", [name])
    with pytest.raises(ValueError, match="only fits that share a topology can be morphed"):
        read_any_heart(tmp_path, FileOptions(mesher="morph"))
