"""Diffusion on grids: closed forms, orders, conservation, mirrors, masks, and its plain twin."""

import os
import subprocess
import sys

import numpy as np
import pytest

from cardiotwin.sim.diffusion import Diffusion
from cardiotwin.sim.grid import GridDiffusion, grid_diffusion
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.stimulus import Stimulus, nodes_in_ball
from cardiotwin.sim.ten_tusscher import TEN_TUSSCHER_EPI

OBLIQUE = np.array([2.0, -1.0, 2.0]) / 3
#: One of each kind: both orders of the fast case, and the general one.
KINDS = {
    "second order": lambda: grid_diffusion((6, 4, 3), (0.4, 0.5, 0.3), (0, 1, 0), (0.1, 0.02)),
    "fourth order": lambda: grid_diffusion((6, 4, 3), 0.4, (0, 0, -1), (0.1, 0.02), order=4),
    "oblique": lambda: grid_diffusion((6, 4, 3), (0.4, 0.5, 0.3), OBLIQUE, (0.1, 0.02)),
    "mask": lambda: grid_diffusion((6, 4, 3), 0.4, OBLIQUE, (0.1, 0.02), scale=mask((6, 4, 3))),
    "sheet": lambda: grid_diffusion((6, 0, 3), 0.4, (1, 0, 0), (0.1, 0.02)),
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS)


def mask(cells):
    return (np.indices(cells).sum(axis=0) % 5 > 0).astype(float)


def diffused(operator, v, dt_ms, steps=1):
    for _ in range(steps):
        out = np.empty_like(v)
        operator.diffuse(v, dt_ms, out, 0, operator.n)
        v = out
    return v


@pytest.mark.parametrize("order", [2, 4])
def test_a_wave_between_walls_decays_at_its_rate_to_the_order_asked_for(order):
    # cos(pi x / L) has no flow at the walls and decays at D (pi / L)**2.
    errors = []
    for cells in (10, 20):
        cable = grid_diffusion((cells, 0, 0), 5 / cells, (1, 0, 0), (0.1, 0.02), order=order)
        v = np.cos(np.pi * cable.nodes_mm[:, 0] / 5)
        rate = -(cable.matrix() @ v)[0] / v[0]
        assert cable.matrix() @ v == pytest.approx(-rate * v, abs=1e-14)
        errors.append(abs(rate - 0.1 * (np.pi / 5) ** 2))
    assert np.log2(errors[0] / errors[1]) == pytest.approx(order, abs=0.1)


