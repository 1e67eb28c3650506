"""A spiral wave on a left atrium: a regular beat, and an early one across its tail.

    python examples/spiral_wave.py                # on a ball with a valve and four veins
    python examples/spiral_wave.py la_kruse_01    # on a real atrium

Prints how much of the atrium is excited 600 ms after the last stimulus, and writes spiral.png.
"""

import sys

import numpy as np
import pyvista

from cardiotwin.anatomy import Surface, build_atrium, load_atrium
from cardiotwin.sim.cells import cell_model
from cardiotwin.sim.diffusion import triangle_diffusion
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.stimulus import Stimulus
from cardiotwin.viz import plot_frames

#: After the early beat.
MOMENTS_MS = (10, 60, 120, 240, 400, 600)
CELLS = cell_model("mitchell-schaeffer-atrial")
#: Along and across the fibre.
DIFFUSIVITY_MM2_PER_MS = (0.25, 0.12)


def ball() -> Surface:
    """An atrium without data, of 30 mm radius."""
    sphere = pyvista.Icosphere(radius=30.0, nsub=4)
    nodes_mm, triangles = np.array(sphere.points, float), sphere.regular_faces
    towards = np.array([[0, 0, -1], [0.8, 0, 0.6], [0.9, 0.4, 0], [-0.8, 0, 0.6], [-0.9, 0.4, 0]])
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    middles = nodes_mm[triangles].mean(axis=1) / 30.0
    kept = (middles @ towards.T < [0.85, 0.97, 0.97, 0.97, 0.97]).all(axis=1)
    return build_atrium(nodes_mm, triangles[kept], name="ball")


def spiral(atrium: Surface) -> np.ndarray:
    """(6, n) Membrane potential in mV at `MOMENTS_MS`."""
    muscle = triangle_diffusion(
        atrium.nodes_mm, atrium.triangles, atrium.fibres, DIFFUSIVITY_MM2_PER_MS
    )
    vein, valve = atrium.openings["rspv"], atrium.openings["mitral"]
    first = Stimulus(nodes=vein)
    beat = solve_monodomain(muscle, CELLS, first, duration_ms=450.0)
    # The early beat comes when half of the atrium is back at rest, on one side of the plane
    # through vein and valve: at the tail of the first wave it finds a free end to turn about.
    half_ms = float(np.median(beat.repolarisation_ms))
    wave = solve_monodomain(muscle, CELLS, first, duration_ms=half_ms)
    middle_mm = atrium.nodes_mm.mean(axis=0)
    normal = np.cross(*(atrium.nodes_mm[rim].mean(axis=0) - middle_mm for rim in (vein, valve)))
    side = np.flatnonzero((atrium.nodes_mm - middle_mm) @ normal > 0)
    stimuli: tuple[Stimulus, ...] = (Stimulus(nodes=side),)
    frames = []
    for span_ms in np.diff((0, *MOMENTS_MS)):
        wave = solve_monodomain(muscle, CELLS, stimuli, duration_ms=span_ms, start=wave.end)
        frames.append(wave.v_mv)
        stimuli = ()
    return np.array(frames)


if __name__ == "__main__":
    atrium = load_atrium(sys.argv[1]) if sys.argv[1:] else ball()
    v_mv = spiral(atrium)
    plot_frames(atrium, v_mv, MOMENTS_MS, path="spiral.png")
    print(f"{(v_mv[-1] > -40).mean():.0%}")
