"""The shape model: known modes come back, poses do not matter, and small samples are said to be."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from cardiotwin.anatomy.shape_model import (
    HEARTS_A_MODE,
    fit_shape_model,
    procrustes_mm,
    read_shape_model,
    write_shape_model,
)
from cardiotwin.anatomy.shapes import box

NODES_MM, TETS = box((6, 5, 4), 10.0)
CENTRED_MM = NODES_MM - NODES_MM.mean(axis=0)


def bend_and_stretch():
    """Two orthonormal displacements that are no motion of the whole, as (2, n, 3)."""
    stretch = CENTRED_MM * [0, 0, 1]
    bend = np.stack([CENTRED_MM[:, 2] ** 2, 0 * CENTRED_MM[:, 0], 0 * CENTRED_MM[:, 0]], axis=1)
    bend -= bend.mean(axis=0)
    return np.stack([d / np.linalg.norm(d) for d in (stretch, bend)])


def hearts(rng, count, sds_mm=(60.0, 25.0)):
    """Shapes with known scores along both displacements, each in a pose of its own."""
    scores = rng.normal(size=(count, 2))
    shapes = CENTRED_MM + np.tensordot(scores * sds_mm, bend_and_stretch(), axes=1)
    turns = Rotation.random(count, rng=rng).as_matrix()
    return [s @ t.T + rng.normal(size=3) * 100 for s, t in zip(shapes, turns, strict=True)], scores


def test_known_modes_come_back(rng):
    shapes, scores = hearts(rng, 60)
    model = fit_shape_model(shapes, TETS)
    assert model.explained[:2].sum() > 0.999
    # Turned onto the mean, a bend loses the part of it that looks like a turn.
    spread = np.cov(scores.T * np.array([[60.0], [25.0]]))
    assert model.sds_mm[:2] == pytest.approx(
        np.sqrt(np.sort(np.linalg.eigvalsh(spread))[::-1]), rel=0.03
    )
    turn, _ = Rotation.align_vectors(CENTRED_MM, model.mean_mm)
    modes = model.modes[:2] @ turn.as_matrix().T
    overlap = np.tensordot(modes, bend_and_stretch(), axes=([1, 2], [1, 2]))
    assert np.linalg.svd(overlap)[1] == pytest.approx([1, 1], abs=0.02)


def test_modes_are_orthonormal_and_one_fewer_than_hearts(rng):
    shapes = [CENTRED_MM + rng.normal(size=CENTRED_MM.shape) for _ in range(7)]
    model = fit_shape_model(shapes, TETS)
    flat = model.modes.reshape(len(model.modes), -1)
    assert len(flat) == 6
    assert flat @ flat.T == pytest.approx(np.eye(6), abs=1e-12)
    assert model.explained.sum() == pytest.approx(1.0)
    assert (np.diff(model.sds_mm) <= 0).all()


def test_scores_rebuild_every_heart_it_was_fitted_to(rng):
    shapes, _ = hearts(rng, 12)
    model = fit_shape_model(shapes, TETS)
    for shape in shapes:
        again_mm = model.shape_mm(model.scores(shape))
        turn, away_mm = Rotation.align_vectors(shape - shape.mean(axis=0), again_mm)
        assert away_mm / np.sqrt(len(shape)) < 0.05  # aligned to the mean, not to each other
        assert turn.magnitude() < np.pi + 1


def test_pose_of_the_hearts_does_not_matter(rng):
    shapes, _ = hearts(rng, 15)
    turns = Rotation.random(15, rng=rng).as_matrix()
    moved = [s @ t.T + [5, -80, 2] for s, t in zip(shapes, turns, strict=True)]
    one, other = fit_shape_model(shapes, TETS), fit_shape_model(moved, TETS)
    assert other.sds_mm[:2] == pytest.approx(one.sds_mm[:2])
    assert other.left_out_mm == pytest.approx(one.left_out_mm, abs=1e-6)


def test_size_is_kept_unless_it_shall_go(rng):
    sizes = (0.8, 0.9, 1.0, 1.1, 1.2)
    scaled = [CENTRED_MM * s for s in sizes]
    spread_mm = np.std(sizes, ddof=1) * np.linalg.norm(CENTRED_MM)
    assert fit_shape_model(scaled, TETS).sds_mm[0] == pytest.approx(spread_mm)
    together_mm = procrustes_mm(np.array(scaled), remove_size=True)
    assert together_mm - together_mm[0] == pytest.approx(0, abs=1e-9)


def test_left_out_heart_is_far_when_it_is_new_and_near_when_it_is_not(rng):
    shapes, _ = hearts(rng, 30)
    assert fit_shape_model(shapes, TETS).left_out_mm < 0.05
    noisy = [s + rng.normal(scale=2.0, size=s.shape) for s in shapes]
    # Noise of 2 mm in three directions is 3.46 mm, of which the model can know next to nothing.
    assert fit_shape_model(noisy, TETS).left_out_mm == pytest.approx(2 * np.sqrt(3), rel=0.1)
    assert np.isnan(fit_shape_model(shapes[:2], TETS).left_out_mm)


def test_samples_have_the_spread_of_the_hearts_within_the_limit(rng):
    shapes, _ = hearts(rng, 60)
    model = fit_shape_model(shapes, TETS)
    drawn = np.array([model.scores(model.sample(rng, modes=2))[:2] for _ in range(400)])
    assert np.abs(drawn).max() < 2.05
    assert drawn.std(axis=0) == pytest.approx(0.88, abs=0.1)  # a normal distribution cut at 2
    same = [model.sample(np.random.default_rng(5), modes=2) for _ in range(2)]
    assert (same[0] == same[1]).all()


def test_too_few_hearts_are_not_sampled(rng):
    shapes, _ = hearts(rng, 12)
    model = fit_shape_model(shapes, TETS)
    model.sample(rng, modes=12 // HEARTS_A_MODE)
    with pytest.raises(ValueError, match=r"model of 12 hearts supports 2 modes, got 3: .* 15 here"):
        model.sample(rng, modes=3)
    with pytest.raises(ValueError, match="model of 4 hearts supports 0 modes"):
        fit_shape_model(shapes[:4], TETS).sample(rng)


def test_frames_of_one_patient_are_one_heart(rng):
    shapes, _ = hearts(rng, 25)
    model = fit_shape_model(shapes, TETS, one_patient=True)
    with pytest.raises(ValueError, match="model of 1 hearts supports 0 modes"):
        model.sample(rng)


def test_model_survives_the_disk(rng, tmp_path):
    model = fit_shape_model(hearts(rng, 6)[0], TETS)
    write_shape_model(model, tmp_path / "model.npz")
    again = read_shape_model(tmp_path / "model.npz")
    assert (again.modes == model.modes).all()
    assert (again.count, again.left_out_mm) == (6, model.left_out_mm)
    assert [p.name for p in tmp_path.iterdir()] == ["model.npz"]


def test_mistakes_are_named(rng, tmp_path):
    with pytest.raises(ValueError, match="needs at least 2 hearts, got 1"):
        fit_shape_model([CENTRED_MM], TETS)
    with pytest.raises(ValueError, match="must correspond node by node, got shapes"):
        fit_shape_model([CENTRED_MM, CENTRED_MM[:-1]], TETS)
    with pytest.raises(ValueError, match="heart 1 has nodes that are not finite"):
        fit_shape_model([CENTRED_MM, CENTRED_MM * np.nan], TETS)
    with pytest.raises(ValueError, match="tets name node"):
        fit_shape_model([CENTRED_MM[:9], CENTRED_MM[:9]], TETS)
    model = fit_shape_model(hearts(rng, 6)[0], TETS)
    with pytest.raises(ValueError, match=r"model has .* modes, got 9 scores"):
        model.shape_mm(np.zeros(9))
    with pytest.raises(ValueError, match=r"written as \.npz, got model.txt"):
        write_shape_model(model, tmp_path / "model.txt")
    with pytest.raises(OSError, match="no such file"):
        read_shape_model(tmp_path / "none.npz")
    (tmp_path / "torn.npz").write_bytes(b"PK\x03\x04 torn")
    with pytest.raises(ValueError, match=r"torn\.npz is not a shape model, or it is damaged"):
        read_shape_model(tmp_path / "torn.npz")
