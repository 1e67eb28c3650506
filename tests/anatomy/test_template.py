"""A template heart follows its surface: closed forms for nodes, fibres and sheets."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cardiotwin.anatomy.heart import SURFACES, tet_volumes
from cardiotwin.anatomy.kernels.morph import push_forward
from cardiotwin.anatomy.laplace import Laplacian
from cardiotwin.anatomy.quality import scaled_jacobians
from cardiotwin.anatomy.shapes import box
from cardiotwin.anatomy.surface import LabelledSurface, check_surface
from cardiotwin.anatomy.template import TemplateMorph, split_bridges
from cardiotwin.anatomy.topology import boundary_triangles


@pytest.fixture(scope="module")
def wall(coarse_mesh):
    """The boundary of the coarse heart as a labelled surface."""
    nodes_mm, _, surfaces = coarse_mesh
    return check_surface(
        LabelledSurface(
            name="wall",
            nodes_mm=nodes_mm,
            triangles=np.concatenate([surfaces[s] for s in SURFACES]),
            labels=np.repeat(np.arange(4, dtype=np.int8), [len(surfaces[s]) for s in SURFACES]),
        )
    )


@pytest.fixture(scope="module")
def carrier(wall, coarse_mesh):
    nodes_mm, tets, _ = coarse_mesh
    return TemplateMorph(wall, nodes_mm, tets)


def moved(wall, move):
    return LabelledSurface(
        name="moved",
        nodes_mm=move(wall.nodes_mm),
        triangles=wall.triangles,
        labels=wall.labels,
    )


def unit(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_heart_of_the_template_surface_is_the_template(carrier, wall):
    heart = carrier.heart(wall)
    assert heart.nodes_mm == pytest.approx(carrier.template.nodes_mm, abs=1e-9)  # a solve
    assert heart.fibres == pytest.approx(carrier.template.fibres, abs=2e-7)  # float32
    assert heart.sheets == pytest.approx(carrier.template.sheets, abs=1e-6)  # made orthogonal
    assert heart.coordinates is carrier.template.coordinates
    assert heart.segments is carrier.template.segments
    assert heart.surfaces is carrier.template.surfaces


def test_turned_surface_turns_nodes_fibres_sheets_and_nothing_else(carrier, wall):
    turn = Rotation.from_euler("xyz", [70, -35, 140], degrees=True).as_matrix()
    heart = carrier.heart(moved(wall, lambda x: x @ turn + [10.0, 200.0, -30.0]))
    before = carrier.template
    wanted_mm = before.nodes_mm @ turn + [10.0, 200.0, -30.0]
    assert heart.nodes_mm == pytest.approx(wanted_mm, abs=1e-9)  # rounding at 200 mm
    assert heart.fibres == pytest.approx(before.fibres @ turn, abs=1e-6)  # float32
    assert heart.sheets == pytest.approx(before.sheets @ turn, abs=1e-6)


def test_stretched_surface_carries_fibres_and_sheets_with_the_muscle(carrier, wall):
    stretch = np.array([[1.2, 0.1, 0.0], [0.0, 0.8, 0.0], [0.2, 0.0, 1.1]])
    heart = carrier.heart(moved(wall, lambda x: x @ stretch))
    fibres = unit(carrier.template.fibres @ stretch)
    carried = carrier.template.sheets @ stretch
    sheets = unit(carried - (carried * fibres).sum(axis=1, keepdims=True) * fibres)
    assert heart.fibres == pytest.approx(fibres, abs=1e-6)  # float32
    assert heart.sheets == pytest.approx(sheets, abs=1e-6)


def test_contracted_and_twisted_heart_has_no_flat_tet(carrier, wall):
    """Radius -20 %, length -15 %, twist 20 degrees from end to end: a strong beat."""
    middle = wall.nodes_mm.mean(axis=0)

    def beat(points_mm):
        x, y, z = (points_mm - middle).T
        angle = np.radians(20) * z / np.ptp(z)
        turned = x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)
        return np.column_stack([0.8 * turned[0], 0.8 * turned[1], 0.85 * z]) + middle

    heart = carrier.heart(moved(wall, beat))
    assert scaled_jacobians(heart.nodes_mm, heart.tets).min() > 0.02
    boundary = np.unique(boundary_triangles(heart.tets))
    wanted_mm = beat(carrier.template.nodes_mm)[boundary]
    assert np.linalg.norm(heart.nodes_mm[boundary] - wanted_mm, axis=1).max() <= 0.25
    across = np.einsum("ij,ij->i", heart.fibres, heart.sheets)
    assert np.abs(across).max() < 1e-6  # float32
    assert np.linalg.norm(heart.fibres, axis=1) == pytest.approx(1, abs=1e-6)


def test_electrodes_stay_with_the_chest_when_given(carrier, wall):
    chest_mm = carrier.template.electrodes_mm + 5.0
    still = carrier.heart(moved(wall, lambda x: 0.9 * x), electrodes_mm=chest_mm)
    assert still.electrodes_mm is chest_mm


def test_surface_of_other_triangles_is_refused(carrier, wall):
    other = LabelledSurface(
        name="other", nodes_mm=wall.nodes_mm, triangles=wall.triangles[::-1], labels=wall.labels
    )
    with pytest.raises(ValueError, match="other: its triangles are not those of the template wall"):
        carrier.heart(other)


def test_surface_that_the_mesh_was_not_made_from_is_refused(coarse_mesh, wall):
    nodes_mm, tets, _ = coarse_mesh
    larger = moved(wall, lambda x: 1.2 * x)
    with pytest.raises(ValueError, match=r"is \d+\.\d mm from the surface at \(.*give the surface"):
        TemplateMorph(larger, nodes_mm, tets)


def test_impossible_surface_is_refused_under_its_own_name(carrier, wall):
    crossing = moved(
        wall, lambda x: x * np.where(x[:, 2:] > x[:, 2].mean(), [1, 1, -0.6], [1, 1, 1])
    )
    with pytest.raises(ValueError, match=r"moved: \d+ tets stay flat .* mm; the surface crosses"):
        carrier.heart(crossing)


def test_split_leaves_the_space_and_its_boundary_as_they_were():
    """A plate one cube thick: every tet bridges it."""
    nodes_mm, tets = box((6, 6, 1), 10.0)
    boundary = boundary_triangles(tets)
    split_mm, halves = split_bridges(nodes_mm, tets)
    after = boundary_triangles(halves)
    assert (tet_volumes(split_mm, halves) > 0).all()
    assert tet_volumes(split_mm, halves).sum() == pytest.approx(60 * 60 * 10)
    assert {tuple(sorted(t)) for t in after} == {tuple(sorted(t)) for t in boundary}
    outer = {frozenset((a, b)) for t in after.tolist() for a in t for b in t if a != b}
    for tet in halves[np.isin(halves, after).all(axis=1)].tolist():
        # Nothing is left to halve: no edge goes through the inside.
        assert all(frozenset((a, b)) in outer for a in tet for b in tet if a != b)


def test_mesh_without_bridges_is_not_split():
    nodes_mm, tets = box((4, 4, 4), 10.0)
    inner_mm, inner = split_bridges(nodes_mm, tets)
    again_mm, again = split_bridges(inner_mm, inner)
    assert again is inner
    assert again_mm is inner_mm


def test_carried_axes_are_those_of_the_plain_formula(coarse_heart, rng):
    """Twin of the kernel: F = sum x_i (outer) grad_i of each tet, then Gram and Schmidt."""
    heart = coarse_heart
    shaken_mm = heart.nodes_mm * 1.1 + rng.normal(0, 0.05, heart.nodes_mm.shape)
    gradients = Laplacian(heart.nodes_mm, heart.tets).shape_gradients
    along = [np.einsum("mik,mk->mi", gradients, d) for d in (heart.fibres, heart.sheets)]
    fibres, sheets = np.empty_like(heart.fibres), np.empty_like(heart.sheets)
    push_forward(shaken_mm, heart.tets, *along, fibres, sheets)
    for e in range(0, len(heart.tets), 997):
        deform = shaken_mm[heart.tets[e]].T @ gradients[e]
        f = deform @ heart.fibres[e]
        f /= np.linalg.norm(f)
        s = deform @ heart.sheets[e]
        s -= (s @ f) * f
        assert fibres[e] == pytest.approx(f, abs=1e-6)  # float32
        assert sheets[e] == pytest.approx(s / np.linalg.norm(s), abs=1e-6)
