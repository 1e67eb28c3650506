"""What every cell model offers: parameters, its resting state, a kernel that advances cells."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: `advance(parameters, table, dt_ms, current, v, state, first, last)`; see `CellModel`.
Advance = Callable[..., None]
#: `table(parameters, dt_ms)`; see `CellModel`.
Table = Callable[[Any, float], NDArray[Any]]


def no_table(parameters: Any, dt_ms: float) -> NDArray[np.float64]:
    """Table of a model that works everything out as it goes."""
    del parameters, dt_ms
    return np.empty((0, 0))


@dataclass(frozen=True, eq=False, kw_only=True)
class CellModel:
    """A membrane with its parameters; every variant of a model is one of these.

    Attributes
    ----------
    name : str
        As on the command line, such as "ten-tusscher-epi".
    parameters : NamedTuple
        What the kernel reads.
    states : tuple of str
        Names of the rows of `state`, the membrane potential left out.
    rest_mv : float
        Membrane potential at rest.
    rest : (s,) float64
        `states` at rest.
    advance : kernel
        `advance(parameters, table, dt_ms, current, v, state, first, last)` moves cells `first`
        to `last` - 1 on by `dt_ms`, in place: `v` (n,) in mV, `state` (s, n). `current` (n,) is
        the stimulus in mV/ms, positive where it depolarises. It holds no lock, so that threads
        share the cells.
    table : callable
        `table(parameters, dt_ms)`: what `advance` looks up by voltage; `no_table` if nothing.
    """

    name: str
    parameters: Any
    states: tuple[str, ...]
    rest_mv: float
    rest: NDArray[np.float64]
    advance: Advance
    table: Table = no_table

    def __post_init__(self) -> None:
        if self.rest.shape != (len(self.states),):
            msg = f"{self.name}: {len(self.states)} states, but rest has shape {self.rest.shape}"
            raise ValueError(msg)

    def at_rest(self, n: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Membrane potential (n,) in mV and state (s, n) of `n` cells at rest."""
        return np.full(n, self.rest_mv), np.repeat(self.rest[:, None], n, axis=1)

    def with_parameters(self, **changes: float) -> "CellModel":
        """The same model with some parameters changed.

        Raises
        ------
        ValueError
            When the model has no parameter of a name.
        """
        unknown = changes.keys() - set(self.parameters._fields)
        if unknown:
            msg = f"{self.name} has no parameter {min(unknown)}"
            raise ValueError(msg)
        return replace(self, parameters=self.parameters._replace(**changes))
