"""openCARP meshes: back as written, units, fibres, tags, and what is refused."""

import numpy as np
import pytest

from cardiotwin.anatomy.heart import SURFACES
from cardiotwin.anatomy.opencarp import read_opencarp, read_opencarp_heart, write_opencarp


@pytest.fixture
def stem(coarse_heart, tmp_path):
    write_opencarp(coarse_heart, tmp_path / "coarse")
    return tmp_path / "coarse"


def edit(path, old, new):
    path.write_text(path.read_text().replace(old, new, 1))


def test_heart_comes_back(coarse_heart, stem):
    """Points are written to 1e-6 um, axes to 9 digits: single precision, to the bit."""
    back = read_opencarp_heart(stem)
    np.testing.assert_allclose(back.nodes_mm, coarse_heart.nodes_mm, atol=1e-9)
    np.testing.assert_array_equal(back.tets, coarse_heart.tets)
    np.testing.assert_allclose(back.fibres, coarse_heart.fibres, atol=1e-6)
    np.testing.assert_allclose(back.sheets, coarse_heart.sheets, atol=1e-6)
    for name in SURFACES:
        ours, theirs = (
            np.sort(np.sort(h.surfaces[name], axis=1), axis=0) for h in (coarse_heart, back)
        )
        np.testing.assert_array_equal(theirs, ours)


def test_files_are_as_the_manual_says(coarse_heart, stem):
    points = (stem.parent / "coarse.pts").read_text().splitlines()
    assert int(points[0]) == len(points) - 1 == len(coarse_heart.nodes_mm)
    x_um = float(points[1].split()[0])
    assert x_um == pytest.approx(coarse_heart.nodes_mm[0, 0] * 1000, abs=1e-5)
    elements = (stem.parent / "coarse.elem").read_text().splitlines()
    assert elements[1].split()[0] == "Tt"
    assert {line.split()[5] for line in elements[1:]} == {"1", "2"}
    fibres = (stem.parent / "coarse.lon").read_text().splitlines()
    assert fibres[0] == "2"
    assert len(fibres) == len(elements)


def test_mesh_without_surfaces_is_labelled_from_its_shape(coarse_heart, stem):
    for path in stem.parent.glob("*.surf"):
        path.unlink()
    heart = read_opencarp_heart(stem.with_suffix(".pts"))
    ours, theirs = (np.unique(h.surfaces["lv_endo"]) for h in (coarse_heart, heart))
    assert len(np.intersect1d(ours, theirs)) > 0.97 * len(np.union1d(ours, theirs))


def test_surfaces_of_another_mesh_beside_it_are_left_alone(coarse_heart, stem):
    (stem.parent / "coarse2.epi.surf").write_text("1\nTr 0 1 9999999\n")
    (stem.parent / "other.epi.surf").write_text("not a surface")
    (stem.parent / "coarse.epi.surf").rename(stem.parent / "coarse_epicardium.surf")
    assert len(read_opencarp(stem).surfaces["epi"]) == len(coarse_heart.surfaces["epi"])


def test_mesh_without_fibres_gets_them_by_rule(coarse_heart, stem):
    (stem.parent / "coarse.lon").unlink()
    fibres = read_opencarp_heart(stem).fibres
    np.testing.assert_allclose(np.abs((fibres * coarse_heart.fibres).sum(axis=1)), 1, atol=1e-3)


def test_one_axis_and_null_axes_are_filled_up(coarse_heart, stem):
    axes = np.array(coarse_heart.fibres)
    axes[:5] = 0
    np.savetxt(stem.parent / "coarse.lon", axes * 3, header="1", comments="")
    heart = read_opencarp_heart(stem)
    np.testing.assert_allclose(heart.fibres[5:], coarse_heart.fibres[5:], atol=1e-6)
    for a in (heart.fibres, heart.sheets):
        np.testing.assert_allclose(np.linalg.norm(a, axis=1), 1, atol=1e-5)
    np.testing.assert_allclose((heart.fibres * heart.sheets).sum(axis=1), 0, atol=1e-5)


def test_tags_are_read_and_may_be_absent(stem):
    assert set(read_opencarp(stem).tags) == {1, 2}
    lines = (stem.parent / "coarse.elem").read_text().splitlines()
    bare = [lines[0], *(line.rsplit(" ", 1)[0] for line in lines[1:])]
    (stem.parent / "coarse.elem").write_text("\n".join(bare))
    assert set(read_opencarp(stem).tags) == {0}


