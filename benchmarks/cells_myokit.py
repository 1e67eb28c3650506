"""Reference figures of the cell models by myokit: `python cells_myokit.py FOLDER`.

myokit integrates with CVODES to 1e-9, far from anything this package does. FOLDER holds
`courtemanche-1998.mmt` and `tentusscher-2006.mmt` from github.com/myokit/models, folder c/; the
phenomenological models are written out below from their papers. Both sides start from the same
state and give the same stimuli (50 mV/ms for 1 ms, ten beats at 1 Hz, the last one measured).
Needs `pip install myokit`, a C compiler and the headers of sundials (libsundials-dev). Writes
`cell_references.json` beside this file, which the tests and `solvers_cells.py` read.
"""

import json
import sys
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from cardiotwin.sim.bueno_orovio import BuenoOrovio
from cardiotwin.sim.cells import cell_model
from cardiotwin.sim.fenton_karma import FentonKarma
from cardiotwin.sim.mitchell_schaeffer import MitchellSchaeffer

REFERENCES = Path(__file__).with_name("cell_references.json")
BEATS, CYCLE_MS, HEIGHT_MV_PER_MS, WIDTH_MS, TOLERANCE = 10, 1000.0, 50.0, 1.0, 1e-9

HEAD = """[[model]]
{start}
[engine]
time = 0 bind time
pace = 0 bind pace
[cell]
{parameters}
"""
#: Bueno-Orovio 2008, equations 1 to 7.
BUENO_OROVIO = """
rise_w = 1 - 1 / (exp(2 * k_w_minus * (u - u_w_minus)) + 1)
rise_so = 1 - 1 / (exp(2 * k_so * (u - u_so)) + 1)
rise_s = 1 - 1 / (exp(2 * k_s * (u - u_s)) + 1)
tau_v_minus = if(u < theta_v_minus, tau_v1_minus, tau_v2_minus)
tau_w_minus = tau_w1_minus + (tau_w2_minus - tau_w1_minus) * rise_w
tau_so = tau_so1 + (tau_so2 - tau_so1) * rise_so
j_fi = if(u < theta_v, 0, -v * (u - theta_v) * (u_u - u) / tau_fi)
j_so = if(u < theta_w, (u - u_o) / if(u < theta_o, tau_o1, tau_o2), 1 / tau_so)
j_si = if(u < theta_w, 0, -w * s / tau_si)
dot(u) = -(j_fi + j_so + j_si) + engine.pace / range_mv
dot(v) = if(u < theta_v, (if(u < theta_v_minus, 1, 0) - v) / tau_v_minus, -v / tau_v_plus)
dot(w) = if(u < theta_w, (w_inf - w) / tau_w_minus, -w / tau_w_plus)
    w_inf = if(u < theta_o, 1 - u / tau_w_inf, w_inf_star)
dot(s) = (rise_s - s) / if(u < theta_w, tau_s1, tau_s2)
V = rest_mv + range_mv * u
"""
#: Fenton and Karma 1998, equations 3 to 8.
FENTON_KARMA = """
p = if(u < u_c, 0, 1)
q = if(u < u_v, 0, 1)
j_fi = -v * p * (1 - u) * (u - u_c) / tau_d
j_so = u / tau_0 * (1 - p) + p / tau_r
j_si = -w / tau_si * (1 - 1 / (exp(2 * k * (u - u_c_si)) + 1))
dot(u) = -(j_fi + j_so + j_si) + engine.pace / range_mv
dot(v) = (1 - p) * (1 - v) / (q * tau_v1_minus + (1 - q) * tau_v2_minus) - p * v / tau_v_plus
dot(w) = (1 - p) * (1 - w) / tau_w_minus - p * w / tau_w_plus
V = rest_mv + range_mv * u
"""
#: Mitchell and Schaeffer 2003, section 2.
MITCHELL_SCHAEFFER = """
dot(u) = h * u * u * (1 - u) / tau_in_ms - u / tau_out_ms + engine.pace / range_mv
dot(h) = if(u < gate, (1 - h) / tau_open_ms, -h / tau_close_ms)
V = rest_mv + range_mv * u
"""
WRITTEN = {
    BuenoOrovio: (BUENO_OROVIO, {"u": 0, "v": 1, "w": 1, "s": 0}),
    FentonKarma: (FENTON_KARMA, {"u": 0, "v": 1, "w": 1}),
    MitchellSchaeffer: (MITCHELL_SCHAEFFER, {"u": 0, "h": 1}),
}


def pairs(ours: Sequence[str], theirs: str) -> dict[str, str]:
    """State by state, our name and theirs."""
    return dict(zip(ours, theirs.split(), strict=True))


