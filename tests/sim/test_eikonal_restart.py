"""Going on from a known wave gives what a new one gives, whatever is altered."""

import re

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.eikonal import (
    Scenario,
    eikonal_mesh,
    solve_eikonal,
    solve_scenarios,
    tet_metric,
    triangle_metric,
)
from cardiotwin.sim.eikonal_restart import restart_eikonal, trace_eikonal

from .eikonal_tissue import ANISOTROPIC, faces_in


@pytest.fixture
def tissue(rng):
    """A mesh with a fast surface, its metrics, and where the wave starts."""
    nodes_mm, tets = box((9, 8, 7), 1.0)
    nodes_mm += rng.uniform(-0.2, 0.2, nodes_mm.shape)
    triangles = faces_in(tets, np.arange(len(nodes_mm)) % 4 == 0)
    fibres, sheets = rng.normal(size=(2, len(tets), 3))
    metrics = {
        "tet_metric": tet_metric(nodes_mm, tets, fibres, sheets, ANISOTROPIC),
        "triangle_metric": triangle_metric(nodes_mm, triangles, 1.5),
    }
    start = {"sources": np.array([7, 300, 500]), "source_times_ms": np.array([0.0, 3.0, 40.0])}
    return eikonal_mesh(nodes_mm, tets, triangles), metrics, start


def infarct(mesh, centre_mm, radius_mm, ratio):
    """Slow or fast tissue around a place, a dead core within it."""
    way_mm = np.linalg.norm(mesh.nodes_mm - centre_mm, axis=1)
    inside = way_mm < radius_mm
    return {
        "tet_scale": np.where(inside[mesh.tets].any(axis=1), ratio, 1.0),
        "triangle_scale": np.where(inside[mesh.triangles].any(axis=1), ratio, 1.0),
        "blocked": way_mm < radius_mm / 2,
    }


@pytest.mark.parametrize("ratio", [0.1, 0.5, 1.0, 1.7])
@pytest.mark.parametrize("centre_mm", [(2, 2, 2), (5, 4, 3), (8, 8, 6)])
def test_a_restart_equals_a_new_wave(tissue, centre_mm, ratio):
    """There and back: slower, blocked, faster, conducting again. 1e-10 is rounding."""
    mesh, metrics, start = tissue
    altered = infarct(mesh, centre_mm, 3.0, ratio)
    before, after = Scenario(**start), Scenario(**start, **altered)
    before_ms, after_ms = solve_scenarios(mesh, [before, after], **metrics)
    there_ms = restart_eikonal(trace_eikonal(mesh, before, **metrics), **altered)
    back_ms = restart_eikonal(trace_eikonal(mesh, after, **metrics))
    assert np.isinf(after_ms).any()
    assert (before_ms != after_ms).sum() > 10
    np.testing.assert_allclose(there_ms, after_ms, rtol=1e-10, atol=1e-10)
    np.testing.assert_allclose(back_ms, before_ms, rtol=1e-10, atol=1e-10)


def test_one_trace_serves_many_restarts(tissue):
    mesh, metrics, start = tissue
    healthy = trace_eikonal(mesh, Scenario(**start), **metrics)
    before_ms = healthy.times_ms
    for _ in range(2):
        altered = infarct(mesh, (5, 4, 3), 3.0, 0.5)
        np.testing.assert_allclose(
            restart_eikonal(healthy, **altered),
            solve_eikonal(mesh, **metrics, **start, **altered),
            rtol=1e-10,
        )
    np.testing.assert_array_equal(healthy.times_ms, before_ms)
    np.testing.assert_array_equal(restart_eikonal(healthy), before_ms)


def test_a_source_that_dies_and_one_that_was_passed(tissue):
    """The third source was reached by others before its time; alone it counts again."""
    mesh, metrics, start = tissue
    healthy = trace_eikonal(mesh, Scenario(**start), **metrics)
    assert healthy.times_ms[500] < 40
    blocked = np.zeros(mesh.n, bool)
    blocked[[7, 300]] = True
    np.testing.assert_allclose(
        restart_eikonal(healthy, blocked=blocked),
        solve_eikonal(mesh, **metrics, **start, blocked=blocked),
        rtol=1e-10,
    )
    with pytest.raises(ValueError, match=re.escape("every source is blocked")):
        restart_eikonal(healthy, blocked=np.ones(mesh.n, bool))
    with pytest.raises(ValueError, match=r"tet_scale must have shape \(3024,\), got \(3,\)"):
        restart_eikonal(healthy, tet_scale=np.ones(3))


@pytest.mark.parametrize("options", [{}, {"ball_mm": 2.0, "order": 2}])
def test_threads_change_nothing(tissue, options):
    mesh, metrics, start = tissue
    scenarios = [Scenario(**start, **infarct(mesh, (k, 4, 3), 3.0, 0.5)) for k in range(5)]
    one_ms = solve_scenarios(mesh, scenarios, **metrics, **options)
    two_ms = solve_scenarios(mesh, scenarios, **metrics, **options, threads=2)
    np.testing.assert_array_equal(one_ms, two_ms)
    for times_ms, scenario in zip(one_ms, scenarios, strict=True):
        alone_ms = solve_eikonal(mesh, **metrics, **vars(scenario), **options)
        np.testing.assert_array_equal(times_ms, alone_ms)


def test_a_scale_is_a_metric_at_other_speeds(tissue, rng):
    mesh, metrics, start = tissue
    scale = rng.uniform(0.2, 2.0, len(mesh.tets))
    slower = metrics | {"tet_metric": metrics["tet_metric"] / scale[:, None] ** 2}
    np.testing.assert_allclose(
        solve_eikonal(mesh, **metrics, **start, tet_scale=scale),
        solve_eikonal(mesh, **slower, **start),
        rtol=1e-12,
    )


def test_what_is_unfit_for_many_waves_is_named(tissue):
    mesh, metrics, start = tissue
    still = Scenario(**start, tet_scale=np.zeros(len(mesh.tets)))
    unfit = metrics | {"triangle_metric": np.full((len(mesh.triangles), 3), np.nan)}
    with pytest.raises(ValueError, match="threads must be at least 1, got 0"):
        solve_scenarios(mesh, [Scenario(**start)], **metrics, threads=0)
    with pytest.raises(ValueError, match=r"tet_scale must be positive, got 0\.0"):
        solve_scenarios(mesh, [still], **metrics, threads=2)
    with pytest.raises(ValueError, match="triangle_metric must be positive, got nan"):
        solve_eikonal(mesh, **unfit, **start)
