"""Every figure of the first slice, from planar waves to killed cohort runs, in one table.

Run `python benchmarks/slice.py --json FILE`; `--quick` leaves out what takes over a minute.
Figures on DTI004 need CARDIOTWIN_DATA; those on Rodero 01 need it or `cardiotwin data fetch
rodero01`. What cannot be measured is null, and the table says why.
"""

import argparse
import json
import platform
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

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
BOUNDS: dict[str, tuple[float | None, float | None]] = {
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


def circumstances() -> dict[str, Any]:
    """Date, machine, versions and commit that the figures belong to."""
    root = Path(__file__).parents[1]
    git = ["git", "-C", str(root)]
    commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True)
    dirty = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True)
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {slice_cohorts.cores()} cores, {platform.system()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in LIBRARIES},
        "commit": commit.stdout.strip() or None,
        "uncommitted": bool(dirty.stdout.strip()),
    }


def measure(parts: tuple[Callable[[], dict[str, Any]], ...]) -> dict[str, Any]:
    """Figures of all parts, told on stderr as they come."""
    figures: dict[str, Any] = {}
    for part in parts:
        print(f"{part.__module__}.{part.__name__} ...", file=sys.stderr, flush=True)
        figures |= part()
    return figures


def verdict(name: str, value: Any) -> str:
    """Whether a figure is within its bounds."""
    if value is None:
        return "not measured: its data are not at hand"
    if name not in BOUNDS:
        return ""
    low, high = BOUNDS[name]
    if (low is None or value >= low) and (high is None or value <= high):
        return "ok"
    return (
        f"MISSED, asked {'' if low is None else f'>= {low} '}{'' if high is None else f'<= {high}'}"
    )


def table(figures: dict[str, Any]) -> str:
    """One line a figure."""
    rows = []
    for name, value in figures.items():
        shown = f"{value:.4g}" if isinstance(value, float) else str(value)
        rows.append(f"{name:32} {shown:>12}  {verdict(name, value)}")
    return "\n".join(rows)


def main() -> int:
    """Measure, print, write; 1 when a figure misses its bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--json", type=Path, required=True, help="file to write")
    parser.add_argument("--quick", action="store_true", help="only what takes under a minute")
    args = parser.parse_args()
    figures = measure(QUICK if args.quick else FULL)
    print(table(figures))
    result = {**circumstances(), "quick": args.quick, **figures}
    part = args.json.with_suffix(".part")
    part.write_text(json.dumps(result, indent=1) + "\n")
    part.replace(args.json)
    return int(any("MISSED" in verdict(k, v) for k, v in figures.items()))


if __name__ == "__main__":
    sys.exit(main())
