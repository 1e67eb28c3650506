"""The network of `signals.wave_net` in torch, to be trained, and its weights for numpy."""

from itertools import pairwise

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

#: Channels of each level; each level is at half the rate of the one above.
CHANNELS = (8, 16, 32, 48, 64)
#: Samples under a kernel: of the first layer, of the others.
STEM_TAPS, TAPS = 9, 5
CLASSES = 4


class WaveNet(nn.Module):
    """(n, 1, t) leads at 250 Hz to (n, 4, t / 2) scores; t a multiple of 32."""

    def __init__(self) -> None:
        super().__init__()
        first = CHANNELS[0]
        layers = {"stem": _layer(1, first, STEM_TAPS, 2), "same0": _layer(first, first)}
        for level, (above, below) in enumerate(pairwise(CHANNELS), 1):
            layers[f"down{level}"] = _layer(above, below, stride=2)
            layers[f"same{level}"] = _layer(below, below)
            layers[f"up{level}"] = nn.Sequential(nn.Conv1d(below, above, 1))
            layers[f"merge{level}"] = _layer(above, above)
        layers["head"] = nn.Sequential(nn.Conv1d(first, CLASSES, 1))
        self.layers = nn.ModuleDict(layers)

    def forward(self, leads: Tensor) -> Tensor:
        """Down to coarse times and up again, each level added to what comes back."""
        layer, depth = self.layers, len(CHANNELS) - 1
        levels = [layer["same0"](layer["stem"](leads))]
        for level in range(1, depth + 1):
            levels.append(layer[f"same{level}"](layer[f"down{level}"](levels[-1])))
        x = levels.pop()
        for level in range(depth, 0, -1):
            up = functional.interpolate(layer[f"up{level}"](x), scale_factor=2.0)
            x = layer[f"merge{level}"](levels.pop() + up)
        return layer["head"](x)

    def exported(self) -> dict[str, NDArray[np.float16]]:
        """Kernels and biases, the normalisation folded into them, in half precision."""
        out = {}
        with torch.no_grad():
            for name, layer in self.layers.items():
                kernels, gain = layer[0].weight, torch.ones(len(layer[0].weight))
                bias = layer[0].bias
                if len(layer) > 1:
                    norm = layer[1]
                    gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
                    bias = norm.bias - gain * norm.running_mean
                out[f"{name}.weight"] = (kernels * gain[:, None, None]).numpy().astype(np.float16)
                out[f"{name}.bias"] = bias.numpy().astype(np.float16)
        return out


def _layer(inputs: int, outputs: int, taps: int = TAPS, stride: int = 1) -> nn.Sequential:
    conv = nn.Conv1d(inputs, outputs, taps, stride, taps // 2, bias=False)
    return nn.Sequential(conv, nn.BatchNorm1d(outputs), nn.ReLU())
