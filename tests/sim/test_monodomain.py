"""The monodomain solver: closed forms, measured orders, invariants, dead tissue, bad input."""

import numpy as np
import pytest
from scipy.interpolate import LinearNDInterpolator

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.cell_model import CellModel
from cardiotwin.sim.conduction import cable
from cardiotwin.sim.diffusion import tet_diffusion, triangle_diffusion
from cardiotwin.sim.mitchell_schaeffer import (
    ATRIAL,
    VENTRICULAR,
    MitchellSchaeffer,
    front_velocity_mm_per_ms,
    mitchell_schaeffer_cell,
)
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.stimulus import Stimulus

METHODS = ("explicit", "crank-nicolson", "backward-euler")
#: The gate hardly moves while a front passes: the closed form of its speed holds.
FRONT = mitchell_schaeffer_cell("front", MitchellSchaeffer(tau_close_ms=1e6))


def only_charged(p, table, dt_ms, current, v, state, first, last):
    """A membrane without channels."""
    del p, table, state
    v[first:last] += dt_ms * current[first:last]


def eager(p, table, dt_ms, current, v, state, first, last):
    """A membrane that runs away."""
    del p, table, state
    v[first:last] += dt_ms * (current[first:last] + 1e3 * (v[first:last] + 80))


def bare(kernel):
    return CellModel(
        name="bare",
        parameters=MitchellSchaeffer(),
        states=(),
        rest_mv=-80.0,
        rest=np.empty(0),
        advance=kernel,
    )


def slab(cells=(20, 2, 2), spacing_mm=0.25, diffusivity=(0.1, 0.025), fibre=(1, 0, 0), scale=None):
    nodes_mm, tets = box(cells, spacing_mm)
    fibres = np.tile(np.asarray(fibre, float), (len(tets), 1))
    return tet_diffusion(nodes_mm, tets, fibres, None, diffusivity, scale)


def pacing(operator, x_mm=0.8, **changes):
    nodes = np.flatnonzero(operator.nodes_mm[:, 0] <= x_mm)
    return Stimulus(nodes=nodes, **{"strength_mv_per_ms": 50.0, **changes})


def speed(operator, wave, low_mm, high_mm):
    """Mean speed along x between two planes of nodes."""
    x = operator.nodes_mm[:, 0]
    times_ms = [wave.activation_ms[np.isclose(x, at)].mean() for at in (low_mm, high_mm)]
    return (high_mm - low_mm) / (times_ms[1] - times_ms[0])


@pytest.mark.parametrize("shape", ["cable", "tets", "triangles"])
def test_a_plane_front_tends_to_its_closed_form_speed_with_second_order(shape):
    exact = front_velocity_mm_per_ms(FRONT.parameters, 0.1)
    speeds = []
    for fine in (1, 2, 4):
        if shape == "cable":
            tissue = cable(24.0, 0.3 / fine, 0.1)
        elif shape == "tets":
            tissue = slab((80 * fine, 1, 1), 0.3 / fine)
        else:
            tissue = strip((1.0, 0, 0), 80 * fine, 0.3 / fine)
        wave = solve_monodomain(
            tissue, FRONT, pacing(tissue), duration_ms=90, dt_ms=0.02, method="crank-nicolson"
        )
        speeds.append(speed(tissue, wave, 9, 21))
    errors = 1 - np.array(speeds) / exact
    assert np.log2(errors[:-1] / errors[1:]) == pytest.approx(2, abs=0.1)
    # Extrapolated to no spacing, what is left is the error of the time step, 4e-5.
    assert (4 * speeds[2] - speeds[1]) / 3 == pytest.approx(exact, rel=2e-4)


@pytest.mark.parametrize("shape", ["tets", "triangles"])
def test_speed_across_the_fibres_is_the_root_of_the_diffusivities_ratio(shape):
    speeds = []
    for fibre in ((1.0, 0, 0), (0, 1.0, 0)):
        tissue = slab((100, 1, 1), 0.1, fibre=fibre) if shape == "tets" else strip(fibre)
        wave = solve_monodomain(tissue, FRONT, pacing(tissue), duration_ms=60, dt_ms=0.02)
        speeds.append(speed(tissue, wave, 4, 9))
    # At 0.1 mm the slower front is resolved half as well: 0.6 % by the second-order error.
    assert speeds[0] / speeds[1] == pytest.approx(2, rel=0.01)


@pytest.mark.parametrize("degrees", [0, 30, 120])
def test_an_elliptic_wave_keeps_its_axes_ratio_on_a_mesh_that_lies_askew(degrees):
    # Squeezed by the root of the diffusivities' ratio, 2, the wave and its stimulus are circles.
    # 120 degrees lie along no edge of the mesh and are the worst case, 2 % at this spacing.
    nodes_mm, triangles = sheet(180, 0.12)
    along = np.array([np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees)), 0])
    fibres = np.tile(along, (len(triangles), 1))
    tissue = triangle_diffusion(nodes_mm, triangles, fibres, (0.1, 0.025))
    middle_mm, across = nodes_mm.max(axis=0) / 2, np.array([-along[1], along[0], 0])
    x, y = (nodes_mm - middle_mm) @ along, (nodes_mm - middle_mm) @ across
    site = Stimulus(nodes=np.flatnonzero(np.hypot(x, 2 * y) < 1.5), strength_mv_per_ms=50.0)
    wave = solve_monodomain(tissue, FRONT, site, duration_ms=30, dt_ms=0.03)
    at = LinearNDInterpolator(np.column_stack([x, y]), wave.activation_ms)
    speeds = [4 / (at(9, 0) - at(5, 0)), 2 / (at(0, 4.5) - at(0, 2.5))]
    assert speeds[0] / speeds[1] == pytest.approx(2, rel=0.03)


