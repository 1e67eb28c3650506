"""A user's torso and electrodes: any format, unit and frame; wrong ones are named in one line."""

import json
from dataclasses import replace

import numpy as np
import pytest
import pyvista
import trimesh

from cardiotwin.anatomy.electrodes import heart_middle_mm
from cardiotwin.anatomy.heart import ELECTRODES
from cardiotwin.anatomy.seating import seat_heart
from cardiotwin.anatomy.thorax import fit_thorax
from cardiotwin.anatomy.torso import Torso, barrel
from cardiotwin.anatomy.torso_files import read_electrodes, read_torso


@pytest.fixture(scope="module")
def body(coarse_heart):
    return fit_thorax(coarse_heart)


def written(path, nodes, triangles):
    if path.suffix in {".vtp", ".vtk"}:
        pyvista.make_tri_mesh(nodes, triangles.astype(int)).save(path)
    else:
        trimesh.Trimesh(nodes, triangles, process=False).export(path)
    return path


@pytest.mark.parametrize("ending", [".vtp", ".vtk", ".ply", ".stl", ".obj"])
def test_a_torso_comes_back_from_every_format(body, tmp_path, ending):
    path = written(tmp_path / f"skin{ending}", body.nodes_mm, body.triangles)
    back = read_torso(path)
    assert len(back.triangles) == len(body.triangles)
    np.testing.assert_allclose(back.areas_mm2.sum(), body.areas_mm2.sum(), rtol=1e-5)  # float32
    np.testing.assert_allclose(
        np.sort(back.centres_mm, axis=0), np.sort(body.centres_mm, axis=0), atol=1e-2
    )


@pytest.mark.parametrize("factor", [1.0, 0.1, 0.001])
def test_unit_is_told_by_size(body, tmp_path, factor):
    path = written(tmp_path / "skin.ply", factor * body.nodes_mm, body.triangles)
    np.testing.assert_allclose(
        np.ptp(read_torso(path).nodes_mm, axis=0), np.ptp(body.nodes_mm, axis=0), rtol=1e-3
    )


def test_a_frame_to_the_right_and_front_is_turned_and_inside_out_is_mended(body, tmp_path):
    ras_mm = body.nodes_mm * [-1, -1, 1]
    path = written(tmp_path / "skin.ply", ras_mm, body.triangles[:, ::-1])
    back = read_torso(path, frame="RAS")
    np.testing.assert_allclose(back.nodes_mm, body.nodes_mm, atol=1e-3)
    assert back.encloses(body.lungs[0].nodes_mm).all()


def test_lungs_come_along_in_the_unit_of_the_skin(body, coarse_heart, tmp_path):
    path = written(tmp_path / "skin.ply", 0.1 * body.nodes_mm, body.triangles)
    files = [
        written(tmp_path / f"{name}.stl", 0.1 * lung.nodes_mm, lung.triangles)
        for name, lung in zip(("right", "left"), body.lungs, strict=True)
    ]
    back = read_torso(path, lungs=files)
    assert [len(lung.triangles) for lung in back.lungs] == [1280, 1280]
    seat_heart(coarse_heart, back)


def opened(body):
    return body.nodes_mm, body.triangles[:-1]


def twice(body):
    apart = np.concatenate([body.nodes_mm, body.nodes_mm + 1000.0])
    return apart, np.concatenate([body.triangles, body.triangles + len(body.nodes_mm)])


def tiny(body):
    return 1e-5 * body.nodes_mm, body.triangles


@pytest.mark.parametrize(
    ("spoil", "words"),
    [
        (opened, r"skin.ply: 3 edges do not have two triangles, the first at \(.*\) mm; close"),
        (twice, "skin.ply: holds 2 separate surfaces; give skin and lungs a file each"),
        (tiny, "skin.ply: is 0.00.* across, a trunk 250 to 2300 mm"),
    ],
)
def test_a_broken_torso_is_named_with_place_and_remedy(body, tmp_path, spoil, words):
    path = written(tmp_path / "skin.ply", *spoil(body))
    with pytest.raises(ValueError, match=words):
        read_torso(path)


def test_a_wrong_unit_or_frame_is_refused(body, tmp_path):
    path = written(tmp_path / "skin.ply", body.nodes_mm, body.triangles)
    with pytest.raises(ValueError, match=r"skin\.ply: is .* across, .* units mm would do"):
        read_torso(path, units="m")
    with pytest.raises(ValueError, match="frame must be LPS or RAS, got 'LAS'"):
        read_torso(path, frame="LAS")


@pytest.mark.parametrize("ending", [".ply", ".stl", ".vtp"])
def test_damaged_torsos_never_pass_unseen(survives, tmp_path, ending):
    ball = barrel(np.zeros(3), np.array([160.0, 110, 250]), around=8, along=6)
    path = written(tmp_path / f"skin{ending}", ball.nodes_mm, ball.triangles)

    def check(torso):
        assert isinstance(torso, Torso)
        assert np.isfinite(torso.nodes_mm).all()
        assert 250 <= np.ptp(torso.nodes_mm, axis=0).max() <= 2300

    survives(lambda: read_torso(path), path, examples=40, check=check)


