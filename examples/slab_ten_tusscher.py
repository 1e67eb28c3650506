"""The slab of the N-version benchmark: a wave of ten Tusscher cells from corner to corner.

    python examples/slab_ten_tusscher.py

Prints when the far corner P8 is activated, and writes slab.png. On ever finer meshes that comes
to about 42 ms; finite differences as coarse as these are late (Niederer 2011).
"""

import numpy as np

from cardiotwin.anatomy.shapes import box
from cardiotwin.sim.cells import cell_model
from cardiotwin.sim.diffusion import Monodomain
from cardiotwin.sim.grid import grid_diffusion
from cardiotwin.sim.monodomain import solve_monodomain
from cardiotwin.sim.stimulus import Stimulus, nodes_in_box
from cardiotwin.viz import plot_times
from cardiotwin.viz.solids import block

CELLS, SPACING_MM = (80, 28, 12), 0.25

nodes_mm, tets = box(CELLS, SPACING_MM)
tissue = grid_diffusion(CELLS, SPACING_MM, (1.0, 0, 0), Monodomain().diffusivity_mm2_per_ms)
corner = Stimulus(nodes=nodes_in_box(nodes_mm, (0, 0, 0), (1.5, 1.5, 1.5)))
wave = solve_monodomain(
    tissue,
    cell_model("ten-tusscher-epi"),
    corner,
    duration_ms=200.0,
    threshold_mv=0.0,
    until_activated=np.arange(tissue.n),
)
plot_times(block(nodes_mm, tets), wave.activation_ms, "Activation (ms)", path="slab.png")
print(f"{wave.activation_ms[-1]:.1f} ms")
