"""Blood in the ventricles: closed, outward, as much as the clinic measures, inside the body."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.anatomy.blood import _lid, blood_cavities
from cardiotwin.anatomy.measures import cavity_volume_ml, mouth_rims
from cardiotwin.anatomy.surface import enclosed_volume_mm3
from cardiotwin.anatomy.topology import edge_counts
from cardiotwin.anatomy.torso import Torso, fit_torso, inside


@pytest.mark.parametrize("name", ["coarse_heart", "dti004", "rodero01"])
def test_cavities_are_closed_and_hold_what_is_measured(name, request):
    heart = request.getfixturevalue(name)
    names = ("lv_endo", "rv_endo")
    for surface, shell in zip(names, blood_cavities(heart), strict=True):
        assert (edge_counts(shell.triangles)[1] % 2 == 0).all()  # real rims touch at some edges
        directed = np.concatenate([shell.triangles[:, [i, (i + 1) % 3]] for i in range(3)])
        back = {(b, a) for a, b in directed.tolist()}
        assert back == set(map(tuple, directed.tolist()))  # neighbours are wound alike
        volume_ml = enclosed_volume_mm3(shell.nodes_mm, shell.triangles) / 1e3
        measured_ml = cavity_volume_ml(heart.nodes_mm, heart.surfaces[surface])
        # Fans are what is measured; where one would fold, the lid lies otherwise across the rim.
        endocardium = heart.surfaces[surface]
        fans = len(shell.triangles) == len(endocardium) + len(mouth_rims(endocardium)[0])
        rel = 1e-9 if fans else 0.01
        assert volume_ml == pytest.approx(measured_ml, rel=rel)


@pytest.mark.parametrize("name", ["builtin", "coarse_heart"])
def test_no_lid_folds_over_itself(name, request):
    # A fan over the right mouth, a crescent, would turn a quarter of its triangles over.
    heart = request.getfixturevalue(name)
    for surface, shell in zip(("lv_endo", "rv_endo"), blood_cavities(heart), strict=True):
        lid = shell.nodes_mm[shell.triangles[len(heart.surfaces[surface]) :]]
        areas = np.cross(lid[:, 1] - lid[:, 0], lid[:, 2] - lid[:, 0])
        facing = areas @ areas.sum(axis=0)
        # A few slivers stand on edge where the rim of a coarse heart zigzags.
        assert -facing[facing < 0].sum() < 0.02 * facing.sum()


def test_blood_lies_in_the_body_and_not_in_the_muscle(coarse_heart):
    torso = replace(fit_torso(coarse_heart.electrodes_mm), cavities=blood_cavities(coarse_heart))
    assert isinstance(torso, Torso)
    for shell in torso.cavities:
        assert torso.encloses(shell.nodes_mm).all()
        wet = inside(shell, coarse_heart.centres_mm)
        # The lid of a crescent mouth may graze the muscle beside it, and only there.
        height = coarse_heart.coordinates.apicobasal[coarse_heart.tets[wet]].max(axis=1)
        assert wet.mean() < 5e-3
        assert (height > 0.9).all()


def test_a_closed_endocardium_has_no_mouth(coarse_heart):
    surfaces = dict(coarse_heart.surfaces)
    left = blood_cavities(coarse_heart)[0]
    nodes_mm = np.concatenate([coarse_heart.nodes_mm, left.nodes_mm])
    surfaces["lv_endo"] = left.triangles + len(coarse_heart.nodes_mm)
    odd = type("Odd", (), {"nodes_mm": nodes_mm, "surfaces": surfaces})()
    with pytest.raises(ValueError, match="an endocardium is closed, so its cavity has no mouth"):
        blood_cavities(odd)


def test_a_rim_that_no_lid_closes_without_folds_is_told():
    # The rim passes through one place three times over and turns back on itself.
    rim_mm = [[1, 1], [0, 0], [0, 0], [0, 0], [2, 1], [2, 1], [1, 2], [2, 1]]
    nodes_mm = np.column_stack([rim_mm, np.zeros(8)]).astype(float)
    rim = np.column_stack([np.arange(8), (np.arange(8) + 1) % 8]).astype(np.int32)
    with pytest.warns(UserWarning, match="the mouth about 1, 1, 0 mm has no lid without folds"):
        lid = _lid(np.vstack([nodes_mm, nodes_mm.mean(axis=0)]), rim, 8)
    assert len(lid) == 8
