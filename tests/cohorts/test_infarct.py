"""Infarcts meet their targets, grow from the inside out, and stay where they belong."""

import numpy as np
import pytest

from cardiotwin.cohorts.infarct import (
    BORDER_LIMITS_MM,
    TRANSMURALITY_TOLERANCE,
    InfarctTarget,
    draw_infarct,
)
from cardiotwin.sim import segment_shares

#: AHA segments that each artery usually feeds (Cerqueira 2002, figure 3).
USUAL = {
    "LAD": {1, 2, 7, 8, 13, 14, 17},
    "LCx": {5, 6, 11, 12, 16},
    "RCA": {3, 4, 9, 10, 15},
}


def draw(model, seed=0, **target):
    return draw_infarct(model, InfarctTarget(**target), np.random.default_rng(seed))


@pytest.fixture(scope="module")
def model(builtin_infarcts):
    return builtin_infarcts


@pytest.mark.parametrize("territory", ["LAD", "LCx", "RCA"])
@pytest.mark.parametrize(
    ("burden", "transmurality"), [(0.05, 0.4), (0.10, 0.6), (0.15, 0.8), (0.2, 0.85)]
)
def test_burden_and_transmurality_are_hit(model, territory, burden, transmurality):
    infarct = draw(model, territory=territory, burden=burden, transmurality=transmurality)
    # a node more or less, and the pockets that are closed afterwards
    assert infarct.achieved.burden == pytest.approx(burden, abs=0.01)
    assert infarct.achieved.transmurality == pytest.approx(
        transmurality, abs=TRANSMURALITY_TOLERANCE
    )


def test_recorded_burden_is_that_of_the_tissue(model):
    infarct = draw(model, burden=0.2)
    heart = model.heart
    volume = heart.node_volumes_mm3
    burden = volume[infarct.tissue.core].sum() / volume[heart.is_lv].sum()
    assert infarct.achieved.burden == pytest.approx(burden, rel=1e-12)


@pytest.mark.parametrize("territory", ["LAD", "LCx", "RCA"])
def test_most_of_the_core_lies_in_the_segments_the_artery_feeds(model, territory):
    inside = []
    for seed in range(5):
        infarct = draw(model, seed, territory=territory, burden=0.12, transmurality=0.6)
        core = infarct.tissue.core
        volume = model.heart.node_volumes_mm3[core]
        home = np.isin(model.heart.segments[core], list(USUAL[territory]))
        inside.append(volume[home].sum() / volume.sum())
    assert np.mean(inside) > 0.75


def test_nothing_leaves_the_left_ventricle(model):
    infarct = draw(model, burden=0.25, border_mm=8.0)
    right = ~model.heart.is_lv
    assert not infarct.tissue.core[right].any()
    assert not infarct.tissue.border[right].any()


def test_necrosis_is_densest_under_the_endocardium(model):
    infarct = draw(model, burden=0.12, transmurality=0.5)
    depth = model.heart.coordinates.transmural[model.lv]
    core = infarct.tissue.core[model.lv]
    thirds = [core[(depth >= a) & (depth < a + 1 / 3)].mean() for a in (0, 1 / 3, 2 / 3)]
    assert thirds[0] > thirds[1] > thirds[2]


def test_a_longer_ischaemia_reaches_deeper(model):
    """Same artery, site and irregularity: more transmural at the same burden is deeper."""
    depth = model.heart.coordinates.transmural
    deep = [
        depth[draw(model, burden=0.1, transmurality=t, site=0.0, border_mm=3.0).tissue.core].mean()
        for t in (0.35, 0.55, 0.75)
    ]
    assert deep[0] < deep[1] < deep[2]


def test_a_distal_occlusion_spares_the_base(model):
    height = model.heart.coordinates.apicobasal
    near = draw(model, burden=0.05, transmurality=0.6, site=0.0).tissue.core
    far = draw(model, burden=0.05, transmurality=0.6, site=0.6).tissue.core
    assert height[far].mean() < height[near].mean() - 0.1


