"""Networks that never saw a fifth of the patients of LUDB, for honest figures on that fifth.

`python benchmarks/delineation_folds.py 0 1 2` trains five for each of these seeds, about one
CPU-minute each, into the cache folder. A change of how they are trained trains them anew.
"""

import hashlib
import inspect
import sys

import delineation_data
import delineation_network
import delineation_windows
import numpy as np
import train_delineation

from cardiotwin.files.places import cache_folder
from cardiotwin.signals.wave_net import Weights

_SOURCES = (delineation_data, delineation_network, delineation_windows, train_delineation)


def out_of_fold_weights(seed: int, fold: int) -> Weights:
    """Weights trained without the patients of a fold, once."""
    text = "".join(inspect.getsource(source) for source in _SOURCES)
    key = hashlib.sha256(text.encode()).hexdigest()[:12]
    path = cache_folder() / "delineation" / f"{key}_seed{seed}_fold{fold}.npz"
    if not path.is_file():
        train_delineation.save(path, train_delineation.trained(seed, fold))
    with np.load(path) as stored:
        return {name: stored[name].astype(np.float32) for name in stored.files}


if __name__ == "__main__":
    for seed in sys.argv[1:]:
        for fold in range(delineation_data.FOLDS):
            out_of_fold_weights(int(seed), fold)
