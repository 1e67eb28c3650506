"""Figures of cohorts and of the command line: time, memory, kills, help, demo."""

import hashlib
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from record import cores
from slice_hearts import model

from cardiotwin.anatomy.datasets import find
from cardiotwin.cohorts import CohortPlan, draw_plan, simulate_case
from cardiotwin.cohorts.patient import prepare_patients

CARDIOTWIN = (sys.executable, "-m", "cardiotwin")
KILLS = 3


def hearts_at_hand() -> str:
    """The two real hearts, or the one that is there, or the built-in one."""
    return ",".join(n for n in ("dti004", "rodero01") if find(n)) or "builtin"


def help_time() -> dict[str, Any]:
    """Median time of `cardiotwin cohort generate --help`, a process of its own."""
    times = []
    for _ in range(7):
        start = time.perf_counter()
        subprocess.run(
            [*CARDIOTWIN, "cohort", "generate", "--help"], check=True, stdout=subprocess.DEVNULL
        )
        times.append(time.perf_counter() - start)
    return {"help_s": round(statistics.median(times), 3)}


def patient_time() -> dict[str, Any]:
    """Median CPU time of one patient on DTI004: infarct, activation, repolarisation, 12 leads."""
    ready = model("dti004")
    if ready is None:
        return {"patient_cpu_s": None}
    patients = prepare_patients(ready.heart)
    plan = CohortPlan(hearts=("dti004",), n=24, seed=3, healthy_share=0.0)
    times = []
    for case in draw_plan(plan):
        start = time.process_time()
        simulate_case(case, patients)
        times.append(time.process_time() - start)
    return {"patient_cpu_s": round(statistics.median(times[4:]), 3)}


def generate_command(path: Path, n: int) -> list[str]:
    """Command line that makes a cohort."""
    hearts = hearts_at_hand()
    options = ["--hearts", hearts, "--n", str(n), "--seed", "7", "--workers", str(cores())]
    return [*CARDIOTWIN, "cohort", "generate", *options, "--out", str(path)]


def cohort_memory() -> dict[str, Any]:
    """200 patients on all cores: wall time, and the largest sum of all processes' memory."""
    with tempfile.TemporaryDirectory() as folder:
        start, peak = time.perf_counter(), 0
        run = subprocess.Popen(
            generate_command(Path(folder) / "c.zarr", 200),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        watched = psutil.Process(run.pid)
        while run.poll() is None:
            peak = max(peak, resident(watched))
            time.sleep(0.2)
        if run.returncode:
            msg = f"cohort generate ended with {run.returncode}"
            raise RuntimeError(msg)
        seconds = time.perf_counter() - start
    return {"cohort200_peak_gib": round(peak / 2**30, 3), "cohort200_s": round(seconds, 1)}


def resident(process: psutil.Process) -> int:
    """Proportional set size of a process and all below it, in bytes."""
    total = 0
    for each in (process, *process.children(recursive=True)):
        try:
            total += each.memory_full_info().pss
        except (psutil.NoSuchProcess, psutil.AccessDenied, FileNotFoundError):
            continue
    return total


def kill_and_rerun() -> dict[str, Any]:
    """Kill a run at three random moments, rerun it, compare with one that was left alone."""
    n, rng = 48, random.Random(1)
    with tempfile.TemporaryDirectory() as folder:
        whole, broken = Path(folder) / "whole.zarr", Path(folder) / "broken.zarr"
        start = time.perf_counter()
        subprocess.run(generate_command(whole, n), check=True, capture_output=True)
        seconds = time.perf_counter() - start
        kills = 0
        while kills < KILLS:
            run = subprocess.Popen(
                generate_command(broken, n),
                start_new_session=True,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
            time.sleep(rng.uniform(0.2, 0.5) * seconds)
            if run.poll() is not None:
                msg = f"the run ended before kill {kills + 1}; give it more patients"
                raise RuntimeError(msg)
            kills += 1
            os.killpg(run.pid, signal.SIGKILL)
            run.wait()
        subprocess.run(generate_command(broken, n), check=True, capture_output=True)
        return {"kills": kills, "kills_lost": len(differences(whole, broken))}


def differences(one: Path, other: Path) -> list[str]:
    """Files that are not the same to the byte in two folders."""
    ours, theirs = contents(one), contents(other)
    return sorted(k for k in ours.keys() | theirs.keys() if ours.get(k) != theirs.get(k))


def contents(folder: Path) -> dict[str, str]:
    """Checksum of every file."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def demo_time() -> dict[str, Any]:
    """Wall time of the demo with everything compiled and installed."""
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        subprocess.run(
            [*CARDIOTWIN, "demo", "--out", f"{folder}/demo"], check=True, capture_output=True
        )
        return {"demo_warm_s": round(time.perf_counter() - start, 1)}
