"""From membrane potentials to electrodes: the lead field of P1 tetrahedra."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from .action_potential import APD_STEP_MS, DEFAULT_TEMPLATE, action_potentials
from .kernels.lead_field import assemble, scatter, sharpen
from .params import Conductivities
from .templates import FOOT_MS

#: Weights are shared between samples no farther apart than this.
LONGEST_STEP_MS = 1.0
#: How long after activation the action potential is too sharp to be shared between samples, and
#: into how many parts a step is divided until then.
SHARP_MS, PARTS = 12.0, 16


def lead_field(
    nodes_mm: NDArray[np.float64],
    tets: NDArray[np.int32],
    fibres: NDArray[np.float32],
    lead_vectors: NDArray[np.float64],
    conductivities: Conductivities,
    active: NDArray[np.bool_] | None = None,
) -> NDArray[np.float64]:
    """Potential at each electrode per mV of membrane potential at each node.

    phi(e) = 1/(4 pi) * integral of (-k grad Vm) . L_e, with P1 elements and L_e, the lead
    vector, taken as constant in each (Plonsey 1969; Malmivuo and Plonsey 1995, section 8.5);
    k is `Conductivities.source_strength`. Rows add up to zero: muscle at one potential
    throughout is not seen.

    Parameters
    ----------
    nodes_mm, tets, fibres
        (n, 3), (m, 4), (m, 3) The heart.
    lead_vectors
        (m, e, 3) From `sim.torso.lead_vectors`, in 1/mm2.
    conductivities
        Of the muscle.
    active
        (m,) Tets that carry current; all of them by default.

    Returns
    -------
    (e, n) float64
        Without unit: mV at the electrode per mV at the node.
    """
    e = lead_vectors.shape[1]
    weights, work = np.zeros((len(nodes_mm), e)), np.empty((3, e))
    strength = np.array(conductivities.source_strength) / (4 * np.pi)
    live = np.ones(len(tets), bool) if active is None else active
    assemble(nodes_mm, tets, fibres, live, lead_vectors, strength, work, weights)
    return weights.T


def electrode_potentials(
    weights: NDArray[np.float64],
    activation_ms: NDArray[np.float64],
    apd_ms: NDArray[np.float64],
    *,
    duration_ms: float,
    fs_hz: float,
    template: str = DEFAULT_TEMPLATE,
) -> NDArray[np.float64]:
    """Potentials at the electrodes during one beat.

    Since Vm(x, t) = AP(t - activation(x); APD(x)), the weights are sorted by activation time
    and duration, and each class is convolved with its action potential: the cost is one pass
    over the nodes and a small Fourier transform, never nodes times samples. Between samples an
    action potential sorted so is a straight line; the upstroke is not, so what the line leaves
    out of its first `SHARP_MS` is added node by node.

    Parameters
    ----------
    weights
        (e, n) Lead field.
    activation_ms
        (n,) inf where never activated; such nodes stay at rest.
    apd_ms
        (n,) Action potential durations at 90 % repolarisation.
    duration_ms, fs_hz
        Length and sampling rate of the result. Samples are values of the potentials at their
        times; nothing is filtered.
    template
        Which family of action potentials, one of `templates.TEMPLATES`.

    Returns
    -------
    (e, samples) float64
        mV.
    """
    between = max(1, int(np.ceil(1000.0 / fs_hz / LONGEST_STEP_MS - 1e-9)))
    step_ms = 1000.0 / fs_hz / between
    samples = round(duration_ms / (step_ms * between)) * between
    reached = np.isfinite(activation_ms) & (activation_ms < duration_ms + FOOT_MS)
    if not reached.any():
        return np.zeros((len(weights), samples // between))
    times_ms = np.where(reached, activation_ms, np.inf)
    classes = _classes(apd_ms[reached])
    by_node = np.ascontiguousarray(weights.T)
    out = _shared(by_node, times_ms, apd_ms, classes, samples, step_ms, template)
    before = int(np.ceil(FOOT_MS / step_ms))
    missing = _missing(classes, before, step_ms, template)
    axes = np.array([step_ms, classes[0], APD_STEP_MS])
    sharpen(by_node, times_ms, apd_ms, axes, before, missing, out)
    return np.ascontiguousarray(out[::between].T)


def _classes(apds_ms: NDArray[np.float64]) -> NDArray[np.float64]:
    """(k,) Multiples of `APD_STEP_MS`, two of them on either side of any duration."""
    first, last = np.floor(apds_ms.min() / APD_STEP_MS), np.floor(apds_ms.max() / APD_STEP_MS)
    return np.asarray(APD_STEP_MS * np.arange(first - 1, last + 3))


def _shared(
    weights: NDArray[np.float64],
    activation_ms: NDArray[np.float64],
    apd_ms: NDArray[np.float64],
    classes_ms: NDArray[np.float64],
    samples: int,
    step_ms: float,
    template: str,
) -> NDArray[np.float64]:
    """(samples, e) Sum over nodes (n, e) of action potentials that are straight between samples."""
    reached_ms = activation_ms[np.isfinite(activation_ms)]
    first, last = (int(np.floor(f(reached_ms) / step_ms)) for f in (np.min, np.max))
    before = int(np.ceil(FOOT_MS / step_ms))
    cells = np.zeros((len(classes_ms), last - first + 2, weights.shape[1]))
    axes = np.array([first * step_ms, step_ms, classes_ms[0], APD_STEP_MS])
    scatter(weights, activation_ms, apd_ms, axes, np.empty(4), cells)
    # Sample s of the result is s + before - first of the convolution.
    length = samples + before - first
    shapes = _shapes(classes_ms, length, before, step_ms, template)
    size = next_fast_len(length + cells.shape[1], real=True)
    spectrum = np.einsum(
        "kfe,kf->ef", rfft(cells, size, axis=1), rfft(shapes, size, axis=1), optimize=True
    )
    start = before - first
    whole = irfft(spectrum, size)[:, max(start, 0) : length]
    return np.ascontiguousarray(np.pad(whole, ((0, 0), (max(-start, 0), 0))).T)


def _shapes(
    classes_ms: NDArray[np.float64], length: int, before: int, step_ms: float, template: str
) -> NDArray[np.float64]:
    """(k, length) Action potentials from some samples before activation."""
    return action_potentials(
        classes_ms, length * step_ms, step_ms, template, start_ms=-before * step_ms
    )


def _missing(
    classes_ms: NDArray[np.float64], before: int, step_ms: float, template: str
) -> NDArray[np.float64]:
    """(k, PARTS + 1, samples) Action potentials less their straight lines between samples.

    For activations some parts of a step before a sample; the first sample is `before` - 1 before.
    """
    count = before + int(np.ceil(SHARP_MS / step_ms))
    fine_ms = step_ms / PARTS
    fine = _shapes(classes_ms, (count + 1) * PARTS + 1, before * PARTS, fine_ms, template)
    part = np.arange(PARTS + 1) / PARTS
    at_samples = fine[:, ::PARTS]
    low, high = at_samples[:, None, :-1], at_samples[:, None, 1:]
    straight = low + part[:, None] * (high - low)
    places = np.arange(PARTS + 1)[:, None] + PARTS * np.arange(count + 1)
    return np.ascontiguousarray(fine[:, places] - straight)
