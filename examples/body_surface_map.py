"""The map of the skin while an infarcted heart is activated, in a body with lungs.

    python examples/body_surface_map.py            # the built-in heart
    python examples/body_surface_map.py rodero01   # a real one

Prints the largest potential of the skin, and writes body_map.png.
"""

import sys

import numpy as np

from cardiotwin.anatomy import load_heart
from cardiotwin.sim import Tissue, prepare, simulate
from cardiotwin.sim.action_potential import membrane_potential
from cardiotwin.sim.bodies import body_about
from cardiotwin.sim.body_map import body_map
from cardiotwin.viz import plot_body_map

MOMENTS_MS = np.array([20.0, 40.0, 60.0, 80.0])

heart = load_heart(sys.argv[1] if sys.argv[1:] else "builtin")
place = heart.coordinates
dead = heart.is_lv & (np.abs(place.rotational - 1.2) < 0.6) & (place.apicobasal < 0.6)
tissue = Tissue(core=dead, border=np.zeros(len(dead), np.float32))  # of the anterior wall
torso = body_about(heart, "lungs")
beat = simulate(prepare(heart, None), None, tissue)
reached = np.isfinite(beat.activation_ms)  # no wave enters the core
apd_ms = np.full(len(dead), np.inf)
np.subtract(beat.repolarisation_ms, beat.activation_ms, out=apd_ms, where=reached)
v_mv = membrane_potential(beat.activation_ms, apd_ms, MOMENTS_MS)
skin_mv = body_map(heart, torso, v_mv, tissue=tissue)
plot_body_map(
    torso, skin_mv.T, MOMENTS_MS.tolist(), path="body_map.png", electrodes_mm=heart.electrodes_mm
)
print(f"{np.abs(skin_mv).max():.2f} mV")
