"""Infarcts of the default plan against the label maps of 67 EMIDEC patients."""

from typing import Any

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from slice_hearts import model

from cardiotwin.anatomy import Heart
from cardiotwin.cohorts import CohortPlan, draw_plan
from cardiotwin.cohorts.columns import wall_columns
from cardiotwin.cohorts.infarct import InfarctTarget, draw_infarct, prepare_infarcts

#: Short-axis slices of the maps are 8 to 10 mm thick: some nine from apex to base.
SLICES, SECTORS = 9, 60
DRAWS = 100
#: What counts as scarred: this share of a sector's wall (a voxel in a wall of six or so).
SCARRED = 0.1


def distribution() -> dict[str, Any]:
    """Burden, transmurality, circumferential extent, slices and pieces of 100 infarcts."""
    ready = model("dti004") or model("builtin")
    if ready is None:
        return {"infarct_burden_median": None}
    heart = ready.heart
    infarcts = prepare_infarcts(heart, ready)
    lv = infarcts.lv
    foot = lv[wall_columns(heart, lv).foot]
    rows = np.clip((heart.coordinates.apicobasal[foot] * SLICES).astype(int), 0, SLICES - 1)
    turn = heart.coordinates.rotational[foot] / (2 * np.pi) + 0.5
    cells = rows * SECTORS + np.clip((turn * SECTORS).astype(int), 0, SECTORS - 1)
    whole = np.bincount(cells, infarcts.volumes_mm3, minlength=SLICES * SECTORS)
    burdens, extents, depths, slices, pieces = [], [], [], [], []
    plan = CohortPlan(hearts=("builtin",), n=DRAWS, seed=11, healthy_share=0.0)
    for case in draw_plan(plan):
        target = InfarctTarget(
            territory=case.territory,
            burden=case.target_burden,
            transmurality=case.target_transmurality,
            border_mm=case.border_mm,
        )
        infarct = draw_infarct(infarcts, target, np.random.default_rng(case.seed))
        core = infarct.tissue.core
        lost = np.bincount(cells, infarcts.volumes_mm3 * core[lv], minlength=len(whole))
        depth = (lost / np.maximum(whole, 1e-9)).reshape(SLICES, SECTORS)
        scarred = depth > SCARRED
        burdens.append(infarct.achieved.burden)
        depths.append(depth[scarred])
        extents.extend(scarred.mean(axis=1)[scarred.any(axis=1)])
        slices.append(scarred.any(axis=1).mean())
        pieces.append(piece_count(heart, core))
    depth = np.concatenate(depths)
    return {
        "infarct_burden_quantiles": rounded(np.quantile(burdens, [0.1, 0.5, 0.9])),
        "infarct_extent_quantiles": rounded(np.quantile(extents, [0.1, 0.5, 0.9])),
        "infarct_sector_depth_mean": round(float(depth.mean()), 3),
        "infarct_sector_depth_sd": round(float(depth.std()), 3),
        "infarct_sectors_over_half": round(float((depth > 0.5).mean()), 3),
        "infarct_sectors_over_three_quarters": round(float((depth > 0.75).mean()), 3),
        "infarct_slices_scarred": round(float(np.mean(slices)), 3),
        "infarct_in_one_piece": round(float(np.mean(np.array(pieces) == 1)), 3),
    }


def rounded(values: np.ndarray) -> list[float]:
    """Three decimals."""
    return [round(float(v), 3) for v in values]


def piece_count(heart: Heart, core: np.ndarray) -> int:
    """Connected pieces of the core that make up at least 2 % of it."""
    pairs = np.concatenate([heart.tets[:, [i, j]] for i in range(4) for j in range(i)])
    pairs = pairs[core[pairs].all(axis=1)]
    graph = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(core), len(core)))
    label = connected_components(graph, directed=False)[1][core]
    size = np.bincount(label, heart.node_volumes_mm3[core])
    return int((size > 0.02 * size.sum()).sum())
