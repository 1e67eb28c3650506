"""Rodero's ventricles are the same from either file, and their boundary is named all over."""

import numpy as np
import pytest

from cardiotwin.anatomy.heart import SURFACES, tet_volumes
from cardiotwin.anatomy.rodero import read_rodero, read_rodero_npz, read_rodero_vtu
from cardiotwin.anatomy.surface import boundary_triangles
from cardiotwin.files.places import cache_folder


@pytest.fixture(scope="module")
def ventricles(data_folder):
    return read_rodero(data_folder / "hearts/rodero01")


def test_volume_is_the_published_one(ventricles):
    volumes_mm3 = tet_volumes(ventricles.nodes_mm, ventricles.tets)
    assert len(ventricles.nodes_mm) == 52_210
    assert len(ventricles.tets) == 250_620
    assert volumes_mm3.min() > 0
    assert volumes_mm3.sum() / 1000 == pytest.approx(226.1, abs=0.05)  # ml, one decimal published


def test_every_boundary_triangle_has_one_name(ventricles):
    assert set(ventricles.surfaces) == set(SURFACES)
    named = np.sort(np.concatenate(list(ventricles.surfaces.values())), axis=1)
    boundary = np.sort(boundary_triangles(ventricles.tets), axis=1)
    assert len(named) == len(boundary)
    assert np.array_equal(np.unique(named, axis=0), np.unique(boundary, axis=0))


def test_endocardia_are_on_the_inside_and_the_base_on_top(ventricles):
    means = {s: ventricles.transmural[t].mean() for s, t in ventricles.surfaces.items()}
    assert means["lv_endo"] < 0.01
    assert means["epi"] > 0.95
    valves = ventricles.apicobasal[ventricles.surfaces["base"]].mean(axis=1)
    assert np.mean(valves > 0.9) > 0.999


def test_both_files_hold_the_same_ventricles(data_folder):
    vtu = cache_folder() / "hearts/rodero01/rodero_01_fullheart_2.0mm.vtu"
    if not vtu.is_file():
        pytest.skip("run `cardiotwin data fetch rodero01` to compare the two files")
    a, b = read_rodero_vtu(vtu), read_rodero_npz(data_folder / "hearts/rodero01")
    for field in ("nodes_mm", "tets", "region", "apicobasal", "transmural", "rotational"):
        assert np.array_equal(getattr(a, field), getattr(b, field)), field
    for surface in SURFACES:
        assert np.array_equal(a.surfaces[surface], b.surfaces[surface]), surface


def test_a_damaged_file_says_what_to_do(tmp_path):
    (tmp_path / "heart.vtu").write_text("<VTKFile")
    (tmp_path / "heart.namemap.json").write_text('{"_surface_id_to_name": {}}')
    with pytest.raises(OSError, match=r"not a readable .vtu .*fetch it again"):
        read_rodero_vtu(tmp_path / "heart.vtu")
