"""Voltages over time, streamed to a Zarr store while the run goes on."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import zarr

from .eikonal_checks import Floats

#: Frames that are gathered in memory before they are written: 16 MB at 40,000 nodes.
CHUNK_FRAMES = 100


class Recorder(Protocol):
    """Something that looks at the tissue every so often."""

    every_ms: float

    def begin(self, nodes_mm: Floats, times_ms: Floats, done: int) -> None:
        """Get ready for frames at these times, of which `done` were taken before a resume."""

    def take(self, v_mv: Floats, states: Sequence[Floats]) -> None:
        """Take the next frame: (n,) voltage, and the states (s, k) of each region."""

    def flush(self) -> None:
        """Keep what was taken: before a checkpoint, at the end, and when a run fails."""


class ZarrFrames:
    """Voltage of every node every so often, in a Zarr v3 store that xarray opens.

    `v_mv (time, node)` float32, `time_ms (time,)` and `node_mm (node, axis)`. Frames not yet
    reached are nan; a run that is killed leaves all but its last chunk.

    Parameters
    ----------
    path
        Folder of the store; an old one is replaced, unless the run is resumed.
    every_ms
        Time between frames, rounded to whole steps.
    chunk_frames
        Frames to a chunk: what a killed run can lose.
    attributes
        Whatever else the store shall say about the run.
    """

    def __init__(
        self,
        path: str | Path,
        every_ms: float = 1.0,
        *,
        chunk_frames: int = CHUNK_FRAMES,
        attributes: dict[str, Any] | None = None,
    ) -> None:
        if not 0 < every_ms < np.inf or chunk_frames < 1:
            msg = f"every_ms and chunk_frames must be positive, got {every_ms} and {chunk_frames}"
            raise ValueError(msg)
        self.path = Path(path)
        self.every_ms = every_ms
        self.chunk_frames = chunk_frames
        self.attributes = attributes or {}
        self._array: Any = None
        self._held: list[Floats] = []
        self._written = 0

    def begin(self, nodes_mm: Floats, times_ms: Floats, done: int) -> None:
        """Lay out the store, or open the one of the run that is resumed."""
        self._held, self._written = [], done
        if done:
            self._array = zarr.open_group(self.path, mode="r+")["v_mv"]
            return
        group = zarr.open_group(
            self.path,
            mode="w",
            zarr_format=3,
            attributes={"title": "membrane potential", **self.attributes},
        )
        group.create_array(
            "time_ms",
            data=times_ms,
            dimension_names=("time",),
            attributes={"units": "ms"},
        )
        group.create_array("node_mm", data=nodes_mm, dimension_names=("node", "axis"))
        shape = (len(times_ms), len(nodes_mm))
        self._array = group.create_array(
            "v_mv",
            shape=shape,
            chunks=(min(self.chunk_frames, shape[0]), shape[1]),
            dtype="f4",
            fill_value=np.nan,
            dimension_names=("time", "node"),
            attributes={"units": "mV", "coordinates": "time_ms"},
        )
        with warnings.catch_warnings():  # zarr warns that Zarr 3 does not specify this yet
            warnings.simplefilter("ignore")
            zarr.consolidate_metadata(group.store)  # without it `xarray.open_zarr` warns

    def take(self, v_mv: Floats, states: Sequence[Floats]) -> None:
        """Hold a frame; write where a chunk is full."""
        del states
        self._held.append(v_mv.astype(np.float32))
        if (self._written + len(self._held)) % self.chunk_frames == 0:
            self.flush()

    def flush(self) -> None:
        """Write the frames that are held."""
        if self._held:
            end = self._written + len(self._held)
            self._array[self._written : end] = np.stack(self._held)
            self._held, self._written = [], end
