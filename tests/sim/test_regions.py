"""Regions: packed cells of several models, dead nodes left out."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.sim.mitchell_schaeffer import ATRIAL, VENTRICULAR
from cardiotwin.sim.regions import make_regions, node_mask, rest_mv

MASS = np.array([1.0, 0, 1, 1, 1, 0, 1])


def test_one_model_on_living_tissue_is_not_packed():
    (region,) = make_regions(VENTRICULAR, np.ones(7))
    assert region.nodes is None
    assert region.share(2, 5) == (2, 5)


def test_dead_nodes_have_no_cells():
    (region,) = make_regions(VENTRICULAR, MASS)
    assert region.nodes.tolist() == [0, 2, 3, 4, 6]
    assert region.state.shape == (1, 5)


def test_a_range_of_nodes_holds_the_cells_that_lie_in_it():
    first, second = make_regions([(VENTRICULAR, [6, 2, 0]), (ATRIAL, [3, 4])], MASS)
    assert first.nodes.tolist() == [0, 2, 6]
    assert [first.share(0, 3), first.share(3, 7)] == [(0, 2), (2, 3)]
    assert [second.share(0, 3), second.share(3, 7)] == [(0, 0), (0, 2)]


def test_a_step_moves_the_cells_of_its_range_and_no_others():
    first, _ = make_regions([(VENTRICULAR, [6, 2, 0]), (ATRIAL, [3, 4])], MASS)
    first.prepare(0.1)
    first.set_current(np.arange(7.0))
    v_mv = np.full(7, -80.0)
    first.react(v_mv, *first.share(0, 3))
    assert np.flatnonzero(v_mv != -80).tolist() == [2]  # node 0 has no current, node 6 is later
    assert v_mv[2] == pytest.approx(-79.8, abs=0.01)


def test_every_node_rests_where_its_model_does():
    high = replace(ATRIAL, rest_mv=-70.0)
    regions = make_regions([(VENTRICULAR, [0, 2, 6]), (high, [3, 4])], MASS)
    assert rest_mv(regions, 7).tolist() == [-80, -80, -80, -70, -70, -80, -80]


def test_masks_and_indices_mean_the_same():
    mask = np.array([True, False, True])
    assert (node_mask(mask, 3, "a") == node_mask([0, 2], 3, "a")).all()
    assert not node_mask([], 3, "a").any()
    with pytest.raises(ValueError, match="indices from 0 to 2"):
        node_mask([0.5], 3, "a")
