"""What a patient looks like on disk: pictures, a table of the leads, a mesh for ParaView."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..anatomy import Heart, Torso
    from ..signals import ECG
    from ..sim import Beat, Tissue


class Picture(StrEnum):
    """What a picture of a patient can show."""

    SCAR = "scar"
    ACTIVATION = "activation"
    BULLSEYE = "bullseye"
    ECG = "ecg"


def write_picture(
    what: Picture,
    path: Path | None,
    heart: "Heart",
    tissue: "Tissue",
    beat: "Beat",
    *,
    title: str = "",
    healthy: "ECG | None" = None,
) -> None:
    """Write one picture of a patient, or open a window with it when there is no path.

    Parameters
    ----------
    what
        The picture.
    path
        Ends in `.png`, `.svg` or `.pdf`; None opens a window, for `SCAR` and `ACTIVATION`.
    heart, tissue, beat
        The patient.
    title
        Printed above the ECG.
    healthy
        Beat to compare with, lighter in the same ECG.

    Raises
    ------
    ValueError
        When the ending is another, or a window is asked for that there is not.
    OSError
        When there is no display, or the file cannot be written.
    """
    if path is None and what in (Picture.BULLSEYE, Picture.ECG):
        msg = f"only scar and activation open in a window; write the {what} with --out {what}.png"
        raise ValueError(msg)
    if what is Picture.SCAR:
        from ..viz import plot_scar

        plot_scar(heart, tissue.labels, path=path)
    elif what is Picture.ACTIVATION:
        from ..viz import plot_activation

        plot_activation(heart, beat.activation_ms, path=path)
    elif what is Picture.BULLSEYE:
        _write_bullseye(path, heart, tissue)
    else:
        from ..viz import plot_ecg

        names = ("with the infarct", "without it")
        plot_ecg(beat.ecg, other=healthy, names=names, title=title, path=path)


def _write_bullseye(path: Path | None, heart: "Heart", tissue: "Tissue") -> None:
    from ..sim import segment_shares
    from ..viz import plot_scar_bullseye

    core, border = segment_shares(heart, tissue)
    plot_scar_bullseye(100 * core, 100 * border, path=path)


def write_mesh(path: Path, heart: "Heart", tissue: "Tissue", beat: "Beat") -> None:
    """Write the heart with tissue, border zone and times as `.vtu`; never activated is nan."""
    import numpy as np

    from ..anatomy import write_heart

    times = {"activation_ms": beat.activation_ms, "repolarisation_ms": beat.repolarisation_ms}
    fields = {k: np.where(np.isfinite(v), v, np.nan).astype(np.float32) for k, v in times.items()}
    write_heart(heart, path, {"tissue": tissue.labels, "border": tissue.border, **fields})


def write_leads(path: Path, ecg: "ECG") -> None:
    """Write `time_ms` and the leads in mV as comma-separated text, one line a sample."""
    write_table(path, ecg.times_ms, ecg.samples_mv, ecg.leads)


def write_table(
    path: Path,
    times_ms: "NDArray[np.float64]",
    values_mv: "NDArray[np.floating]",
    names: Sequence[str],
) -> None:
    """Write `time_ms` (t,) and named rows (k, t) in mV as comma-separated text, a line a time."""
    from ..viz.figure import write_whole

    lines = [",".join(("time_ms", *(name.replace(",", " ") for name in names)))]
    for time_ms, row in zip(times_ms, values_mv.T, strict=True):
        lines.append(",".join([f"{time_ms:g}", *(f"{v:.5f}" for v in row)]))
    write_whole(path, lambda part: part.write_text("\n".join(lines) + "\n", encoding="utf-8"))


def write_torso(path: Path, heart: "Heart", torso: "Torso") -> Path:
    """Write a picture of the heart and its electrodes in a body."""
    from ..viz import plot_torso

    plot_torso(heart, torso, path=path)
    return path
