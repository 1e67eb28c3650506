"""The network in numpy says what torch says, in chunks as in one."""

import numpy as np
import pytest

from cardiotwin.signals import wave_net
from cardiotwin.signals.wave_net import shipped_weights, wave_scores

#: Of float32, over 18 layers, at scores of about 10.
ROUNDING = 1e-5


def plain_conv(x, weights, name, stride=1):
    """(in, t) to (out, t / stride), one output at a time."""
    kernels, bias = weights[f"{name}.weight"].astype(float), weights[f"{name}.bias"]
    taps = kernels.shape[2]
    padded = np.pad(x, ((0, 0), (taps // 2, taps // 2)))
    steps = range(0, x.shape[1], stride)
    columns = [np.tensordot(kernels, padded[:, s : s + taps], 2) + bias for s in steps]
    return np.stack(columns, axis=1)


def plain_network(lead, weights):
    """(t,) to (4, t / 2)."""
    x = np.maximum(plain_conv(lead[None], weights, "stem", 2), 0)
    levels = [np.maximum(plain_conv(x, weights, "same0"), 0)]
    depth = sum(name.startswith("down") for name in weights) // 2
    for level in range(1, depth + 1):
        x = np.maximum(plain_conv(levels[-1], weights, f"down{level}", 2), 0)
        levels.append(np.maximum(plain_conv(x, weights, f"same{level}"), 0))
    x = levels[-1]
    for level in range(depth, 0, -1):
        up = np.repeat(plain_conv(x, weights, f"up{level}"), 2, axis=1)
        x = np.maximum(plain_conv(levels[level - 1] + up, weights, f"merge{level}"), 0)
    return plain_conv(x, weights, "head")


def torch_network(leads, weights):
    """(n, t) to (n, 4, t / 2), in torch."""
    torch = pytest.importorskip("torch")

    def conv(x, name, stride=1):
        kernels, bias = (torch.from_numpy(weights[f"{name}.{part}"]) for part in ("weight", "bias"))
        return torch.nn.functional.conv1d(x, kernels, bias, stride, kernels.shape[2] // 2)

    x = conv(torch.from_numpy(leads[:, None]), "stem", 2).relu()
    levels = [conv(x, "same0").relu()]
    for level in range(1, 5):
        levels.append(conv(conv(levels[-1], f"down{level}", 2).relu(), f"same{level}").relu())
    x = levels.pop()
    for level in range(4, 0, -1):
        up = conv(x, f"up{level}").repeat_interleave(2, dim=2)
        x = conv(levels.pop() + up, f"merge{level}").relu()
    return conv(x, "head").numpy()


def made_leads(rng, leads=3, t=640):
    steps = rng.normal(size=(leads, t)).cumsum(axis=1)
    return ((steps - steps.mean(axis=1, keepdims=True)) / np.ptp(steps)).astype(np.float32)


def with_margins(leads):
    return np.pad(leads, ((0, 0), (wave_net._MARGIN,) * 2), mode="edge")


def inside(scores):
    return scores[..., wave_net._MARGIN // 2 : -wave_net._MARGIN // 2]


def test_scores_equal_those_of_the_plain_twin(rng):
    leads = made_leads(rng, 1, 64)
    wanted = inside(plain_network(with_margins(leads)[0], shipped_weights()))
    assert np.abs(wave_scores(leads)[0] - wanted).max() < ROUNDING * np.abs(wanted).max()


def test_scores_equal_those_of_torch(rng):
    leads = made_leads(rng)
    wanted = inside(torch_network(with_margins(leads), shipped_weights()))
    assert np.abs(wave_scores(leads) - wanted).max() < ROUNDING * np.abs(wanted).max()


def test_chunks_give_what_the_whole_gives(rng, monkeypatch):
    leads = made_leads(rng, 2, 5000)
    whole = wave_scores(leads)
    monkeypatch.setattr(wave_net, "_CHUNK", 32 * 30)
    assert np.abs(wave_scores(leads) - whole).max() < ROUNDING * np.abs(whole).max()


@pytest.mark.parametrize("t", [1, 31, 250, 2500])
def test_an_answer_stands_for_every_other_input(t):
    assert wave_scores(np.zeros((2, t), np.float32)).shape == (2, 4, (t + 1) // 2)


def test_the_weights_are_small():
    weights = shipped_weights()
    assert sum(w.size for w in weights.values()) < 100_000
    assert all(np.isfinite(w).all() for w in weights.values())
