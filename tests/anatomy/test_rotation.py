"""The way round: tables of the wall, insertions, and the stretch between them, in closed form."""

import numpy as np
import pytest

from cardiotwin.anatomy.rotation import (
    INSERTION,
    LEVELS,
    TURNS,
    cavity_middle_mm,
    insertions,
    look_up,
    stretch,
    table,
)

CENTRES = (np.arange(TURNS) + 0.5) * 2 * np.pi / TURNS - np.pi
ROUND = np.ones((LEVELS, TURNS))


def septal_band(inferior_deg, anterior_deg):
    """Share of the wall that faces right: 1 between two angles, steep at both."""
    inside = np.minimum(CENTRES - np.radians(inferior_deg), np.radians(anterior_deg) - CENTRES)
    return np.tile(np.clip(0.5 + 3 * inside, 0, 1), (LEVELS, 1))


def on_a_grid(values):
    """Nodes at the middle of each entry of a table."""
    level, angle = np.meshgrid((np.arange(LEVELS) + 0.5) / LEVELS, CENTRES, indexing="ij")
    return look_up(values, level.ravel(), angle.ravel()).reshape(LEVELS, TURNS)


def test_table_holds_all_the_weight(rng):
    level, angle = rng.random(500), rng.uniform(-np.pi, np.pi, 500)
    weight = rng.random(500)
    np.testing.assert_allclose(table(level, angle, weight).sum(), weight.sum())


def test_table_does_not_jump_where_a_node_crosses_from_entry_to_entry():
    border = CENTRES[10] + np.pi / TURNS
    one = np.ones(1)
    before, after = (table(0.5 * one, (border + e) * one, one) for e in (-1e-9, 1e-9))
    np.testing.assert_allclose(before, after, atol=1e-9)


def test_table_is_the_same_across_the_seam():
    one = np.ones(1)
    before, after = (table(0.5 * one, turn * one, one) for turn in (np.pi - 1e-9, -np.pi + 1e-9))
    np.testing.assert_allclose(before, after, atol=1e-8)


def test_looking_up_an_entry_gives_it(rng):
    values = rng.random((LEVELS, TURNS))
    np.testing.assert_allclose(on_a_grid(values), values, atol=1e-12)


def test_insertions_are_the_ends_of_the_septum():
    ends = np.degrees(insertions(septal_band(-50, 70)))
    np.testing.assert_allclose(ends, np.tile([-50.0, 70.0], (LEVELS, 1)), atol=0.1)


def test_insertions_go_straight_down_where_the_septum_tapers():
    septal = septal_band(-60, 60)
    for level in range(8):
        septal[level] = septal_band(-5 * level, 5 * level)[0]
    ends = np.degrees(insertions(septal))
    assert (np.diff(ends[:, 1]) > -1e-9).all()
    assert ends[0, 1] > 30  # not the 0 that the septum has there


def test_even_wall_with_its_insertions_in_place_is_not_stretched():
    ends = np.tile([-INSERTION, INSERTION], (LEVELS, 1))
    np.testing.assert_allclose(stretch(ends, ROUND), 0, atol=1e-12)


@pytest.mark.parametrize(("inferior_deg", "anterior_deg"), [(-90, 90), (-50, 70)])
def test_insertions_come_to_lie_sixty_degrees_from_the_middle(inferior_deg, anterior_deg):
    ends = np.tile(np.radians([inferior_deg, anterior_deg]), (LEVELS, 1))
    turned = on_a_grid(stretch(ends, ROUND)) + CENTRES
    at = np.interp(ends[0], CENTRES, turned[0])
    # 1 degree: the corner of the stretch lies within a step of 5 degrees.
    np.testing.assert_allclose(np.degrees(at), [-60, 60], atol=1)
    opposite = np.radians((inferior_deg + anterior_deg) / 2 + 180)
    there = look_up(stretch(ends, ROUND), np.array([0.5]), np.array([opposite])) + opposite
    np.testing.assert_allclose(np.degrees(np.abs(np.angle(np.exp(1j * there)))), 180, atol=0.1)


def test_stretched_angle_rises_all_the_way_round():
    ends = np.tile(np.radians([-35.0, 100.0]), (LEVELS, 1))
    radius = ROUND * (1 + 0.4 * np.cos(2 * CENTRES))
    turned = stretch(ends, radius) + CENTRES
    assert (np.diff(turned, axis=1) > 0).all()
    np.testing.assert_allclose(turned[:, 0] + 2 * np.pi - turned[:, -1] > 0, True)


def test_wall_is_divided_by_its_length():
    """On an ellipse twice as long as wide, the rotational coordinate goes with the arc."""
    a, b = 2.0, 1.0
    radius = ROUND * a * b / np.hypot(b * np.cos(CENTRES), a * np.sin(CENTRES))
    ends = np.tile([-np.pi / 2, np.pi / 2], (LEVELS, 1))
    turned = (stretch(ends, radius) + CENTRES)[0]
    x, y = radius[0] * np.cos(CENTRES), radius[0] * np.sin(CENTRES)
    arc = np.cumsum(np.hypot(np.diff(x), np.diff(y)))
    inside = np.abs(CENTRES[1:]) < np.radians(80)
    pace = np.polyfit(arc[inside], turned[1:][inside], 1)
    # 0.03 rad: a third of a step of 5 degrees.
    np.testing.assert_allclose(np.polyval(pace, arc[inside]), turned[1:][inside], atol=0.03)


def test_middle_of_a_leaning_tube_is_its_axis():
    turn = np.linspace(0, 2 * np.pi, 24, endpoint=False)
    height = np.linspace(0, 1, 49)
    nodes_mm = np.stack(
        [
            20 * np.cos(turn) + 10 * height[:, None],
            20 * np.sin(turn) + 0 * height[:, None],
            np.broadcast_to(60 * height[:, None], (49, 24)),
        ],
        axis=-1,
    ).reshape(-1, 3)
    here = np.arange(49 * 24).reshape(49, 24)
    quads = [x.ravel() for x in (here[:-1], np.roll(here, -1, 1)[:-1], np.roll(here, -1, 1)[1:])]
    level = np.repeat(height, 24)
    middle = cavity_middle_mm(nodes_mm, level, np.stack(quads, axis=1), np.zeros(3))
    inner = (level > 0.1) & (level < 0.9)  # at the ends, the middle of what there is
    # 0.6 mm: one triangle of each quad leans to one side by a twelfth of a step round the ring.
    np.testing.assert_allclose(middle[inner, 0], 10 * level[inner], atol=0.6)
    np.testing.assert_allclose(middle[inner, 1], 0, atol=0.6)
