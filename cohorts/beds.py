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
        """(lv,) 0 under the occluded branches, 1 at the side of their bed, up to 2 beyond it.

        Twice the way through the wall to the occluded branches, over the sum of that and the
        way to the nearest open branch.
        """
        if (territory, site) not in self._known:
            own = self._curtains[territory]
            behind = own.sites >= site
            others = [c.nodes for name, c in self._curtains.items() if name != territory]
            lost = own.nodes[behind]
            kept = np.setdiff1d(np.concatenate([*others, own.nodes[~behind]]), lost)
            to_lost, to_kept = self.way_mm(lost), self.way_mm(kept)
            reached = np.isfinite(to_lost) & np.isfinite(to_kept)
            total = np.where(reached, np.maximum(to_lost + to_kept, 1e-9), 1.0)
            radius = np.where(reached, 2 * to_lost / total, 2.0)
            self._known[territory, site] = radius.astype(np.float32)
        return self._known[territory, site]

    def way_mm(self, sources: NDArray[np.int64]) -> NDArray[np.float64]:
        """(lv,) Shortest way to a set of nodes inside the left ventricle's wall."""
        way = solve_eikonal(
            self._mesh,
            tet_metric=self._tets,
            triangle_metric=self._triangles,
            sources=sources,
            blocked=self._outside,
        )
        return way[self._lv]