def sheet(count, spacing_mm):
    """Right triangles over a square in the plane z = 0, all diagonals alike."""
    number = np.arange((count + 1) ** 2).reshape(count + 1, count + 1)
    a, b = number[:-1, :-1].ravel(), number[1:, :-1].ravel()
    c, d = number[1:, 1:].ravel(), number[:-1, 1:].ravel()
    nodes_mm = np.zeros((number.size, 3))
    nodes_mm[:, :2] = spacing_mm * np.indices(number.shape).reshape(2, -1).T
    return nodes_mm, np.concatenate([np.c_[a, b, c], np.c_[a, c, d]])


def strip(fibre, count=100, spacing_mm=0.1):
    """A row of squares along x, each cut in two triangles."""
    nodes_mm = np.zeros((2, count + 1, 3))
    nodes_mm[:, :, 0] = spacing_mm * np.arange(count + 1)
    nodes_mm[1, :, 1] = spacing_mm
    a = np.arange(count)
    b, c, d = a + 1, a + count + 2, a + count + 1
    triangles = np.concatenate([np.c_[a, b, c], np.c_[a, c, d]])
    fibres = np.tile(fibre, (len(triangles), 1))
    return triangle_diffusion(nodes_mm.reshape(-1, 3), triangles, fibres, (0.1, 0.025))


@pytest.mark.parametrize(
    ("method", "order"), [("explicit", 1), ("backward-euler", 1), ("crank-nicolson", 2)]
)
def test_each_method_has_its_order_in_time(method, order):
    # Without jumps of the gate, which would be of first order; activation after 8 mm.
    smooth = mitchell_schaeffer_cell("smooth", MitchellSchaeffer(gate=-1.0))
    fibre = cable(10.0, 0.25, 0.1)
    times_ms = []
    for dt_ms in (0.08, 0.04, 0.02, 0.01):
        wave = solve_monodomain(
            fibre, smooth, pacing(fibre), duration_ms=40, dt_ms=dt_ms, method=method
        )
        times_ms.append(wave.activation_ms[fibre.nodes_mm[:, 0] == 8][0])
    steps = np.abs(np.diff(times_ms))
    assert np.log2(steps[:-1] / steps[1:]) == pytest.approx(order, abs=0.25)


def test_implicit_and_explicit_agree_where_both_are_exact():
    fibre = cable(10.0, 0.25, 0.1)
    ends = [
        solve_monodomain(
            fibre, VENTRICULAR, pacing(fibre), duration_ms=25, dt_ms=0.002, method=method
        ).activation_ms[fibre.nodes_mm[:, 0] < 6]
        for method in METHODS
    ]
    # Two methods of first order at this step, with errors of either sign.
    assert ends[0] == pytest.approx(ends[1], abs=0.02)
    assert ends[2] == pytest.approx(ends[1], abs=0.02)


@pytest.mark.parametrize("method", METHODS)
def test_the_charge_of_a_stimulus_stays_in_the_tissue(method):
    tissue = slab()
    pulse = pacing(tissue, times_ms=(0.0, 1.3), duration_ms=0.77)
    wave = solve_monodomain(
        tissue, bare(only_charged), pulse, duration_ms=5, dt_ms=0.05, method=method
    )
    given = 50 * 2 * 0.77 * tissue.mass[pulse.nodes].sum()
    # Rounding for explicit steps; conjugate gradients stop at 1e-8 of a step.
    tolerance = 1e-9 if method == "explicit" else 1e-6
    assert tissue.mass @ (wave.v_mv + 80) == pytest.approx(given, rel=tolerance)


def test_a_wave_from_the_middle_is_as_symmetric_as_its_mesh():
    # Kuhn's tetrahedra are the same seen from the opposite corner.
    tissue = slab((12, 8, 6), 0.4)
    middle = tissue.nodes_mm.max(axis=0) / 2
    near = np.flatnonzero(np.abs(tissue.nodes_mm - middle).max(axis=1) < 0.9)
    wave = solve_monodomain(
        tissue,
        VENTRICULAR,
        Stimulus(nodes=near, strength_mv_per_ms=50.0),
        duration_ms=40,
        dt_ms=0.05,
    )
    assert np.isfinite(wave.activation_ms).all()
    assert wave.activation_ms == pytest.approx(wave.activation_ms[::-1], abs=1e-10)


def test_turning_mesh_and_fibres_together_changes_no_time(rng):
    q, _ = np.linalg.qr(rng.standard_normal((3, 3)))
    nodes_mm, tets = box((16, 4, 2), 0.3)
    fibres = np.tile([0.8, 0.6, 0], (len(tets), 1))
    near = np.flatnonzero(np.linalg.norm(nodes_mm, axis=1) < 1)
    times_ms = []
    for turn in (np.eye(3), q):
        tissue = tet_diffusion(nodes_mm @ turn.T, tets, fibres @ turn.T, None, (0.1, 0.025))
        wave = solve_monodomain(
            tissue,
            VENTRICULAR,
            Stimulus(nodes=near, strength_mv_per_ms=50.0),
            duration_ms=30,
            dt_ms=0.05,
        )
        times_ms.append(wave.activation_ms)
    assert np.isfinite(times_ms[0]).all()
    # Rounding of the rates, carried along by the front for 600 steps.
    assert times_ms[0] == pytest.approx(times_ms[1], abs=1e-9)


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
