"""Populations: drawn as published, each heart from its own number, on disk whole and resumable."""

import csv

import numpy as np
import pytest

from cardiotwin.anatomy import read_heart
from cardiotwin.anatomy.build import build_heart
from cardiotwin.anatomy.deform_modes import deformable
from cardiotwin.anatomy.measures import measure
from cardiotwin.anatomy.norms import (
    CORRELATIONS,
    CORRELATIONS_POST_INFARCTION,
    NORMS,
    SEXES,
    Norm,
    spreads,
)
from cardiotwin.anatomy.parametric import ParametricHeart, parametric_mesh
from cardiotwin.anatomy.sample import (
    LEAST_SCALED_JACOBIAN,
    draw_scores,
    draw_targets,
    sample_heart,
    sample_hearts,
)
from cardiotwin.anatomy.sample_files import TABLE, write_sample


@pytest.fixture(scope="module")
def slim():
    """A heart of 12,000 nodes whose walls need not change much."""
    mesh = parametric_mesh(ParametricHeart(rv_wall_mm=4.8, lv_wall_mm=8.0), lattice_mm=3.5)
    return build_heart(*mesh, name="slim")


@pytest.fixture(scope="module")
def base(slim):
    return deformable(slim)


@pytest.fixture(scope="module")
def healthy(base):
    return list(sample_hearts(4, seed=3, base=base))


def test_heart_depends_on_seed_and_number_alone(base, healthy):
    alone = sample_heart(base, 2, seed=3)
    assert (alone.heart.nodes_mm == healthy[2].heart.nodes_mm).all()
    assert alone.as_row() == healthy[2].as_row()
    assert (sample_heart(base, 2, seed=4).heart.nodes_mm != alone.heart.nodes_mm).any()


def test_hearts_pass_the_gate_and_measure_as_drawn(healthy):
    for one in healthy:
        assert one.min_scaled_jacobian >= LEAST_SCALED_JACOBIAN
        for name in ("lv_length_mm", "lv_cavity_ml", "lv_mass_g", "rv_cavity_ml"):
            drawn = getattr(one.targets, name)
            assert getattr(one.measures, name) == pytest.approx(drawn, rel=0.01), name
        assert one.measures == measure(one.heart)


def test_hearts_differ(healthy):
    for i, one in enumerate(healthy):
        for other in healthy[:i]:
            apart_mm = one.heart.nodes_mm - other.heart.nodes_mm
            apart_mm -= apart_mm.mean(axis=0)
            assert np.sqrt((apart_mm**2).sum(axis=1).mean()) > 0.5


def test_draws_have_the_published_means_and_spreads(rng):
    drawn = [draw_targets("healthy", rng) for _ in range(4000)]
    for sex in SEXES:
        for name in ("lv_cavity_ml", "lv_mass_g", "rv_cavity_ml"):
            norm = NORMS["healthy"][sex][name]
            values = np.array([getattr(t, name) for s, t in drawn if s == sex])
            # Four standard errors of the mean.
            assert values.mean() == pytest.approx(norm.mean, abs=4 * norm.sd / np.sqrt(len(values)))
            assert all(map(norm.holds, values))
            # Cut at 1.96 in five quantities, a normal spread shrinks by a tenth.
            assert 0.8 * norm.sd < values.std() < norm.sd
    assert np.mean([s == "male" for s, _ in drawn]) == pytest.approx(0.5, abs=0.035)


def test_scores_are_correlated_as_asked_and_cut(rng):
    wide = np.full(5, 10.0)
    scores = np.array([draw_scores(CORRELATIONS, wide, rng) for _ in range(4000)])
    assert np.corrcoef(scores.T) == pytest.approx(CORRELATIONS, abs=0.06)  # 4 / sqrt(4000)
    cut = np.array([draw_scores(CORRELATIONS, np.full(5, 1.0), rng) for _ in range(200)])
    assert np.abs(cut).max() <= 1.0


def test_correlations_are_possible():
    for matrix in (CORRELATIONS, CORRELATIONS_POST_INFARCTION):
        assert (matrix == matrix.T).all()
        assert np.linalg.eigvalsh(matrix).min() > 0


def test_hearts_after_infarction_are_larger_rounder_and_thin_in_one_bed(base, rng):
    drawn = [draw_targets("post_infarction", rng)[1] for _ in range(2000)]
    assert {t.territory for t in drawn} == {"LAD", "RCA", "LCx"}
    assert all(0.6 <= t.thinning <= 0.9 for t in drawn)
    mean_ml = np.mean([t.lv_cavity_ml for t in drawn])
    assert mean_ml > 1.3 * spreads("healthy", "male")["lv_cavity_ml"].mean
    one = sample_heart(base, 0, seed=1, population="post_infarction")
    assert one.measures.lv_sphericity > 0.36
    assert NORMS["post_infarction"][one.sex]["lv_cavity_ml"].holds(one.measures.lv_cavity_ml)


def test_mistakes_are_named(base):
    with pytest.raises(ValueError, match="count must be at least 1, got 0"):
        next(sample_hearts(0, seed=1, base=base))
    with pytest.raises(
        ValueError, match="population must be one of healthy, post_infarction, got 'ill'"
    ):
        next(sample_hearts(1, seed=1, base=base, population="ill"))
    with pytest.raises(ValueError, match="a range must rise, got 2 to 1"):
        Norm(low=2, high=1, source="nowhere")


def test_folder_holds_each_heart_and_one_table(slim, tmp_path, healthy):
    ticks = []
    made = write_sample(tmp_path / "hearts", 2, slim, seed=3, progress=lambda *t: ticks.append(t))
    assert ticks == [(0, 2), (1, 2), (2, 2)]
    assert (made.new, len(made.rows)) == (2, 2)
    files = sorted(p.name for p in made.folder.iterdir())
    assert files == ["0000.vtu", "0001.vtu", TABLE]
    again = read_heart(made.folder / "0001.vtu")
    assert again.nodes_mm == pytest.approx(healthy[1].heart.nodes_mm)
    assert made.column("lv_cavity_ml")[1] == pytest.approx(measure(again).lv_cavity_ml)


def test_stopped_run_goes_on_and_mends_what_is_damaged(slim, tmp_path):
    first = write_sample(tmp_path, 2, slim, seed=3)
    whole = (tmp_path / "0000.vtu").read_bytes()
    assert write_sample(tmp_path, 2, slim, seed=3).new == 0
    (tmp_path / "0000.vtu").write_bytes(whole[:1000])
    mended = write_sample(tmp_path, 3, slim, seed=3)
    assert mended.new == 2
    assert (tmp_path / "0000.vtu").read_bytes() == whole
    assert mended.rows[:2] == first.rows
    with (tmp_path / TABLE).open(newline="") as file:
        assert [row["index"] for row in csv.DictReader(file)] == ["0", "1", "2"]


def test_folder_of_another_population_is_left_alone(slim, tmp_path):
    write_sample(tmp_path, 1, slim, seed=3)
    before = (tmp_path / TABLE).read_bytes()
    with pytest.raises(ValueError, match="holds hearts of seed 3; give another folder or empty it"):
        write_sample(tmp_path, 1, slim, seed=4)
    with pytest.raises(ValueError, match="holds hearts of population healthy"):
        write_sample(tmp_path, 1, slim, seed=3, population="post_infarction")
    assert (tmp_path / TABLE).read_bytes() == before
