"""Every voltage against time: one type for all ECGs, files in and out, beats, waves, intervals."""

from .amplitudes import LeadAmplitudes, lead_amplitudes
from .baseline import remove_baseline
from .beat_classes import AAMI_CLASSES, Beats, beats_of, classes_at
from .beats import beat_bounds, beat_windows
from .datasets import EcgDataset, ecg_dataset, ecg_datasets
from .delineation import Delineation, delineate
from .ecg import ECG
from .electrode_swap import arm_agreement, arms_swapped, with_arms_swapped
from .filters import Filter, bandpass, highpass, lowpass
from .gaps import emptied, filled, flat, gaps_ms, saturated
from .info import RecordInfo
from .intervals import (
    Intervals,
    Measured,
    beat_intervals,
    frontal_axis_deg,
    intervals,
    measure_beat,
)
from .lead_names import LEADS, canonical_lead
from .leads import (
    CABRERA,
    cabrera,
    derive_leads,
    einthoven_residual_mv,
    reorder,
    twelve_leads,
    twelve_slots,
)
from .mains import mains_hz, notch
from .median_beat import MedianBeat, median_beat
from .overlap import by_chunks
from .qrs_bounds import qrs_bounds_ms, qrs_duration_ms
from .quality import FAULTS, Quality, quality, quality_of_chunks
from .r_peaks import r_peaks, r_peaks_of_chunks, rr_ms
from .read import read_chunks, read_ecg, read_marks, read_recording, record_info
from .recording import Marks, Recording, Trace
from .records import Record
from .resample import resample
from .scores import Score, match_beats, score_beats
from .splits import folds_by_patient, official_folds, split_by_patient
from .synth import Fiducials, Morphology, Synthetic, synthetic_ecg
from .vectorcardiogram import loop_plane, magnitude_mv, twelve_leads_of, vectorcardiogram
from .waves import LEAD_GROUPS, QRS, pathological_q, poor_r_progression, qrs_waves
from .write import write_recording

__all__ = [
    "AAMI_CLASSES",
    "CABRERA",
    "ECG",
    "FAULTS",
    "LEADS",
    "LEAD_GROUPS",
    "QRS",
    "Beats",
    "Delineation",
    "EcgDataset",
    "Fiducials",
    "Filter",
    "Intervals",
    "LeadAmplitudes",
    "Marks",
    "Measured",
    "MedianBeat",
    "Morphology",
    "Quality",
    "Record",
    "RecordInfo",
    "Recording",
    "Score",
    "Synthetic",
    "Trace",
    "arm_agreement",
    "arms_swapped",
    "bandpass",
    "beat_bounds",
    "beat_intervals",
    "beat_windows",
    "beats_of",
    "by_chunks",
    "cabrera",
    "canonical_lead",
    "classes_at",
    "delineate",
    "derive_leads",
    "ecg_dataset",
    "ecg_datasets",
    "einthoven_residual_mv",
    "emptied",
    "filled",
    "flat",
    "folds_by_patient",
    "frontal_axis_deg",
    "gaps_ms",
    "highpass",
    "intervals",
    "lead_amplitudes",
    "loop_plane",
    "lowpass",
    "magnitude_mv",
    "mains_hz",
    "match_beats",
    "measure_beat",
    "median_beat",
    "notch",
    "official_folds",
    "pathological_q",
    "poor_r_progression",
    "qrs_bounds_ms",
    "qrs_duration_ms",
    "qrs_waves",
    "quality",
    "quality_of_chunks",
    "r_peaks",
    "r_peaks_of_chunks",
    "read_chunks",
    "read_ecg",
    "read_marks",
    "read_recording",
    "record_info",
    "remove_baseline",
    "reorder",
    "resample",
    "rr_ms",
    "saturated",
    "score_beats",
    "split_by_patient",
    "synthetic_ecg",
    "twelve_leads",
    "twelve_leads_of",
    "twelve_slots",
    "vectorcardiogram",
    "with_arms_swapped",
    "write_recording",
]
