"""What a file of signals holds, from its headers alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from .channels import Field, leads_of, names_of


@dataclass(frozen=True, kw_only=True)
class RecordInfo:
    """Leads, traces and marks of a file that has not been read.

    Attributes
    ----------
    path : Path
    kind : str
        "WFDB", "EDF", "BDF", "CSV", "NPZ" or "DICOM".
    leads : tuple of str
        Of the ECG that `read_ecg` gives; empty when there is none.
    fs_hz : float
        Of the ECG; 0 when there is none.
    samples : int
        Of each lead.
    traces : mapping of str to Field
        Other signals, each with its unit, rate and number of samples.
    marks : tuple of str
        Names of the marks, as in `Recording.marks`.
    meta : mapping
        As in `Recording.meta`.
    """

    path: Path
    kind: str
    leads: tuple[str, ...]
    fs_hz: float
    samples: int
    traces: Mapping[str, Field] = field(default_factory=dict)
    marks: tuple[str, ...] = ()
    meta: Mapping[str, str | float] = field(default_factory=dict)

    @property
    def duration_ms(self) -> float:
        """Length of the ECG, or of the longest trace where there is no ECG."""
        if self.leads:
            return self.samples * 1000.0 / self.fs_hz
        return max((t.length * 1000.0 / t.fs_hz for t in self.traces.values()), default=0.0)


def info_of(
    path: Path,
    kind: str,
    fields: Sequence[Field],
    *,
    marks: Sequence[str] = (),
    meta: Mapping[str, str | float],
) -> RecordInfo:
    """Channels that a header states, sorted as `recording_of` sorts them."""
    leads = leads_of(fields)
    others = [f for k, f in enumerate(fields) if k not in leads]
    return RecordInfo(
        path=path,
        kind=kind,
        leads=names_of([fields[k] for k in leads], leads=True),
        fs_hz=fields[leads[0]].fs_hz if leads else 0.0,
        samples=fields[leads[0]].length if leads else 0,
        traces=dict(zip(names_of(others, leads=False), others, strict=True)),
        marks=tuple(marks),
        meta=meta,
    )
