"""Perfusion beds: what of the left ventricle an occlusion cuts off."""

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart
from ..sim import EikonalMesh, solve_eikonal, tet_metric, triangle_metric
from .coronaries import artery_curtains

#: Sites of occlusion that are drawn from, 0 proximal .. 1 distal.
SITES = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75)


class Beds:
    """The beds of one heart; each is worked out when first asked for, and kept."""

    def __init__(self, heart: Heart, mesh: EikonalMesh, lv: NDArray[np.int64]) -> None:
        self._mesh = mesh
        self._lv = lv
        self._outside = ~heart.is_lv
        self._curtains = artery_curtains(heart)
        speeds = np.ones(3)
        self._tets = tet_metric(heart.nodes_mm, heart.tets, heart.fibres, heart.sheets, speeds)
        self._triangles = triangle_metric(heart.nodes_mm, mesh.triangles, 1.0)
        self._known: dict[tuple[str, float], NDArray[np.float32]] = {}

    def radius(self, territory: str, site: float) -> NDArray[np.float32]:
        """(lv,) 0 in the middle of the bed, 1 at its side, above 1 outside.

        The way to the side of the bed over the longest such way: the middle lies furthest from
        any open artery, and is the last to be saved by collateral flow from there.
        """
        if (territory, site) not in self._known:
            inside = self._bed(territory, site)
            nodes = self._lv[inside]
            inward, outward = self.way_mm(self._lv[~inside]), self.way_mm(nodes)
            reached = np.isfinite(inward) & np.isfinite(outward)
            deepest = inward[reached].max()
            signed = np.where(reached, outward - inward, deepest)
            self._known[territory, site] = (1 + signed / deepest).astype(np.float32)
        return self._known[territory, site]

    def _bed(self, territory: str, site: float) -> NDArray[np.bool_]:
        """(lv,) Nodes nearer to the occluded branches than to any open one."""
        own = self._curtains[territory]
        behind = own.sites >= site
        others = [c.nodes for name, c in self._curtains.items() if name != territory]
        lost = own.nodes[behind]
        kept = np.setdiff1d(np.concatenate([*others, own.nodes[~behind]]), lost)
        return self.way_mm(lost) < self.way_mm(kept)

    def way_mm(self, sources: NDArray[np.int64], within_mm: float = np.inf) -> NDArray[np.float64]:
        """(lv,) Shortest way to a set of nodes inside the left ventricle's wall; inf if longer."""
        way = solve_eikonal(
            self._mesh,
            tet_metric=self._tets,
            triangle_metric=self._triangles,
            sources=sources,
            blocked=self._outside,
            until_ms=within_mm,  # at 1 mm/ms
        )
        return way[self._lv]