def test_elements_without_volume_are_left_out_with_a_warning(coarse_heart, stem):
    m = len(coarse_heart.tets)
    edit(stem.parent / "coarse.elem", f"{m}\n", f"{m + 1}\nTr 0 1 2 7\n")
    edit(stem.parent / "coarse.lon", "2\n", "2\n9 9 9 9 9 9\n")
    with pytest.warns(UserWarning, match=r"coarse\.elem: 1 Tr elements are left out"):
        mesh = read_opencarp(stem)
    np.testing.assert_array_equal(mesh.tets, coarse_heart.tets)
    np.testing.assert_allclose(mesh.fibres, coarse_heart.fibres, atol=1e-6)


def test_other_solids_are_refused(coarse_heart, stem):
    m = len(coarse_heart.tets)
    edit(stem.parent / "coarse.elem", f"{m}\n", f"{m + 1}\nPy 0 1 2 3 4 7\n")
    (stem.parent / "coarse.lon").unlink()
    with pytest.raises(ValueError, match=r"coarse\.elem: has 1 Py, \d+ Tt; convert all solid"):
        read_opencarp(stem)


def test_tets_inside_out_are_turned(coarse_heart, stem):
    lines = (stem.parent / "coarse.elem").read_text().splitlines()
    kind, a, b, c, d, tag = lines[5].split()
    lines[5] = " ".join([kind, b, a, c, d, tag])
    (stem.parent / "coarse.elem").write_text("\n".join(lines))
    assert (read_opencarp_heart(stem).tet_volumes_mm3 > 0).all()


def test_points_in_millimetres_are_recognised(coarse_heart, stem):
    np.savetxt(
        stem.parent / "coarse.pts",
        coarse_heart.nodes_mm,
        header=str(len(coarse_heart.nodes_mm)),
        comments="",
    )
    with pytest.raises(ValueError, match=r"coarse\.pts: is .* mm across.*read as um; say units"):
        read_opencarp(stem)
    nodes_mm = read_opencarp(stem, units="mm").nodes_mm
    np.testing.assert_allclose(nodes_mm, coarse_heart.nodes_mm)


@pytest.mark.parametrize(
    ("ending", "old", "new", "message"),
    [
        (".pts", "\n", "9\n", r"coarse\.pts is damaged .* points need"),
        (".elem", "\n", "9\n", r"coarse\.elem is damaged .* announces"),
        (".elem", "Tt ", "Tx ", r"coarse\.elem is damaged .* element 0 is 'Tx"),
        (".elem", "Tt ", "Tt 999999", r"coarse\.elem is damaged .* names points"),
        (".lon", "2\n", "1\n", r"coarse\.lon is damaged .* 1 or 2 axes"),
    ],
)
def test_files_that_do_not_fit_are_named(stem, ending, old, new, message):
    edit(stem.with_suffix(ending), old, new)
    with pytest.raises(ValueError, match=message):
        read_opencarp(stem)


def test_missing_files_are_named(stem):
    with pytest.raises(OSError, match=r"no such file: .*other\.pts"):
        read_opencarp(stem.with_name("other"))


def test_two_bodies_are_refused(coarse_heart, stem):
    n, m = len(coarse_heart.nodes_mm), len(coarse_heart.tets)
    edit(stem.parent / "coarse.pts", f"{n}\n", f"{n + 4}\n")
    edit(stem.parent / "coarse.elem", f"{m}\n", f"{m + 1}\n")
    with (stem.parent / "coarse.pts").open("a") as file:
        file.write("90000 0 0\n91000 0 0\n90000 1000 0\n90000 0 1000\n")
    with (stem.parent / "coarse.elem").open("a") as file:
        file.write(f"Tt {n} {n + 1} {n + 2} {n + 3} 1\n")
    (stem.parent / "coarse.lon").unlink()
    with pytest.raises(
        ValueError, match=r"in 2 pieces, the least of 1 tets at \(90\.2, 0\.2, 0\.2"
    ):
        read_opencarp_heart(stem)


def test_failed_write_leaves_the_old_files_and_no_parts(coarse_heart, stem, monkeypatch):
    before = {p.name: p.read_bytes() for p in stem.parent.iterdir()}
    save = np.savetxt

    def full(path, *args, **kwargs):
        if path.suffix == ".lon":
            raise OSError(28, "No space left on device")
        save(path, *args, **kwargs)

    monkeypatch.setattr(np, "savetxt", full)
    with pytest.raises(OSError, match="No space left"):
        write_opencarp(coarse_heart, stem)
    assert {p.name: p.read_bytes() for p in stem.parent.iterdir()} == before


def test_missing_folder_is_named(coarse_heart, tmp_path):
    with pytest.raises(OSError, match=r"no such folder: .*nowhere"):
        write_opencarp(coarse_heart, tmp_path / "nowhere" / "heart")
