"""Voltages against time: each where its name is, at one gain, clear of its neighbours."""

import numpy as np
import pytest

from cardiotwin.viz import plot_action_potentials, plot_electrograms
from cardiotwin.viz.traces import draw_action_potentials, draw_electrograms

TIMES_MS = np.arange(100.0)


def test_every_action_potential_is_drawn_as_it_is_and_named():
    v_mv = np.array([[-85.0], [20.0]]) * np.ones(100)
    figure = draw_action_potentials(TIMES_MS, v_mv, ["rest", "plateau"])
    lines = figure.axes[0].lines
    np.testing.assert_array_equal([line.get_ydata() for line in lines], v_mv)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["rest", "plateau"]
    assert figure.axes[0].get_ylabel() == "Membrane potential (mV)"


def shown(figure):
    """Traces of a figure of electrograms, without lines of zero and the bar."""
    return [line for line in figure.axes[0].lines if len(line.get_xdata()) == len(TIMES_MS)]


def test_electrograms_share_a_gain_and_do_not_meet(rng):
    signals = rng.normal(size=(4, 100)) * np.array([[1.0], [0.2], [3.0], [1.0]])
    figure = draw_electrograms(TIMES_MS, signals, list("abcd"))
    drawn = np.array([line.get_ydata() for line in shown(figure)])
    np.testing.assert_allclose(drawn - drawn[:, :1], signals - signals[:, :1], atol=1e-12)
    assert (drawn[:-1].min(axis=1) > drawn[1:].max(axis=1)).all()


def test_names_stand_at_the_zero_of_their_trace():
    signals = np.zeros((2, 100))
    signals[:, 50] = [1.0, -2.0]
    axes = draw_electrograms(TIMES_MS, signals, ["up", "down"]).axes[0]
    drawn = [line.get_ydata()[0] for line in shown(axes.figure)]
    np.testing.assert_allclose(axes.get_yticks(), drawn)
    assert [t.get_text() for t in axes.get_yticklabels()] == ["up", "down"]


def test_the_bar_is_a_round_number_not_longer_than_the_largest_trace():
    signals = 0.0073 * np.sin(TIMES_MS / 10)[None]
    axes = draw_electrograms(TIMES_MS, signals, ["a"]).axes[0]
    assert axes.texts[0].get_text() == "0.01 mV"


def test_a_silent_electrode_is_a_flat_line(tmp_path):
    plot_electrograms(TIMES_MS, np.zeros((1, 100)), ["a"], path=tmp_path / "a.png")
    assert (tmp_path / "a.png").stat().st_size > 1000


@pytest.mark.parametrize("plot", [plot_action_potentials, plot_electrograms])
def test_traces_that_do_not_fit_are_refused(plot, tmp_path):
    with pytest.raises(ValueError, match=r"traces must have shape \(2, 100\).* got \(1, 100\)"):
        plot(TIMES_MS, np.zeros((1, 100)), ["a", "b"], path=tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"written as .png, .svg or .pdf, got 'a.tif'"):
        plot(TIMES_MS, np.zeros((1, 100)), ["a"], path=tmp_path / "a.tif")
