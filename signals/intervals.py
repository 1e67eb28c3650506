"""What is measured on an ECG: rate, PR, QRS, QT, corrected QT, and the axes of P, QRS and T."""

from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .amplitudes import levelled
from .baseline import remove_baseline
from .delineation import Delineation, delineate
from .ecg import ECG
from .leads import derive_leads
from .median_beat import MedianBeat, median_beat
from .qrs_bounds import qrs_bounds_ms
from .r_peaks import r_peaks

#: A wave whose mean vector in the frontal plane is smaller than this has no axis.
_NO_AXIS_MV = 0.005
#: A record has P waves when at least this share of its beats has; the median of fibrillation may
#: show one that no beat has.
_WITH_P = 0.5
#: A record no longer than this, with one R peak, is one beat.
_ONE_BEAT_MS = 1500.0


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """Measurements of one record; nan where there is no such wave.

    Attributes
    ----------
    beats : int
        How many beats the median beat is made of.
    rr_ms : float
        Median RR interval.
    rate_per_min : float
        60,000 over it.
    p_ms : float
        Duration of the P wave over all leads.
    pr_ms : float
        From the begin of P to the begin of the QRS.
    qrs_ms, qt_ms : float
        From the begin of the QRS to its end, and to the end of T.
    p_axis_deg, qrs_axis_deg, t_axis_deg : float
        In the frontal plane, -180 to 180: 0 to the left arm, 90 to the feet.
    """

    beats: int
    rr_ms: float
    p_ms: float
    pr_ms: float
    qrs_ms: float
    qt_ms: float
    p_axis_deg: float
    qrs_axis_deg: float
    t_axis_deg: float

    @property
    def rate_per_min(self) -> float:
        """Beats a minute."""
        return 60_000.0 / self.rr_ms

    @property
    def qtc_bazett_ms(self) -> float:
        """Bazett, Heart 1920, 7:353: QT over the square root of RR in seconds."""
        return self.qt_ms / float(np.sqrt(self.rr_ms / 1000))

    @property
    def qtc_fridericia_ms(self) -> float:
        """Fridericia, Acta Med Scand 1920, 53:469: QT over the cube root of RR in seconds."""
        return self.qt_ms / float(np.cbrt(self.rr_ms / 1000))

    @property
    def qtc_framingham_ms(self) -> float:
        """Sagie, Am J Cardiol 1992, 70:797: QT + 154 (1 - RR), RR in seconds."""
        return self.qt_ms + 154.0 * (1.0 - self.rr_ms / 1000)

    @property
    def qtc_hodges_ms(self) -> float:
        """Hodges, J Am Coll Cardiol 1983, 1:694: QT + 1.75 (rate - 60)."""
        return self.qt_ms + 1.75 * (self.rate_per_min - 60.0)


class Measured(NamedTuple):
    """A median beat and what is read off it."""

    beat: MedianBeat
    waves: Delineation  #: of the median beat; without P where fewer than half of the beats have one
    intervals: Intervals

    @property
    def borders_ms(self) -> tuple[float, float, float, float]:
        """Between which the intervals lie: begin of P, begin and end of QRS, end of T."""
        whole = self.waves.over_leads()
        begin_ms, end_ms = qrs_bounds_ms(self.beat.ecg, self.beat.r_ms)
        return float(whole.p_onset_ms[0, 0]), begin_ms, end_ms, float(whole.t_offset_ms[0, 0])


def intervals(ecg: ECG, peaks: NDArray[np.int64] | None = None) -> Intervals:
    """Measurements of a record; `measure_beat` says how.

    Parameters
    ----------
    ecg, peaks
        As for `measure_beat`.

    Raises
    ------
    ValueError
        As `measure_beat`.

    Examples
    --------
    >>> from cardiotwin.signals.synth import synthetic_ecg
    >>> found = intervals(synthetic_ecg(rate_per_min=75.0)[0])
    >>> round(found.rate_per_min), found.beats
    (75, 11)
    """
    return measure_beat(ecg, peaks).intervals


