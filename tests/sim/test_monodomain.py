"""Runs of the monodomain solver: threads, regions, dead tissue, beats, ends, bad input."""

import numpy as np
import pytest

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.conduction import cable
from cardiotwin.sim.mitchell_schaeffer import (
    ATRIAL,
    VENTRICULAR,
)
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.stimulus import Stimulus

from .monodomain_tissue import FRONT, METHODS, bare, eager, pacing, slab


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("cells", [(30, 4, 4), (12, 1, 1)])  # 775 nodes, and fewer than a block
def test_any_number_of_threads_gives_the_same_bytes(method, cells):
    tissue = slab(cells)
    waves = [
        solve_monodomain(
            tissue,
            VENTRICULAR,
            pacing(tissue),
            duration_ms=12,
            dt_ms=0.05,
            method=method,
            threads=threads,
        )
        for threads in (1, 2, 5)
    ]
    for other in waves[1:]:
        assert (other.v_mv == waves[0].v_mv).all()
        assert (other.activation_ms == waves[0].activation_ms).all()


def test_more_steps_of_diffusion_serve_where_one_is_too_long():
    tissue = slab((20, 1, 1), 0.1)
    wave = [
        solve_monodomain(tissue, FRONT, pacing(tissue), duration_ms=8, dt_ms=dt_ms, substeps=parts)
        for dt_ms, parts in ((0.04, 4), (0.01, 1))
    ]
    assert tissue.limit_ms < 0.04
    # The two differ by the error of a cell's step of 0.04 ms.
    assert wave[0].activation_ms == pytest.approx(wave[1].activation_ms, abs=0.05)
    automatic = solve_monodomain(tissue, FRONT, pacing(tissue), duration_ms=8)
    assert automatic.activation_ms == pytest.approx(wave[1].activation_ms, abs=0.05)


def test_two_regions_of_one_model_are_one_to_the_last_bit():
    tissue = slab((12, 3, 3))
    half = np.arange(tissue.n) % 3 == 0
    one, two = (
        solve_monodomain(tissue, cells, pacing(tissue), duration_ms=10, dt_ms=0.05, threads=2)
        for cells in (VENTRICULAR, [(VENTRICULAR, half), (VENTRICULAR, np.flatnonzero(~half))])
    )
    assert (one.v_mv == two.v_mv).all()
    assert (one.activation_ms == two.activation_ms).all()


def test_each_region_repolarises_after_its_own_time():
    fibre = cable(40.0, 0.5, 0.3)
    left = fibre.nodes_mm[:, 0] < 20
    wave = solve_monodomain(
        fibre,
        [(VENTRICULAR, left), (ATRIAL, ~left)],
        pacing(fibre),
        duration_ms=400,
        dt_ms=0.05,
    )
    ends = {
        cell.name: solve_monodomain(
            fibre, cell, pacing(fibre), duration_ms=400, dt_ms=0.05
        ).apd90_ms
        for cell in (VENTRICULAR, ATRIAL)
    }
    # 10 mm from the border, three times the electrotonic length, nothing of the other is felt.
    far = np.abs(fibre.nodes_mm[:, 0] - 20) > 10
    expected = np.where(left, ends["mitchell-schaeffer"], ends["mitchell-schaeffer-atrial"])
    assert wave.apd90_ms[far] == pytest.approx(expected[far], abs=2)


def test_dead_tissue_is_never_activated_and_carries_nothing_across():
    nodes_mm, tets = box((20, 2, 2), 0.5)
    middle_mm = nodes_mm[tets].mean(axis=1)[:, 0]
    scale = np.where((middle_mm > 4) & (middle_mm < 6), 0.0, 1.0)
    tissue = slab((20, 2, 2), 0.5, scale=scale)
    wave = solve_monodomain(tissue, VENTRICULAR, pacing(tissue), duration_ms=60, dt_ms=0.05)
    x = nodes_mm[:, 0]
    assert np.isfinite(wave.activation_ms[x <= 4]).all()
    assert np.isinf(wave.activation_ms[x > 4]).all()
    assert (wave.v_mv[x > 4] == -80).all()


def test_a_run_from_the_end_of_another_goes_on_as_one():
    fibre = cable(10.0, 0.25, 0.1)
    late = pacing(fibre, times_ms=(0.0, 400.0))
    whole = solve_monodomain(fibre, VENTRICULAR, late, duration_ms=430, dt_ms=0.02)
    first = solve_monodomain(fibre, VENTRICULAR, late, duration_ms=390, dt_ms=0.02)
    second = solve_monodomain(
        fibre,
        VENTRICULAR,
        pacing(fibre, times_ms=(10.0,)),
        duration_ms=40,
        dt_ms=0.02,
        start=first.end,
    )
    reached = np.isfinite(second.activation_ms)
    assert reached.sum() > 20
    # One step of diffusion is cut in two, an error of the order of the step squared.
    later_ms = whole.activations_ms[reached, 1] - 390
    assert second.activation_ms[reached] == pytest.approx(later_ms, abs=1e-3)


