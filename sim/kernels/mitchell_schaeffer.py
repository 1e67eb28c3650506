"""The two-variable membrane of Mitchell and Schaeffer 2003; threads share the cells."""

import numba as nb


@nb.njit(cache=True, nogil=True, error_model="numpy")
def mitchell_schaeffer(p, table, dt_ms, current, v, state, first, last):
    """Advance cells `first` to `last` - 1: half a step of the gate, the voltage, another half.

    p `MitchellSchaeffer`; table (2,) is what half a step leaves of 1 - h below and of h above
    the gate voltage; current and v (n,) in mV/ms and mV, state (1, n) the gate h. The gate is
    exact for a given voltage, the voltage is Heun's, so the error falls with dt_ms squared.
    """
    h = state[0]
    opening, closing = table[0], table[1]
    inward, outward, size = 1 / p.tau_in_ms, 1 / p.tau_out_ms, 1 / p.range_mv
    for i in range(nb.uint64(first), nb.uint64(last)):
        u = (v[i] - p.rest_mv) * size
        g = 1 - (1 - h[i]) * opening if u < p.gate else h[i] * closing
        push = current[i] * size
        k = g * u * u * (1 - u) * inward - u * outward + push
        w = u + dt_ms * k
        k += g * w * w * (1 - w) * inward - w * outward + push
        u += dt_ms / 2 * k
        v[i] = p.rest_mv + p.range_mv * u
        h[i] = 1 - (1 - g) * opening if u < p.gate else g * closing
