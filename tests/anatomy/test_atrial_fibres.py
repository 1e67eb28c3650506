"""Fibres on a left atrium: level lines on a tube, around openings, on real atria."""

import numpy as np
import pytest
from scipy.spatial import cKDTree

from cardiotwin.anatomy.atrial_build import build_atrium
from cardiotwin.anatomy.atrial_fibres import AtrialRule, appendage_end, atrial_fibres, fade_in
from cardiotwin.anatomy.atrial_files import ATRIA, load_atrium
from cardiotwin.anatomy.surface_laplace import SurfaceLaplacian

from .atrial_shapes import ball, tube


def from_rim_deg(atrium, opening, within_mm=5.0):
    """Angle in degrees between fibres near an opening and its rim, smoothed over five nodes."""
    rim_mm = atrium.nodes_mm[atrium.openings[opening]]
    along = np.roll(rim_mm, -3, axis=0) - np.roll(rim_mm, 3, axis=0)
    away_mm, nearest = cKDTree(rim_mm).query(atrium.nodes_mm[atrium.triangles].mean(axis=1))
    near = away_mm < within_mm
    along, normals = along[nearest[near]], atrium.normals[near]
    along = along - np.einsum("ki,ki->k", along, normals)[:, None] * normals
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    cosine = np.abs(np.einsum("ki,ki->k", along, atrium.fibres[near]))
    return np.degrees(np.arccos(np.clip(cosine, 0, 1)))


def test_fibres_run_around_a_tube():
    nodes_mm, triangles = tube()
    height = nodes_mm[:, 2]
    rings = {"lspv": height == 0, "mitral": height == 30, "rspv": height == 60}
    openings = {name: np.flatnonzero(ring).astype(np.int32) for name, ring in rings.items()}
    fibres = atrial_fibres(
        nodes_mm, triangles, np.zeros(len(triangles), np.int8), openings, name="tube"
    )
    np.testing.assert_allclose(np.linalg.norm(fibres, axis=1), 1, atol=1e-6)
    np.testing.assert_allclose(fibres[:, 2], 0, atol=1e-5)


def test_fibres_of_a_ball_run_around_its_openings():
    atrium = build_atrium(*ball(), name="ball")
    for opening in atrium.openings:
        # Chance gives 45. The rims run in zigzag along triangles of 2 mm, the fibres do not.
        assert from_rim_deg(atrium, opening, 3.0).mean() < 20, opening


def test_the_end_of_an_appendage_is_its_farthest_node():
    nodes_mm, triangles = tube()
    tags = np.where(nodes_mm[triangles][:, :, 2].min(axis=1) >= 40, 1, 0)
    end = appendage_end(SurfaceLaplacian(nodes_mm, triangles), tags, {})
    assert nodes_mm[end, 2] == pytest.approx(60)
    assert len(appendage_end(SurfaceLaplacian(nodes_mm, triangles), 0 * tags, {})) == 0


def test_bundles_fade_into_each_other():
    np.testing.assert_allclose(fade_in(np.array([-1, -0.05, 0, 0.05, 1]), 0.1), [0, 0, 0.5, 1, 1])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"mitral_from": 1.0}, "mitral_from must be between 0 and 1, got 1.0"),
        ({"fade": float("nan")}, "fade must be between 0 and 1, got nan"),
        ({"left_veins_to": 0.9}, "left_veins_to must be less than right_veins_from"),
    ],
)
def test_impossible_rules_are_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        AtrialRule(**wrong)


def test_an_atrium_without_right_veins_is_refused():
    nodes_mm, triangles = tube()
    openings = {"mitral": np.arange(48), "lspv": np.arange(48) + 24 * 48}
    with pytest.raises(ValueError, match="tube: no opening is named for the right veins; cut it"):
        atrial_fibres(nodes_mm, triangles, np.zeros(len(triangles)), openings, name="tube")


@pytest.mark.slow
@pytest.mark.parametrize("name", ATRIA)
def test_fibres_of_real_atria_run_around_valve_and_veins(name, data_folder):
    atrium = load_atrium(name)
    assert from_rim_deg(atrium, "mitral").mean() < 12
    for opening in set(atrium.openings) - {"mitral"}:
        # 25 degrees: rims that nearly touch share what lies between them.
        assert from_rim_deg(atrium, opening).mean() < 25, opening
