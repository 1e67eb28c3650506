"""The tables of the demo's report: one patient, and the cohort around it."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ..cohorts import Patient
    from ..signals import ECG


def write_demo_report(
    path: Path,
    cohort: Path,
    patient: "Patient",
    pictures: Mapping[str, Path],
    healthy: "ECG",
) -> None:
    """Write the page about one patient of a cohort.

    Parameters
    ----------
    path
        Ends in `.html`.
    cohort
        Where the patient comes from.
    patient
        The patient.
    pictures
        Caption to file.
    healthy
        ECG of the same patient without the infarct.
    """
    from ..viz import write_report

    title = f"Virtual patient {patient.case.index}"
    rows = patient_rows(patient, healthy)
    write_report(path, title, pictures, rows, cohort_rows=cohort_rows(cohort))


def patient_rows(patient: "Patient", healthy: "ECG") -> list[tuple[str, str]]:
    """What is known of a patient, with units."""
    from ..signals import qrs_duration_ms

    case, achieved, beat = patient.case, patient.achieved, patient.beat
    before, after = qrs_duration_ms(healthy), qrs_duration_ms(beat.ecg)
    return [
        ("Heart", case.heart),
        ("Occluded artery", f"{case.territory}, site {achieved.site:.2f} (0 proximal, 1 distal)"),
        ("Infarct core", f"{achieved.burden:.1%} of the left ventricle"),
        ("Mean transmurality", f"{achieved.transmurality:.0%} of the wall"),
        ("Border zone", f"{achieved.border_share:.1%}, {case.border_mm:.1f} mm wide"),
        ("Last activation", f"{beat.last_activation_ms:.0f} ms"),
        ("QRS duration", f"{after:.0f} ms, without the infarct {before:.0f} ms"),
        ("Speed along the fibre", f"{case.cv_fibre_mm_per_ms:.2f} mm/ms"),
    ]


def cohort_rows(cohort: Path) -> list[tuple[str, str]]:
    """What is in a cohort, with units."""
    import numpy as np

    from ..cohorts import cohort_info

    info = cohort_info(cohort)
    arteries = ", ".join(f"{count} {name}" for name, count in info.territories.items() if count)
    low, middle, high = np.percentile(qrs_durations_ms(cohort), (10, 50, 90))
    rows = [
        ("Patients", f"{info.done} of {info.n}"),
        ("Hearts", ", ".join(info.hearts)),
        ("Occluded arteries", arteries),
        ("QRS duration", f"{middle:.0f} ms ({low:.0f} to {high:.0f})"),
        ("Infarct core", _percent(info.burden_p10_p50_p90)),
        ("Mean transmurality", _percent(info.transmurality_p10_p50_p90)),
        ("Seed", str(info.seed)),
        ("On disk", f"{info.size_bytes / 1e6:.1f} MB"),
    ]
    return [(name, value) for name, value in rows if value]


def _percent(p10_p50_p90: tuple[float, ...]) -> str:
    """Median and the middle 80 %."""
    if not p10_p50_p90:
        return ""
    low, middle, high = (100 * share for share in p10_p50_p90)
    return f"{middle:.0f} % ({low:.0f} to {high:.0f})"


def qrs_durations_ms(cohort: Path) -> list[float]:
    """QRS duration of each case that is done."""
    from ..cohorts import open_cohort
    from ..cohorts.schema import DONE
    from ..signals import ECG, qrs_duration_ms

    group: Any = open_cohort(cohort)
    times_ms, leads = group["time_ms"][:], tuple(map(str, group["lead"][:]))
    fs_hz = 1000.0 / float(times_ms[1] - times_ms[0])
    done = group["status"][:] == DONE
    return [
        qrs_duration_ms(ECG(samples_mv=samples_mv, fs_hz=fs_hz, leads=leads))
        for samples_mv in group["ecg_mv"][:][done]
    ]
