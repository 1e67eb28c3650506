"""Every figure of the first slice, from planar waves to killed cohort runs, in one table.

Run `python benchmarks/slice.py --json FILE`; `--quick` leaves out what takes over a minute.
Figures on DTI004 need CARDIOTWIN_DATA; those on Rodero 01 need it or `cardiotwin data fetch
rodero01`. What cannot be measured is null, and the table says why.
"""

import sys

import record
import slice_cohorts
import slice_hearts
import slice_infarcts
import slice_waves

#: Versions that the figures depend on.
LIBRARIES = ("numpy", "numba", "scipy", "zarr", "xarray", "matplotlib", "pyvista", "typer")
QUICK = (
    slice_waves.planar,
    slice_waves.point,
    slice_waves.orders,
    slice_hearts.healthy,
    slice_hearts.lead_field_error,
    slice_cohorts.patient_time,
    slice_cohorts.help_time,
)
FULL = (
    *QUICK,
    slice_hearts.other_hearts,
    slice_hearts.q_rates,
    slice_infarcts.distribution,
    slice_cohorts.cohort_memory,
    slice_cohorts.kill_and_rerun,
    slice_cohorts.demo_time,
)
#: What each figure has to be; None where the issue names no bound.
BOUNDS: record.Bounds = {
    "planar_error_ms": (None, 1e-9),
    "point_iso_rel": (None, 0.0545),
    "point_aniso_rel": (None, 0.0465),
    "point_order": (0.5, None),
    "ball_order": (0.9, None),
    "last_activation_dti004_ms": (70, 110),
    "last_activation_rodero_ms": (70, 110),
    "qrs_dti004_ms": (75, 110),
    "qrs_rodero_ms": (75, 110),
    "r_progression_ok": (1, None),
    "t_wave_ok": (1, None),
    "r_lead_ii_mv": (0.3, 2.5),
    "leadfield_rel": (None, 1e-6),
    "q_inferior_rate": (0.8, None),
    "q_anterior_rate": (0.8, None),
    "patient_cpu_s": (None, 1.0),
    "cohort200_peak_gib": (None, 2.0),
    "kills_lost": (None, 0),
    "help_s": (None, 0.5),
    "demo_warm_s": (None, 120),
}


if __name__ == "__main__":
    sys.exit(record.run(__doc__, quick=QUICK, full=FULL, bounds=BOUNDS, libraries=LIBRARIES))
