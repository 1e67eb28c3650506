"""Hearts of biv-me fits: one mesh through the beat, made in code and of patient 1."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse import eye_array

from cardiotwin.anatomy.bivme import read_bivme
from cardiotwin.anatomy.bivme_hearts import bivme_heart, bivme_hearts, bivme_template
from cardiotwin.anatomy.build import build_heart
from cardiotwin.anatomy.heart import SURFACES
from cardiotwin.anatomy.measures import cavity_volume_ml
from cardiotwin.anatomy.quality import scaled_jacobians
from cardiotwin.anatomy.surface import gaps_to_triangles_mm
from cardiotwin.anatomy.template import TemplateMorph
from cardiotwin.anatomy.topology import boundary_triangles

FRAMES = 4


@pytest.fixture(scope="module")
def folder(coarse_mesh, tmp_path_factory):
    """A fit in the format: the coarse heart beating, its surface nodes as control points."""
    nodes_mm, _, surfaces = coarse_mesh
    triangles = np.concatenate([surfaces[s] for s in SURFACES])
    used, faces = np.unique(triangles, return_inverse=True)
    identity = eye_array(len(used), format="csr")
    path = tmp_path_factory.mktemp("made") / "beating"
    path.mkdir()
    np.savez(
        path / "template.npz",
        sub_data=identity.data,
        sub_indices=identity.indices,
        sub_indptr=identity.indptr,
        sub_shape=identity.shape,
        faces=faces.reshape(-1, 3),
        material=np.repeat(np.arange(4), [len(surfaces[s]) for s in SURFACES]),
        material_names=["LV_ENDOCARDIAL", "RV_FREEWALL", "LV_EPICARDIAL", "MITRAL_VALVE_CUT"],
    )
    middle = nodes_mm[used].mean(axis=0)
    shrink = 1 - 0.1 * np.sin(np.pi * np.arange(FRAMES) / FRAMES)
    beat_mm = middle + shrink[:, None, None] * (nodes_mm[used] - middle)
    np.savez(path / "control_points.npz", control_points_mm=beat_mm)
    return path


@pytest.fixture(scope="module")
def made(folder, coarse_mesh):
    """Hearts of the made fit."""
    nodes_mm, tets, _ = coarse_mesh
    template = TemplateMorph(read_bivme(folder), nodes_mm, tets)
    return list(bivme_hearts(folder, template))


def test_frames_share_mesh_labels_coordinates_and_electrodes(made):
    first = made[0]
    assert [h.name for h in made] == [f"beating frame {k}" for k in range(FRAMES)]
    for heart in made[1:]:
        assert heart.tets is first.tets
        assert heart.surfaces is first.surfaces
        assert heart.coordinates is first.coordinates
        assert heart.electrodes_mm is first.electrodes_mm


def test_volume_follows_the_fit(made):
    shrink = 1 - 0.1 * np.sin(np.pi * np.arange(FRAMES) / FRAMES)
    volumes = [h.tet_volumes_mm3.sum() for h in made]
    assert np.divide(volumes, volumes[0]) == pytest.approx(shrink**3, rel=1e-9)  # affine: exact


@pytest.mark.slow
def test_frame_out_of_reach_of_the_template_gets_a_mesh_of_its_own_and_a_warning(
    folder, coarse_mesh
):
    """The template of a surface whose triangles stand in another order."""
    nodes_mm, tets, _ = coarse_mesh
    fit = read_bivme(folder)
    other = replace(fit, triangles=fit.triangles[::-1].copy(), labels=fit.labels[::-1].copy())
    hearts = bivme_hearts(folder, TemplateMorph(other, nodes_mm, tets))
    with pytest.warns(UserWarning, match="beating frame 0: its triangles .* a mesh of its own"):
        heart = next(hearts)
    assert len(heart.nodes_mm) > len(nodes_mm)
    assert heart.name == "beating frame 0"


def test_unknown_way_is_refused(folder):
    with pytest.raises(ValueError, match="via must be morph or stuffing, got 'scan'"):
        bivme_heart(folder, via="scan")


@pytest.fixture(scope="module")
def patient(data_folder):
    return data_folder / "hearts" / "bivme_patient1"


@pytest.fixture(scope="module")
def template(patient):
    return bivme_template(read_bivme(patient))


@pytest.mark.slow
def test_all_frames_of_patient_1_are_sound_and_near_the_fit(patient, template):
    hearts = list(bivme_hearts(patient, template))
    assert len(hearts) == 25
    assert len(hearts[0].nodes_mm) >= 60_000
    for frame, heart in enumerate(hearts):
        assert heart.tets is hearts[0].tets
        assert scaled_jacobians(heart.nodes_mm, heart.tets).min() > 0.02
        fit = read_bivme(patient, frame)
        boundary = boundary_triangles(heart.tets)
        nodes = np.unique(boundary)
        there_mm = gaps_to_triangles_mm(heart.nodes_mm[nodes], fit.nodes_mm, fit.triangles)
        back_mm = gaps_to_triangles_mm(fit.nodes_mm, heart.nodes_mm, boundary)
        assert max(there_mm.mean(), back_mm.mean()) < 0.2
    volumes_ml = [cavity_volume_ml(h.nodes_mm, h.surfaces["lv_endo"]) for h in hearts]
    # 182 and 77 ml with the fit's own valve leaves; flat ones are nearer to the apex.
    assert volumes_ml[0] == pytest.approx(182, rel=0.08)
    assert np.argmin(volumes_ml) == 9
    assert volumes_ml[9] == pytest.approx(77, rel=0.08)


@pytest.mark.slow
def test_carried_fibres_are_near_those_of_the_rule_at_end_systole(patient, template):
    """Muscle that thickens and shortens turns its fibres a little, not into another pattern."""
    carried = template.heart(read_bivme(patient, 10))
    ruled = build_heart(carried.nodes_mm, carried.tets, carried.surfaces, name="ruled")
    cosine = np.abs(np.einsum("ij,ij->i", carried.fibres, ruled.fibres))
    angle_deg = np.degrees(np.arccos(np.clip(cosine, 0, 1)))
    assert np.median(angle_deg) < 15
