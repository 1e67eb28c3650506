"""From labelled tetrahedra to a heart: what is kept, what is made, what is refused."""

import numpy as np
import pytest

from cardiotwin.anatomy.build import build_heart, heal_labels
from cardiotwin.anatomy.shapes import box


def test_given_fibres_and_electrodes_are_kept(coarse_mesh):
    m = len(coarse_mesh[1])
    fibres = np.tile(np.float32([0, 0, 1]), (m, 1)), np.tile(np.float32([1, 0, 0]), (m, 1))
    electrodes_mm = np.arange(30.0).reshape(10, 3)
    heart = build_heart(*coarse_mesh, name="own", fibres=fibres, electrodes_mm=electrodes_mm)
    assert heart.name == "own"
    np.testing.assert_array_equal(heart.fibres, fibres[0])
    np.testing.assert_array_equal(heart.sheets, fibres[1])
    np.testing.assert_array_equal(heart.electrodes_mm, electrodes_mm)


def test_same_mesh_gives_the_same_bytes(coarse_mesh, coarse_heart):
    again = build_heart(*coarse_mesh, name="coarse")
    for field in ("fibres", "sheets", "segments", "electrodes_mm"):
        assert getattr(again, field).tobytes() == getattr(coarse_heart, field).tobytes()
    for name, values in vars(again.coordinates).items():
        assert values.tobytes() == getattr(coarse_heart.coordinates, name).tobytes()


def test_every_segment_has_muscle(coarse_heart):
    assert set(coarse_heart.segments.tolist()) == set(range(18))


def test_island_of_base_becomes_epicardium():
    surfaces = {
        "lv_endo": np.array([[0, 1, 2]], np.int32),
        "rv_endo": np.array([[10, 11, 12]], np.int32),
        "base": np.array([[2, 3, 4], [4, 3, 5], [20, 21, 22]], np.int32),
        "epi": np.array([[30, 31, 32]], np.int32),
    }
    healed = heal_labels(surfaces, 40)
    assert healed["base"].tolist() == [[2, 3, 4], [4, 3, 5]]
    assert healed["epi"].tolist() == [[30, 31, 32], [20, 21, 22]]
    assert surfaces["base"].shape == (3, 3)  # the caller's labels stay as they were


def test_missing_surface_is_named(coarse_mesh):
    nodes_mm, tets, surfaces = coarse_mesh
    with pytest.raises(ValueError, match="x: no triangles labelled rv_endo, epi; label the"):
        build_heart(
            nodes_mm,
            tets,
            {"lv_endo": surfaces["lv_endo"], "base": surfaces["base"], "epi": np.empty((0, 3))},
            name="x",
        )


def test_mesh_is_checked_before_anything_is_made():
    nodes_mm, tets = box((2, 2, 2), 0.02)
    with pytest.raises(ValueError, match="looks like metres"):
        build_heart(nodes_mm, tets, {}, name="x")


def test_second_piece_is_named(coarse_mesh):
    nodes_mm, tets, surfaces = coarse_mesh
    crumb_mm, crumb_tets = box((1, 1, 1), 3.0)
    with pytest.raises(ValueError, match=r"8 nodes lie in a piece .* keep the largest piece only"):
        build_heart(
            np.vstack([nodes_mm, crumb_mm + nodes_mm.mean(axis=0)]),
            np.vstack([tets, crumb_tets + np.int32(len(nodes_mm))]),
            surfaces,
            name="x",
        )
