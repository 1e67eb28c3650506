"""Trains the network of `signals.wave_net`; `python benchmarks/train_delineation.py` ships it.

Borders come from LUDB. PTB-XL, folds 1 to 8, adds what its rhythms tell: no P wave anywhere in
atrial fibrillation, one before each QRS of a normal ECG in sinus rhythm. The network in
the package has seen all patients of LUDB at hand; figures on LUDB come from others that never saw
the patient (delineation_folds.py). Seeds are fixed; one thread gives the same weights again.
"""

import argparse
import sys
from functools import lru_cache
from pathlib import Path

import delineation_data
import numpy as np
import torch
from delineation_data import R_PEAK, UNKNOWN, Examples
from delineation_network import WaveNet
from delineation_windows import windows
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional

from cardiotwin.signals import wave_net

STEPS = 1000
#: Windows a step: of LUDB, of fibrillating ECGs, of normal ones.
MARKED, FIBRILLATING, NORMAL = 32, 8, 8
RATE, DECAY, WARM_SHARE = 4e-3, 1e-2, 0.2
#: What a P wave in fibrillation costs beside the borders, and a missing one in sinus rhythm.
P_TOO_MANY, P_MISSING = 1.0, 0.2
#: Odds of P below the first cost nothing in fibrillation, above the second nothing before a QRS.
SURE_NOT, SURE = 0.1, 0.8
#: A P wave is looked for from 320 to 40 ms before the R peak, in answers of 8 ms.
P_FROM, P_SPAN = 40, 36
#: Of the 959 normal ECGs at hand; a third is as many as the fibrillating ones weigh.
NORMAL_RECORDS = 300
#: Folds 9 and 10 of PTB-XL are kept for choosing and for reporting.
PTB_XL_FOLDS = range(1, 9)


@lru_cache(maxsize=1)
def material() -> tuple[Examples, Examples, Examples]:
    """LUDB, fibrillating and normal ECGs of PTB-XL."""
    normal = delineation_data.ptb_xl_records(fibrillating=False, folds=PTB_XL_FOLDS)
    chosen = np.random.default_rng(1).permutation(len(normal))[:NORMAL_RECORDS]
    fibrillating = delineation_data.ptb_xl_records(fibrillating=True, folds=PTB_XL_FOLDS)
    return (
        delineation_data.ludb_examples(delineation_data.ludb_cases()),
        delineation_data.ptb_xl_examples(fibrillating),
        delineation_data.ptb_xl_examples([normal[k] for k in chosen]),
    )


def trained(seed: int, without_fold: int | None) -> dict[str, NDArray[np.float16]]:
    """Weights trained on LUDB, less one fold or whole, and on PTB-XL."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    rng = np.random.default_rng((seed, 0 if without_fold is None else without_fold + 1))
    marked, fibrillating, normal = material()
    rows = np.flatnonzero(marked.folds != (UNKNOWN if without_fold is None else without_fold))
    net = WaveNet()
    optimiser = torch.optim.AdamW(net.parameters(), lr=RATE, weight_decay=DECAY)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, STEPS, pct_start=WARM_SHARE)
    for step in range(STEPS):
        parts = [
            windows(rng, marked, rows, MARKED),
            windows(rng, fibrillating, np.arange(len(fibrillating.leads)), FIBRILLATING),
            windows(rng, normal, np.arange(len(normal.leads)), NORMAL),
        ]
        leads, classes = (torch.from_numpy(np.concatenate(x)) for x in zip(*parts, strict=True))
        loss = loss_of(net(leads), classes)
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        if step % 100 == 99:
            print(f"seed {seed}, without fold {without_fold}: step {step + 1} of {STEPS}, "
                  f"loss {loss.item():.3f}", file=sys.stderr, flush=True)  # fmt: skip
    return net.exported()


def loss_of(scores: Tensor, classes: Tensor) -> Tensor:
    """Cross entropy where classes are known, and what rhythms tell of P waves."""
    known, rhythm = scores[:MARKED], functional.log_softmax(scores[MARKED:], dim=1)[:, 1]
    borders = functional.cross_entropy(known, classes[:MARKED], ignore_index=UNKNOWN)
    none = -torch.log1p(-rhythm[:FIBRILLATING].exp().clamp(max=1 - 1e-4))
    too_many = (none * (none > -np.log(1 - SURE_NOT))).mean()
    loss = borders + P_TOO_MANY * too_many
    likeliest = functional.max_pool1d(rhythm[FIBRILLATING:, None], P_SPAN, 1)[:, 0]
    window, peak = torch.nonzero(classes[MARKED + FIBRILLATING :] == R_PEAK, as_tuple=True)
    window, peak = window[peak >= P_FROM], peak[peak >= P_FROM]
    if len(peak):
        missing = functional.relu(np.log(SURE) - likeliest[window, peak - P_FROM]).mean()
        loss = loss + P_MISSING * missing
    return loss


def save(path: Path, weights: dict[str, NDArray[np.float16]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.npz")
    np.savez(part, **weights)
    part.replace(path)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(wave_net.__file__).with_suffix(".npz"))
    save(parser.parse_args().out, trained(0, None))


if __name__ == "__main__":
    main()
