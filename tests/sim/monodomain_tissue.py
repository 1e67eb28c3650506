"""Tissue and membranes for the tests of the monodomain solver."""

import numpy as np

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.cell_model import CellModel
from cardiotwin.sim.diffusion import tet_diffusion
from cardiotwin.sim.mitchell_schaeffer import MitchellSchaeffer, mitchell_schaeffer_cell
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
