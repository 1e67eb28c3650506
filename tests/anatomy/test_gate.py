"""The gate: a good mesh passes, and each fault is told with its value and place."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.anatomy.gate import GateLimits, gate
from cardiotwin.anatomy.quality import mesh_quality
from cardiotwin.anatomy.shapes import box
from cardiotwin.anatomy.surface import LabelledSurface
from cardiotwin.anatomy.topology import boundary_triangles


@pytest.fixture
def block():
    """A cube of 60 mm, all of its boundary epicardium, and its own surface."""
    nodes_mm, tets = box((6, 6, 6), 10.0)
    sides = boundary_triangles(tets)
    labels = np.full(len(sides), 2, np.int8)
    surface = LabelledSurface(name="block", nodes_mm=nodes_mm, triangles=sides, labels=labels)
    return nodes_mm, tets, {"epi": sides}, surface


def test_good_mesh_passes(block):
    nodes_mm, tets, surfaces, surface = block
    assert gate(nodes_mm, tets, surfaces, surface=surface) == ()


def test_quality_holds_what_the_gate_judges(block):
    nodes_mm, tets, surfaces, surface = block
    quality = mesh_quality(nodes_mm, tets, surfaces, surface=surface)
    assert quality.inverted_tets == 0
    # Six tets a cube: of each tet's six edges three are 10 mm, two 14.1, one 17.3.
    assert quality.mean_edge_mm == pytest.approx((30 + 20 * 2**0.5 + 10 * 3**0.5) / 6)
    assert quality.fit.volume_error_percent == pytest.approx(0)
    assert quality.fit.distance_max_mm == pytest.approx(0, abs=1e-9)
    assert mesh_quality(nodes_mm, tets, surfaces).fit is None


def test_inverted_tet_is_told_with_its_place(block):
    nodes_mm, tets, surfaces, _ = block
    broken = tets.copy()
    broken[5] = tets[5, [1, 0, 2, 3]]
    centre = "({:.1f}, {:.1f}, {:.1f}) mm".format(*nodes_mm[tets[5]].mean(axis=0))
    (message,) = (m for m in gate(nodes_mm, broken, surfaces) if "inverted" in m)
    assert message.startswith("1 of 1296 tets are inverted")
    assert centre in message


def test_sliver_is_told_with_its_value(block):
    nodes_mm, tets, surfaces, _ = block
    deep = np.argmin(np.linalg.norm(nodes_mm - 30, axis=1))
    squeezed_mm = nodes_mm.copy()
    squeezed_mm[deep, 0] += 9.5
    (message,) = gate(squeezed_mm, tets, surfaces)
    assert message.startswith("the scaled Jacobian falls to 0.0")
    assert "the limit is 0.1" in message


def test_second_piece_is_told(block):
    nodes_mm, tets, _, _ = block
    split = tets[np.abs(nodes_mm[tets].mean(axis=1)[:, 0] - 30) > 10]
    messages = gate(nodes_mm, split, {"epi": boundary_triangles(split)})
    assert messages == ("the tets are in 2 pieces; waves will not pass between them",)


def test_pinch_is_told_with_its_place(block):
    nodes_mm, tets, _, _ = block
    far = (nodes_mm[tets] < 30.1).all(axis=(1, 2)) | (nodes_mm[tets] > 29.9).all(axis=(1, 2))
    messages = gate(nodes_mm, tets[far], {"epi": boundary_triangles(tets[far])})
    assert "touches itself in 1 places, first at (30.0, 30.0, 30.0) mm" in " ".join(messages)


def test_unlabelled_triangle_is_told(block):
    nodes_mm, tets, surfaces, _ = block
    (message,) = gate(nodes_mm, tets, {"epi": surfaces["epi"][1:]})
    assert message.startswith("431 triangles are labelled, the boundary has 432")


def test_swollen_mesh_is_told_with_its_surface(block):
    nodes_mm, tets, surfaces, surface = block
    messages = gate(nodes_mm * 1.2, tets, surfaces, surface=surface)
    assert messages[0].startswith(
        "block: the volume of the mesh is +72.80 % off, the limit is 0.5 %"
    )
    assert messages[1].startswith("block: a hundredth of the boundary is")


def test_limits_are_the_callers(block):
    nodes_mm, tets, surfaces, surface = block
    loose = GateLimits(volume_error_percent=80.0, distance_p99_edges=2.0)
    assert gate(nodes_mm * 1.2, tets, surfaces, surface=surface, limits=loose) == ()
    strict = replace(loose, min_scaled_jacobian=0.9)
    assert "the limit is 0.9" in gate(nodes_mm, tets, surfaces, limits=strict)[0]


@pytest.mark.parametrize("value", [0.0, -1.0, np.nan])
def test_limit_that_is_no_limit_is_refused(value):
    with pytest.raises(ValueError, match="distance_p99_edges must be a positive number"):
        GateLimits(distance_p99_edges=value)
