"""One beat on whole hearts: what a cardiologist would check first, and what must not matter."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.signals import LEADS, poor_r_progression, qrs_duration_ms, qrs_waves
from cardiotwin.sim import (
    BeatParams,
    Conduction,
    Repolarisation,
    Tissue,
    healthy,
    move_electrodes,
    prepare,
    simulate,
)


@pytest.fixture(scope="module", params=["builtin_model", "dti004_model", "rodero01_model"])
def model(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def beat(model):
    return simulate(model)


def lateral_core(heart):
    """Dead mid-lateral wall, as a node mask."""
    c = heart.coordinates
    return heart.is_lv & (np.abs(c.rotational) > 2.2) & (c.apicobasal > 0.3) & (c.apicobasal < 0.8)


def test_a_healthy_heart_is_activated_within_a_normal_time(beat):
    assert np.isfinite(beat.activation_ms).all()
    assert 70 <= beat.last_activation_ms <= 110
    assert 75 <= qrs_duration_ms(beat.ecg) <= 110


def test_a_healthy_qrs_turns_from_negative_to_positive_across_the_chest(beat):
    net = {name: w.net_mv for name, w in qrs_waves(beat.ecg).items()}
    assert net["V1"] < 0 < net["V5"]
    assert net["V6"] > 0
    assert min(net["I"], net["II"]) > 0
    assert any(net[f"V{k}"] > 0 > net[f"V{k - 1}"] for k in (3, 4, 5))
    assert not poor_r_progression(beat.ecg)


def test_the_r_wave_in_lead_ii_has_the_size_of_a_real_one(beat):
    assert 0.3 <= qrs_waves(beat.ecg)["II"].r_mv <= 2.5


def test_a_healthy_t_wave_follows_the_qrs(beat):
    late = beat.ecg.times_ms > 160
    t = {name: beat.ecg.lead(name)[late] for name in LEADS}
    for name in ("I", "II", "V4", "V5", "V6"):
        assert t[name].max() > -t[name].min(), name
    assert t["aVR"].max() < -t["aVR"].min()


def test_the_beat_begins_and_ends_on_the_isoelectric_line(beat):
    scale = np.ptp(beat.ecg.samples_mv)
    np.testing.assert_allclose(beat.ecg.samples_mv[:, 0], 0, atol=1e-3 * scale)
    np.testing.assert_allclose(beat.ecg.samples_mv[:, -1], 0, atol=0.01 * scale)


def test_repolarisation_follows_activation_by_the_action_potential(model, beat):
    apd = beat.repolarisation_ms - beat.activation_ms
    assert np.average(apd, weights=model.heart.node_volumes_mm3) == pytest.approx(280, abs=0.1)
    assert 180 < apd.min() < apd.max() < 370  # the range of Camps' fit to a clinical ECG


def test_the_core_is_silent_and_passed_round(model, beat):
    core = lateral_core(model.heart)
    tissue = Tissue(core=core, border=np.zeros(len(core), np.float32))
    late = simulate(model, tissue=tissue)
    assert np.isinf(late.activation_ms[core]).all()
    reached = np.isfinite(late.activation_ms)
    assert reached[~core].mean() > 0.98
    assert (late.activation_ms[reached] >= beat.activation_ms[reached] - 1e-9).all()


def test_border_zone_is_slower_and_repolarises_later(builtin_model):
    patch = lateral_core(builtin_model.heart)
    tissue = Tissue(core=np.zeros(len(patch), bool), border=patch.astype(np.float32))
    slow, usual = simulate(builtin_model, tissue=tissue), simulate(builtin_model)
    assert (slow.activation_ms >= usual.activation_ms - 1e-9).all()
    assert slow.activation_ms[patch].mean() > usual.activation_ms[patch].mean() + 2
    apd_ms, usual_ms = (b.repolarisation_ms - b.activation_ms for b in (slow, usual))
    # Coupling to healthy muscle evens the change out: it nowhere adds, and nothing is lost.
    change_ms, asked_ms = apd_ms - usual_ms, (Repolarisation().border_apd_ratio - 1) * usual_ms
    assert (change_ms[patch] > 0).all()
    assert change_ms.max() < asked_ms[patch].max()
    volumes = builtin_model.heart.node_volumes_mm3
    assert volumes @ change_ms == pytest.approx(volumes @ (asked_ms * patch), rel=1e-3)


def test_twice_the_speed_is_half_the_time(builtin_model):
    c = Conduction()
    fast = replace(
        c,
        cv_fibre_mm_per_ms=2 * c.cv_fibre_mm_per_ms,
        cv_sheet_mm_per_ms=2 * c.cv_sheet_mm_per_ms,
        cv_normal_mm_per_ms=2 * c.cv_normal_mm_per_ms,
        cv_endocardium_mm_per_ms=2 * c.cv_endocardium_mm_per_ms,
    )
    roots = tuple(replace(r, time_ms=0.0) for r in BeatParams().roots)
    at = [simulate(builtin_model, BeatParams(conduction=p, roots=roots)) for p in (c, fast)]
    np.testing.assert_allclose(2 * at[1].activation_ms, at[0].activation_ms, rtol=1e-9)


def test_electrodes_moved_there_and_back_see_the_same(builtin_model):
    shift = np.array([6.0, -3.0, 4.0])
    there = move_electrodes(builtin_model, shift)
    back = move_electrodes(there, -shift)
    usual = simulate(builtin_model).ecg.samples_mv
    np.testing.assert_allclose(simulate(back).ecg.samples_mv, usual, atol=1e-9)
    assert np.abs(simulate(there).ecg.samples_mv - usual).max() > 0.02


def test_moved_electrodes_equal_a_heart_prepared_under_them(builtin, builtin_model):
    shift = np.array([6.0, -3.0, 4.0])
    fresh = prepare(replace(builtin, electrodes_mm=builtin.electrodes_mm + shift))
    a = simulate(move_electrodes(builtin_model, shift)).ecg.samples_mv
    b = simulate(fresh).ecg.samples_mv
    assert np.abs(a - b).max() < 0.01 * np.ptp(b)  # linear interpolation on another grid


def test_an_infinite_medium_gives_small_limb_leads(builtin):
    """A torso has some three times the gain of an infinite medium, and more in the limbs."""
    free = simulate(prepare(builtin, torso=None)).ecg
    body = simulate(prepare(builtin)).ecg
    gain = np.ptp(body.lead("II")) / np.ptp(free.lead("II"))
    assert 3 < gain < 12
    for name in ("V2", "V5"):
        assert np.corrcoef(free.lead(name), body.lead(name))[0, 1] > 0.9


def test_tissue_of_another_heart_is_refused(builtin_model):
    with pytest.raises(ValueError, match="tissue has 7 nodes, builtin has"):
        simulate(builtin_model, tissue=healthy(7))


def test_a_shift_out_of_the_grid_is_refused(builtin_model):
    with pytest.raises(ValueError, match="cannot be moved by more than 25 mm"):
        move_electrodes(builtin_model, np.array([60.0, 0, 0]))


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: Conduction(cv_fibre_mm_per_ms=-1.0), "cv_fibre_mm_per_ms must be positive"),
        (lambda: Conduction(cv_endocardium_mm_per_ms=float("nan")), "must be positive, got nan"),
        (lambda: Repolarisation(apd_ms=20), "apd_ms must lie in 100..500, got 20"),
        (lambda: BeatParams(fs_hz=0), "fs_hz must be positive, got 0"),
    ],
)
def test_impossible_parameters_are_refused_by_name(make, words):
    with pytest.raises(ValueError, match=words):
        make()
