"""Move the nodes of poor tetrahedra until they are well shaped."""

from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .kernels.morph import relax_nodes
from .quality import scaled_jacobians
from .topology import tets_at_nodes

#: Passes over the poor tets with the boundary held, then with it free within its slack.
SWEEPS = (5, 30)
#: A mesh with a larger share of poor tets than this is beyond a repair that goes node by node.
MOST_POOR = 0.01


class Relaxation:
    """The tets of one mesh and what surrounds each node, for any places of the nodes."""

    def __init__(self, tets: NDArray[np.int32], boundary_nodes: NDArray[np.int64]) -> None:
        self.tets, self.boundary_nodes = tets, boundary_nodes

    def shape(self, nodes_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(m,) Scaled Jacobian of each tet, as defined in `MeshQuality`."""
        return scaled_jacobians(nodes_mm, self.tets)

    def improve(
        self, nodes_mm: NDArray[np.float64], goal: float, *, slack_mm: float = 0.0
    ) -> NDArray[np.float64]:
        """(n, 3) Nodes with every tet at a scaled Jacobian of `goal`, or as near as it gets.

        Each node of a poor tet goes where the worst of its tets is best; inner nodes first, then,
        if they do not suffice, boundary nodes too, none farther than `slack_mm` from its place.
        A mesh with more than `MOST_POOR` of its tets below the goal comes back as it is.
        """
        shape = self.shape(nodes_mm)
        if not 0 < (shape < goal).mean() <= MOST_POOR:
            return nodes_mm
        nodes_mm, homes_mm = nodes_mm.copy(), nodes_mm
        slacks_mm = np.full(len(nodes_mm), np.inf)
        for held_mm, sweeps in zip((0.0, slack_mm), SWEEPS, strict=True):
            slacks_mm[self.boundary_nodes] = held_mm
            for _ in range(sweeps):
                nodes = np.unique(self.tets[shape < goal])
                nodes = nodes[slacks_mm[nodes] > 0]
                home = homes_mm[nodes], slacks_mm[nodes]
                if not relax_nodes(nodes_mm, self.tets, *self._stars, nodes, *home, goal):
                    break
                around = self._around(nodes)
                shape[around] = scaled_jacobians(nodes_mm, self.tets[around])
        return nodes_mm

    def _around(self, nodes: NDArray[np.int32]) -> NDArray[np.int64]:
        """(k,) The tets that have any of the nodes."""
        start, members = self._stars
        return np.unique(np.concatenate([members[start[i] : start[i + 1]] for i in nodes]))

    @cached_property
    def _stars(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return tets_at_nodes(self.tets, int(self.tets.max()) + 1)
