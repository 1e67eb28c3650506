"""Voltages over time, streamed to a Zarr store while the run goes on."""

import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import zarr

from .eikonal_checks import Floats
from .recorder import Recorder

__all__ = ["Recorder", "ZarrFrames"]

#: Frames that are gathered in memory before they are written: 16 MB at 40,000 nodes.
CHUNK_FRAMES = 100


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

    Raises
    ------
    ValueError
        When a number is not positive, or a resumed run had its frames at other times.
    OSError
        When the path is taken by something else, or cannot be written.
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
        """Lay out the store, or open that of the run that is resumed and make it as long."""
        self._held, self._written = [], done
        group = self._opened(times_ms) if done else self._laid_out(nodes_mm, times_ms)
        self._array = group["v_mv"]
        with warnings.catch_warnings():  # zarr warns that Zarr 3 does not specify this yet
            warnings.simplefilter("ignore")
            zarr.consolidate_metadata(group.store)  # without it `xarray.open_zarr` warns

    def _laid_out(self, nodes_mm: Floats, times_ms: Floats) -> zarr.Group:
        """A new store, all frames nan."""
        if self.path.exists() and not (self.path / "zarr.json").is_file():
            msg = f"{self.path} exists and is no Zarr store; choose another path for the frames"
            raise FileExistsError(msg)
        attributes = {"title": "membrane potential", **self.attributes}
        group = zarr.open_group(self.path, mode="w", zarr_format=3, attributes=attributes)
        group.create_array(
            "time_ms", data=times_ms, dimension_names=("time",), attributes={"units": "ms"}
        )
        group.create_array(
            "node_mm", data=nodes_mm, dimension_names=("node", "axis"), attributes={"units": "mm"}
        )
        group.create_array(
            "v_mv",
            shape=(len(times_ms), len(nodes_mm)),
            chunks=(self.chunk_frames, len(nodes_mm)),
            dtype="f4",
            fill_value=np.nan,
            dimension_names=("time", "node"),
            attributes={"units": "mV", "coordinates": "time_ms"},
        )
        return group

    def _opened(self, times_ms: Floats) -> zarr.Group:
        """The store of the run that is resumed; it may last longer now."""
        try:
            group = zarr.open_group(self.path, mode="r+", use_consolidated=False)
        except FileNotFoundError:
            msg = f"no frames to go on with: {self.path}; give the store of the run resumed"
            raise FileNotFoundError(msg) from None
        times: Any = group["time_ms"]
        frames: Any = group["v_mv"]
        same = min(len(times_ms), times.shape[0])
        if not np.allclose(times[:same], times_ms[:same], rtol=0, atol=1e-9):
            msg = f"{self.path} holds frames at other times; keep the every_ms of the run resumed"
            raise ValueError(msg)
        if len(times_ms) > same:
            times.resize(times_ms.shape)
            times[:] = times_ms
            frames.resize((len(times_ms), frames.shape[1]))
        return group

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
