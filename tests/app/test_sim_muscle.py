"""What a simulation runs on: slabs, atria and hearts by their words, and places on them."""

import numpy as np
import pytest

from cardiotwin.app.sim_muscle import load_muscle
from cardiotwin.app.sim_places import sources
from cardiotwin.sim import HEALTHY_ROOTS
from cardiotwin.sim.grid import grid_diffusion


def test_a_slab_has_the_size_and_spacing_that_it_says():
    slab = load_muscle("slab:4x3x2@0.5")
    assert slab.nodes_mm.max(axis=0).tolist() == [4.0, 3.0, 2.0]
    assert len(slab.elements) == 6 * 8 * 6 * 4
    assert slab.spacing_mm == 0.5
    assert (slab.fibres == [1, 0, 0]).all()


def test_the_slab_without_a_size_is_that_of_the_n_version_benchmark():
    assert load_muscle("slab").nodes_mm.max(axis=0).tolist() == [20.0, 7.0, 3.0]


def test_a_sheet_covers_its_rectangle_once():
    sheet = load_muscle("slab:5x3@0.5")
    corners = sheet.nodes_mm[sheet.elements]
    areas = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2] / 2
    np.testing.assert_allclose(areas, 0.125)  # wound alike, half a square each
    assert areas.sum() == pytest.approx(15.0)


@pytest.mark.parametrize("spec", ["slab:4x3x2@0.5", "slab:5x3@0.5"])
def test_nodes_of_a_slab_are_those_of_its_grid(spec):
    slab = load_muscle(spec)
    grid = grid_diffusion(slab.cells, slab.spacing_mm, (1.0, 0.0, 0.0), (0.1, 0.05))
    np.testing.assert_allclose(grid.nodes_mm, slab.nodes_mm)


def test_what_is_written_reads_back(tmp_path, small_file, atrium_file):
    for spec, atrium in (("slab:2x1x1@0.5", False), (small_file, False), (atrium_file, True)):
        muscle = load_muscle(str(spec), atrium=atrium)
        path = muscle.write(tmp_path / f"m{muscle.suffix}", {"t": np.zeros(len(muscle.nodes_mm))})
        again = load_muscle(str(path), atrium=atrium)
        np.testing.assert_allclose(again.nodes_mm, muscle.nodes_mm, atol=1e-6)
        np.testing.assert_array_equal(again.elements, muscle.elements)


def test_an_infarct_in_a_file_is_found(small_heart, tmp_path):
    from cardiotwin.anatomy import write_heart

    labels = (small_heart.coordinates.rotational > 2).astype(np.int8) * 2
    write_heart(small_heart, tmp_path / "scar.vtu", {"tissue": labels})
    tissue = load_muscle(str(tmp_path / "scar.vtu")).tissue
    np.testing.assert_array_equal(tissue.core, labels == 2)
    write_heart(small_heart, tmp_path / "odd.vtu", {"tissue": labels + 1})
    with pytest.raises(ValueError, match="tissue must hold 0 healthy, 1 border zone or 2 core"):
        load_muscle(str(tmp_path / "odd.vtu"))


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ("slab:3x3", "a slab is slab:20x7x3@0.5, a sheet slab:50x50@0.5"),
        ("slab:axb@1", "cannot read 'slab:axb@1'"),
        ("slab:3x3@0", "every side must be a whole number of spacings, got 0 mm"),
        ("slab:3x3@0.7", "every side must be a whole number of spacings, got 0.7 mm"),
        ("slab:300x300x300@0.1", "27,027,009,001 nodes; take a wider spacing"),
    ],
)
def test_a_slab_that_cannot_be_is_refused(spec, words):
    with pytest.raises(ValueError, match=words):
        load_muscle(spec)


@pytest.fixture
def slab():
    return load_muscle("slab:4x3x2@0.5")


@pytest.mark.parametrize(
    ("word", "centre_mm", "count"),
    [
        ("corner", (0.75, 0.75, 0.75), 4 * 4 * 4),
        ("edge", (0.75, 1.5, 1.0), 4 * 7 * 5),
        ("2,1,1", (2, 1, 1), 1),
        ("2.1,1,1@7", (2, 1, 1), 1),
        ("0,0,0:1,1,1", (0.5, 0.5, 0.5), 27),
        ("5", (0, 0.5, 0), 1),  # z runs fastest
    ],
)
def test_a_place_is_where_it_says(slab, word, centre_mm, count):
    (source,) = sources(slab, [word])
    assert len(source.nodes) == count
    np.testing.assert_allclose(slab.nodes_mm[source.nodes].mean(axis=0), centre_mm)
    assert source.time_ms == (7 if "@" in word else 0)


def test_a_radius_makes_a_ball_of_a_point(slab):
    (source,) = sources(slab, ["2,1,1"], radius_mm=0.6)
    assert len(source.nodes) == 7


def test_a_vein_is_its_rim_and_the_usual_place_of_an_atrium(atrium_file, small_atrium):
    muscle = load_muscle(str(atrium_file), atrium=True)
    (left,) = sources(muscle, ["lspv"])
    assert set(left.nodes) == set(small_atrium.openings["lspv"])
    (usual,) = sources(muscle, [])
    assert set(usual.nodes) == set(small_atrium.openings["rspv"])


def test_roots_have_the_names_and_times_of_the_library(small_file):
    found = sources(load_muscle(str(small_file)), ["roots@10"])
    assert [source.name for source in found] == [root.name for root in HEALTHY_ROOTS]
    assert [source.time_ms for source in found] == [10 + root.time_ms for root in HEALTHY_ROOTS]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("zebra", "cannot read --source 'zebra'; give x,y,z in mm, a node's number"),
        ("1,2", "cannot read --source '1,2'"),
        ("1,2,nan", "cannot read --source '1,2,nan'"),
        ("1,2,3@soon", "cannot read the time of --source '1,2,3@soon'; after @ comes a number"),
        ("99999", "--source 99999 names no node: they run from 0 to 314"),
        ("40,0,0", "--source 40,0,0 lies outside slab:4x3x2@0.5: 36.0 mm off its nodes"),
        ("40,0,0:41,1,1", "lies outside the mesh"),
        ("roots", "cannot read --source 'roots'"),
    ],
)
def test_a_place_that_is_nowhere_is_refused(slab, word, said):
    with pytest.raises(ValueError, match="^.*" + said.replace("(", "\\(")):
        sources(slab, [word])