def test_a_spot_spreads_as_a_gaussian_along_and_across_oblique_fibres():
    # Far from walls the covariance of a spot grows by 2 D t, on the grid as in the continuum.
    muscle = grid_diffusion((24, 24, 24), (0.5, 0.4, 0.5), OBLIQUE, (0.1, 0.02))
    v = np.zeros(muscle.n)
    v[muscle.n // 2] = 1.0
    dt_ms, steps = 0.2, 10
    v = diffused(muscle, v, dt_ms, steps)
    x = muscle.nodes_mm - muscle.nodes_mm[muscle.n // 2]
    tensor = 0.02 * np.eye(3) + 0.08 * np.outer(OBLIQUE, OBLIQUE)
    # Ten steps reach ten nodes, so nothing has met a wall and only rounding is left.
    assert np.einsum("n,na,nb->ab", v, x, x) == pytest.approx(2 * dt_ms * steps * tensor, abs=1e-13)


def test_a_wide_gaussian_keeps_its_shape():
    muscle = grid_diffusion((60, 60, 1), 0.25, (0.6, 0.8, 0), (0.1, 0.02))
    tensor = 0.02 * np.eye(3) + 0.08 * np.outer((0.6, 0.8, 0), (0.6, 0.8, 0))
    x = (muscle.nodes_mm - [7.5, 7.5, 0])[:, :2]

    def gaussian(covariance):
        exponent = np.einsum("na,ab,nb->n", x, np.linalg.inv(covariance), x)
        return np.exp(-exponent / 2) / np.sqrt(np.linalg.det(covariance))

    start = np.eye(2)
    v = diffused(muscle, gaussian(start), 0.05, 40)
    exact = gaussian(start + 2 * 2.0 * tensor[:2, :2])
    # h**2 / 12 of a fourth derivative over 2 ms, and the first order of Euler's steps.
    assert np.abs(v - exact).max() < 2e-3 * exact.max()


@EVERY_KIND
def test_charge_is_conserved_and_constants_stand_still(kind, rng):
    operator = KINDS[kind]()
    v = rng.normal(size=operator.n)
    charge = operator.mass @ v
    v = diffused(operator, v, operator.limit_ms / 2, 100)
    assert operator.mass @ v == pytest.approx(charge, abs=1e-12 * operator.mass.sum())
    flat = np.full(operator.n, -85.23)
    assert (diffused(operator, flat, 0.1) == flat).all()


@EVERY_KIND
def test_the_matrix_is_the_operator(kind, rng):
    operator = KINDS[kind]()
    v, rates = rng.normal(size=operator.n), operator.matrix()
    assert diffused(operator, v, 0.1) == pytest.approx(v + 0.1 * (rates @ v), abs=1e-14)
    exchange = operator.mass[:, None] * rates.toarray()
    assert exchange == pytest.approx(exchange.T, abs=1e-15)
    assert np.linalg.eigvalsh(exchange).max() < 1e-15


@EVERY_KIND
def test_steps_up_to_the_limit_are_stable_and_no_longer_ones(kind):
    operator = KINDS[kind]()
    root = np.sqrt(np.where(operator.mass > 0, operator.mass, 1))
    symmetric = root[:, None] * operator.matrix().toarray() / root
    fastest = -np.linalg.eigvalsh((symmetric + symmetric.T) / 2)[0]
    assert operator.limit_ms <= 2 / fastest * (1 + 1e-12)
    assert operator.limit_ms > 0.95 * 2 / fastest


@EVERY_KIND
def test_nodes_may_be_shared_out_in_any_ranges(kind, rng):
    operator = KINDS[kind]()
    v, out = rng.normal(size=operator.n), np.full(operator.n, np.nan)
    whole = diffused(operator, v, 0.1)
    for first, last in ((0, 1), (1, 17), (17, 18), (18, operator.n)):
        operator.diffuse(v, 0.1, out, first, last)
    assert (out == whole).all()


@pytest.mark.parametrize("order", [2, 4])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_mirrored_wave_is_the_mirror_of_the_wave_to_the_last_bit(order, axis, rng):
    slab = grid_diffusion((9, 8, 21), 0.4, (1, 0, 0), (0.1, 0.02), order=order)
    v = rng.normal(size=slab.shape)
    there = diffused(slab, v.ravel(), 0.1, 5).reshape(slab.shape)
    back = diffused(slab, np.flip(v, axis).ravel(), 0.1, 5).reshape(slab.shape)
    assert (np.flip(back, axis) == there).all()


@pytest.mark.parametrize("order", [2, 4])
def test_a_wave_of_excitation_from_the_middle_is_symmetric(order):
    sheet = grid_diffusion((28, 14, 0), 0.25, (1, 0, 0), (0.0953, 0.0126), order=order)
    middle = nodes_in_ball(sheet.nodes_mm, (3.5, 1.75, 0), 0.8)
    end = solve_monodomain(
        sheet, TEN_TUSSCHER_EPI, Stimulus(nodes=middle), duration_ms=5, dt_ms=0.02
    )
    v = end.v_mv.reshape(sheet.shape)
    assert np.ptp(v) > 50
    for axis in (0, 1):
        assert np.abs(v - np.flip(v, axis)).max() < 1e-10


@pytest.mark.parametrize("kind", ["second order", "fourth order", "mask"])
def test_a_run_with_steps_beyond_the_limit_is_refused_and_told_the_limit(kind):
    operator = KINDS[kind]()
    pacing = Stimulus(nodes=np.flatnonzero(operator.mass > 0)[:3])
    with pytest.raises(ValueError, match=f"beyond the {operator.limit_ms:.3g} ms"):
        solve_monodomain(
            operator,
            TEN_TUSSCHER_EPI,
            pacing,
            duration_ms=5,
            dt_ms=1.01 * operator.limit_ms,
        )


def test_the_fast_case_is_the_general_one():
    fast = grid_diffusion((5, 4, 3), (0.5, 0.4, 0.3), (0, 1, 0), (0.1, 0.02))
    fibres = np.tile([0.0, 1, 0], (5, 4, 3, 1))
    general = grid_diffusion((5, 4, 3), (0.5, 0.4, 0.3), fibres, (0.1, 0.02))
    assert isinstance(fast, GridDiffusion)
    assert isinstance(general, Diffusion)
    assert fast.matrix().toarray() == pytest.approx(general.matrix().toarray(), abs=1e-14)
    assert fast.mass == pytest.approx(general.mass)
    assert (fast.nodes_mm == general.nodes_mm).all()


def test_nothing_crosses_cells_that_do_not_conduct():
    scale = np.ones((7, 3, 3))
    scale[3] = 0
    parts = grid_diffusion((7, 3, 3), 0.5, OBLIQUE, (0.1, 0.02), scale=scale)
    left = parts.nodes_mm[:, 0] < 1.6
    v = diffused(parts, np.where(left, 20.0, -80.0), 0.1, 50)
    assert v == pytest.approx(np.where(left, 20.0, -80.0), abs=1e-12)
    scale[2:5] = 0
    dead = grid_diffusion((7, 3, 3), 0.5, OBLIQUE, (0.1, 0.02), scale=scale).mass == 0
    assert set(parts.nodes_mm[dead, 0]) == {1.5, 2.0}


def test_fibres_may_point_either_way():
    there, back = (grid_diffusion((3, 3, 3), 0.5, s * OBLIQUE, (0.1, 0.02)) for s in (1, -1))
    assert (there.matrix() != back.matrix()).nnz == 0


@pytest.mark.parametrize("cells", [(1, 1, 1), (3, 0, 0), (0, 1, 4), (2, 3, 1)])
@pytest.mark.parametrize("order", [2, 4])
def test_boxes_of_few_cells_are_boxes_all_the_same(cells, order, rng):
    box = grid_diffusion(cells, 0.5, (1, 0, 0), (0.1, 0.02), order=order)
    v = rng.normal(size=box.n)
    once = diffused(box, v, 0.1)
    assert once == pytest.approx(v + 0.1 * (box.matrix() @ v), abs=1e-14)
    assert box.mass @ once == pytest.approx(box.mass @ v, abs=1e-14)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cells": (3, 3)}, "cells must be 3 whole numbers"),
        ({"cells": (3, -1, 3)}, "cells must be 3 whole numbers"),
        ({"cells": (0, 0, 0)}, "not all 0"),
        ({"spacing_mm": 0.0}, "spacing_mm must be 1 or 3 positive numbers, got 0.0"),
        ({"spacing_mm": (0.5, np.nan, 0.5)}, "spacing_mm must be"),
        ({"fibre": (1.0, 1.0, 0.0)}, "fibres must be unit vectors"),
        ({"fibre": np.ones((2, 3, 3))}, "fibre must have shape"),
        ({"diffusivity_mm2_per_ms": (0.1, 0.0)}, "must be 2 positive numbers"),
        ({"diffusivity_mm2_per_ms": (-0.1, 0.02)}, "must be 2 positive numbers"),
        ({"scale": np.ones((3, 3))}, "scale must have shape"),
        ({"scale": -np.ones((3, 3, 3))}, "scale must not be negative, got -1"),
        ({"order": 3}, "order must be 2 or 4, got 3"),
        ({"order": 4, "fibre": OBLIQUE}, "order 4 is for a whole box"),
        ({"cells": (3, 0, 3), "fibre": OBLIQUE}, "cells must be at least 1"),
    ],
)
def test_bad_input_is_told_in_one_line(change, words):
    given = {
        "cells": (3, 3, 3),
        "spacing_mm": 0.5,
        "fibre": (1.0, 0, 0),
        "diffusivity_mm2_per_ms": (0.1, 0.02),
    }
    with pytest.raises(ValueError, match=words):
        grid_diffusion(**given | change)


def test_the_kernel_runs_as_plain_python(rng):
    code = (
        "import numpy as np\n"
        "from cardiotwin.sim.grid import grid_diffusion\n"
        "box = grid_diffusion((3, 4, 2), 0.5, (1, 0, 0), (0.1, 0.02), order=4)\n"
        "v, out = np.sin(np.arange(box.n)), np.zeros(box.n)\n"
        "box.diffuse(v, 0.1, out, 3, box.n - 2)\n"
        "print(*out)"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code],
        env=os.environ | {"NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    box = grid_diffusion((3, 4, 2), 0.5, (1, 0, 0), (0.1, 0.02), order=4)
    expected = diffused(box, np.sin(np.arange(box.n)), 0.1)
    expected[:3] = expected[-2:] = 0
    assert [float(x) for x in run.stdout.split()] == pytest.approx(expected, abs=1e-15)
