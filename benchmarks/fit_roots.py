"""How the healthy root sites were fitted: a local search over their places and times.

Run `python benchmarks/fit_roots.py --rounds 60`. A trial counts when the healthy beats of two real
hearts and of the built-in one are normal and fulfil no rule of infarction; the best is the one
whose large infarcts of seeds 100 to 111, which no benchmark draws, are seen most often on the
chest and limb leads, and whose smaller ones are seen most often after that.

The sites in `sim/params.py` are round 31 of seed 0, begun at those that were fitted when the chest
electrodes were read 12 % too low. The first site is held the earliest, as in Durrer 1970.
"""

import argparse
from dataclasses import replace

import numpy as np
import slice_hearts as figures

from cardiotwin.cohorts.infarct import draw_infarct, prepare_infarcts
from cardiotwin.signals import qrs_duration_ms
from cardiotwin.sim import SimModel, Tissue, simulate
from cardiotwin.sim.params import HEALTHY_ROOTS, BeatParams, RootSite

HEARTS = ("dti004", "rodero01", "builtin")
SEEDS = range(100, 112)
#: Standard deviation of a step: apicobasal, rotational, ms.
STEP = np.array([0.04, 0.12, 1.2])
LARGE, SMALLER = 1.0, 0.3
#: Wanted of a healthy beat, with a margin within the limits that the benchmark checks.
QRS_MS = (77.0, 106.0)


def drawn(ready: SimModel) -> list[tuple[str, float, Tissue]]:
    """Infarcts of one heart: the leads that should see each, its weight, and its tissue."""
    infarcts = prepare_infarcts(ready.heart, ready)
    groups = (
        ("inferior", LARGE, figures.INFERIOR),
        ("anterior", LARGE, figures.ANTERIOR),
        ("inferior", SMALLER, figures.SMALLER_INFERIOR),
        ("anterior", SMALLER, figures.SMALLER_ANTERIOR),
    )
    return [
        (group, weight, draw_infarct(infarcts, target, np.random.default_rng(seed)).tissue)
        for group, weight, target in groups
        for seed in SEEDS
    ]


def healthy(ready: SimModel, roots: tuple[RootSite, ...]) -> bool:
    """Whether the healthy beat is normal, and no infarct by any rule."""
    beat = simulate(ready, BeatParams(roots=roots))
    low, high = QRS_MS
    return (
        low <= qrs_duration_ms(beat.ecg) <= high
        and figures.r_progression_ok(beat.ecg)
        and figures.t_wave_ok(beat.ecg)
        and not any(figures.seen(beat.ecg, group) for group in ("inferior", "anterior"))
    )


def score(
    models: list[SimModel],
    tissues: list[list[tuple[str, float, Tissue]]],
    roots: tuple[RootSite, ...],
    best: float,
) -> float:
    """Weighted share of infarcts that are seen on the worse of the hearts; -inf if not healthy."""
    if not all(healthy(ready, roots) for ready in models):
        return -np.inf
    worst = np.inf
    for ready, cases in zip(models, tissues, strict=False):
        hits = [
            weight * figures.seen(simulate(ready, BeatParams(roots=roots), tissue).ecg, group)
            for group, weight, tissue in cases
        ]
        worst = min(worst, sum(hits) / sum(weight for _, weight, _ in cases))
        if worst < best:
            break
    return worst


def moved(roots: tuple[RootSite, ...], rng: np.random.Generator) -> tuple[RootSite, ...]:
    """Root sites a random step away; the first, the left mid-septum, stays the earliest."""
    steps = rng.normal(size=(len(roots), 3)) * STEP
    steps[0, 2] = -np.inf
    return tuple(
        replace(
            root,
            apicobasal=round(float(np.clip(root.apicobasal + up, 0.1, 0.95)), 2),
            rotational=round(root.rotational + float(turn), 2),
            time_ms=round(max(0.0, root.time_ms + float(late)), 1),
        )
        for root, (up, turn, late) in zip(roots, steps, strict=True)
    )


def main() -> None:
    """Search, and print every improvement."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=60)
    parser.add_argument("--seed", type=int, default=0)
    args = parser.parse_args()
    models = [m for m in map(figures.model, HEARTS) if m is not None]
    tissues = [drawn(ready) for ready in models[:2]]
    rng = np.random.default_rng(args.seed)
    best, roots = -np.inf, HEALTHY_ROOTS
    for k in range(args.rounds):
        trial = roots if k == 0 else moved(roots, rng)
        found = score(models, tissues, trial, best)
        if found > best:
            best, roots = found, trial
            print(f"round {k}: {best:.3f}", *roots, sep="\n  ", flush=True)


if __name__ == "__main__":
    main()
