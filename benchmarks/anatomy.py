"""Every figure of the anatomy, from label maps and fits to sampled populations, in one table.

Run `python benchmarks/anatomy.py --json FILE`; `--quick` takes what needs under a minute in all.
Real hearts need CARDIOTWIN_DATA. What cannot be measured is null, and the table says why.
"""

import sys
from typing import Any

import anatomy_coordinates
import anatomy_fibres
import anatomy_meshing
import anatomy_morph
import anatomy_population
import anatomy_stack
import record


def rival() -> dict[str, Any]:
    """The slow mesher on one surface, some minutes; `anatomy_meshing.rivals` does all."""
    return anatomy_meshing.rivals(("bivme",))


#: Versions that the figures depend on.
LIBRARIES = ("numpy", "numba", "scipy", "meshio", "nibabel", "pyvista", "trimesh")
QUICK = (
    anatomy_fibres.ellipsoid,
    anatomy_coordinates.rodero,
    anatomy_meshing.quick,
    anatomy_morph.quick,
    anatomy_population.quick,
)
FULL = (
    anatomy_fibres.ellipsoid,
    anatomy_coordinates.rodero,
    anatomy_coordinates.dti004,
    anatomy_coordinates.round_trip,
    anatomy_coordinates.automatic_septum,
    anatomy_coordinates.paths,
    anatomy_coordinates.speed,
    anatomy_fibres.shipped,
    anatomy_fibres.lost_tets,
    anatomy_fibres.speed,
    anatomy_fibres.atria,
    anatomy_morph.full,
    anatomy_meshing.full,
    anatomy_stack.stack_figures,
    anatomy_stack.dense_stack_figures,
    anatomy_stack.image_to_ecg,
    anatomy_population.full,
    rival,
)
#: What each figure has to be.
BOUNDS: record.Bounds = {
    "morph_frames": (25, None),
    "morph_inverted": (None, 0),
    "morph_min_sj": (0.02, None),
    "morph_cpu_s": (None, 0.2),
    "morph_distance_mm": (None, 0.2),
    "stuffing_50k_cpu_s": (None, 10),
    "stuffing_200k_cpu_s": (None, 40),
    "stuffing_min_sj": (0.10, None),
    "stuffing_volume_pct": (None, 0.5),
    "stuffing_components": (None, 1),
    "rodero_ab_r": (0.98, None),
    "rodero_ab_mad": (None, 0.03),
    "rodero_tm_r": (0.98, None),
    "rodero_tm_mad": (None, 0.03),
    "rodero_rt_deg": (None, 5),
    "dti004_fibre_deg": (None, 15),
    "round_trip_median_edges": (None, 1),
    "round_trip_p95_edges": (None, 2.5),
    "ellipsoid_helix_rms_deg": (None, 5),
    "sampled_valid": (100, None),
    "image_to_ecg_s": (None, 90),
}

if __name__ == "__main__":
    sys.exit(record.run(__doc__, quick=QUICK, full=FULL, bounds=BOUNDS, libraries=LIBRARIES))
