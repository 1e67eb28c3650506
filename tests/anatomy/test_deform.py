"""Reshaped hearts: targets are met, nothing folds, coordinates and fibres stay what they are."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.anatomy.build import build_heart
from cardiotwin.anatomy.deform import ShapeTargets, deform, reshape_mm, wall_factors
from cardiotwin.anatomy.deform_modes import deformable
from cardiotwin.anatomy.electrodes import place_electrodes
from cardiotwin.anatomy.heart import tet_volumes
from cardiotwin.anatomy.measures import measure
from cardiotwin.anatomy.quality import scaled_jacobians

TARGETS = ("lv_length_mm", "lv_cavity_ml", "lv_mass_g", "rv_cavity_ml", "rv_wall_mm")


def own_targets(heart, **changes):
    """The shape a heart has, with some of it changed."""
    found = measure(heart)
    return replace(ShapeTargets(**{n: getattr(found, n) for n in TARGETS}), **changes)


@pytest.fixture(scope="module")
def base(coarse_heart):
    return deformable(coarse_heart)


@pytest.fixture(scope="module")
def large(coarse_heart):
    """Longer, wider, thinner, the right ventricle larger."""
    return own_targets(
        coarse_heart,
        lv_length_mm=98.0,
        lv_cavity_ml=170.0,
        lv_mass_g=150.0,
        rv_cavity_ml=165.0,
        rv_wall_mm=6.0,
    )


@pytest.fixture(scope="module")
def enlarged(base, large):
    return deform(base, large, name="large")


def test_targets_are_met(enlarged, large):
    found = measure(enlarged)
    for name in TARGETS:
        # The right wall is steered by a sample of its nodes.
        tolerance = 0.03 if name == "rv_wall_mm" else 0.01
        assert getattr(found, name) == pytest.approx(getattr(large, name), rel=tolerance), name


def test_no_tet_is_folded(enlarged, coarse_heart):
    own = scaled_jacobians(coarse_heart.nodes_mm, coarse_heart.tets).min()
    assert scaled_jacobians(enlarged.nodes_mm, enlarged.tets).min() > own / 4


def test_own_shape_changes_nothing(base, coarse_heart):
    nodes_mm = reshape_mm(base, own_targets(coarse_heart))
    # Within its tolerance a search that starts at its goal stays there.
    assert nodes_mm == pytest.approx(coarse_heart.nodes_mm, abs=0.3)


def test_size_alone_is_a_similarity(base, coarse_heart):
    found = measure(coarse_heart)
    targets = own_targets(
        coarse_heart,
        lv_length_mm=found.lv_length_mm * 0.92,
        lv_cavity_ml=found.lv_cavity_ml * 0.92**3,
        lv_mass_g=found.lv_mass_g * 0.92**3,
        rv_cavity_ml=found.rv_cavity_ml * 0.92**3,
        rv_wall_mm=found.rv_wall_mm * 0.92,
    )
    nodes_mm = reshape_mm(base, targets)
    exact_mm = base.axes.origin_mm + 0.92 * (coarse_heart.nodes_mm - base.axes.origin_mm)
    assert nodes_mm == pytest.approx(exact_mm, abs=0.5)  # the search stops at 0.2 %


def test_base_is_stretched_along_the_axis_and_not_bent(enlarged, coarse_heart, base):
    rim = np.unique(coarse_heart.surfaces["base"])
    before_mm, after_mm = (
        (h.nodes_mm[rim] - base.axes.origin_mm) @ base.axes.long_axis
        for h in (coarse_heart, enlarged)
    )
    slope = (after_mm @ before_mm) / (before_mm @ before_mm)
    assert slope == pytest.approx(98.0 / measure(coarse_heart).lv_length_mm, rel=0.02)
    # Only nodes that unfolding averages with their neighbours leave the plane, and not by much.
    assert np.abs(after_mm - slope * before_mm).max() < 0.3


def test_reshaping_does_not_depend_on_the_pose(base, large, turned, coarse_heart):
    there_mm = reshape_mm(deformable(turned.heart), large)[turned.nodes]
    here_mm = reshape_mm(base, large)
    moved_mm = here_mm @ turned.rotation.T + [30.0, -200.0, 7.0]
    # Solves are iterative, and unfolding stops at a bound: a few nodes differ.
    assert np.quantile(np.linalg.norm(there_mm - moved_mm, axis=1), 0.99) < 0.1
    assert len(here_mm) == len(coarse_heart.nodes_mm)


def test_thinned_territory_is_thinner_by_its_factor(base, coarse_heart):
    targets = own_targets(coarse_heart, territory="LCx", thinning=0.6)
    before, after = (
        np.array(measure(h).segment_wall_mm) for h in (coarse_heart, deform(base, targets))
    )
    ratio = after / before
    bed, remote = [5 - 1, 11 - 1], [2 - 1, 8 - 1]
    assert ratio[bed] / ratio[remote].mean() == pytest.approx(0.6, abs=0.12)  # spread border


def test_widened_apex_is_blunter_at_the_same_volume(base, coarse_heart):
    def girth_mm(heart):
        level = heart.coordinates.apicobasal[np.unique(heart.surfaces["lv_endo"])]
        tip_mm = heart.nodes_mm[np.unique(heart.surfaces["lv_endo"])][level < 0.35]
        return np.ptp(tip_mm @ base.axes.septal)

    blunt = deform(base, own_targets(coarse_heart, apical_widening=0.2))
    assert girth_mm(blunt) > 1.05 * girth_mm(coarse_heart)
    assert measure(blunt).lv_cavity_ml == pytest.approx(
        measure(coarse_heart).lv_cavity_ml, rel=0.01
    )


def test_coordinates_that_move_along_are_those_found_anew(enlarged):
    anew = build_heart(enlarged.nodes_mm, enlarged.tets, enlarged.surfaces, name="anew")
    for name, most in (("apicobasal", 0.03), ("transmural", 0.03), ("transventricular", 0.03)):
        carried, found = (getattr(h.coordinates, name) for h in (enlarged, anew))
        assert np.median(np.abs(carried - found)) < most, name
    turn = enlarged.coordinates.rotational - anew.coordinates.rotational
    assert np.median(np.abs(np.angle(np.exp(1j * turn)))) < np.radians(5)


def test_fibres_keep_the_angles_of_the_rule(enlarged, coarse_heart):
    anew = build_heart(enlarged.nodes_mm, enlarged.tets, enlarged.surfaces, name="anew")
    gradients = np.einsum("ij,ij->i", enlarged.fibres, anew.fibres)
    ruled_deg = np.degrees(np.arccos(np.clip(np.abs(gradients), 0, 1)))
    edges = (
        coarse_heart.nodes_mm[coarse_heart.tets[:, 1:]]
        - coarse_heart.nodes_mm[coarse_heart.tets[:, :1]]
    )
    moved = enlarged.nodes_mm[enlarged.tets[:, 1:]] - enlarged.nodes_mm[enlarged.tets[:, :1]]
    pushed = np.einsum("mij,mi->mj", np.linalg.solve(edges, moved), coarse_heart.fibres)
    pushed /= np.linalg.norm(pushed, axis=1)[:, None]
    along = np.abs(np.einsum("ij,ij->i", pushed, anew.fibres))
    pushed_deg = np.degrees(np.arccos(np.clip(along, 0, 1)))
    assert np.median(ruled_deg) < 3
    assert np.median(ruled_deg) < np.median(pushed_deg)


def test_electrodes_lie_as_those_of_a_new_heart_would(enlarged, base):
    placed_mm = place_electrodes(enlarged.nodes_mm, enlarged.tets)
    np.testing.assert_allclose(enlarged.electrodes_mm, placed_mm, atol=1e-9)
    shift_mm = np.array([4.0, -7, 30])  # electrodes of one's own keep their place too
    own = replace(base.heart, electrodes_mm=base.heart.electrodes_mm + shift_mm)
    moved = deform(replace(base, heart=own), own_targets(own, lv_mass_g=120.0))
    placed_mm = place_electrodes(moved.nodes_mm, moved.tets)
    np.testing.assert_allclose(moved.electrodes_mm, placed_mm + shift_mm, atol=1e-9)


def test_displacements_leave_alone_what_they_say(base, coarse_heart):
    lv, rv = (np.unique(coarse_heart.surfaces[s]) for s in ("lv_endo", "rv_endo"))
    assert not base.left_wall[lv].any()
    assert not base.right_size[lv].any()
    assert not base.right_wall[np.union1d(lv, rv)].any()
    rim = np.unique(coarse_heart.surfaces["base"])
    for moved_mm in (base.left_wall, base.right_size, base.right_wall):
        assert moved_mm[rim] @ base.axes.long_axis == pytest.approx(0, abs=1e-9)


def test_small_displacement_thickens_by_its_share(base, coarse_heart):
    nodes_mm = coarse_heart.nodes_mm + 0.1 * base.left_wall
    assert (tet_volumes(nodes_mm, coarse_heart.tets) > 0).all()
    thicker = measure(replace(coarse_heart, nodes_mm=nodes_mm)).lv_wall_mm
    assert thicker / measure(coarse_heart).lv_wall_mm == pytest.approx(1.1, abs=0.02)


def test_impossible_targets_are_named(base, coarse_heart):
    with pytest.raises(ValueError, match="lv_cavity_ml must be 40 to 500, got 5"):
        own_targets(coarse_heart, lv_cavity_ml=5.0)
    with pytest.raises(ValueError, match="territory must be one of LAD, RCA, LCx, got 'aorta'"):
        own_targets(coarse_heart, territory="aorta")
    with pytest.raises(ValueError, match="coarse cannot have a cavity of 400 ml"):
        deform(
            base,
            own_targets(coarse_heart, lv_cavity_ml=400.0, lv_length_mm=50.0, apical_widening=0.5),
        )


def test_search_that_cannot_reach_its_goal_says_how_far_it_came(coarse_heart):
    targets = own_targets(coarse_heart, lv_mass_g=300.0)

    def saturating(factors):
        return np.array([200 * np.tanh(factors[0]), targets.rv_cavity_ml, targets.rv_wall_mm])

    with pytest.raises(
        ValueError, match="coarse cannot have lv_mass_g 300 in this shape, only 200;"
    ):
        wall_factors(saturating, targets, "coarse")
