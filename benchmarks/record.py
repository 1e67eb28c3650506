"""A benchmark's run of record: measure, compare with what was asked, print, write."""

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Any

#: Least and largest value a figure may have; None where there is no bound.
Bounds = Mapping[str, tuple[float | None, float | None]]
#: Measures some figures. A figure whose data are not at hand is None.
Part = Callable[[], dict[str, Any]]


def cores() -> int:
    """Cores this process may use."""
    return len(os.sched_getaffinity(0))


def circumstances(libraries: Sequence[str]) -> dict[str, Any]:
    """Date, machine, versions and commit that the figures belong to."""
    root = Path(__file__).parents[1]
    git = ["git", "-C", str(root)]
    commit = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True)
    dirty = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True)
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "machine": f"{platform.machine()}, {cores()} cores, {platform.system()}",
        "python": platform.python_version(),
        "versions": {name: version(name) for name in libraries},
        "commit": commit.stdout.strip() or None,
        "uncommitted": bool(dirty.stdout.strip()),
    }


def measure(parts: Sequence[Part]) -> dict[str, Any]:
    """Figures of all parts, told on stderr as they come."""
    figures: dict[str, Any] = {}
    for part in parts:
        print(f"{part.__module__}.{part.__name__} ...", file=sys.stderr, flush=True)
        figures |= part()
    return figures


def verdict(value: Any, bounds: tuple[float | None, float | None] | None) -> str:
    """Whether a figure is within its bounds."""
    if value is None:
        return "not measured: left out, or its data are not at hand"
    if bounds in (None, (None, None)):
        return ""
    low, high = bounds
    if (low is None or value >= low) and (high is None or value <= high):
        return "ok"
    return (
        f"MISSED, asked {'' if low is None else f'>= {low} '}{'' if high is None else f'<= {high}'}"
    )


def table(figures: Mapping[str, Any], bounds: Bounds) -> str:
    """One line a figure; a figure that is a table itself has a line for each of its rows."""
    rows = []
    for name, value in figures.items():
        if isinstance(value, list) and value and isinstance(value[0], dict):
            rows += [name, *("    " + _in_words(row) for row in value)]
            continue
        shown = _in_words(value) if isinstance(value, dict) else _shown(value)
        rows.append(f"{name:36} {shown:>12}  {verdict(value, bounds.get(name))}".rstrip())
    return "\n".join(rows)


def _in_words(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{name} {_shown(value)}" for name, value in row.items())


def _shown(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def run(
    description: str | None,
    *,
    quick: Sequence[Part],
    full: Sequence[Part],
    bounds: Bounds,
    libraries: Sequence[str],
) -> int:
    """Measure, print, write; 1 when a figure misses its bound.

    A figure with a bound that no part has measured is None.
    """
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", type=Path, required=True, help="file to write")
    parser.add_argument("--quick", action="store_true", help="only what takes under a minute")
    args = parser.parse_args()
    figures = dict.fromkeys(bounds) | measure(quick if args.quick else full)
    print(table(figures, bounds))
    result = {**circumstances(libraries), "quick": args.quick, **figures}
    part = args.json.with_suffix(".part")
    part.write_text(json.dumps(result, indent=1) + "\n")
    part.replace(args.json)
    return int(any("MISSED" in verdict(v, bounds.get(k)) for k, v in figures.items()))
