"""From membrane potentials to electrodes: the lead field of P1 tetrahedra."""

import numpy as np
from numpy.typing import NDArray
from scipy.fft import irfft, next_fast_len, rfft

from .action_potential import action_potentials
from .kernels.lead_field import assemble, scatter
from .params import Conductivities

#: Width of the classes of action potential duration; weights between two are shared linearly.
APD_STEP_MS = 4.0


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
    weights = np.zeros((lead_vectors.shape[1], len(nodes_mm)))
    strength = np.array(conductivities.source_strength) / (4 * np.pi)
    live = np.ones(len(tets), bool) if active is None else active
    assemble(nodes_mm, tets, fibres, live, lead_vectors, strength, weights)
    return weights


def electrode_potentials(
    weights: NDArray[np.float64],
    activation_ms: NDArray[np.float64],
    apd_ms: NDArray[np.float64],
    *,
    duration_ms: float,
    fs_hz: float,
) -> NDArray[np.float64]:
    """Potentials at the electrodes during one beat.

    Since Vm(x, t) = AP(t - activation(x); APD(x)), the weights are sorted by activation time
    and duration, and each class is convolved with its action potential: the cost is one pass
    over the nodes and a small Fourier transform, never nodes times samples.

    Parameters
    ----------
    weights
        (e, n) Lead field.
    activation_ms
        (n,) inf where never activated; such nodes stay at rest.
    apd_ms
        (n,) Action potential durations at 90 % repolarisation.
    duration_ms, fs_hz
        Length and sampling rate of the result.

    Returns
    -------
    (e, samples) float64
        mV.
    """
    step_ms = 1000.0 / fs_hz
    samples = round(duration_ms / step_ms)
    reached = np.isfinite(activation_ms) & (activation_ms < duration_ms - step_ms)
    if not reached.any():
        return np.zeros((len(weights), samples))
    low, high = apd_ms[reached].min(), apd_ms[reached].max()
    classes = int((high - low) / APD_STEP_MS) + 2
    sorted_weights = np.zeros((len(weights), classes, samples))
    times_ms = np.where(reached, activation_ms, np.inf)
    scatter(weights, times_ms, apd_ms, np.array([step_ms, low, APD_STEP_MS]), sorted_weights)
    shapes = action_potentials(low + APD_STEP_MS * np.arange(classes), duration_ms, step_ms)
    size = next_fast_len(2 * samples)
    spectrum = np.einsum("ekf,kf->ef", rfft(sorted_weights, size), rfft(shapes, size))
    return irfft(spectrum, size)[:, :samples]