def as_csv(electrodes, *, names=ELECTRODES, heading="name,x,y,z\n"):
    rows = zip(names, electrodes, strict=True)
    return heading + "".join(f"{n},{p[0]},{p[1]},{p[2]}\n" for n, p in rows)


@pytest.mark.parametrize("heading", ["name,x,y,z\n", ""])
@pytest.mark.parametrize("factor", [1.0, 0.1])
def test_electrodes_come_back_from_csv(coarse_heart, tmp_path, heading, factor):
    path = tmp_path / "electrodes.csv"
    path.write_text(as_csv(factor * coarse_heart.electrodes_mm, heading=heading))
    np.testing.assert_allclose(read_electrodes(path), coarse_heart.electrodes_mm, atol=1e-9)


def test_electrodes_come_back_from_json_by_other_names_and_in_another_frame(coarse_heart, tmp_path):
    path = tmp_path / "electrodes.json"
    names = ["l", "R", "F", "N", *(f"C{k}" for k in range(1, 7))]
    ras = coarse_heart.electrodes_mm * [-1, -1, 1]
    path.write_text(json.dumps(dict(zip(names, ras.tolist(), strict=True))))
    back = read_electrodes(path, frame="RAS")
    np.testing.assert_allclose(back, coarse_heart.electrodes_mm, atol=1e-9)


def test_an_electrode_that_is_not_in_the_file_is_missing(coarse_heart, tmp_path):
    path = tmp_path / "electrodes.csv"
    path.write_text(as_csv(coarse_heart.electrodes_mm[:-1], names=ELECTRODES[:-1]))
    assert np.isnan(read_electrodes(path)).all(axis=1).tolist() == [False] * 9 + [True]


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("e.csv", "V1,1,2\n", r"e\.csv .* entry 1 has 3 columns; a line is name,x,y,z"),
        ("e.csv", "V9,1,2,3\n", r"e\.csv .* unknown electrode 'V9'; use LA, RA"),
        ("e.csv", "V1,1,2,3\nc1,4,5,6\n", r"e\.csv .* electrode V1 is there twice"),
        ("e.csv", "V1,1,2,nan\n", r"e\.csv .* electrode V1 must have three finite coordinates"),
        ("e.csv", "", r"e\.csv is empty"),
        ("e.json", "[1, 2]", r"e\.json .* must be one object of names"),
        ("e.json", '{"V1": [1, 2, 3], "V1": [1, 2, 4]}', r"e\.json .* V1 is there twice"),
        ("e.json", '{"V1": [1, 2]}', r"e\.json .* V1 must have three finite coordinates"),
        ("e.json", "{", r"e\.json is damaged or no \.json file"),
        ("e.txt", "V1,1,2,3", r"e\.txt: electrodes are read from \.csv, \.json"),
    ],
)
def test_a_wrong_list_of_electrodes_is_one_line(tmp_path, name, text, words):
    (tmp_path / name).write_text(text)
    with pytest.raises(ValueError, match=words) as caught:
        read_electrodes(tmp_path / name)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_damaged_electrodes_never_pass_unseen(survives, coarse_heart, tmp_path, ending):
    path = tmp_path / f"electrodes{ending}"
    places = coarse_heart.electrodes_mm.tolist()
    named = dict(zip(ELECTRODES, places, strict=True))
    path.write_text(as_csv(places) if ending == ".csv" else json.dumps(named))

    def check(electrodes_mm):
        assert electrodes_mm.shape == (10, 3)
        whole = np.isfinite(electrodes_mm).all(axis=1)
        assert (whole | np.isnan(electrodes_mm).all(axis=1)).all()

    survives(lambda: read_electrodes(path), path, check=check)


def test_a_seated_heart_has_its_electrodes_on_the_skin(coarse_heart, body):
    measured_mm = body.nearest_mm(coarse_heart.electrodes_mm) + 3.0
    measured_mm[ELECTRODES.index("RL")] = np.nan
    for given in (None, measured_mm):
        seated = seat_heart(coarse_heart, body, given)
        known = np.isfinite(seated.electrodes_mm).all(axis=1)
        on_mm = body.nearest_mm(seated.electrodes_mm[known])
        np.testing.assert_allclose(seated.electrodes_mm[known], on_mm, atol=1e-3)
    assert known.sum() == 9


def test_electrodes_off_the_skin_are_named(coarse_heart, body):
    far_mm = body.nearest_mm(coarse_heart.electrodes_mm)
    far_mm[ELECTRODES.index("V3")] -= [0, 80, 0]
    with pytest.raises(ValueError, match=r"V3 at \(.*\) mm lies 78 mm off the skin, more than 30"):
        seat_heart(coarse_heart, body, far_mm)


def test_a_heart_outside_the_torso_is_refused(coarse_heart, body):
    away = replace(coarse_heart, nodes_mm=coarse_heart.nodes_mm + 300.0)
    assert not body.encloses(heart_middle_mm(away.nodes_mm, away.tets)[None])[0]
    with pytest.raises(ValueError, match="nodes of the heart lie outside the skin"):
        seat_heart(away, body)
