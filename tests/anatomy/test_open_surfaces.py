"""Open surfaces into one wall: rims that nearly meet or do not, and a missing base."""

import numpy as np
import pytest
import pyvista

from cardiotwin.anatomy.heart import SURFACES
from cardiotwin.anatomy.open_surfaces import read_open_surfaces
from cardiotwin.anatomy.plane import fill_plane
from cardiotwin.anatomy.surface import areas_mm2, enclosed_volume_mm3

COBIVECO = ("endo_lv", "endo_rv", "epi", "base")


def save_part(nodes_mm, triangles, path):
    used, index = np.unique(triangles, return_inverse=True)
    pyvista.make_tri_mesh(nodes_mm[used], index.reshape(-1, 3)).save(path)


@pytest.fixture
def folder(coarse_mesh, tmp_path):
    """Parts of the coarse heart, two of them inside out, points off by 0.02 mm at random."""
    nodes_mm, _, surfaces = coarse_mesh
    rng = np.random.default_rng(1)
    for i, (surface, name) in enumerate(zip(SURFACES, COBIVECO, strict=True)):
        moved_mm = nodes_mm + rng.uniform(-0.01, 0.01, nodes_mm.shape)
        save_part(moved_mm, surfaces[surface][:, :: 1 - 2 * (i % 2)], tmp_path / f"{name}.ply")
    return tmp_path


def volume_of(mesh):
    nodes_mm, _, surfaces = mesh
    return enclosed_volume_mm3(nodes_mm, np.concatenate(list(surfaces.values())))


def test_parts_are_joined_at_their_rims(folder, coarse_mesh):
    """Each point moved by at most 0.02 mm: the volume by less than that times the area."""
    surface = read_open_surfaces(folder)
    sizes = [len(coarse_mesh[2][s]) for s in SURFACES]
    np.testing.assert_array_equal(np.bincount(surface.labels), sizes)
    area_mm2 = areas_mm2(surface.nodes_mm, surface.triangles).sum()
    volume_mm3 = enclosed_volume_mm3(surface.nodes_mm, surface.triangles)
    assert abs(volume_mm3 - volume_of(coarse_mesh)) < 0.02 * area_mm2


def test_names_may_come_from_a_mapping(folder):
    for name in COBIVECO:
        (folder / f"{name}.ply").rename(folder / f"{COBIVECO.index(name)}.ply")
    paths = {s: folder / f"{i}.ply" for i, s in enumerate(SURFACES)}
    assert set(read_open_surfaces(paths).labels) == {0, 1, 2, 3}
    with pytest.raises(ValueError, match="no file of lv_endo, rv_endo, epi; name the files"):
        read_open_surfaces(folder)
    with pytest.raises(ValueError, match=r"surfaces are named lv_endo, .* got 'left'"):
        read_open_surfaces({"left": paths["lv_endo"]})


def test_septum_in_a_file_of_its_own_is_right_endocardium(block_heart, tmp_path):
    nodes_mm, _, surfaces = block_heart
    right = surfaces["rv_endo"]
    septal = (nodes_mm[right][:, :, 0] == 24.0).all(axis=1)
    assert septal.any()
    parts = {**surfaces, "rv_free": right[~septal], "septum": right[septal]}
    for name in ("lv_endo", "rv_free", "septum", "epi", "base"):
        save_part(nodes_mm, parts[name], tmp_path / f"{name}.vtp")
    surface = read_open_surfaces(tmp_path)
    assert (surface.labels == SURFACES.index("rv_endo")).sum() == len(right)


def test_missing_base_is_closed_flat(folder, coarse_mesh):
    """The coarse mesh bevels its rims, by up to half an edge of 5 mm."""
    (folder / "base.ply").unlink()
    surface = read_open_surfaces(folder)
    volume_mm3 = enclosed_volume_mm3(surface.nodes_mm, surface.triangles)
    assert volume_mm3 == pytest.approx(volume_of(coarse_mesh), rel=0.01)


def test_rims_out_of_one_plane_need_a_base(folder, coarse_mesh):
    nodes_mm, _, surfaces = coarse_mesh
    (folder / "base.ply").unlink()
    bent_mm = nodes_mm + np.outer(0.008 * (nodes_mm[:, 0] - nodes_mm[:, 0].mean()) ** 2, [0, 0, 1])
    for surface, name in zip(SURFACES[:3], COBIVECO[:3], strict=True):
        save_part(bent_mm, surfaces[surface], folder / f"{name}.ply")
    with pytest.raises(ValueError, match=r"no base, and the rims leave their plane by .* mm at \("):
        read_open_surfaces(folder)


def test_rims_that_do_not_meet_are_named(folder):
    base = pyvista.read(folder / "base.ply")
    base.points += np.array([0, 0, 4.0], base.points.dtype)
    base.save(folder / "base.ply")
    message = r"the rims of the surfaces do not meet along \d+ edges, the first at \(.*\) mm; give"
    with pytest.raises(ValueError, match=message):
        read_open_surfaces(folder)


def test_missing_folder_is_named(tmp_path):
    with pytest.raises(OSError, match=r"no such folder: .*nowhere"):
        read_open_surfaces(tmp_path / "nowhere")


def ring(radius_mm, k, centre=(0.0, 0.0)):
    angle = np.linspace(0, 2 * np.pi, k, endpoint=False)
    return np.array(centre) + radius_mm * np.stack([np.cos(angle), np.sin(angle)], axis=1)


def test_plane_with_two_holes_is_filled_without_overlap():
    loops_mm = [ring(40, 90), ring(12, 40, (-15, 3)), ring(9, 25, (18, -5))]
    starts = np.cumsum([0, 90, 40])
    loops = [np.arange(len(loop)) + s for loop, s in zip(loops_mm, starts, strict=True)]
    points_mm = np.vstack(loops_mm)
    loops[1] = loops[1][::-1]
    triangles = fill_plane(points_mm, loops)
    assert len(triangles) == len(points_mm) + 2 * 2 - 2
    a, b, c = points_mm[triangles].transpose(1, 0, 2)
    areas = np.cross(np.pad(b - a, ((0, 0), (0, 1))), np.pad(c - a, ((0, 0), (0, 1))))[:, 2] / 2
    assert (areas >= 0).all()

    def area(loop_mm):
        x, y = loop_mm.T
        return abs(np.sum(x * np.roll(y, -1) - y * np.roll(x, -1))) / 2

    hollow = area(loops_mm[0]) - area(loops_mm[1]) - area(loops_mm[2])
    assert areas.sum() == pytest.approx(hollow)


def test_rim_that_crosses_itself_is_refused():
    bow = np.array([[0.0, 0], [10, 10], [10, 0], [0, 9]])
    with pytest.raises(ValueError, match="cross each other or themselves"):
        fill_plane(bow, [np.arange(4)])