def test_every_beat_is_noted_with_its_repolarisation():
    fibre = cable(5.0, 0.25, 0.1)
    beats = pacing(fibre, times_ms=(0.0, 400.0, 800.0, 1200.0))
    wave = solve_monodomain(fibre, VENTRICULAR, beats, duration_ms=1500, dt_ms=0.1)
    assert wave.activations_ms.shape == wave.repolarisations_ms.shape == (fibre.n, 4)
    assert np.diff(wave.activations_ms) == pytest.approx(400, abs=10)
    lengths_ms = wave.repolarisations_ms - wave.activations_ms
    assert ((lengths_ms > 200) & (lengths_ms < 300)).all()
    assert (wave.apd90_ms == lengths_ms[:, 0]).all()


def test_the_run_may_end_when_its_goal_is_activated():
    fibre = cable(10.0, 0.25, 0.1)
    wave = solve_monodomain(
        fibre, FRONT, pacing(fibre), duration_ms=500, dt_ms=0.05, until_activated=np.arange(20)
    )
    assert np.isfinite(wave.activation_ms[:20]).all()
    assert wave.duration_ms < 30


def test_a_goal_with_dead_nodes_is_reached_when_its_live_ones_are():
    nodes_mm, tets = box((20, 2, 2), 0.5)
    scale = np.where(nodes_mm[tets].mean(axis=1)[:, 0] > 8, 0.0, 1.0)
    tissue = slab((20, 2, 2), 0.5, scale=scale)
    wave = solve_monodomain(
        tissue,
        FRONT,
        pacing(tissue),
        duration_ms=500,
        dt_ms=0.05,
        until_activated=np.ones(tissue.n, bool),
    )
    assert wave.duration_ms < 60
    assert np.isinf(wave.activation_ms[tissue.mass == 0]).all()


def test_progress_ends_at_the_last_step():
    seen = []
    solve_monodomain(
        cable(2.0, 0.5, 0.1),
        FRONT,
        (),
        duration_ms=10,
        dt_ms=0.1,
        progress=lambda done, total: seen.append((done, total)),
    )
    assert seen == [(50, 100), (100, 100)]


def test_a_step_beyond_stability_is_refused_with_the_one_allowed():
    tissue = slab((8, 2, 2), 0.1)
    with pytest.raises(ValueError, match=r"dt_ms 0.1 is beyond the 0.0\d+ ms up to which") as error:
        solve_monodomain(tissue, FRONT, pacing(tissue), duration_ms=1, dt_ms=0.1)
    allowed_ms = float(str(error.value).split("beyond the ")[1].split()[0])
    assert allowed_ms == pytest.approx(tissue.limit_ms, rel=0.01)
    for remedy in ({"substeps": 4}, {"method": "crank-nicolson"}):
        solve_monodomain(tissue, FRONT, pacing(tissue), duration_ms=1, dt_ms=0.1, **remedy)


@pytest.mark.parametrize("threads", [1, 2])
def test_an_unstable_run_stops_within_100_steps_and_names_node_place_and_time(threads):
    tissue = slab((20, 4, 4))
    kicked = Stimulus(nodes=np.array([130]), strength_mv_per_ms=1.0)
    steps = []
    with pytest.raises(ValueError, match=r"unstable between .* ms: node \d+ at \(.*\) mm is at"):
        solve_monodomain(
            tissue,
            bare(eager),
            kicked,
            duration_ms=1000,
            dt_ms=0.01,
            threads=threads,
            progress=lambda done, total: steps.append(done),
        )
    assert len(steps) == 0 or steps[-1] <= 100


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"duration_ms": 0.0}, "duration_ms and threads must be positive"),
        ({"threads": 0}, "duration_ms and threads must be positive"),
        ({"dt_ms": -0.1}, "dt_ms and substeps must be positive"),
        ({"substeps": 0}, "dt_ms and substeps must be positive"),
        ({"method": "leapfrog"}, "method must be explicit, crank-nicolson or backward-euler"),
        ({"cells": [(FRONT, [0, 1])]}, "19 live nodes have no cell model, the first is node 2"),
        (
            {"cells": [(FRONT, np.ones(21, bool)), (ATRIAL, [3])]},
            "node 3 has two cell models, front and mitchell-schaeffer-atrial",
        ),
        ({"cells": [(FRONT, np.ones(20, bool))]}, "must be a mask of shape"),
        ({"cells": [(FRONT, [21])]}, "must be indices from 0 to 20"),
        ({"stimuli": Stimulus(nodes=np.array([21]))}, "stimulus 0 lies outside the mesh"),
    ],
)
def test_bad_input_is_refused_by_its_words(wrong, words):
    fibre = cable(10.0, 0.5, 0.1)
    given = {"cells": FRONT, "stimuli": pacing(fibre), "duration_ms": 1.0, **wrong}
    with pytest.raises(ValueError, match=words):
        solve_monodomain(fibre, given.pop("cells"), given.pop("stimuli"), **given)


def test_the_end_of_a_run_on_another_mesh_is_refused():
    short, long = cable(5.0, 0.5, 0.1), cable(10.0, 0.5, 0.1)
    end = solve_monodomain(short, FRONT, (), duration_ms=1).end
    with pytest.raises(ValueError, match="start is of another mesh or other cells"):
        solve_monodomain(long, FRONT, (), duration_ms=1, start=end)
