"""A run saved on its way, to be taken up again to the same bytes."""

import hashlib
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..files.whole_files import whole_file
from .march import March
from .operator import Operator
from .regions import Region
from .stimulus import Stimulus


@dataclass(frozen=True, kw_only=True)
class Checkpoint:
    """Where and how often a run is saved.

    Attributes
    ----------
    path : str or Path
        A NumPy archive (.npz); it appears whole or not at all, and replaces the one before.
    every_ms : float
        Of simulated time.
    resume : bool
        Take up the run that the file holds; an error where there is none.
    """

    path: str | Path
    every_ms: float = 100.0
    resume: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.every_ms < np.inf:
            msg = f"every_ms of a checkpoint must be positive, got {self.every_ms}"
            raise ValueError(msg)


def identity(
    operator: Operator,
    regions: Sequence[Region],
    stimuli: Sequence[Stimulus],
    steps: tuple[Any, ...],
) -> dict[str, str]:
    """Digests of what makes a run; two runs with the same ones take the same course."""
    rates = operator.matrix()
    return {
        "mesh": _digest(operator.nodes_mm, operator.mass, rates.indptr, rates.indices, rates.data),
        "cell models": _digest(
            *(x for r in regions for x in (r.model.name, tuple(r.model.parameters), r.nodes))
        ),
        "stimuli": _digest(
            *(
                x
                for s in stimuli
                for x in (s.nodes, tuple(s.times_ms), s.duration_ms, s.strength_mv_per_ms)
            )
        ),
        "time step, method or threshold": _digest(steps),
    }


def save_checkpoint(path: str | Path, key: dict[str, str], step: int, march: March) -> None:
    """Write the run as it stands after `step` steps.

    Raises
    ------
    OSError
        When the file cannot be written; the one before it is then as it was.
    """
    states: dict[str, Any] = {f"state_{i}": r.state for i, r in enumerate(march.regions)}
    with whole_file(Path(path)) as part, part.open("wb") as file:
        np.savez(
            file,
            step=step,
            names=list(key),
            digests=list(key.values()),
            v_mv=march.v_mv,
            past=march.waves.past,
            beats=march.waves.beats,
            **states,
        )


def load_checkpoint(path: str | Path, key: dict[str, str], march: March) -> int:
    """Put a saved run into `march`; returns how many steps are done.

    Raises
    ------
    OSError
        When there is no such file.
    ValueError
        When it is no checkpoint, or one of another run; the message says what differs.
    """
    path = Path(path)
    try:
        with np.load(path) as file:
            saved = {name: file[name] for name in file.files}
        kept = dict(zip(saved["names"].tolist(), saved["digests"].tolist(), strict=True))
        step, waves = int(saved["step"]), march.waves
        different = [name for name in key if kept[name] != key[name]]
    except FileNotFoundError:
        msg = f"no checkpoint to resume: {path}; run without resume first"
        raise FileNotFoundError(msg) from None
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile):
        msg = f"{path} is no checkpoint of a monodomain run"
        raise ValueError(msg) from None
    if different:
        msg = (
            f"{path} is the checkpoint of another run: its {' and '.join(different)} differ; "
            "give what it was made with, or start without resume"
        )
        raise ValueError(msg)
    march.v_mv[:] = saved["v_mv"]
    waves.past[:] = saved["past"]
    waves.beats = saved["beats"]
    for i, region in enumerate(march.regions):
        region.state[:] = saved[f"state_{i}"]
    return step


def _digest(*parts: Any) -> str:
    """Of arrays by their bytes and of everything else by its `repr`."""
    digest = hashlib.sha256()
    for part in parts:
        if isinstance(part, np.ndarray):
            digest.update(f"{part.dtype} {part.shape}".encode())
            digest.update(np.ascontiguousarray(part).tobytes())
        else:
            digest.update(repr(part).encode())
    return digest.hexdigest()
