"""Every figure of the signal layer, from the readers to the simulator's intervals, in one table.

Run `python benchmarks/signals.py --json FILE`; `--quick` takes what needs under a minute in all.
Recorded ECGs need CARDIOTWIN_DATA; rivals (wfdb's xqrs, neurokit2, sleepecg) are measured where
they are installed. What cannot be measured is null, and the table says why.
"""

import sys

import record
import signals_datasets
import signals_delineation
import signals_intervals
import signals_quality
import signals_r_peaks
import signals_readers

#: Versions that the figures depend on.
LIBRARIES = ("numpy", "numba", "scipy", "wfdb", "pyedflib", "pydicom")
MODULES = (
    signals_readers,
    signals_r_peaks,
    signals_delineation,
    signals_intervals,
    signals_quality,
    signals_datasets,
)
QUICK = tuple(part for module in MODULES for part in module.QUICK)
FULL = tuple(part for module in MODULES for part in module.FULL)
#: What each figure has to be; None where the issue names no bound.
BOUNDS: record.Bounds = {
    "rpeak_f1_150": (99.3, None),
    "rpeak_f1_50": (98.3, None),
    "rpeak_cpu_s_per_hour": (None, 0.5),
    "rpeak_rivals": (None, None),
    "ludb_f1_macro": (0.95, None),
    "af_false_p_rate": (None, None),
    "qrs_bias_ms": (-5, 5),
    "qrs_sd_ms": (None, 8),
    "mitdb_48_s": (None, 60),
    "readers_exact": (True, None),
}

if __name__ == "__main__":
    sys.exit(record.run(__doc__, quick=QUICK, full=FULL, bounds=BOUNDS, libraries=LIBRARIES))
