"""All cell models: by name, beside their references, in plain Python, and with bad input."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from cardiotwin.sim.cells import cell_model, cell_models
from cardiotwin.sim.single_cell import measure, pace

REFERENCES = json.loads(
    (Path(__file__).parents[2] / "benchmarks/cell_references.json").read_text(encoding="utf-8")
)["models"]
DETAILED = ("ten-tusscher", "courtemanche")
EVERY = pytest.mark.parametrize("name", cell_models())


def test_names_are_what_the_models_call_themselves():
    assert all(cell_model(name).name == name for name in cell_models())


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ValueError, match=r"no cell model 'noble'; there are ten-tusscher-epi, "):
        cell_model("noble")


def test_an_unknown_parameter_is_named():
    with pytest.raises(ValueError, match="courtemanche has no parameter g_ca"):
        cell_model("courtemanche").with_parameters(g_ca=1.0)


@EVERY
def test_action_potential_matches_the_reference(name):
    # The step is that of tissue. Forward Euler puts the peak off by half the rise of a step at
    # its end, up to 2.5 mV; durations hardly feel it.
    found, reference = measure(pace(cell_model(name), dt_ms=0.02)), REFERENCES[name]
    assert found.rest_mv == pytest.approx(reference["rest_mv"], abs=0.1)
    assert found.peak_mv == pytest.approx(reference["peak_mv"], abs=2.5)
    assert found.steepest_mv_per_ms == pytest.approx(reference["steepest_mv_per_ms"], rel=0.03)
    assert found.apd90_ms == pytest.approx(reference["apd90_ms"], rel=0.005)


@pytest.mark.slow
@EVERY
def test_action_potential_is_within_2_percent_at_a_fine_step(name):
    found = measure(pace(cell_model(name), dt_ms=0.005))
    for key, value in REFERENCES[name].items():
        if key != "apd30_ms":  # the first notch of the atrial cell ends where its slope is flat
            assert getattr(found, key) == pytest.approx(value, rel=0.02), key


@EVERY
def test_without_a_stimulus_nothing_happens(name):
    # The published rests of the detailed cells are those of a paced cell: they settle by up to
    # 0.9 mV (ten Tusscher's endocardium), the atrial ones by 0.05.
    model = cell_model(name)
    v, state = model.at_rest(2)
    table = model.table(model.parameters, 0.1)
    for _ in range(1000):  # 100 ms
        model.advance(model.parameters, table, 0.1, np.zeros(2), v, state, 0, 2)
    assert np.abs(v - model.rest_mv).max() < (1.0 if name.startswith(DETAILED) else 1e-3)


@EVERY
def test_a_beat_rises_stays_up_and_comes_back(name):
    beat = pace(cell_model(name), beats=2, dt_ms=0.02)
    found = measure(beat)
    assert found.peak_mv > 10.0
    assert 0 < found.apd30_ms < found.apd50_ms < found.apd90_ms < 500.0
    assert abs(beat.end_mv - found.rest_mv) < 1.0
    gates = [i for i, state in enumerate(cell_model(name).states) if not state.endswith("_i")]
    assert np.isfinite(beat.state).all()
    assert beat.state[gates].min() > -1e-6


OWN = ("bueno-orovio-epi", "fenton-karma-br", "courtemanche")
TINY_RUN = """
import numpy as np
from cardiotwin.sim.cells import cell_model
from cardiotwin.sim.single_cell import pace
for name in {names}:
    beat = pace(cell_model(name), cycle_ms=3.0, beats=1, dt_ms=0.1)
    print(repr(float(beat.end_mv)))
"""


def test_kernels_give_the_same_in_plain_python():
    run = subprocess.run(
        [sys.executable, "-c", TINY_RUN.format(names=OWN)],
        env={**os.environ, "NUMBA_DISABLE_JIT": "1"},
        capture_output=True,
        text=True,
        check=True,
    )
    plain = [float(line) for line in run.stdout.split()]
    compiled = [pace(cell_model(n), cycle_ms=3.0, beats=1, dt_ms=0.1).end_mv for n in OWN]
    np.testing.assert_allclose(plain, compiled, rtol=1e-9)  # fused multiply-adds round otherwise
