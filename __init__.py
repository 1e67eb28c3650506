"""Cardiac digital twins: virtual cohorts, and the models trained on them."""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .anatomy import Heart, load_heart
    from .cohorts import draw_infarct
    from .signals import ECG
    from .sim import simulate

__version__ = "0.1.0"
__all__ = ["ECG", "Heart", "draw_infarct", "load_heart", "simulate"]

_HOME = {
    "ECG": "signals",
    "Heart": "anatomy",
    "draw_infarct": "cohorts",
    "load_heart": "anatomy",
    "simulate": "sim",
}


def __getattr__(name: str) -> Any:
    """Load a public name from its folder the first time it is asked for."""
    if name not in _HOME:
        msg = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(msg)
    return getattr(importlib.import_module(f".{_HOME[name]}", __name__), name)
