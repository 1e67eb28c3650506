"""Other R-peak detectors, each on one lead, for those that are installed.

wfdb comes with cardiotwin. The others are optional, and may go where they harm nothing:
`pip install --target rivals --no-deps neurokit2 pywavelets scikit-learn joblib threadpoolctl \
narwhals cloudpickle requests sleepecg tqdm pyyaml openecg opendsp`, then PYTHONPATH=rivals.
"""

import warnings
from importlib.util import find_spec

import numpy as np
from numpy.typing import NDArray
from r_peak_cases import Detector

from cardiotwin.signals.ecg import ECG


def xqrs(ecg: ECG, lead: str) -> NDArray[np.int64]:
    from wfdb.processing import xqrs_detect

    return np.asarray(xqrs_detect(ecg.lead(lead), ecg.fs_hz, verbose=False), dtype=np.int64)


def neurokit(ecg: ECG, lead: str) -> NDArray[np.int64]:
    return _neurokit(ecg, lead, "neurokit")


def neurokit_pantompkins(ecg: ECG, lead: str) -> NDArray[np.int64]:
    return _neurokit(ecg, lead, "pantompkins1985")


def _neurokit(ecg: ECG, lead: str, method: str) -> NDArray[np.int64]:
    import neurokit2

    fs_hz = round(ecg.fs_hz)
    clean = neurokit2.ecg_clean(ecg.lead(lead), fs_hz, method=method)
    return np.asarray(
        neurokit2.ecg_findpeaks(clean, fs_hz, method=method)["ECG_R_Peaks"], dtype=np.int64
    )


def sleepecg(ecg: ECG, lead: str) -> NDArray[np.int64]:
    from sleepecg import detect_heartbeats

    return np.asarray(detect_heartbeats(ecg.lead(lead), ecg.fs_hz), dtype=np.int64)


def openecg(ecg: ECG, lead: str) -> NDArray[np.int64]:
    from openecg.qrs import detect_qrs

    return np.asarray(detect_qrs(ecg.lead(lead), round(ecg.fs_hz)), dtype=np.int64)


#: Module that a detector needs, and the detector.
_KNOWN: dict[str, tuple[str, Detector]] = {
    "wfdb xqrs": ("wfdb", xqrs),
    "neurokit2": ("neurokit2", neurokit),
    "neurokit2 pantompkins1985": ("neurokit2", neurokit_pantompkins),
    "sleepecg": ("sleepecg", sleepecg),
    "openecg": ("openecg", openecg),
}


def rivals() -> dict[str, Detector]:
    """Detectors that are installed."""
    return {name: _quiet(run) for name, (module, run) in _KNOWN.items() if find_spec(module)}


def _quiet(detector: Detector) -> Detector:
    """No warnings, and no beats where a detector gives up: some raise on noise or on silence."""

    def run(ecg: ECG, lead: str) -> NDArray[np.int64]:
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("ignore")
            try:
                return detector(ecg, lead)
            except (ValueError, IndexError, ZeroDivisionError):
                return np.empty(0, np.int64)

    return run
