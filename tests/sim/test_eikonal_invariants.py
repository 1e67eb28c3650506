"""What must not change an activation map, and what may change it one way only."""

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.eikonal import activation_times, eikonal_mesh, solve_eikonal, tet_metric

from .eikonal_tissue import ANISOTROPIC, ISOTROPIC, rotation, skewed, uniform


@pytest.fixture
def tissue(rng):
    return skewed(rng)


def test_rigid_motion_changes_nothing(tissue, rng):
    turn = rotation(rng)
    moved = tissue | {
        "nodes_mm": tissue["nodes_mm"] @ turn.T + [5.0, -3.0, 80.0],
        "fibres": tissue["fibres"] @ turn.T,
        "sheets": tissue["sheets"] @ turn.T,
    }
    # 1e-9: rounding of coordinates near 80 mm, carried over some ten elements.
    np.testing.assert_allclose(activation_times(**moved), activation_times(**tissue), rtol=1e-9)


def test_numbering_changes_nothing(tissue, rng):
    n, m = len(tissue["nodes_mm"]), len(tissue["tets"])
    old, rows = rng.permutation(n), rng.permutation(m)
    new = np.argsort(old)
    renumbered = tissue | {
        "nodes_mm": tissue["nodes_mm"][old],
        "tets": new[rng.permuted(tissue["tets"], axis=1)][rows],
        "triangles": new[tissue["triangles"]][::-1],
        "sources": new[tissue["sources"]],
        **{name: tissue[name][rows] for name in ("fibres", "sheets", "scale")},
    }
    times_ms = activation_times(**tissue)
    # 1e-10: only the order of sums and the rounding threshold differ.
    np.testing.assert_allclose(activation_times(**renumbered)[new], times_ms, rtol=1e-10)


def test_units_change_nothing(tissue):
    in_cm = tissue | {
        "nodes_mm": tissue["nodes_mm"] / 10,
        "speeds_mm_per_ms": np.divide(tissue["speeds_mm_per_ms"], 10),
        "triangle_speed_mm_per_ms": tissue["triangle_speed_mm_per_ms"] / 10,
    }
    np.testing.assert_allclose(activation_times(**in_cm), activation_times(**tissue), rtol=1e-10)


def test_half_the_speed_takes_twice_the_time(tissue):
    slow = tissue | {
        "scale": tissue["scale"] / 2,
        "triangle_speed_mm_per_ms": np.full(len(tissue["triangles"]), 0.75),
        "source_times_ms": tissue["source_times_ms"] * 2,
    }
    np.testing.assert_allclose(activation_times(**slow), 2 * activation_times(**tissue), rtol=1e-10)


def test_the_start_shifts_all_times(tissue):
    later = tissue | {"source_times_ms": tissue["source_times_ms"] + 40.0}
    np.testing.assert_allclose(activation_times(**later), activation_times(**tissue) + 40, 1e-10)


def test_another_source_never_delays_and_a_block_never_hastens(tissue, rng):
    times_ms = activation_times(**tissue)
    more = tissue | {"sources": [7, 130, 60], "source_times_ms": [0.0, 3.0, 1.0]}
    more_ms = activation_times(**more)
    assert (more_ms <= times_ms).all()
    assert (more_ms < times_ms).sum() > 10
    blocked = rng.random(len(times_ms)) < 0.1
    blocked[tissue["sources"]] = False
    less_ms = activation_times(**tissue, blocked=blocked)
    assert (less_ms >= times_ms).all()
    assert (less_ms > times_ms).sum() > 10


@pytest.mark.parametrize("speeds", [ISOTROPIC, ANISOTROPIC])
def test_two_sources_are_the_earlier_of_the_two_waves(speeds, rng):
    """Exactly so where one wave leads by more than the time along the longest edge.

    Between, an element has nodes from both waves. Its interpolated time lies below the ridge at
    which they collide, so the joint solution is a little early there and never late.
    """
    nodes_mm, tets = box((16, 12, 8), 1.0)
    common = {**uniform(tets, rotation(rng)), "speeds_mm_per_ms": speeds}
    a_ms = activation_times(nodes_mm, tets, **common, sources=[3])
    b_ms = activation_times(nodes_mm, tets, **common, sources=[1200], source_times_ms=7.0)
    both_ms = activation_times(
        nodes_mm, tets, **common, sources=[3, 1200], source_times_ms=[0.0, 7.0]
    )
    first_ms = np.minimum(a_ms, b_ms)
    apart = np.abs(a_ms - b_ms) > np.sqrt(3.0) / min(speeds)
    assert (both_ms <= first_ms).all()
    assert (a_ms < b_ms)[apart].any()
    assert (a_ms > b_ms)[apart].any()
    np.testing.assert_allclose(both_ms[apart], first_ms[apart], rtol=1e-10)


def test_a_solution_is_its_own_fixed_point(tissue):
    """Every node starts again with its time: nothing can be lowered, whatever the order."""
    times_ms = activation_times(**tissue)
    again = tissue | {"sources": np.arange(len(times_ms)), "source_times_ms": times_ms}
    np.testing.assert_array_equal(activation_times(**again), times_ms)


@pytest.mark.parametrize("order", [1, 2])
def test_a_wave_that_ends_early_has_the_times_of_the_whole_one(tissue, order):
    where = [tissue[name] for name in ("nodes_mm", "tets", "fibres", "sheets")]
    mesh = eikonal_mesh(*where[:2])
    wave = {"tet_metric": tet_metric(*where, ANISOTROPIC), "sources": [0], "order": order}
    whole_ms = solve_eikonal(mesh, **wave)
    end_ms = float(np.median(whole_ms))
    early_ms = solve_eikonal(mesh, until_ms=end_ms, **wave)
    np.testing.assert_array_equal(early_ms, np.where(whole_ms <= end_ms, whole_ms, np.inf))
    assert np.isinf(solve_eikonal(mesh, until_ms=-1.0, **wave)).all()
    with pytest.raises(ValueError, match="until_ms must be a time in ms, got nan"):
        solve_eikonal(mesh, until_ms=np.nan, **wave)
