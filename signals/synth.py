"""Made-up ECGs whose waves begin, peak and end where it is known to the digit: for tests.

Each wave is a dipole of fixed direction whose size follows a raised cosine of compact support,
so that its onset and offset are exact, and the leads follow from the dipole by Dower's matrix,
so that they obey Einthoven and Goldberger. Beats stand whole in the record or not at all.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .ecg import ECG
from .lead_names import LEADS
from .leads import derive_leads
from .vectorcardiogram import AXES, DOWER

_EIGHT = ("I", "II", "V1", "V2", "V3", "V4", "V5", "V6")


class Morphology(NamedTuple):
    """Lengths of one beat at 60 a minute; all but the QRS shrink with the root of RR (Bazett).

    Normal values of an adult (Macfarlane and Lawrie, Comprehensive Electrocardiology, 2010).
    """

    p_ms: float = 104.0  #: duration of the P wave
    pr_ms: float = 160.0  #: onset of P to onset of QRS
    qrs_ms: float = 92.0
    qt_ms: float = 396.0  #: onset of QRS to offset of T
    t_ms: float = 180.0  #: duration of the T wave
    t_peak: float = 0.58  #: share of the T wave that lies before its peak
    v_qrs_ms: float = 150.0  #: QRS of a ventricular beat
    v_qt_ms: float = 440.0  #: QT of a ventricular beat
    scale: float = 1.0  #: of all amplitudes


class Fiducials(NamedTuple):
    """True times on the clock of the ECG, (k,) float64 each; nan where there is no such wave."""

    labels: tuple[str, ...]  #: "N", or "V" for a ventricular beat
    p_onset_ms: NDArray[np.float64]
    p_peak_ms: NDArray[np.float64]
    p_offset_ms: NDArray[np.float64]
    qrs_onset_ms: NDArray[np.float64]
    qrs_peak_ms: NDArray[np.float64]  #: of the main vector; q and s are silent there
    qrs_offset_ms: NDArray[np.float64]
    t_onset_ms: NDArray[np.float64]
    t_peak_ms: NDArray[np.float64]
    t_offset_ms: NDArray[np.float64]


class Synthetic(NamedTuple):
    """A made-up ECG and the truth about it."""

    ecg: ECG
    truth: Fiducials


class _Wave(NamedTuple):
    """A raised cosine that rises from `onset_ms` to `peak_ms` and falls until `offset_ms`."""

    onset_ms: float
    peak_ms: float
    offset_ms: float
    dipole_mv: tuple[float, float, float]  #: along X, Y, Z at the peak


def synthetic_ecg(
    *,
    rng: np.random.Generator | None = None,
    fs_hz: float = 500.0,
    duration_s: float = 10.0,
    rate_per_min: float = 60.0,
    rr_sd: float = 0.0,
    leads: Sequence[str] = LEADS,
    af: bool = False,
    ventricular: Sequence[int] = (),
    morphology: Morphology | None = None,
    noise_mv: float = 0.0,
    wander_mv: float = 0.0,
    mains_mv: float = 0.0,
    mains_hz: float = 50.0,
) -> Synthetic:
    """A made-up ECG and the true times of its waves.

    Parameters
    ----------
    rng
        Needed for anything random: `rr_sd`, `af` and `noise_mv`.
    rate_per_min
        Mean rate of the beats.
    rr_sd
        Standard deviation of the RR intervals, as a share of their mean.
    leads
        Any of the twelve, X, Y, Z, and MLII, which is made as II is.
    af
        Atrial fibrillation: no P waves, f waves of 4 to 8 Hz, RR intervals that vary by 22 %.
    ventricular
        Numbers of the beats, from 0, that come early from a ventricle: wide, without P, followed
        by a pause.
    morphology
        Lengths and size of the waves.
    noise_mv
        Standard deviation of white noise in I, II and V1 to V6; the other leads follow.
    wander_mv
        Amplitude of a baseline that wanders at 0.15 and 0.33 Hz.
    mains_mv, mains_hz
        Amplitude and frequency of the mains.

    Returns
    -------
    Synthetic
        The ECG and its `Fiducials`.

    Raises
    ------
    ValueError
        When a lead is unknown, a value impossible, or randomness is asked for without `rng`.

    Examples
    --------
    >>> ecg, truth = synthetic_ecg(rate_per_min=75.0)
    >>> (truth.qrs_offset_ms - truth.qrs_onset_ms).round(6).tolist()[:2]
    [92.0, 92.0]
    """
    if not (0 < rate_per_min <= 300 and duration_s >= 0):
        got = f"got {rate_per_min} and {duration_s}"
        msg = f"rate_per_min must lie in 0..300 and duration_s must not be negative, {got}"
        raise ValueError(msg)
    if rng is None and (rr_sd or af or noise_mv):
        msg = "rr_sd, af and noise_mv are random: give an rng, such as np.random.default_rng(0)"
        raise ValueError(msg)
    m = morphology or Morphology()
    rr_ms = 60_000.0 / rate_per_min
    sinus, ectopic = _sinus_beat(m, rr_ms, p_wave=not af), _ventricular_beat(m, rr_ms)
    onsets_ms, labels = _rhythm(rng, duration_s, rr_ms, 0.22 if af else rr_sd, ventricular, m)
    beats = [ectopic if label == "V" else sinus for label in labels]

    times_ms = np.arange(round(duration_s * fs_hz), dtype=np.float64) * (1000.0 / fs_hz)
    dipole_mv = np.zeros((3, len(times_ms)))
    for onset_ms, beat in zip(onsets_ms, beats, strict=True):
        for wave in beat:
            _add(dipole_mv, wave, onset_ms, fs_hz)
    if af and rng is not None:
        dipole_mv += _fibrillation_mv(rng, times_ms) * m.scale
    eight_mv = DOWER @ dipole_mv
    if rng is not None and noise_mv:
        eight_mv += rng.normal(scale=noise_mv, size=eight_mv.shape)
    eight_mv += _wander(times_ms, wander_mv) + mains_mv * np.sin(times_ms * mains_hz * np.pi / 500)
    ecg = _projected(eight_mv, dipole_mv, fs_hz, leads)
    return Synthetic(ecg, _fiducials(onsets_ms, labels, beats))


def _sinus_beat(m: Morphology, rr_ms: float, *, p_wave: bool) -> list[_Wave]:
    """Waves of a normal beat, on a clock that starts with its QRS."""
    shrink = np.sqrt(rr_ms / 1000.0)
    p, pr, qt, t = (shrink * x for x in (m.p_ms, m.pr_ms, m.qt_ms, m.t_ms))
    w, s = m.qrs_ms, m.scale
    qrs = [
        _Wave(0.0, 0.22 * w, 0.5 * w, _times(s, -0.10, -0.10, -0.35)),
        _Wave(0.1 * w, 0.5 * w, 0.86 * w, _times(s, 1.10, 0.90, 0.20)),
        _Wave(0.5 * w, 0.76 * w, w, _times(s, -0.15, -0.20, 0.45)),
    ]
    t_wave = _Wave(qt - t, qt - t + m.t_peak * t, qt, _times(s, 0.30, 0.22, -0.25))
    p_part = [_Wave(-pr, -pr + p / 2, -pr + p, _times(s, 0.10, 0.11, -0.09))] if p_wave else []
    return [*p_part, *qrs, t_wave]


def _ventricular_beat(m: Morphology, rr_ms: float) -> list[_Wave]:
    """A wide QRS and a T wave against it."""
    qt = m.v_qt_ms * np.sqrt(rr_ms / 1000.0)
    t, w, s = m.t_ms * np.sqrt(rr_ms / 1000.0), m.v_qrs_ms, m.scale
    t_wave = _Wave(qt - t, qt - t + m.t_peak * t, qt, _times(s, -0.25, -0.50, -0.40))
    return [_Wave(0.0, 0.5 * w, w, _times(s, 0.50, 1.40, 0.90)), t_wave]


def _times(scale: float, x: float, y: float, z: float) -> tuple[float, float, float]:
    return scale * x, scale * y, scale * z


def _rhythm(
    rng: np.random.Generator | None,
    duration_s: float,
    rr_ms: float,
    rr_sd: float,
    ventricular: Sequence[int],
    m: Morphology,
) -> tuple[NDArray[np.float64], tuple[str, ...]]:
    """Onset of each QRS whose beat lies whole in the record, and its label."""
    root = np.sqrt(rr_ms / 1000.0)
    count = int(2 * duration_s * 1000.0 / rr_ms) + 2
    spread = np.zeros(count) if rng is None or not rr_sd else rng.normal(scale=rr_sd, size=count)
    rr = rr_ms * (1 + np.clip(spread, -2 * rr_sd, 2 * rr_sd))
    early = np.zeros(count)
    chosen = [k for k in ventricular if 0 <= k < count]
    early[chosen] = 0.35 * rr_ms
    onsets_ms = m.pr_ms * root + 100.0 + np.concatenate([[0.0], np.cumsum(rr)[:-1]]) - early
    names = np.full(count, "N")
    names[chosen] = "V"
    whole = onsets_ms + max(m.qt_ms, m.v_qt_ms) * root <= duration_s * 1000.0
    return onsets_ms[whole], tuple(names[whole].tolist())


def _add(dipole_mv: NDArray[np.float64], wave: _Wave, shift_ms: float, fs_hz: float) -> None:
    step_ms = 1000.0 / fs_hz
    onset, peak, offset = (shift_ms + x for x in wave[:3])
    first = max(0, int(np.ceil(onset / step_ms)))
    times_ms = np.arange(first, int(offset / step_ms) + 1) * step_ms
    side = np.where(times_ms < peak, (times_ms - peak) / (peak - onset), 0.0)
    side += np.where(times_ms < peak, 0.0, (times_ms - peak) / (offset - peak))
    bump = 0.5 + 0.5 * np.cos(np.pi * side)
    part = dipole_mv[:, first : first + len(times_ms)]
    part += np.outer(wave.dipole_mv, bump[: part.shape[1]])


def _fibrillation_mv(
    rng: np.random.Generator, times_ms: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(3, t) f waves: a saw-like wave of about 6 Hz whose frequency drifts, largest in V1."""
    t_s = times_ms / 1000.0
    slow = sum(
        rng.uniform(0.5, 1.5) * np.sin(2 * np.pi * (f * t_s + rng.uniform())) for f in (0.23, 0.61)
    )
    phase = 2 * np.pi * (rng.uniform(5.0, 7.0) * t_s + rng.uniform()) + slow
    wave = np.sin(phase) + 0.4 * np.sin(2 * phase) + 0.15 * np.sin(3 * phase)
    return np.outer((0.01, 0.03, -0.06), wave)


