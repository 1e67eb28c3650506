"""What is known of patients after an infarct: the default distributions, each with its source."""

import math

from ..sim import Conduction, Repolarisation
from .distribution import Bounded, around

#: Chance of each artery among those whose bed can hold the infarct. The large ones fit the LAD's
#: alone, so its weight is low: of all infarcts 65, 11 and 24 % come out. Culprits in 1533 patients
#: with ST elevation are 45, 14 and 38 % (Antoni 2011, Coron Artery Dis 22:533); going nearer to
#: that would leave no small infarcts to the LAD.
LAD_SHARE, LCX_SHARE, RCA_SHARE = 0.25, 0.30, 0.45
#: Infarct over left-ventricular muscle in the label maps of 67 EMIDEC patients: 20.8 +- 11.4 %,
#: p10 6.8, median 20.5, p90 37.2, max 51.8. The bed of one artery holds no more than 37 %.
BURDEN = Bounded(mean=0.208, sd=0.114, low=0.03, high=0.37)
#: Scarred part of the wall in the sectors of the same maps: 0.62 +- 0.28. Half of that variance
#: is taken to lie between patients, the other half within each (an assumption).
TRANSMURALITY = Bounded(mean=0.62, sd=0.20, low=0.2, high=0.98)
#: Width of the border zone: 2 to 8 mm.
BORDER_MM = Bounded(mean=4.5, sd=1.5, low=2.0, high=8.0)
#: Speed in the border zone over healthy: 0.3 to 0.6 (Camps 2023 uses 0.5).
BORDER_SPEED_RATIO = Bounded(mean=0.45, sd=0.08, low=0.3, high=0.6)
#: Action potential duration in a chronic border zone over healthy: up to half longer.
BORDER_APD_RATIO = Bounded(mean=1.25, sd=0.1, low=1.0, high=1.5)
#: Along the fibre; sheet and normal keep their ratio to it.
CV_FIBRE_MM_PER_MS = around(Conduction().cv_fibre_mm_per_ms, sd=0.06, reach=0.15)
#: Camps 2021 has 1.2 for sparse and 1.8 for dense Purkinje cover.
CV_ENDOCARDIUM_MM_PER_MS = around(Conduction().cv_endocardium_mm_per_ms, sd=0.12, reach=0.3)
APD_MS = around(Repolarisation().apd_ms, sd=15.0, reach=40.0)
#: Gradients vary little about those that give a healthy T wave (an assumption).
APICOBASAL_MS = around(Repolarisation().apicobasal_ms, sd=5.0, reach=12.0)
TRANSMURAL_MS = around(Repolarisation().transmural_ms, sd=5.0, reach=12.0)
TRANSVENTRICULAR_MS = around(Repolarisation().transventricular_ms, sd=5.0, reach=12.0)
ANTEROPOSTERIOR_MS = around(Repolarisation().anteroposterior_ms, sd=5.0, reach=12.0)
#: Shift of all electrodes against the heart along each axis: posture, habitus, placement (an
#: assumption).
ELECTRODE_SHIFT_MM = around(0.0, sd=8.0, reach=20.0)
#: Share of the left ventricle over which each artery can spread scar (burden / transmurality), and
#: how far through the wall it goes when the burden is small: what `draw_infarct` met in all of
#: two draws on a grid of both, on dti004 and the built-in heart. Other wishes are drawn again.
LARGEST_EXTENT = {"LAD": 0.425, "LCx": 0.27, "RCA": 0.33}


def largest_transmurality(burden: float) -> float:
    """Core share of the wall that an infarct of this burden can have: a small one is a dome."""
    return 0.9 - 0.7 * math.exp(-burden / 0.1)
