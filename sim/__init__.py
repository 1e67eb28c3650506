"""Electrophysiology: heart and parameters in, activation, potentials and ECG out.

Frames of a run go to disk with `sim.frames.ZarrFrames`, which is not imported here: it needs zarr.
"""

from .action_potential import action_potentials, membrane_potential
from .beat import Beat, ecg_of_frames, simulate
from .body_map import body_map
from .cell_model import CellModel
from .cells import cell_model, cell_models
from .checkpoint import Checkpoint
from .conduction import (
    cable_velocity_mm_per_ms,
    local_velocity_mm_per_ms,
    matched_diffusivity_mm2_per_ms,
)
from .diffusion import Diffusion, Monodomain, tet_diffusion, triangle_diffusion
from .eikonal import (
    EikonalMesh,
    Scenario,
    eikonal_mesh,
    solve_eikonal,
    solve_scenarios,
    tet_metric,
    triangle_metric,
)
from .eikonal_restart import restart_eikonal, trace_eikonal
from .electrogram import bipolar, electrograms
from .grid import GridDiffusion, grid_diffusion
from .model import SimModel, move_electrodes, prepare
from .monodomain import Reaction, solve_monodomain
from .muscle import heart_diffusion
from .params import HEALTHY_ROOTS, BeatParams, Conduction, Conductivities, Repolarisation, RootSite
from .phase import PhaseRecorder, delayed_phase, phase_singularities
from .reaction_eikonal import solve_reaction_eikonal
from .restitution import dynamic_restitution, s1s2_restitution
from .roots import root_nodes
from .single_cell import measure, pace
from .stimulus import Stimulus, burst, nodes_in_ball, nodes_in_box, s1s2
from .tissue import BORDER, CORE, HEALTHY, Tissue, healthy, segment_shares

__all__ = [
    "BORDER",
    "CORE",
    "HEALTHY",
    "HEALTHY_ROOTS",
    "Beat",
    "BeatParams",
    "CellModel",
    "Checkpoint",
    "Conduction",
    "Conductivities",
    "Diffusion",
    "EikonalMesh",
    "GridDiffusion",
    "Monodomain",
    "PhaseRecorder",
    "Reaction",
    "Repolarisation",
    "RootSite",
    "Scenario",
    "SimModel",
    "Stimulus",
    "Tissue",
    "action_potentials",
    "bipolar",
    "body_map",
    "burst",
    "cable_velocity_mm_per_ms",
    "cell_model",
    "cell_models",
    "delayed_phase",
    "dynamic_restitution",
    "ecg_of_frames",
    "eikonal_mesh",
    "electrograms",
    "grid_diffusion",
    "healthy",
    "heart_diffusion",
    "local_velocity_mm_per_ms",
    "matched_diffusivity_mm2_per_ms",
    "measure",
    "membrane_potential",
    "move_electrodes",
    "nodes_in_ball",
    "nodes_in_box",
    "pace",
    "phase_singularities",
    "prepare",
    "restart_eikonal",
    "root_nodes",
    "s1s2",
    "s1s2_restitution",
    "segment_shares",
    "simulate",
    "solve_eikonal",
    "solve_monodomain",
    "solve_reaction_eikonal",
    "solve_scenarios",
    "tet_diffusion",
    "tet_metric",
    "trace_eikonal",
    "triangle_diffusion",
    "triangle_metric",
]
