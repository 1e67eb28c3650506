"""Action potentials of a cell model over a range of durations, as they travel through tissue."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .cells import cell_model
from .single_cell import apd_ms
from .travelling import CYCLE_MS, SAMPLE_MS, travelling_action_potential

#: The action potentials begin this long before their steepest rise: the foot, in which a cell is
#: charged by its neighbours.
FOOT_MS = 2.0


class Template(NamedTuple):
    """Where a family of action potentials comes from.

    Attributes
    ----------
    cell : str
        Name of a cell model.
    parameter : str
        The parameter that makes the action potential shorter or longer.
    factors : tuple of float
        What it is multiplied with, one member of the family each.
    """

    cell: str
    parameter: str
    factors: tuple[float, ...]


class Family(NamedTuple):
    """Action potentials of one kind.

    Attributes
    ----------
    apds_ms : (f,) float64
        Durations at 90 % repolarisation, ascending.
    rise_mv : (f, samples) float64
        Membrane potential over rest every `SAMPLE_MS`, from `FOOT_MS` before the steepest rise.
    rest_mv : float
    """

    apds_ms: NDArray[np.float64]
    rise_mv: NDArray[np.float64]
    rest_mv: float


#: Names that `action_potentials` takes.
TEMPLATES = {
    "bueno-orovio": Template(
        # Time constant of the slow outward (potassium) current on the plateau.
        "bueno-orovio-epi",
        "tau_so1",
        (0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 3.0),
    ),
}


def action_potential_family(template: str) -> Family:
    """The family of a template, simulated on first use.

    Each member is a cell with one parameter changed, paced at one beat a second; then a wave
    runs along a cable of such cells, and what its middle does is kept. So the upstroke is that
    of a cell excited by its neighbours, and the plateau has the shape that the cell gives it.

    Raises
    ------
    ValueError
        When there is no template of the name.

    Examples
    --------
    >>> family = action_potential_family("bueno-orovio")
    >>> bool(family.apds_ms[0] < 100 < 500 < family.apds_ms[-1])
    True
    """
    if template not in TEMPLATES:
        msg = f"no template {template!r}; there are {', '.join(TEMPLATES)}"
        raise ValueError(msg)
    return simulated_family(TEMPLATES[template])


@lru_cache(maxsize=8)
def simulated_family(template: Template) -> Family:
    """Every member of a family, in order of duration."""
    cell = cell_model(template.cell)
    own = getattr(cell.parameters, template.parameter)
    members = [
        travelling_action_potential(cell.with_parameters(**{template.parameter: factor * own}))
        for factor in template.factors
    ]
    members.sort(key=_apd90_ms)
    apds_ms, rise_mv = (
        np.array([_apd90_ms(m) for m in members]),
        np.array([_rise(m) for m in members]),
    )
    rise_mv.setflags(write=False)  # every caller gets the same arrays
    return Family(apds_ms, rise_mv, cell.rest_mv)


def _apd90_ms(v_mv: NDArray[np.float64]) -> float:
    return apd_ms(v_mv, SAMPLE_MS)


def _rise(v_mv: NDArray[np.float64]) -> NDArray[np.float64]:
    """One cycle of a trace over rest, from `FOOT_MS` before its steepest rise."""
    slope = np.diff(v_mv)
    k = int(np.argmax(slope))
    before, most, after = slope[k - 1 : k + 2]
    summit = k + 0.5 + 0.5 * (before - after) / (before - 2 * most + after)
    start = summit - FOOT_MS / SAMPLE_MS
    at = start + np.arange(round(CYCLE_MS / SAMPLE_MS))
    return np.interp(at, np.arange(len(v_mv)), v_mv - v_mv[0])
