"""Every figure of the solvers, from the eikonal to the N-version benchmark, in one table.

Run `python benchmarks/solvers.py --json FILE`; `--quick` takes what needs under a minute in all.
Real hearts and the benchmark meshes need CARDIOTWIN_DATA; rivals (fim-python, finitewave) are
measured where they are installed. What cannot be measured is null, and the table says why.
"""

import sys

import record
import solvers_cells
import solvers_consistency
import solvers_eikonal
import solvers_nversion
import solvers_potentials
import solvers_reaction
import solvers_surface

#: Versions that the figures depend on.
LIBRARIES = ("numpy", "numba", "scipy", "zarr")
QUICK = (
    *solvers_eikonal.QUICK,
    *solvers_potentials.QUICK,
    *solvers_cells.QUICK,
    *solvers_surface.QUICK,
    *solvers_reaction.QUICK,
    *solvers_nversion.QUICK,
    *solvers_consistency.QUICK,
)
FULL = (
    *solvers_eikonal.FULL,
    *solvers_potentials.FULL,
    *solvers_cells.FULL,
    *solvers_surface.FULL,
    *solvers_reaction.FULL,
    *solvers_nversion.FULL,
    *solvers_consistency.FULL,
)
#: What each figure has to be; None where the issue names no bound.
BOUNDS: record.Bounds = {
    "eikonal_ratio_200k": (100, None),
    "eikonal_scaling_2": (1.8, None),
    "ball_iso_rel": (None, 0.031),
    "ball_aniso_rel": (None, 0.028),
    "patient_cpu_s": (None, 0.25),
    "ecg_ms": (None, 15),
    "ecg_rel_err": (None, 1e-3),
    "tt06_steps_per_s_1": (25e6, None),
    "tt06_steps_per_s_2": (45e6, None),
    "ms_steps_per_cpu_s": (2e8, None),
    "eik_mono_median_ms": (None, 2),
    "eik_mono_p95_ms": (None, 6),
    "bem_rel_2000": (None, 0.005),
    "apd90_worst_pct": (None, 2),
}

if __name__ == "__main__":
    sys.exit(record.run(__doc__, quick=QUICK, full=FULL, bounds=BOUNDS, libraries=LIBRARIES))