COURTEMANCHE = pairs(
    cell_model("courtemanche").states,
    "sodium.Nai potassium.Ki calcium.Cai calcium.CaUp calcium.CaRel ina.m ina.h ina.j ito.oa"
    " ito.oi ikur.ua ikur.ui ikr.xr iks.xs ical.d ical.f ical.fCa cajsr.u cajsr.v cajsr.w",
)
TEN_TUSSCHER = pairs(
    cell_model("ten-tusscher-epi").states,
    "ina.m ina.h ina.j ikr.xr1 ikr.xr2 iks.xs ito.r ito.s ical.d ical.f ical.f2 ical.fCaSS"
    " jrel.R_prime calcium.Cai calcium.CaSR calcium.CaSS sodium.Nai potassium.Ki",
)
#: The remodelling by its published factors, not by what our parameters came to.
REMODELLED = {"ito.gto": 0.5, "ikur.gKur": 0.5, "ical.gCaL": 0.3, "ik1.gK1": 2.0}
DETAILED: dict[str, tuple[str, dict[str, str], dict[str, float], dict[str, float]]] = {
    "courtemanche": ("courtemanche-1998", COURTEMANCHE, {}, {}),
    "courtemanche-af": ("courtemanche-1998", COURTEMANCHE, {}, REMODELLED),
    "ten-tusscher-epi": ("tentusscher-2006", TEN_TUSSCHER, {"cell.type": 1}, {}),
    "ten-tusscher-m": ("tentusscher-2006", TEN_TUSSCHER, {"cell.type": 2}, {}),
    "ten-tusscher-endo": ("tentusscher-2006", TEN_TUSSCHER, {"cell.type": 0}, {}),
}


def phenomenological(name: str) -> tuple[Any, str]:
    """One of the written-out models, in myokit, and the name of its potential."""
    import myokit

    parameters = cell_model(name).parameters
    equations, start = WRITTEN[type(parameters)]
    text = HEAD.format(
        start="\n".join(f"cell.{k} = {v}" for k, v in start.items()),
        parameters="\n".join(f"{k} = {v}" for k, v in parameters._asdict().items()),
    )
    return myokit.parse_model(text + equations), "cell.V"


def detailed(name: str, folder: Path) -> tuple[Any, str]:
    """One of the public model files, in our starting state."""
    import myokit

    file, names, values, factors = DETAILED[name]
    model = myokit.load_model(str(folder / f"{file}.mmt"))
    ours = cell_model(name)
    for key, value in values.items():
        model.set_value(key, value)
    for key, factor in factors.items():
        model.set_value(key, f"{factor} * ({model.get(key).rhs().code()})")
    for state, value in zip(ours.states, ours.rest, strict=True):
        model.get(names[state]).set_initial_value(float(value))
    model.get("membrane.V").set_initial_value(ours.rest_mv)
    per_pf = 100.0 if file == "courtemanche-1998" else 1.0  # its stimulus is in pA, of 100 pF
    model.set_value("stimulus.amplitude", -per_pf)
    return model, "membrane.V"


def figures(model: Any, v_name: str) -> dict[str, float]:
    """Rest, peak, steepest rise and durations of the last beat."""
    import myokit

    protocol = myokit.Protocol()
    protocol.schedule(HEIGHT_MV_PER_MS, 0, WIDTH_MS, CYCLE_MS, 0)
    simulation = myokit.Simulation(model, protocol)
    simulation.set_tolerance(TOLERANCE, TOLERANCE)
    simulation.pre((BEATS - 1) * CYCLE_MS)
    log = simulation.run(CYCLE_MS)
    times, v = np.array(log.time()), np.array(log[v_name])
    keep = np.append(True, np.diff(times) > 1e-7)  # a stimulus edge is logged twice
    times, v = times[keep], v[keep]
    rates = np.diff(v) / np.diff(times)
    start, peak = times[np.argmax(rates)], int(np.argmax(v))
    found = {"rest_mv": v[0], "peak_mv": v[peak], "steepest_mv_per_ms": rates.max()}
    for level in (90, 50, 30):
        target = v[peak] - level / 100 * (v[peak] - v[0])
        i = peak + int(np.argmax(v[peak:] < target))
        fall = np.interp(-target, -v[i - 1 : i + 1], times[i - 1 : i + 1])
        found[f"apd{level}_ms"] = fall - start
    return {key: round(float(value), 3) for key, value in found.items()}


def main(folder: Path) -> None:
    """Run all, and write the references."""
    import myokit

    models: dict[str, Any] = {}
    for name in ("epi", "m", "endo"):
        models[f"bueno-orovio-{name}"] = figures(*phenomenological(f"bueno-orovio-{name}"))
    for name in ("br", "mbr", "mlr", "gp"):
        models[f"fenton-karma-{name}"] = figures(*phenomenological(f"fenton-karma-{name}"))
    for name in ("mitchell-schaeffer", "mitchell-schaeffer-atrial"):
        models[name] = figures(*phenomenological(name))
    for name in DETAILED:
        models[name] = figures(*detailed(name, folder))
    how = {
        "by": f"myokit {myokit.__version__}, CVODES, tolerances {TOLERANCE:g}",
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "files": "github.com/myokit/models, c/courtemanche-1998.mmt (20230323),"
        " c/tentusscher-2006.mmt (20230202); the other models from their papers' equations",
        "protocol": f"{BEATS} beats every {CYCLE_MS:g} ms from the model's rest, stimulus"
        f" {HEIGHT_MV_PER_MS:g} mV/ms for {WIDTH_MS:g} ms; the last beat is measured",
    }
    REFERENCES.write_text(json.dumps({**how, "models": models}, indent=1) + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
