"""What an infarct does to the muscle, node by node."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart

HEALTHY, BORDER, CORE = 0, 1, 2


@dataclass(frozen=True, eq=False, kw_only=True)
class Tissue:
    """State of the myocardium.

    Attributes
    ----------
    core : (n,) bool
        Dead: does not conduct and carries no current.
    border : (n,) float32
        0 healthy .. 1 pure border zone; slower, with a changed action potential. 0 in the core.
    """

    core: NDArray[np.bool_]
    border: NDArray[np.float32]

    def __post_init__(self) -> None:
        if self.core.shape != self.border.shape:
            shapes = f"{self.core.shape} and {self.border.shape}"
            msg = f"core and border must have one value a node, got {shapes}"
            raise ValueError(msg)
        if not ((self.border >= 0) & (self.border <= 1)).all():
            msg = "border must lie in 0..1"
            raise ValueError(msg)
        if (self.border[self.core] != 0).any():
            msg = "border must be 0 in the core"
            raise ValueError(msg)

    @property
    def labels(self) -> NDArray[np.int8]:
        """(n,) `HEALTHY` 0, `BORDER` 1 or `CORE` 2."""
        return np.where(self.core, CORE, np.where(self.border > 0, BORDER, HEALTHY)).astype(np.int8)


def healthy(n: int) -> Tissue:
    """Myocardium of `n` nodes without an infarct."""
    return Tissue(core=np.zeros(n, bool), border=np.zeros(n, np.float32))


def segment_shares(heart: Heart, tissue: Tissue) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """How much of each AHA segment is core and border zone.

    Returns
    -------
    core, border : (17,) float64
        Shares of the segment's muscle, 0..1; a half-dead piece of border zone counts half.
    """
    volumes_mm3 = heart.node_volumes_mm3

    def per_segment(part: NDArray[Any]) -> NDArray[np.float64]:
        return np.bincount(heart.segments, volumes_mm3 * part, minlength=18)[1:].astype(float)

    whole = np.maximum(per_segment(np.ones(len(volumes_mm3))), 1e-12)
    return per_segment(tissue.core) / whole, per_segment(tissue.border) / whole
