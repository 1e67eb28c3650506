"""One beat: heart, parameters and infarct in, activation, repolarisation and 12 leads out."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from ..anatomy import ELECTRODES, Heart, Torso, fit_torso
from ..signals import ECG, LEADS, twelve_leads
from .eikonal import EikonalMesh, eikonal_mesh, solve_eikonal, tet_metric, triangle_metric
from .lead_field import electrode_potentials, lead_field
from .lead_grid import LeadGrid, lead_grid
from .params import BeatParams
from .repolarisation import GradientFields, apd_map, gradient_fields
from .roots import root_nodes
from .tissue import Tissue, healthy


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


@dataclass(frozen=True, eq=False, kw_only=True)
class SimModel:
    """A heart with all that is the same in every beat on it; made by `prepare`."""

    heart: Heart
    mesh: EikonalMesh
    gradients: GradientFields
    electrodes: tuple[str, ...]
    leads: LeadGrid
    lead_vectors: NDArray[np.float64]


def prepare(heart: Heart, torso: Torso | Literal["fitted"] | None = "fitted") -> SimModel:
    """Work out, once a heart, what thousands of beats on it share.

    Parameters
    ----------
    heart
        The heart.
    torso
        The body around it: by default one fitted to its electrodes; None is an infinite
        medium, which makes limb leads at least three times too small.

    Raises
    ------
    ValueError
        When the electrodes do not fit the heart.

    Examples
    --------
    >>> from cardiotwin import load_heart
    >>> model = prepare(load_heart("builtin"))
    >>> beat = simulate(model)
    >>> beat.ecg.samples_mv.shape
    (12, 600)
    """
    endocardium = np.concatenate([heart.surfaces["lv_endo"], heart.surfaces["rv_endo"]])
    mesh = eikonal_mesh(heart.nodes_mm, heart.tets, endocardium)
    if torso == "fitted":
        torso = fit_torso(heart.electrodes_mm)
    known = np.isfinite(heart.electrodes_mm).all(axis=1)
    leads = lead_grid(heart.nodes_mm, heart.electrodes_mm[known], torso)
    return SimModel(
        heart=heart,
        mesh=mesh,
        gradients=gradient_fields(heart),
        electrodes=tuple(np.array(ELECTRODES)[known].tolist()),
        leads=leads,
        lead_vectors=leads.at(heart.centres_mm),
    )


def move_electrodes(model: SimModel, shift_mm: NDArray[np.float64]) -> SimModel:
    """The same heart under a body that lies elsewhere by (3,) mm: skin and electrodes together.

    Raises
    ------
    ValueError
        When the shift is larger than `lead_grid.MARGIN_MM`.
    """
    moved = replace(model.heart, electrodes_mm=model.heart.electrodes_mm + shift_mm)
    leads = replace(model.leads, origin_mm=model.leads.origin_mm + shift_mm)
    return replace(model, heart=moved, leads=leads, lead_vectors=leads.at(moved.centres_mm))


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
    """
    params = params or BeatParams()
    n = len(model.heart.nodes_mm)
    tissue = tissue or healthy(n)
    if len(tissue.core) != n:
        msg = f"tissue has {len(tissue.core)} nodes, {model.heart.name} has {n}"
        raise ValueError(msg)
    activation_ms = activation(model, params, tissue)
    apd_ms = apd_map(model.gradients, params.repolarisation, tissue)
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
    heart = model.heart
    alive = ~tissue.core & np.isfinite(activation_ms)
    weights = lead_field(
        heart.nodes_mm,
        heart.tets,
        heart.fibres,
        model.lead_vectors,
        params.conductivities,
        np.all(alive[heart.tets], axis=1),
    )
    potentials = electrode_potentials(
        weights, activation_ms, apd_ms, duration_ms=params.duration_ms, fs_hz=params.fs_hz
    )
    samples_mv = twelve_leads(dict(zip(model.electrodes, potentials, strict=True)))
    return ECG(samples_mv=samples_mv, fs_hz=params.fs_hz, leads=LEADS, meta={"heart": heart.name})
