"""The shape of the action potential for any duration, and with it the membrane potential."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from .kernels.action_potential import sample
from .templates import FOOT_MS, action_potential_family
from .travelling import SAMPLE_MS

#: What `action_potentials` takes its shapes from unless told.
DEFAULT_TEMPLATE = "bueno-orovio"
#: The upstroke does not stretch with the action potential.
UPSTROKE_MS = 3.0
#: Width of the classes of duration of which `membrane_potential` keeps the shapes.
APD_STEP_MS = 4.0


def action_potentials(
    apds_ms: NDArray[np.float64],
    duration_ms: float,
    step_ms: float,
    template: str = DEFAULT_TEMPLATE,
    *,
    start_ms: float = 0.0,
) -> NDArray[np.float64]:
    """Rise of the membrane potential over rest after activation at time 0.

    Each is a mean of the two members of `templates.action_potential_family` that are next in
    duration, both stretched in time after the upstroke to the duration asked for; beyond the
    ends of the family its shortest or longest member alone is stretched.

    Parameters
    ----------
    apds_ms
        (k,) Durations at 90 % repolarisation, from the steepest rise.
    duration_ms, step_ms
        Length and sampling of the result.
    template
        Which family, one of `templates.TEMPLATES`.
    start_ms
        Time of the first sample. The foot of the upstroke lies in the `templates.FOOT_MS`
        before 0.

    Returns
    -------
    (k, samples) float64
        mV over rest.

    Raises
    ------
    ValueError
        When a duration is not above `UPSTROKE_MS`, or there is no such template.

    Examples
    --------
    >>> rise_mv = action_potentials(np.array([250.0, 300.0]), 500.0, 1.0)
    >>> rise_mv.shape, bool(rise_mv[1, 270] > rise_mv[0, 270])
    ((2, 500), True)
    """
    apds_ms = _durations(apds_ms)
    own_ms, rise_mv, _ = action_potential_family(template)
    after = np.clip(np.searchsorted(own_ms, apds_ms), 1, len(own_ms) - 1)
    share = np.clip((apds_ms - own_ms[after - 1]) / (own_ms[after] - own_ms[after - 1]), 0, 1)
    t = start_ms + np.arange(round(duration_ms / step_ms)) * step_ms

    def stretched(member: int, apd_ms: float) -> NDArray[np.float64]:
        late = np.maximum(t - UPSTROKE_MS, 0.0)
        at = np.minimum(t, UPSTROKE_MS) + late * (own_ms[member] - UPSTROKE_MS) / (
            apd_ms - UPSTROKE_MS
        )
        places = (at + FOOT_MS) / SAMPLE_MS
        return np.interp(places, np.arange(rise_mv.shape[1]), rise_mv[member], left=0.0, right=0.0)

    return np.array(
        [
            (1 - s) * stretched(k - 1, apd_ms) + s * stretched(k, apd_ms)
            for k, s, apd_ms in zip(after.tolist(), share, apds_ms, strict=True)
        ]
    ).reshape(len(apds_ms), len(t))


def membrane_potential(
    activation_ms: ArrayLike,
    apd_ms: ArrayLike,
    times_ms: ArrayLike,
    template: str = DEFAULT_TEMPLATE,
    *,
    dtype: DTypeLike = np.float64,
) -> NDArray[Any]:
    """Membrane potential of every node at some times: Vm(x, t) = AP(t - activation(x), APD(x)).

    It needs 8 bytes, or 4 as float32, a node and time, and next to nothing beside: what is too
    large for the memory is taken some times at a time.

    Parameters
    ----------
    activation_ms
        (n,) Time of the steepest rise; inf where never activated: such nodes stay at rest.
    apd_ms
        (n,) Durations at 90 % repolarisation.
    times_ms
        (t,) In any order.
    template
        Which family of action potentials, one of `templates.TEMPLATES`.
    dtype
        float64 or float32.

    Returns
    -------
    (n, t) of dtype
        mV.

    Raises
    ------
    ValueError
        When the arrays do not have one value a node, a time is not finite, a duration of an
        activated node is not above the upstroke's, or there is no such template.

    Examples
    --------
    >>> v_mv = membrane_potential([0.0, 40.0, np.inf], [280.0, 260.0, 260.0], [-10.0, 100.0])
    >>> v_mv.round(-1)
    array([[-80.,  20.],
           [-80.,  20.],
           [-80., -80.]])
    """
    activation = np.asarray(activation_ms, np.float64)
    apds, times = np.asarray(apd_ms, np.float64), np.asarray(times_ms, np.float64)
    if activation.ndim != 1 or activation.shape != apds.shape or times.ndim != 1:
        got = f"{activation.shape}, {apds.shape} and {times.shape}"
        msg = f"activation_ms and apd_ms must be (n,), times_ms (t,), got {got}"
        raise ValueError(msg)
    if not np.isfinite(times).all():
        msg = f"times_ms must be finite, got {times[~np.isfinite(times)][0]}"
        raise ValueError(msg)
    reached = np.isfinite(activation)
    rest_mv = action_potential_family(template).rest_mv
    out = np.full((len(activation), len(times)), rest_mv, dtype)
    if out.size == 0 or not reached.any():
        return out
    low, high = (float(f(_durations(apds[reached]))) for f in (np.min, np.max))
    classes = low + APD_STEP_MS * np.arange(int((high - low) / APD_STEP_MS) + 2.0)
    length_ms = max(times.max() - activation[reached].min(), 0.0) + FOOT_MS + 2 * SAMPLE_MS
    shapes = action_potentials(classes, length_ms, SAMPLE_MS, template, start_ms=-FOOT_MS)
    axes = np.array([low, APD_STEP_MS, -FOOT_MS, SAMPLE_MS])
    sample(activation, apds, times, shapes, axes, rest_mv, out)
    return out


def _durations(apds_ms: ArrayLike) -> NDArray[np.float64]:
    """Durations that an action potential can have."""
    apds = np.asarray(apds_ms, np.float64)
    possible = (apds > UPSTROKE_MS) & (apds < np.inf)
    if not possible.all():
        wrong = apds[~possible][0]
        msg = f"apd_ms must lie above the {UPSTROKE_MS:g} ms of the upstroke, got {wrong}"
        raise ValueError(msg)
    return apds