def _wander(times_ms: NDArray[np.float64], size_mv: float) -> NDArray[np.float64]:
    """(8, t) Each lead with phases of its own, for electrodes wander one by one."""
    t_s, lead = times_ms / 1000.0, np.arange(8.0)[:, None]
    slow = np.sin(2 * np.pi * 0.15 * t_s + lead)
    return size_mv * (0.7 * slow + 0.3 * np.sin(2 * np.pi * 0.33 * t_s + 2 * lead))


def _projected(
    eight_mv: NDArray[np.float64],
    dipole_mv: NDArray[np.float64],
    fs_hz: float,
    leads: Sequence[str],
) -> ECG:
    all_mv = np.vstack([eight_mv, eight_mv[1], dipole_mv])
    names = (*_EIGHT, "MLII", *AXES)
    return derive_leads(ECG(samples_mv=all_mv, fs_hz=fs_hz, leads=names)).select(leads)


def _fiducials(
    onsets_ms: NDArray[np.float64], labels: tuple[str, ...], beats: list[list[_Wave]]
) -> Fiducials:
    rows = np.full((len(beats), 9), np.nan)
    for row, onset_ms, label, beat in zip(rows, onsets_ms, labels, beats, strict=True):
        if beat[0].onset_ms < 0:
            row[:3] = beat[0][:3]
        qrs = [w for w in beat[:-1] if w.onset_ms >= 0]
        row[3], row[5] = 0.0, qrs[-1].offset_ms
        row[4] = qrs[0 if label == "V" else 1].peak_ms
        row[6:] = beat[-1][:3]
        row += onset_ms
    return Fiducials(labels, *rows.T.copy())
