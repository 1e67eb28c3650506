"""What looks at the tissue every so often while a run goes on."""

from collections.abc import Sequence
from typing import Protocol

from .eikonal_checks import Floats


class Recorder(Protocol):
    """Something that looks at the tissue every so often."""

    every_ms: float

    def begin(self, nodes_mm: Floats, times_ms: Floats, done: int) -> None:
        """Get ready for frames at these times, of which `done` were taken before a resume."""

    def take(self, v_mv: Floats, states: Sequence[Floats]) -> None:
        """Take the next frame: (n,) voltage, and the states (s, k) of each region."""

    def flush(self) -> None:
        """Keep what was taken: before a checkpoint, at the end, and when a run fails."""
