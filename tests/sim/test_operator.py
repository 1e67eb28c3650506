"""The bound on the largest rate of a mesh, which sets its largest explicit step."""

import numpy as np
import pytest
from scipy.linalg import eigvalsh
from scipy.sparse import csr_array

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.conduction import cable
from cardiotwin.sim.diffusion import tet_diffusion
from cardiotwin.sim.mitchell_schaeffer import VENTRICULAR
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.operator import largest_rate


def test_a_cable_of_many_elements_has_the_largest_rate_of_finite_differences():
    # 4 D / h^2, and the ends with half a mass share it.
    fibre = cable(10.0, 0.1, 0.2)
    assert largest_rate(fibre.matrix(), fibre.mass) == pytest.approx(4 * 0.2 / 0.01, rel=0.011)


@pytest.mark.parametrize("squash", [1.0, 0.1])
def test_the_bound_is_above_the_exact_value_and_near_it(squash):
    nodes_mm, tets = box((5, 4, 3), 0.5)
    fibres = np.tile([0.6, 0.8, 0], (len(tets), 1))
    tissue = tet_diffusion(nodes_mm * [1, 1, squash], tets, fibres, None, (0.1, 0.02))
    root = np.sqrt(tissue.mass)
    symmetric = -(root[:, None] * tissue.matrix().toarray() / root)
    exact = eigvalsh((symmetric + symmetric.T) / 2)[-1]
    # Found to 1 % and raised by 1 %.
    assert exact <= largest_rate(tissue.matrix(), tissue.mass) <= 1.011 * exact


def test_few_nodes_take_gershgorins_bound():
    fibre = cable(1.0, 0.25, 0.1)
    assert largest_rate(fibre.matrix(), fibre.mass) == pytest.approx(4 * 0.1 / 0.25**2)


def test_dead_nodes_have_no_rate():
    assert largest_rate(csr_array((30, 30)), np.zeros(30)) == 0


def test_steps_below_the_limit_calm_down_and_steps_above_it_do_not(rng):
    fibre = cable(10.0, 0.1, 0.2)
    for factor, calm in ((0.99, True), (1.03, False)):
        v, out = rng.standard_normal(fibre.n), np.empty(fibre.n)
        for _ in range(1000):
            fibre.diffuse(v, factor * fibre.limit_ms, out, 0, fibre.n)
            v, out = out, v
        assert (np.abs(v).max() < 1) == calm


def test_the_solver_takes_the_largest_step_and_no_larger():
    fibre = cable(3.0, 0.1, 0.2)
    solve_monodomain(fibre, VENTRICULAR, (), duration_ms=1, dt_ms=fibre.limit_ms)
    with pytest.raises(ValueError, match=r"beyond the 0\.02"):
        solve_monodomain(fibre, VENTRICULAR, (), duration_ms=1, dt_ms=1.001 * fibre.limit_ms)
