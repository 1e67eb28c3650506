"""How likely P, QRS and T are at each time of each lead: a small convolutional network in numpy.

A U-net (Ronneberger 2015) in one dimension over single leads at 250 Hz, which gives odds every
8 ms. `benchmarks/train_delineation.py` trains it and says on what; the weights lie beside this
file, in half precision.
"""

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

#: Samples a second that the network takes; it answers at half that rate.
INPUT_HZ = 250.0
STEP_MS = 8.0
#: Inputs to one answer of the deepest layer; whole chunks give what the whole record gives.
_GRAIN = 32
#: Each answer depends on less than 1.3 s on both sides.
_MARGIN = 12 * _GRAIN
#: A longer record is worked through in chunks, so that memory stays bounded (one minute).
_CHUNK = 480 * _GRAIN

Weights = Mapping[str, NDArray[np.float32]]


@lru_cache(maxsize=1)
def shipped_weights() -> Weights:
    """The weights in the package."""
    with np.load(Path(__file__).with_name("wave_net.npz")) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}


def wave_scores(leads: NDArray[np.float32], weights: Weights | None = None) -> NDArray[np.float32]:
    """(leads, 4, t/2) Logarithms of the odds of nothing, P, QRS and T, up to a constant.

    Parameters
    ----------
    leads
        (leads, t) At `INPUT_HZ`, baseline at 0, a QRS about 1 from trough to top, no gaps.
    weights
        Of the network; None for those in the package.
    """
    weights = weights or shipped_weights()
    t = leads.shape[1]
    end = -t % _GRAIN
    padded = np.pad(leads, ((0, 0), (_MARGIN, _MARGIN + end)), mode="edge")
    parts = []
    for start in range(0, t + end, _CHUNK):
        stop = min(start + _CHUNK, t + end)
        scores = _network(padded[:, start : stop + 2 * _MARGIN], weights)
        parts.append(scores[:, :, _MARGIN // 2 : -_MARGIN // 2])
    return np.concatenate(parts, axis=2)[:, :, : (t + 1) // 2].transpose(1, 0, 2)


def _network(leads: NDArray[np.float32], weights: Weights) -> NDArray[np.float32]:
    """(4, leads, t/2) Down to coarse times and up again, each level added to what comes back."""
    x = _layer(_layer(leads[None], weights, "stem", 2), weights, "same0")
    levels, depth = [], 0
    while f"down{depth + 1}.weight" in weights:
        levels.append(x)
        depth += 1
        x = _layer(_layer(x, weights, f"down{depth}", 2), weights, f"same{depth}")
    for level in range(depth, 0, -1):
        up = np.repeat(_convolved(x, weights, f"up{level}"), 2, axis=2)
        x = _layer(levels.pop() + up, weights, f"merge{level}")
    return _convolved(x, weights, "head")


def _layer(
    x: NDArray[np.float32], weights: Weights, name: str, stride: int = 1
) -> NDArray[np.float32]:
    out = _convolved(x, weights, name, stride)
    return np.maximum(out, 0, out=out)


def _convolved(
    x: NDArray[np.float32], weights: Weights, name: str, stride: int = 1
) -> NDArray[np.float32]:
    """(out, leads, t / stride) One product of the kernels (out, in, taps) and shifted copies."""
    kernels, bias = weights[f"{name}.weight"], weights[f"{name}.bias"]
    taps, t = kernels.shape[2], x.shape[2]
    padded = np.pad(x, ((0, 0), (0, 0), (taps // 2, taps // 2)))
    shifted = np.stack([padded[:, :, tap : tap + t : stride] for tap in range(taps)], axis=1)
    flat = shifted.reshape(kernels.shape[1] * taps, -1)
    out = kernels.reshape(len(kernels), -1) @ flat + bias[:, None]
    return out.reshape(len(kernels), x.shape[1], -1)
