"""Columns of wall, and the transmurality read off them."""

import numpy as np
import pytest

from cardiotwin.cohorts.columns import transmurality, wall_columns


@pytest.fixture(scope="module")
def wall(builtin):
    lv = np.flatnonzero(builtin.is_lv)
    return lv, wall_columns(builtin, lv), builtin.node_volumes_mm3[lv]


def test_columns_hold_all_the_muscle_once(builtin, wall):
    _, columns, volumes = wall
    assert columns.volumes_mm3.sum() == pytest.approx(volumes.sum())


def test_a_foot_lies_on_the_endocardium_within_a_wall_of_its_node(builtin, wall):
    lv, columns, _ = wall
    assert np.isin(lv[columns.foot], builtin.surfaces["lv_endo"]).all()
    way = np.linalg.norm(builtin.nodes_mm[lv[columns.foot]] - builtin.nodes_mm[lv], axis=1)
    assert np.quantile(way, 0.99) < 15


@pytest.mark.parametrize("depth", [0.25, 0.5, 0.75, 1.1])
def test_a_scar_of_even_depth_has_that_share_of_the_wall(builtin, wall, depth):
    """Inner muscle up to a transmural depth; the inside of a curved wall is a little smaller."""
    lv, columns, volumes = wall
    core = builtin.coordinates.transmural[lv] < depth
    expected = min(depth, 1.0)
    assert transmurality(columns, core, volumes) == pytest.approx(expected, abs=0.1)


def test_no_scar_is_no_transmurality(wall):
    _, columns, volumes = wall
    assert transmurality(columns, np.zeros(len(volumes), bool), volumes) == 0
