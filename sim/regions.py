"""Which cell model lives at which nodes, with the state of its cells."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .cell_model import CellModel
from .eikonal_checks import Floats
from .kernels.waves import gather, scatter

#: One model for all nodes, or pairs of a model and its nodes, as a mask (n,) or as indices.
Cells = CellModel | Sequence[tuple[CellModel, ArrayLike]]


@dataclass(frozen=True, eq=False)
class State:
    """Where a run stands, to start another from: see `solve_monodomain`.

    Attributes
    ----------
    v_mv : (n,) float64
    states : tuple of (s, k) float64
        One array a region, its cells in the order of their nodes.
    """

    v_mv: Floats
    states: tuple[Floats, ...]


class Region:
    """Cells of one model; their state lies packed, so that its kernel meets no other's cells."""

    def __init__(self, model: CellModel, nodes: NDArray[np.intp] | None, n: int) -> None:
        self.model = model
        self.nodes = nodes
        size = n if nodes is None else len(nodes)
        self.state = model.at_rest(size)[1]
        self.v_mv, self.current = np.zeros((2, size if nodes is not None else 0))
        self.dt_ms, self.table = 0.0, np.empty((0, 0))

    def prepare(self, dt_ms: float) -> None:
        """Get ready for steps of this length."""
        self.dt_ms, self.table = dt_ms, self.model.table(self.model.parameters, dt_ms)

    def share(self, first: int, last: int) -> tuple[int, int]:
        """The cells that lie at nodes `first` to `last` - 1."""
        if self.nodes is None:
            return first, last
        begin, end = np.searchsorted(self.nodes, [first, last])
        return int(begin), int(end)

    def set_current(self, current: Floats) -> None:
        """Take the stimulus (n,) in mV/ms."""
        self.current = current if self.nodes is None else current[self.nodes]

    def react(self, v_mv: Floats, first: int, last: int) -> None:
        """Advance cells `first` to `last` - 1 and the voltage (n,) of their nodes by a step."""
        model, nodes = self.model, self.nodes
        packed = v_mv if nodes is None else self.v_mv
        if nodes is not None:
            gather(v_mv, nodes, packed, first, last)
        model.advance(
            model.parameters, self.table, self.dt_ms, self.current, packed, self.state, first, last
        )
        if nodes is not None:
            scatter(packed, nodes, v_mv, first, last)


def make_regions(cells: Cells, mass: Floats) -> list[Region]:
    """Regions that hold every live node once.

    Raises
    ------
    ValueError
        When a live node has no cell model, or two.
    """
    n = len(mass)
    live = mass > 0
    if isinstance(cells, CellModel):
        return [Region(cells, None if live.all() else np.flatnonzero(live), n)]
    owner = np.full(n, -1)
    for i, (model, nodes) in enumerate(cells):
        chosen = node_mask(nodes, n, model.name)
        twice = np.flatnonzero(chosen & (owner >= 0))
        if twice.size:
            other = cells[owner[twice[0]]][0].name
            msg = f"node {twice[0]} has two cell models, {other} and {model.name}; give it one"
            raise ValueError(msg)
        owner[chosen] = i
    without = np.flatnonzero(live & (owner < 0))
    if without.size:
        msg = f"{without.size} live nodes have no cell model, the first is node {without[0]}"
        raise ValueError(msg)
    found = [np.flatnonzero(live & (owner == i)) for i in range(len(cells))]
    return [Region(model, nodes, n) for (model, _), nodes in zip(cells, found, strict=True)]


def node_mask(nodes: ArrayLike, n: int, name: str) -> NDArray[np.bool_]:
    """(n,) Which nodes a mask or indices choose."""
    nodes = np.asarray(nodes)
    if nodes.dtype == bool:
        if nodes.shape != (n,):
            msg = f"the nodes of {name} must be a mask of shape ({n},), got {nodes.shape}"
            raise ValueError(msg)
        return nodes
    if nodes.size and (nodes.dtype.kind not in "iu" or nodes.min() < 0 or nodes.max() >= n):
        msg = f"the nodes of {name} must be indices from 0 to {n - 1}"
        raise ValueError(msg)
    mask = np.zeros(n, bool)
    mask[nodes.astype(np.intp)] = True
    return mask


def rest_mv(regions: Sequence[Region], n: int) -> Floats:
    """(n,) Resting potential of the model at each node; a dead one takes the first model's."""
    rest = np.full(n, regions[0].model.rest_mv)
    for region in regions:
        rest[slice(None) if region.nodes is None else region.nodes] = region.model.rest_mv
    return rest
