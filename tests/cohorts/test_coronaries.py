"""Coronary arteries and their beds share out the left ventricle as the wards know it."""

from itertools import pairwise

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from cardiotwin.cohorts.beds import SITES
from cardiotwin.cohorts.coronaries import ARTERIES, artery_curtains


@pytest.mark.parametrize("heart", ["builtin", "dti004", "rodero01"])
def test_beds_of_the_three_arteries_share_out_the_ventricle(heart, request):
    """The LAD feeds most, some 40 to 50 %, the others 25 to 35 % each (right dominance).

    The built-in heart's septum takes half of its circumference, a third in people, so that the
    lateral wall, the circumflex's, is small.
    """
    from cardiotwin.cohorts import prepare_infarcts

    model = request.getfixturevalue(f"{heart}_model")
    infarcts = prepare_infarcts(model.heart, model)
    volume = infarcts.volumes_mm3 / infarcts.volumes_mm3.sum()
    share = {a: volume[infarcts.beds.radius(a, 0.0) < 1].sum() for a in ARTERIES}
    assert sum(share.values()) == pytest.approx(1, abs=0.01)
    assert 0.35 < share["LAD"] < 0.52
    assert 0.22 < share["RCA"] < 0.36
    assert (0.18 if heart == "builtin" else 0.22) < share["LCx"] < 0.36


def test_a_bed_lies_within_that_of_a_more_proximal_occlusion(builtin_infarcts):
    for artery in ARTERIES:
        beds = [builtin_infarcts.beds.radius(artery, s) < 1 for s in SITES]
        for wide, narrow in pairwise(beds):
            assert (narrow & ~wide).sum() < 0.02 * wide.sum()
            assert narrow.sum() <= wide.sum()


def test_a_bed_holds_its_own_artery_and_none_of_the_others(builtin_infarcts):
    """Where the last branches of two arteries meet at the apex, a node may belong to both."""
    heart = builtin_infarcts.heart
    curtains = artery_curtains(heart)
    inside = np.zeros(len(heart.nodes_mm), bool)
    inside[builtin_infarcts.lv] = builtin_infarcts.beds.radius("LAD", 0.0) < 1
    others = np.union1d(curtains["LCx"].nodes, curtains["RCA"].nodes)
    assert len(np.intersect1d(curtains["LAD"].nodes, others)) < 0.01 * len(others)
    assert inside[np.setdiff1d(curtains["LAD"].nodes, others)].all()
    assert not inside[np.setdiff1d(others, curtains["LAD"].nodes)].any()


def test_the_radius_is_zero_in_one_place_and_grows_outward(builtin_infarcts):
    radius = builtin_infarcts.beds.radius("RCA", 0.0)
    assert radius.min() == 0
    assert radius.max() > 1.5
    heart = builtin_infarcts.heart
    middle = np.zeros(len(heart.nodes_mm), bool)
    middle[builtin_infarcts.lv[radius < 0.2]] = True
    edges = heart.tets[:, [[0, 1], [0, 2], [0, 3], [1, 2], [1, 3], [2, 3]]].reshape(-1, 2)
    edges = edges[middle[edges].all(axis=1)]
    graph = coo_array((np.ones(len(edges)), edges.T), shape=(len(middle),) * 2)
    pieces = connected_components(graph, directed=False)[1][middle]
    # one middle, not one under every branch; a node alone may poke through the level
    assert np.bincount(pieces).max() > 0.99 * len(pieces)


def test_curtains_stand_in_the_left_ventricle_through_the_whole_wall(builtin):
    for curtain in artery_curtains(builtin).values():
        assert builtin.is_lv[curtain.nodes].all()
        depth = builtin.coordinates.transmural[curtain.nodes]
        assert depth.min() < 0.15
        assert depth.max() > 0.85
        assert (curtain.sites >= 0).all()
        assert (curtain.sites <= 1).all()


def test_the_anterior_artery_runs_down_the_anterior_groove(builtin):
    c, curtain = builtin.coordinates, artery_curtains(builtin)["LAD"]
    stem = curtain.nodes[(curtain.sites > 0.3) & (curtain.sites < 0.6)]
    assert np.median(c.rotational[stem]) > 0.4
