"""Pictures: scars, activation maps, bullseyes, ECG paper, reports."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .anatomy import plot_anatomy
    from .anatomy_report import write_anatomy_report
    from .body_map import plot_body_map
    from .bullseye import plot_bullseye, plot_scar_bullseye
    from .frames import plot_frames, write_animation
    from .heart import draw_scar, plot_scar
    from .median_beat import plot_median_beat
    from .paper import plot_ecg
    from .paper_layout import Paper
    from .paper_marks import Reading
    from .report import write_report
    from .scroll import plot_scroll
    from .tachogram import plot_tachogram
    from .thinned import thin
    from .time_maps import draw_activation, plot_activation, plot_times
    from .torso import plot_torso
    from .traces import plot_action_potentials, plot_electrograms

__all__ = [
    "Paper",
    "Reading",
    "draw_activation",
    "draw_scar",
    "plot_action_potentials",
    "plot_activation",
    "plot_anatomy",
    "plot_body_map",
    "plot_bullseye",
    "plot_ecg",
    "plot_electrograms",
    "plot_frames",
    "plot_median_beat",
    "plot_scar",
    "plot_scar_bullseye",
    "plot_scroll",
    "plot_tachogram",
    "plot_times",
    "plot_torso",
    "thin",
    "write_anatomy_report",
    "write_animation",
    "write_report",
]

_HOME = {
    "Paper": "paper_layout",
    "Reading": "paper_marks",
    "draw_activation": "time_maps",
    "draw_scar": "heart",
    "plot_action_potentials": "traces",
    "plot_activation": "time_maps",
    "plot_anatomy": "anatomy",
    "plot_body_map": "body_map",
    "plot_bullseye": "bullseye",
    "plot_ecg": "paper",
    "plot_electrograms": "traces",
    "plot_frames": "frames",
    "plot_median_beat": "median_beat",
    "plot_scar": "heart",
    "plot_scar_bullseye": "bullseye",
    "plot_scroll": "scroll",
    "plot_tachogram": "tachogram",
    "plot_times": "time_maps",
    "plot_torso": "torso",
    "thin": "thinned",
    "write_anatomy_report": "anatomy_report",
    "write_animation": "frames",
    "write_report": "report",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its file the first time it is asked for."""
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
