"""Left atria as surfaces: size and openings in closed form, winding, what is refused, real ones."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.anatomy.atrial_build import build_atrium, parts_by_place
from cardiotwin.anatomy.atrial_files import ATRIA, load_atrium
from cardiotwin.anatomy.loops import boundary_loops, cap, capped_volume_mm3, repair_winding
from cardiotwin.anatomy.surface import areas_mm2
from cardiotwin.anatomy.topology import edge_counts

from .atrial_shapes import ball, grid, tube


@pytest.fixture(scope="module")
def atrium():
    return build_atrium(*ball(), name="ball")


# Closed forms


def test_a_tube_has_the_area_volume_and_rims_of_a_prism():
    nodes_mm, triangles = tube(around=48)
    side_mm = 2 * 20 * np.sin(np.pi / 48)
    polygon_mm2 = 48 * 20**2 * np.sin(2 * np.pi / 48) / 2
    assert areas_mm2(nodes_mm, triangles).sum() == pytest.approx(48 * side_mm * 60, rel=1e-12)
    assert capped_volume_mm3(nodes_mm, triangles) == pytest.approx(polygon_mm2 * 60, rel=1e-12)
    loops = boundary_loops(triangles)
    assert sorted(map(len, loops)) == [48, 48]
    for loop in loops:
        steps_mm = nodes_mm[loop] - nodes_mm[np.roll(loop, -1)]
        np.testing.assert_allclose(np.linalg.norm(steps_mm, axis=1), side_mm)


def test_a_frustum_has_the_volume_of_a_cut_pyramid():
    nodes_mm, triangles = tube(bottom_mm=30.0, top_mm=10.0, height_mm=40.0, along=7)
    share = 48 * np.sin(2 * np.pi / 48) / 2
    expected = 40 / 3 * share * (30**2 + 30 * 10 + 10**2)
    assert capped_volume_mm3(nodes_mm, triangles) == pytest.approx(expected, rel=1e-12)


def test_caps_close_a_surface(atrium):
    loops = boundary_loops(atrium.triangles)
    _, closed = cap(atrium.nodes_mm, atrium.triangles, loops)
    assert (edge_counts(closed)[1] == 2).all()


def test_a_ball_has_the_area_and_volume_of_a_ball_less_its_openings(atrium):
    # Segments of a sphere beyond polar cosines c: area 2 pi r^2 (1 - c), and their heights.
    heights = [0.15, *[0.04] * 4]
    area = 4 * np.pi * 25**2 - sum(2 * np.pi * 25**2 * h for h in heights)
    volume = 4 / 3 * np.pi * 25**3 - sum(np.pi * 25**3 * h**2 * (1 - h / 3) for h in heights)
    # 3 %: the rims run in zigzag along the triangles.
    assert atrium.area_cm2 == pytest.approx(area / 100, rel=0.03)
    assert atrium.volume_ml == pytest.approx(volume / 1000, rel=0.03)
    assert atrium.perimeter_mm("mitral") > 2 * np.pi * 25 * np.sqrt(1 - 0.85**2)


# Names and winding


def test_openings_are_named_by_place(atrium):
    middle_mm = {name: atrium.nodes_mm[rim].mean(axis=0) for name, rim in atrium.openings.items()}
    assert set(middle_mm) == {"mitral", "lspv", "lipv", "rspv", "ripv"}
    assert middle_mm["mitral"][2] < -20
    assert middle_mm["lspv"][0] > 0 > middle_mm["rspv"][0]
    assert middle_mm["lspv"][2] > middle_mm["lipv"][2]
    assert middle_mm["rspv"][2] > middle_mm["ripv"][2]


def test_a_cut_appendage_is_the_foremost_opening_on_the_left():
    places_mm = [[80, 83, 99], [68, 99, 91], [65, 88, 115], [21, 98, 85], [21, 83, 102]]
    expected = ["laa", "lipv", "lspv", "ripv", "rspv"]
    assert parts_by_place(np.array(places_mm, float)) == expected


def test_a_common_trunk_is_one_vein():
    assert parts_by_place(np.array([[30.0, 0, 0], [-30, 0, 5], [-30, 0, -5]])) == [
        "lspv",
        "rspv",
        "ripv",
    ]


def test_tags_name_the_openings_whatever_the_axes(atrium):
    tags = np.zeros(len(atrium.triangles), int)
    for tag, name in enumerate(("ripv", "rspv", "lipv", "lspv"), start=2):
        tags[np.isin(atrium.triangles, atrium.openings[name]).any(axis=1)] = tag
    named = build_atrium(atrium.nodes_mm, atrium.triangles, tags, name="swapped").openings
    for name, other in (("lipv", "ripv"), ("lspv", "rspv"), ("ripv", "lipv"), ("rspv", "lspv")):
        assert set(named[name]) == set(atrium.openings[other])


def test_winding_does_not_matter(atrium, rng):
    triangles = atrium.triangles.copy()
    flipped = rng.random(len(triangles)) < 0.5
    triangles[flipped] = triangles[flipped][:, [0, 2, 1]]
    assert build_atrium(atrium.nodes_mm, triangles, name="mixed").volume_ml == pytest.approx(
        atrium.volume_ml, rel=1e-12
    )
    inward = repair_winding(atrium.nodes_mm, atrium.triangles[:, ::-1], "inward")
    assert capped_volume_mm3(atrium.nodes_mm, inward) > 0
    with pytest.raises(ValueError, match=r"ball: triangles are not wound outward; make it with"):
        replace(atrium, triangles=atrium.triangles[:, ::-1])


def test_an_atrium_turns_with_its_axes_of_tags(atrium):
    """Area, volume and rims do not change in a rigid motion; nor do fibres, seen from it."""
    turn = np.array([[0.0, 1, 0], [-1, 0, 0], [0, 0, 1]])
    tags = np.zeros(len(atrium.triangles), int)
    for tag, name in enumerate(("lipv", "lspv", "ripv", "rspv"), start=2):
        tags[np.isin(atrium.triangles, atrium.openings[name]).any(axis=1)] = tag
    turned = build_atrium(atrium.nodes_mm @ turn.T + 100, atrium.triangles, tags, name="turned")
    assert turned.volume_ml == pytest.approx(atrium.volume_ml, rel=1e-9)
    same = np.abs(np.einsum("ki,ki->k", turned.fibres, atrium.fibres @ turn.T))
    assert np.mean(same > 0.9999) > 0.999


# What is refused


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda p, t: (p * np.nan, t), "nodes are not finite or far off, the first is node 0"),
        (lambda p, t: (p / 10, t), "is 5 mm across; it looks like centimetres, multiply by 10"),
        (lambda p, t: (p / 1000, t), "looks like metres, multiply by 1000"),
        (lambda p, t: (p * 1000, t), "looks like micrometres, multiply by 0.001"),
        (lambda p, t: (p * 10, t), "is 500 mm across; a left atrium is 30 to 200 mm"),
        (lambda p, t: (p, t[:0]), r"triangles must have shape \(n, 3\), got \(0, 3\)"),
        (lambda p, t: (p, t + len(p)), "triangles name nodes"),
        (
            lambda p, t: (p, np.concatenate([t, [[*t[0][:2], t[500][0]]]])),
            "more than two triangles",
        ),
        (
            lambda p, t: (np.concatenate([p, p + 60]), np.concatenate([t, t + len(p)])),
            r"is in 2 pieces, one of them at \(",
        ),
        (lambda p, t: (np.where(p == p[t[0, 0]], p[t[0, 1]], p), t), "triangles are flat"),
    ],
)
def test_a_broken_sheet_is_refused_in_one_line(change, message):
    nodes_mm, triangles = ball(subdivisions=3)
    with pytest.raises(ValueError, match=f"^bad: .*{message}") as error:
        build_atrium(*change(nodes_mm, triangles), name="bad")
    assert "\n" not in str(error.value)


def test_a_moebius_strip_is_refused():
    angle = np.repeat(np.linspace(0, 2 * np.pi, 41)[:-1], 3)
    across = np.tile([-8.0, 0, 8], 40)
    radius = 30 + across * np.cos(angle / 2)
    nodes_mm = np.stack(
        [radius * np.cos(angle), radius * np.sin(angle), across * np.sin(angle / 2)], axis=1
    )
    node = np.arange(120).reshape(40, 3)
    ring = np.concatenate([node, node[:1, ::-1]])
    a, b, c, d = ring[:-1, :-1], ring[:-1, 1:], ring[1:, 1:], ring[1:, :-1]
    triangles = np.concatenate(
        [np.stack(s, axis=-1).reshape(-1, 3) for s in ((a, b, c), (a, c, d))]
    )
    with pytest.raises(ValueError, match="strip: is one-sided, like a Moebius strip"):
        repair_winding(nodes_mm, triangles.astype(np.int32), "strip")


def test_openings_that_touch_are_refused_with_their_place():
    nodes_mm, triangles = tube()
    around = np.flatnonzero((triangles == 12 * 48).any(axis=1))
    opposite = next(
        t for t in around if len(np.intersect1d(triangles[t], triangles[around[0]])) == 1
    )
    cut = np.delete(triangles, [around[0], opposite], axis=0)
    with pytest.raises(ValueError, match=r"tube: two openings touch at \(.*\) mm"):
        repair_winding(nodes_mm, cut, "tube")


def test_a_flat_plate_has_too_few_openings():
    nodes_mm = np.stack([*np.meshgrid(np.arange(41.0), np.arange(41.0)), np.zeros((41, 41))], -1)
    with pytest.raises(ValueError, match="plate: has 1 openings; a left atrium is open at"):
        build_atrium(nodes_mm.reshape(-1, 3), grid(40, 40, closed=False), name="plate")


def test_a_vein_without_a_tag_beside_tagged_ones_is_named_by_its_place(atrium):
    tags = np.zeros(len(atrium.triangles), int)
    tags[np.isin(atrium.triangles, atrium.openings["lspv"]).any(axis=1)] = 3
    with pytest.raises(ValueError, match=r"half: the opening at \(.*\) mm has no tag"):
        build_atrium(atrium.nodes_mm, atrium.triangles, tags, name="half")


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        (np.full(5, 1), r"ball: tags have shape \(5,\) for \d+ triangles; give one each"),
        (None, "ball: tag 256 has no meaning; tags are 0 body, 1 laa"),
    ],
)
def test_tags_that_do_not_fit_are_refused(atrium, tags, message):
    tags = np.full(len(atrium.triangles), 256) if tags is None else tags
    with pytest.raises(ValueError, match=message):
        build_atrium(atrium.nodes_mm, atrium.triangles, tags, name="ball")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda s: {"tags": s.tags + 7}, "tag 7 has no meaning; tags are 0 body, 1 laa"),
        (lambda s: {"tags": s.tags[:-1]}, r"tags must have shape \(\d+,\), got"),
        (lambda s: {"fibres": s.fibres * 2}, r"fibres are not unit vectors in their triangle, the"),
        (lambda s: {"fibres": s.normals.astype(np.float32)}, "fibres are not unit vectors in"),
        (lambda s: {"openings": {}}, "has 5 openings, but `openings` names 0"),
    ],
)
def test_an_atrium_with_wrong_values_is_refused(atrium, change, message):
    with pytest.raises(ValueError, match=message):
        replace(atrium, **change(atrium))


# Real ones


@pytest.mark.slow
@pytest.mark.parametrize("name", ATRIA)
def test_real_atria_have_five_or_six_openings_and_a_known_size(name, data_folder):
    atrium = load_atrium(name)
    assert {"mitral", "lipv", "lspv", "ripv", "rspv"} <= set(atrium.openings)
    assert ("laa" in atrium.openings) == (name in ("rodero01", "strocchi01"))
    assert 50 < atrium.area_cm2 < 110  # what the data's own description gives
    # 22 to 125 ml: from normal emptied to severely enlarged (Lang 2015: 16-34 ml/m2 normal).
    assert 22 < atrium.volume_ml < 125
    longest = max(atrium.openings, key=atrium.perimeter_mm)
    assert longest == "mitral"
