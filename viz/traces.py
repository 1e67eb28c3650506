"""Voltages against time: action potentials over each other, electrograms below each other."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from .figure import INK, PALE_INK, check_suffix, save_figure, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Told apart without colour vision: after Wong, Nature Methods 8, 441 (2011).
COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#7a5aa6")
_ROW_IN, _WIDE_IN = 0.52, 5.2
#: Lengths a scale bar of voltage may have, mV.
_BARS_MV = tuple(f * 10.0**p for p in range(-4, 3) for f in (1, 2, 5))


def plot_action_potentials(
    times_ms: NDArray[np.float64],
    v_mv: NDArray[np.floating],
    names: Sequence[str],
    *,
    path: Path | str,
) -> None:
    """Draw membrane potentials against time, each in a colour.

    Parameters
    ----------
    times_ms : (t,)
    v_mv : (k, t)
    names : (k,) of the places, for the legend
    path : picture to write, .png, .svg or .pdf

    Raises
    ------
    ValueError
        When shapes do not fit each other.
    """
    check_suffix(path)
    save_figure(draw_action_potentials(times_ms, v_mv, names), path)


def draw_action_potentials(
    times_ms: NDArray[np.float64], v_mv: NDArray[np.floating], names: Sequence[str]
) -> "Figure":
    """Figure of `plot_action_potentials`."""
    from matplotlib.figure import Figure

    _check(times_ms, v_mv, names)
    with style():
        figure = Figure(figsize=(_WIDE_IN, 2.7), facecolor="white", layout="constrained")
        axes = figure.add_subplot()
        for i, (trace, name) in enumerate(zip(v_mv, names, strict=True)):
            axes.plot(times_ms, trace, color=COLOURS[i % len(COLOURS)], linewidth=1.1, label=name)
        axes.set(xlabel="Time (ms)", ylabel="Membrane potential (mV)")
        axes.set_xlim(float(times_ms[0]), float(times_ms[-1]))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#ececef", linewidth=0.6)
        axes.set_axisbelow(True)
        figure.legend(loc="outside right center", frameon=False, fontsize=7)
    return figure


def plot_electrograms(
    times_ms: NDArray[np.float64],
    potentials_mv: NDArray[np.floating],
    names: Sequence[str],
    *,
    path: Path | str,
) -> None:
    """Draw electrograms below each other, all at one gain, with a bar for scale.

    Parameters
    ----------
    times_ms : (t,)
    potentials_mv : (k, t)
    names : (k,) of the electrodes
    path : picture to write, .png, .svg or .pdf

    Raises
    ------
    ValueError
        When shapes do not fit each other.
    """
    check_suffix(path)
    save_figure(draw_electrograms(times_ms, potentials_mv, names), path)


def draw_electrograms(
    times_ms: NDArray[np.float64], potentials_mv: NDArray[np.floating], names: Sequence[str]
) -> "Figure":
    """Figure of `plot_electrograms`."""
    from matplotlib.figure import Figure

    _check(times_ms, potentials_mv, names)
    rests_mv = _rests(potentials_mv)
    most_mv = max(float(np.ptp(potentials_mv, axis=1).max()), 1e-6)
    bar_mv = max((b for b in _BARS_MV if b <= most_mv), default=_BARS_MV[0])
    with style():
        size_in = (_WIDE_IN, _ROW_IN * len(names) + 0.75)
        figure = Figure(figsize=size_in, facecolor="white", layout="constrained")
        axes = figure.add_subplot()
        for rest_mv, trace in zip(rests_mv, potentials_mv, strict=True):
            axes.axhline(rest_mv, color="#e4e4e8", linewidth=0.6)
            axes.plot(times_ms, rest_mv + trace, color=INK, linewidth=0.9)
        axes.set_yticks(rests_mv, list(names))
        axes.set_xlim(float(times_ms[0]), float(times_ms[-1]))
        axes.set_xlabel("Time (ms)")
        axes.tick_params(axis="y", length=0)
        axes.tick_params(axis="x", color=PALE_INK)
        axes.spines[["top", "right", "left"]].set_visible(False)
        right = axes.get_yaxis_transform()
        axes.plot([1.02, 1.02], [0, -bar_mv], transform=right, color=INK, lw=1.4, clip_on=False)
        axes.text(1.03, -bar_mv / 2, f"{bar_mv:g} mV", transform=right, va="center", fontsize=7)
    return figure


def _rests(potentials_mv: NDArray[np.floating]) -> NDArray[np.float64]:
    """(k,) Where the zero of each trace lies, so far below the one before that they do not meet."""
    up = np.maximum(potentials_mv.max(axis=1), 0.0)
    down = np.maximum(-potentials_mv.min(axis=1), 0.0)
    gap = 0.15 * max(float((up + down).max()), 1e-6)
    return -np.cumsum(np.concatenate([[0.0], down[:-1] + up[1:] + gap]))


def _check(
    times_ms: NDArray[np.float64], values: NDArray[np.floating], names: Sequence[str]
) -> None:
    if not names or len(times_ms) < 2 or values.shape != (len(names), len(times_ms)):
        wanted = f"({len(names)}, {len(times_ms)})"
        msg = f"traces must have shape {wanted}, one row a name and two moments, got {values.shape}"
        raise ValueError(msg)