def measure_beat(ecg: ECG, peaks: NDArray[np.int64] | None = None) -> Measured:
    """Median beat of a record, its waves and its intervals.

    Baseline, R peaks, median beat, bounds of its waves. A single beat in a record too short for
    a median, such as a simulated one, stands for itself, and has no rate.

    Parameters
    ----------
    ecg
        Of 100 Hz or more; any two limb leads give the axes.
    peaks
        (k,) R peaks as sample indices; found with `r_peaks` when None.

    Raises
    ------
    ValueError
        When there are fewer than two R peaks in a longer record, or no whole beat.
    """
    level = remove_baseline(ecg)
    peaks = r_peaks(level) if peaks is None else peaks
    if len(peaks) == 1 and ecg.duration_ms < _ONE_BEAT_MS:
        alone, r_ms, rr_ms = np.ones(1, bool), float(peaks[0]) * 1000 / ecg.fs_hz, np.nan
        beat = MedianBeat(ecg=ecg, r_ms=r_ms, used=alone, shifts_ms=np.zeros(1))
    elif len(peaks) < 2:
        msg = f"intervals need two R peaks or more, got {len(peaks)}"
        raise ValueError(msg)
    else:
        rr_ms = float(np.median(np.diff(peaks))) * 1000 / ecg.fs_hz
        beat = median_beat(level, peaks)
    waves = delineate(beat.ecg, np.array([round(beat.r_ms * beat.ecg.fs_hz / 1000)]))
    if np.isfinite(delineate(level, peaks).over_leads().p_peak_ms).mean() < _WITH_P:
        none = np.full_like(waves.p_peak_ms, np.nan)
        waves = replace(waves, p_onset_ms=none, p_peak_ms=none, p_offset_ms=none)
    return Measured(beat, waves, beat_intervals(beat, rr_ms, waves))


def beat_intervals(beat: MedianBeat, rr_ms: float, waves: Delineation | None = None) -> Intervals:
    """Measurements of a median beat.

    The QRS is that of `qrs_bounds_ms`; P and T come from the delineation over all leads.

    Parameters
    ----------
    beat
        From `median_beat`.
    rr_ms
        RR interval that it belongs to.
    waves
        Of this one beat; `delineate` of it when None.

    Raises
    ------
    ValueError
        When the beat is flat, or `waves` is of other than one beat.
    """
    if waves is None:
        waves = delineate(beat.ecg, np.array([round(beat.r_ms * beat.ecg.fs_hz / 1000)]))
    if waves.qrs_peak_ms.shape[1] != 1:
        msg = f"waves must be of the one median beat, got {waves.qrs_peak_ms.shape[1]} beats"
        raise ValueError(msg)
    all_leads = waves.over_leads()
    begin_ms, end_ms = qrs_bounds_ms(beat.ecg, beat.r_ms)
    p_ms = float(all_leads.p_onset_ms[0, 0]), float(all_leads.p_offset_ms[0, 0])
    t_ms = float(all_leads.t_onset_ms[0, 0]), float(all_leads.t_offset_ms[0, 0])
    level = levelled(beat.ecg, begin_ms)
    return Intervals(
        beats=beat.count,
        rr_ms=rr_ms,
        p_ms=p_ms[1] - p_ms[0],
        pr_ms=begin_ms - p_ms[0],
        qrs_ms=end_ms - begin_ms,
        qt_ms=t_ms[1] - begin_ms,
        p_axis_deg=frontal_axis_deg(level, *p_ms, over_ends=True),
        qrs_axis_deg=frontal_axis_deg(level, begin_ms, end_ms),
        t_axis_deg=frontal_axis_deg(level, *t_ms),
    )


def frontal_axis_deg(ecg: ECG, begin_ms: float, end_ms: float, *, over_ends: bool = False) -> float:
    """Direction of the mean vector of a wave in the frontal plane, from its net areas in I and II.

    Einthoven's triangle with equal sides: I looks to 0 degrees, II to 60, so the vector is
    (I, (2 II - I) / sqrt 3), towards the left arm and towards the feet.

    Parameters
    ----------
    ecg
        One beat, 0 before its QRS; with leads I and II or two limb leads that they follow from.
    begin_ms, end_ms
        Of the wave, over all leads.
    over_ends
        Areas over the line through both ends of the wave, as for P, not over 0.

    Returns
    -------
    float
        -180 to 180 degrees; nan where the limb leads or the wave are missing, or its mean
        vector is smaller than 5 uV.

    Examples
    --------
    >>> ecg = ECG(samples_mv=np.array([[1.0] * 50, [0.5] * 50]), fs_hz=500.0, leads=("I", "II"))
    >>> round(frontal_axis_deg(ecg, 20.0, 80.0), 6)
    0.0
    """
    limbs = derive_leads(ecg, ("I", "II"))
    if not {"I", "II"} <= set(limbs.leads) or not 0 <= begin_ms < end_ms < ecg.duration_ms:
        return float("nan")
    first, last = (round(ms * ecg.fs_hz / 1000) for ms in (begin_ms, end_ms))
    wave = limbs.select(("I", "II")).samples_mv[:, first : last + 1]
    if over_ends:
        wave = wave - np.linspace(wave[:, 0], wave[:, -1], wave.shape[1], axis=1)
    one, two = wave.mean(axis=1)
    left, down = one, (2 * two - one) / np.sqrt(3)
    if not np.hypot(left, down) >= _NO_AXIS_MV:
        return float("nan")
    return float(np.degrees(np.arctan2(down, left)))
