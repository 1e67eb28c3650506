"""High-pass, low-pass and band-pass filters of known gain and delay; zero-phase unless asked."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.signal import butter, freqz_sos, sosfilt, sosfilt_zi

from .ecg import ECG
from .stretches import extended, over_stretches

#: What is left of a sample's effect beyond the memory of a filter.
_FORGOTTEN = 1e-10
#: A lost sample or two are bridged; what is longer parts two pieces.
_BRIDGE_MS = 40.0


@dataclass(frozen=True, eq=False, kw_only=True)
class Filter:
    """A recursive filter at one sampling rate.

    Attributes
    ----------
    sections : (s, 6) float64
        Second-order sections, as scipy's.
    fs_hz : float
    causal : bool
        One pass forward, with a delay that depends on the frequency. Otherwise one pass forward
        and one back: no delay at any frequency, and the gain of one pass squared.
    lines_hz : tuple of float
        Frequencies that the filter takes out altogether. In two passes a steady tone there is
        taken off first, by least squares, so that it does not ring at the ends of a piece; farther
        in this changes nothing.

    Examples
    --------
    >>> import numpy as np
    >>> smooth = low_pass_filter(500.0, 40.0)
    >>> smooth.gain(np.array([1.0, 40.0])).round(3).tolist()
    [1.0, 0.707]
    """

    sections: NDArray[np.float64]
    fs_hz: float
    causal: bool = False
    lines_hz: tuple[float, ...] = ()

    def gain(self, frequency_hz: ArrayLike) -> NDArray[np.float64]:
        """Amplitude out over amplitude in, at each frequency."""
        once = np.abs(freqz_sos(self.sections, np.asarray(frequency_hz), fs=self.fs_hz)[1])
        return once if self.causal else once**2

    def delay_ms(self, frequency_hz: ArrayLike) -> NDArray[np.float64]:
        """Group delay at each frequency: minus the slope of the phase; 0 when zero-phase."""
        f = np.asarray(frequency_hz, dtype=np.float64)
        if self.causal:
            step = 1e-5 * self.fs_hz
            below, above = (
                freqz_sos(self.sections, f + d, fs=self.fs_hz)[1] for d in (-step, step)
            )
            return -np.angle(above / below) / (4 * np.pi * step) * 1000
        return np.zeros_like(f)

    @property
    def memory_ms(self) -> float:
        """How far the effect of a sample reaches before 1e-10 of it is left."""
        return self._memory * 1000.0 / self.fs_hz

    @property
    def _memory(self) -> int:
        slowest = max(np.abs(np.roots(section[3:])).max() for section in self.sections)
        return int(np.ceil(np.log(_FORGOTTEN) / np.log(slowest))) if slowest > 0 else 1

    def apply(self, ecg: ECG) -> ECG:
        """The ECG filtered; a gap stays a gap, and the pieces around it do not see each other.

        Raises
        ------
        ValueError
            When the ECG has another sampling rate.
        """
        if ecg.fs_hz != self.fs_hz:
            msg = f"this filter is for {self.fs_hz} Hz, the ECG has {ecg.fs_hz}"
            raise ValueError(msg)
        bridge = round(_BRIDGE_MS * self.fs_hz / 1000)
        return replace(ecg, samples_mv=over_stretches(ecg.samples_mv, self._pass, bridge=bridge))

    def _pass(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        if self.causal:
            return self._forward(x)
        for line_hz in self.lines_hz:
            x = _without_tone(x, line_hz / self.fs_hz)
        pad = self._memory
        there = self._forward(extended(x, pad))
        return self._forward(there[:, ::-1])[:, ::-1][:, pad : pad + x.shape[1]]

    def _forward(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """From the state in which the first sample has always lasted."""
        rest = sosfilt_zi(self.sections)[:, None, :] * x[None, :, :1]
        return sosfilt(self.sections, x, axis=1, zi=rest)[0]


def _without_tone(x: NDArray[np.float64], cycles_per_sample: float) -> NDArray[np.float64]:
    """(leads, t) Less the tone of that frequency that fits each lead best."""
    turn = np.exp(2j * np.pi * cycles_per_sample * np.arange(x.shape[1]))
    basis = np.stack([turn.real, turn.imag, np.ones(len(turn))], axis=1)
    fitted = np.linalg.lstsq(basis, x.T)[0]
    return x - (basis[:, :2] @ fitted[:2]).T


def high_pass_filter(
    fs_hz: float, cutoff_hz: float, *, order: int = 2, causal: bool = False
) -> Filter:
    """Butterworth high-pass; see `highpass`."""
    return _butterworth("highpass", fs_hz, cutoff_hz, order, causal)


def low_pass_filter(
    fs_hz: float, cutoff_hz: float, *, order: int = 4, causal: bool = False
) -> Filter:
    """Butterworth low-pass; see `lowpass`."""
    return _butterworth("lowpass", fs_hz, cutoff_hz, order, causal)


def _butterworth(
    kind: Literal["highpass", "lowpass"], fs_hz: float, cutoff_hz: float, order: int, causal: bool
) -> Filter:
    if not 0 < cutoff_hz < fs_hz / 2:
        msg = f"cutoff_hz must lie between 0 and {fs_hz / 2} Hz, half of fs_hz; got {cutoff_hz}"
        raise ValueError(msg)
    if order < 1:
        msg = f"order must be at least 1, got {order}"
        raise ValueError(msg)
    bend = np.tan(np.pi * cutoff_hz / fs_hz)
    if not causal:  # two passes of 1.5 dB each
        bend *= (np.sqrt(2) - 1) ** ((1 if kind == "highpass" else -1) / (2 * order))
    corner_hz = np.arctan(bend) * fs_hz / np.pi
    sections = butter(order, corner_hz, kind, fs=fs_hz, output="sos")
    return Filter(sections=sections, fs_hz=fs_hz, causal=causal)


def highpass(ecg: ECG, cutoff_hz: float, *, order: int = 2, causal: bool = False) -> ECG:
    """The ECG without what is slower than a frequency.

    A Butterworth filter; 3 dB are lost at `cutoff_hz`. With w = tan(pi f / fs) over the same at
    the cut-off the gain is 1 / (1 + (sqrt 2 - 1) w^(-2 order)) in two passes, without delay, and
    1 / sqrt(1 + w^(-2 order)) in one.

    Parameters
    ----------
    ecg
        Any number of leads; nan in gaps, which stay.
    cutoff_hz
        AHA/ACC/HRS 2007: 0.67 Hz or less in two passes, 0.05 Hz in one (Kligfield, Circulation
        115:1306), so that the ST segment keeps its level.
    order
        Of one pass.
    causal
        One pass forward only.

    Raises
    ------
    ValueError
        When the cut-off is not between 0 and half of the sampling rate.

    Examples
    --------
    >>> import numpy as np
    >>> ecg = ECG(samples_mv=np.full((1, 1000), 3.0), fs_hz=500.0, leads=("II",))
    >>> bool(np.abs(highpass(ecg, 0.67).samples_mv).max() < 1e-9)
    True
    """
    return high_pass_filter(ecg.fs_hz, cutoff_hz, order=order, causal=causal).apply(ecg)


def lowpass(ecg: ECG, cutoff_hz: float, *, order: int = 4, causal: bool = False) -> ECG:
    """The ECG without what is faster than a frequency.

    A Butterworth filter; 3 dB are lost at `cutoff_hz`. With w as in `highpass` the gain is
    1 / (1 + (sqrt 2 - 1) w^(2 order)) in two passes, without delay, and 1 / sqrt(1 + w^(2 order))
    in one, with the delay of `Filter.delay_ms`.

    Parameters
    ----------
    ecg
        Any number of leads; nan in gaps, which stay.
    cutoff_hz
        AHA/ACC/HRS 2007: 150 Hz or more for adults, 250 Hz for children.
    order
        Of one pass.
    causal
        One pass forward only.

    Raises
    ------
    ValueError
        When the cut-off is not between 0 and half of the sampling rate.
    """
    return low_pass_filter(ecg.fs_hz, cutoff_hz, order=order, causal=causal).apply(ecg)


def bandpass(ecg: ECG, low_hz: float, high_hz: float, *, causal: bool = False) -> ECG:
    """The ECG between two frequencies: `highpass` at the lower, then `lowpass` at the higher.

    Raises
    ------
    ValueError
        When the frequencies are not in order, or not between 0 and half of the sampling rate.
    """
    if not low_hz < high_hz:
        msg = f"low_hz must be below high_hz, got {low_hz} and {high_hz}"
        raise ValueError(msg)
    return lowpass(highpass(ecg, low_hz, causal=causal), high_hz, causal=causal)
