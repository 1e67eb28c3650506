"""One beat: heart, parameters and infarct in, activation, repolarisation and 12 leads out."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..signals import ECG, LEADS, twelve_leads
from .eikonal import solve_eikonal, tet_metric, triangle_metric
from .lead_field import electrode_potentials, lead_field
from .model import SimModel, move_electrodes, prepare
from .params import BeatParams, Conductivities
from .repolarisation import apd_map
from .roots import root_nodes
from .tissue import Tissue, healthy

__all__ = [
    "Beat",
    "SimModel",
    "activation",
    "ecg_of_frames",
    "lead_weights",
    "move_electrodes",
    "prepare",
    "simulate",
    "twelve_lead_ecg",
]


@dataclass(frozen=True, eq=False, kw_only=True)
class Beat:
    """What one beat looks like on the heart and on the skin.

    Attributes
    ----------
    activation_ms : (n,) float64
        When each node depolarises; inf where it never does.
    repolarisation_ms : (n,) float64
        When 90 % of its repolarisation is done; inf where it never was activated.
    ecg : ECG
        Twelve leads in standard order, mV.
    """

    activation_ms: NDArray[np.float64]
    repolarisation_ms: NDArray[np.float64]
    ecg: ECG

    @property
    def last_activation_ms(self) -> float:
        """When the last muscle that is reached at all depolarises."""
        return float(self.activation_ms[np.isfinite(self.activation_ms)].max())


def simulate(
    model: SimModel, params: BeatParams | None = None, tissue: Tissue | None = None
) -> Beat:
    """One beat.

    Parameters
    ----------
    model
        From `prepare`.
    params
        Conduction, repolarisation, conductivities, root sites; a healthy adult by default.
    tissue
        Infarct core and border zone; healthy by default.

    Returns
    -------
    Beat

    Raises
    ------
    ValueError
        When `tissue` has another number of nodes, or no root site is left alive.

    Examples
    --------
    >>> from cardiotwin import load_heart
    >>> beat = simulate(prepare(load_heart("builtin")))
    >>> beat.ecg.samples_mv.shape
    (12, 600)
    """
    params = params or BeatParams()
    n = len(model.heart.nodes_mm)
    tissue = tissue or healthy(n)
    if len(tissue.core) != n:
        msg = f"tissue has {len(tissue.core)} nodes, {model.heart.name} has {n}"
        raise ValueError(msg)
    activation_ms = activation(model, params, tissue)
    apd_ms = apd_map(model.gradients, params.repolarisation, tissue, model.coupling)
    return Beat(
        activation_ms=activation_ms,
        repolarisation_ms=activation_ms + apd_ms,
        ecg=twelve_lead_ecg(model, params, tissue, activation_ms, apd_ms),
    )


def activation(model: SimModel, params: BeatParams, tissue: Tissue) -> NDArray[np.float64]:
    """(n,) Activation times in ms: from the roots through the muscle, round the core."""
    heart, speeds = model.heart, params.conduction
    slow = 1 - (1 - speeds.border_speed_ratio) * tissue.border
    muscle = tet_metric(
        heart.nodes_mm,
        heart.tets,
        heart.fibres,
        heart.sheets,
        (speeds.cv_fibre_mm_per_ms, speeds.cv_sheet_mm_per_ms, speeds.cv_normal_mm_per_ms),
        slow[heart.tets].mean(axis=1),
    )
    layer_speed = speeds.cv_endocardium_mm_per_ms * slow[model.mesh.triangles].mean(axis=1)
    return solve_eikonal(
        model.mesh,
        tet_metric=muscle,
        triangle_metric=triangle_metric(heart.nodes_mm, model.mesh.triangles, layer_speed),
        sources=root_nodes(heart, params.roots),
        source_times_ms=np.array([root.time_ms for root in params.roots]),
        blocked=tissue.core,
    )


def twelve_lead_ecg(
    model: SimModel,
    params: BeatParams,
    tissue: Tissue,
    activation_ms: NDArray[np.float64],
    apd_ms: NDArray[np.float64],
) -> ECG:
    """Twelve leads of the beat; a tet with a dead or never activated node carries no current."""
    weights = lead_weights(model, tissue.core | ~np.isfinite(activation_ms), params.conductivities)
    potentials = electrode_potentials(
        weights, activation_ms, apd_ms, duration_ms=params.duration_ms, fs_hz=params.fs_hz
    )
    return _ecg(model, potentials, params.fs_hz)


def ecg_of_frames(
    model: SimModel,
    v_mv: NDArray[np.floating],
    fs_hz: float,
    *,
    tissue: Tissue | None = None,
    conductivities: Conductivities | None = None,
) -> ECG:
    """Twelve leads of membrane potentials that were computed elsewhere.

    Parameters
    ----------
    model
        From `prepare`.
    v_mv
        (n, t) Membrane potentials, such as frames of a monodomain solution.
    fs_hz
        How many frames a second.
    tissue
        Whose core is silent; healthy by default.
    conductivities
        Of the muscle.

    Returns
    -------
    ECG
        t samples.

    Raises
    ------
    ValueError
        When there is not one finite potential a node.
    """
    n = len(model.heart.nodes_mm)
    if v_mv.ndim != 2 or len(v_mv) != n:
        msg = f"v_mv must be (n, t) with {n} nodes of {model.heart.name}, got {v_mv.shape}"
        raise ValueError(msg)
    dead = (tissue or healthy(n)).core
    alive = v_mv[~dead]
    if not np.isfinite(alive).all():
        node, frame = np.argwhere(~np.isfinite(v_mv) & ~dead[:, None])[0]
        msg = f"v_mv is not finite at node {node}, frame {frame}"
        raise ValueError(msg)
    weights = lead_weights(model, dead, conductivities or Conductivities())
    return _ecg(model, weights[:, ~dead] @ alive, fs_hz)


def lead_weights(
    model: SimModel, dead: NDArray[np.bool_], conductivities: Conductivities
) -> NDArray[np.float64]:
    """(e, n) Lead field of the muscle whose nodes are alive.

    That of the whole muscle is kept, and what dead nodes (n,) touch is taken away from it.
    """
    heart = model.heart
    mesh = (heart.nodes_mm, heart.tets, heart.fibres, model.lead_vectors, conductivities)
    if conductivities not in model.whole:
        model.whole[conductivities] = lead_field(*mesh)
    whole = model.whole[conductivities]
    if not dead.any():
        return whole
    silent = np.logical_or.reduce([dead[corner] for corner in heart.tets.T])
    return whole - lead_field(*mesh, active=silent)


def _ecg(model: SimModel, potentials_mv: NDArray[np.float64], fs_hz: float) -> ECG:
    """Leads from the potentials (e, t) of the electrodes."""
    samples_mv = twelve_leads(dict(zip(model.electrodes, potentials_mv, strict=True)))
    return ECG(samples_mv=samples_mv, fs_hz=fs_hz, leads=LEADS, meta={"heart": model.heart.name})
