"""Action potentials of a cell model over a range of durations, as they travel through tissue."""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .cells import cell_model
from .mitchell_schaeffer import MitchellSchaeffer
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


#: Names that `action_potentials` takes. The parameter is a potassium current's: the time constant
#: of the slow outward current, the conductance of the slow or of the rapid delayed rectifier.
TEMPLATES = {
    "bueno-orovio": Template(
        "bueno-orovio-epi", "tau_so1", (0.5, 0.6, 0.7, 0.85, 1.0, 1.2, 1.5, 2.0, 3.0)
    ),
    "ten-tusscher-epi": Template("ten-tusscher-epi", "g_ks", (0.1, 0.4, 1.0, 2.0, 4.0, 8.0)),
    "ten-tusscher-m": Template("ten-tusscher-m", "g_ks", (0.2, 1.0, 2.5, 6.0, 15.0, 30.0)),
    "ten-tusscher-endo": Template("ten-tusscher-endo", "g_ks", (0.1, 0.4, 1.0, 2.0, 4.0, 8.0)),
    "courtemanche": Template("courtemanche", "g_kr", (0.25, 0.5, 1.0, 1.6, 2.5, 4.0)),
}
#: The closed form, see `closed_form_family`.
MITCHELL_SCHAEFFER = "mitchell-schaeffer"
MS_2003 = MitchellSchaeffer()
CLOSED_FORM_APDS_MS = tuple(range(100, 601, 25))


def action_potential_family(template: str) -> Family:
    """The family of a template, one of `TEMPLATES` or `MITCHELL_SCHAEFFER`, made on first use.

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
    if template == MITCHELL_SCHAEFFER:
        return closed_form_family()
    if template not in TEMPLATES:
        names = ", ".join([*TEMPLATES, MITCHELL_SCHAEFFER])
        msg = f"no template {template!r}; there are {names}"
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
    apds_ms = np.array([_apd90_ms(v_mv) for v_mv in members])
    return _shared(apds_ms, np.array([_rise(v_mv) for v_mv in members]), cell.rest_mv)


@lru_cache(maxsize=1)
def closed_form_family(p: MitchellSchaeffer = MS_2003) -> Family:
    """Mitchell and Schaeffer's action potential in closed form, to leading order in tau_in.

    The upstroke is that of the travelling front, b / (1 + exp(-r t)) with r = b (b - 2 a) /
    (2 tau_in), where a < b are the roots of u (1 - u) = tau_in / tau_out (as in
    `front_velocity_mm_per_ms`). On the plateau currents balance: u (1 - u) = tau_in / (tau_out h)
    while h = exp(-t / tau_close), until h is h_min and u is 1/2 (Mitchell and Schaeffer 2003,
    section 3.1); then u decays with tau_out. The duration is set by tau_close.
    """
    root = np.sqrt(1 - p.lowest_h)
    low, high = (1 - root) / 2, (1 + root) / 2
    rate_per_ms = high * (high - 2 * low) / (2 * p.tau_in_ms)
    t = np.arange(round(CYCLE_MS / SAMPLE_MS)) * SAMPLE_MS - FOOT_MS
    upstroke = 1 / (1 + np.exp(-rate_per_ms * t))
    tail_ms = p.tau_out_ms * np.log(0.5 / (0.1 * high))  # from u = 1/2 to 90 % repolarised
    rows = []
    for apd in CLOSED_FORM_APDS_MS:
        plateau_ms = apd - tail_ms
        late = np.clip(t, 0, plateau_ms)
        balance = 1 - p.lowest_h ** (1 - late / plateau_ms)
        u = (1 + np.sqrt(balance)) / 2 * np.exp(-np.maximum(t - plateau_ms, 0) / p.tau_out_ms)
        rows.append(p.range_mv * upstroke * u)
    return _shared(np.array(CLOSED_FORM_APDS_MS, np.float64), np.array(rows), p.rest_mv)


def _shared(apds_ms: NDArray[np.float64], rise_mv: NDArray[np.float64], rest_mv: float) -> Family:
    """A family whose arrays nobody can change: every caller gets the same."""
    apds_ms.setflags(write=False)
    rise_mv.setflags(write=False)
    return Family(apds_ms, rise_mv, rest_mv)


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
