"""The lead field on DTI004 beside that of another program."""

import numpy as np
import pytest
from scipy.signal import butter, filtfilt

from cardiotwin.sim.lead_field import lead_field
from cardiotwin.sim.params import Conductivities
from cardiotwin.sim.torso import lead_vectors

#: Equal inside and outside and in all directions: half of a step in Vm appears outside.
ISOTROPIC = Conductivities(
    intracellular_fibre_s_per_m=1.0,
    intracellular_cross_s_per_m=1.0,
    extracellular_fibre_s_per_m=1.0,
    extracellular_cross_s_per_m=1.0,
)


@pytest.fixture(scope="module")
def reference(data_folder):
    folder = data_folder / "hearts" / "dti004_reference"
    with np.load(folder / "upstream_reference.npz") as run:
        arrays = {name: run[name] for name in ("lat", "qrs_step", "clinical_preprocessed")}
    with np.load(folder / "lead_field_weights.npz") as weights:
        return arrays | {"weights": weights["W"]}


@pytest.fixture(scope="module")
def unit_weights(dti004):
    """Infinite medium, unit source strength, and the reference's factor: over the volume in cm3."""
    leads = lead_vectors(dti004.nodes_mm[dti004.tets].mean(axis=1), dti004.electrodes_mm)
    ours = lead_field(dti004.nodes_mm, dti004.tets, dti004.fibres, leads, ISOTROPIC)
    volume_cm3 = dti004.tet_volumes_mm3.sum() / 1000
    return ours / ISOTROPIC.source_strength[0] * 4 * np.pi / volume_cm3


def eight_leads(potentials):
    """I, II and V1..V6 from electrodes in the order LA RA LL RL V1..V6."""
    la, ra, ll = potentials[:3]
    return np.vstack([la - ra, ll - ra, potentials[4:] - (la + ra + ll) / 3])


def as_the_reference_does(leads, upright):
    """Band from 0.001 to 100 Hz, ends on zero, limb and chest leads over their mean peak.

    The peak is the largest or the smallest sample, by which of the two is larger in the
    patient's own ECG.
    """
    for cut_hz, kind in ((0.001, "high"), (100.0, "low")):
        leads = filtfilt(*butter(4, cut_hz / 500, kind), leads)
    leads = leads - (leads[:, :1] + leads[:, -2:-1]) / 2
    peak = np.abs(np.where(upright, leads.max(axis=1), leads.min(axis=1)))
    return leads / np.repeat([peak[:2].mean(), peak[2:].mean()], [2, 6])[:, None]


def test_weights_on_dti004_equal_the_reference(unit_weights, reference):
    off = np.abs(unit_weights - reference["weights"]).max(axis=1)
    # 1e-6 of each electrode's largest weight is asked; rounding leaves 1e-14.
    assert (off / np.abs(reference["weights"]).max(axis=1)).max() < 1e-12


def test_step_qrs_of_the_reference_follows_from_its_activation_times(unit_weights, reference):
    # A node steps up one sample after its `lat`: the program adds 1 ms, and `lat` is without it.
    stepped = np.arange(89) >= reference["lat"][:, None] + 1
    clinical = reference["clinical_preprocessed"][:, :256]  # before the T wave
    upright = np.abs(clinical.max(axis=1)) >= np.abs(clinical.min(axis=1))
    qrs = as_the_reference_does(eight_leads(unit_weights @ stepped), upright)
    # 1e-8 of leads that peak near 1: a fourth-order filter at 0.001 Hz is nearly singular.
    np.testing.assert_allclose(qrs, reference["qrs_step"], atol=1e-8)
