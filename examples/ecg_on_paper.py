"""Made-up ECGs, read off and drawn: ten seconds on paper, half an hour on one page.

    python examples/ecg_on_paper.py

Prints the PR interval that is found, and writes ecg.png and half_hour.png.
"""

import numpy as np

from cardiotwin.signals.beat_classes import Beats
from cardiotwin.signals.delineation import delineate
from cardiotwin.signals.intervals import intervals
from cardiotwin.signals.quality import quality
from cardiotwin.signals.r_peaks import r_peaks
from cardiotwin.signals.stretches import runs
from cardiotwin.signals.synth import synthetic_ecg
from cardiotwin.viz import Reading, plot_ecg, plot_scroll, thin
from cardiotwin.viz.figure import save_figure

rng = np.random.default_rng(7)

# Twelve leads with an early ventricular beat, tremor, and an electrode that falls off.
ecg, truth = synthetic_ecg(rng=rng, rate_per_min=72.0, rr_sd=0.03, ventricular=(6,), noise_mv=0.01)
samples_mv = ecg.samples_mv.copy()
samples_mv[10, 4250:] = np.nan  # V5, the last second and a half
ecg = ecg.with_samples(samples_mv)
peaks = r_peaks(ecg)
beats = Beats(truth.qrs_peak_ms, truth.labels, truth.labels)
found = intervals(ecg, peaks)
line = f"rate {found.rate_per_min:.0f}/min    PR {found.pr_ms:.0f} ms    QRS {found.qrs_ms:.0f} ms"
reading = Reading(beats=beats, waves=delineate(ecg, peaks), lines=(line,))
save_figure(plot_ecg(ecg, title="Made-up ECG", reading=reading), "ecg.png", dpi=110)

# Half an hour of one lead with 60 ventricular beats, a gap, and noise that comes and goes.
early = rng.choice(2000, 60, replace=False).tolist()
long, truth = synthetic_ecg(
    rng=rng, duration_s=1800.0, fs_hz=250.0, leads=("II",), rr_sd=0.05, ventricular=early
)
samples_mv = long.samples_mv.copy()
samples_mv[0, 250 * 840 : 250 * 870] = np.nan
noisy = slice(250 * 1230, 250 * 1245)
samples_mv[0, noisy] += rng.normal(0, 0.4, 250 * 15)
long = long.with_samples(samples_mv)
save_figure(
    plot_scroll(
        thin([(0, long)], "II", 30.0),
        beats=Beats(truth.qrs_peak_ms, truth.labels, truth.labels),
        doubtful_ms=1000.0 * runs(quality(long).score[0] < 0.5),
        title="Half an hour of lead II",
        tachogram=True,
    ),
    "half_hour.png",
    dpi=80,
)
print(f"{found.pr_ms:.0f} ms")