def test_the_border_falls_from_one_beside_the_core_within_its_width(model):
    infarct = draw(model, burden=0.15, border_mm=5.0)
    border = infarct.tissue.border[model.lv]
    away = model.beds.way_mm(model.lv[infarct.tissue.core[model.lv]])
    assert border[away > BORDER_LIMITS_MM[1]].max() == 0
    zone = (away > 0) & (away < BORDER_LIMITS_MM[0])
    assert border[zone].min() > 0  # nowhere narrower than 2 mm
    near, far = (border[(away > a) & (away <= b)] for a, b in ((0, 2), (3, 6)))
    assert near.mean() > 0.5 > far.mean()


def test_border_width_varies_along_the_core(model):
    infarct = draw(model, burden=0.15, border_mm=5.0)
    border = infarct.tissue.border[model.lv].astype(float)
    away = model.beds.way_mm(model.lv[infarct.tissue.core[model.lv]])
    inside = (border > 0.05) & (border < 0.95) & (away > 0.5)
    width = away[inside] / (1 - border[inside])
    assert np.quantile(width, 0.9) - np.quantile(width, 0.1) > 1.5
    assert width.min() > BORDER_LIMITS_MM[0] - 1e-3
    assert width.max() < BORDER_LIMITS_MM[1] + 1e-3


def test_every_living_node_has_a_living_tetrahedron(model):
    core = draw(model, burden=0.2, transmurality=0.8).tissue.core
    tets = model.heart.tets
    alive = np.zeros(len(core), bool)
    alive[tets[~core[tets].any(axis=1)]] = True
    assert (alive | core)[model.heart.is_lv].all()


def test_same_seed_same_infarct_other_seed_another(model):
    a, b, c = (draw(model, seed, burden=0.15, site=0.0).tissue for seed in (3, 3, 4))
    np.testing.assert_array_equal(a.core, b.core)
    np.testing.assert_array_equal(a.border, b.border)
    overlap = (a.core & c.core).sum() / a.core.sum()
    assert 0.5 < overlap < 0.97


def test_without_irregularity_the_edge_is_smoother(model):
    """The living neighbours of the core are fewer when its edge is not ragged."""
    tets = model.heart.tets
    edge = []
    for irregularity in (0.0, 0.3):
        target = {"burden": 0.15, "site": 0.0, "irregularity": irregularity}
        core = draw(model, 1, **target).tissue.core
        mixed = core[tets].any(axis=1) & ~core[tets].all(axis=1)
        edge.append(mixed.sum())
    assert edge[1] > 1.1 * edge[0]


def test_shares_of_segments_add_up_to_the_burden(model):
    infarct = draw(model, burden=0.2)
    core, border = segment_shares(model.heart, infarct.tissue)
    volume = np.bincount(model.heart.segments, model.heart.node_volumes_mm3, minlength=18)[1:]
    assert (core * volume).sum() / volume.sum() == pytest.approx(infarct.achieved.burden)
    share = (border * volume).sum() / volume.sum()
    assert share == pytest.approx(infarct.achieved.border_share, rel=1e-5)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ({"territory": "LMCA"}, "unknown territory 'LMCA'; choose LAD, LCx, RCA"),
        ({"burden": 0.0}, "burden must lie strictly between 0 and 1, got 0.0"),
        ({"burden": 1.0}, "burden must lie strictly between 0 and 1, got 1.0"),
        ({"transmurality": 1.2}, "transmurality must lie strictly between"),
        ({"site": 1.0}, "site must lie in 0"),
        ({"border_mm": -2.0}, "border_mm must be positive, got -2.0"),
        ({"irregularity": 0.9}, "irregularity must lie in 0..0.5"),
    ],
)
def test_impossible_targets_are_refused_in_one_line(target, words):
    with pytest.raises(ValueError, match=words) as refusal:
        InfarctTarget(**target)
    assert "\n" not in str(refusal.value)


def test_too_large_a_burden_says_what_would_fit(model):
    with pytest.raises(ValueError, match="ask for a burden of at most") as refusal:
        draw(model, territory="RCA", burden=0.6, transmurality=0.7)
    assert "\n" not in str(refusal.value)
