"""A heart made ready: all that is the same in every beat on it, worked out once."""

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..anatomy import ELECTRODES, Heart, Torso
from ..anatomy.heart import place_of
from ..anatomy.seating import check_torso
from .bodies import BodyName, body_about, require_off_muscle
from .eikonal import EikonalMesh, eikonal_mesh
from .electrotonus import Coupling, electrotonic_coupling
from .lead_grid import LeadGrid, lead_grid
from .lead_sources import free_sources
from .params import Conductivities
from .repolarisation import GradientFields, gradient_fields
from .volume_conductor import BodyConductivities, volume_conductor


@dataclass(frozen=True, eq=False, kw_only=True)
class SimModel:
    """A heart with all that is the same in every beat on it; made by `prepare`.

    Attributes
    ----------
    heart : Heart
        Its electrodes are where they were prepared; `leads.places_mm` is where they are now.
    mesh, gradients, coupling
        For activation and repolarisation.
    electrodes : tuple of str
        Names, in the order of the lead vectors.
    leads : LeadGrid
        Lead vectors at any place about the heart.
    lead_vectors : (m, e, 3) float64
        The same in each tetrahedron, 1/mm2.
    whole : dict
        Lead fields (e, n) of all the muscle by its conductivities, as they are asked for.
    """

    heart: Heart
    mesh: EikonalMesh
    gradients: GradientFields
    coupling: Coupling
    electrodes: tuple[str, ...]
    leads: LeadGrid
    lead_vectors: NDArray[np.float64]
    whole: dict[Conductivities, NDArray[np.float64]] = field(default_factory=dict)


def prepare(
    heart: Heart,
    torso: Torso | BodyName | None = "fitted",
    conductivities: BodyConductivities | None = None,
) -> SimModel:
    """Work out, once a heart, what thousands of beats on it share.

    Parameters
    ----------
    heart
        The heart.
    torso
        The body around it: a homogeneous one fitted to its electrodes by default; "lungs" is
        the same with lungs, "organs" with lungs and the blood in the ventricles; a `Torso`
        counts with its lungs and cavities. None is an infinite medium, which makes limb leads
        at least three times too small.
    conductivities
        Of torso, lungs and blood. The muscle conducts as the torso does.

    Raises
    ------
    ValueError
        When the heart or a lung sticks out of the body, a surface is not closed, or an electrode
        lies in the muscle.

    Examples
    --------
    >>> from cardiotwin import load_heart
    >>> model = prepare(load_heart("builtin"))
    >>> model.electrodes
    ('LA', 'RA', 'LL', 'V1', 'V2', 'V3', 'V4', 'V5', 'V6')
    """
    endocardium = np.concatenate([heart.surfaces["lv_endo"], heart.surfaces["rv_endo"]])
    known = np.flatnonzero(np.isfinite(heart.electrodes_mm).all(axis=1))
    read = [int(k) for k in known if ELECTRODES[k] != "RL"]  # the right leg is the ground
    electrodes, places_mm = tuple(ELECTRODES[k] for k in read), heart.electrodes_mm[read]
    leads = _leads(heart, electrodes, places_mm, torso, conductivities)
    coupling = electrotonic_coupling(heart)
    return SimModel(
        heart=heart,
        mesh=eikonal_mesh(heart.nodes_mm, heart.tets, endocardium),
        gradients=gradient_fields(heart, coupling),
        coupling=coupling,
        electrodes=electrodes,
        leads=leads,
        lead_vectors=leads.at(heart.centres_mm),
    )


def _leads(
    heart: Heart,
    electrodes: tuple[str, ...],
    places_mm: NDArray[np.float64],
    torso: Torso | BodyName | None,
    conductivities: BodyConductivities | None,
) -> LeadGrid:
    """What the electrodes see of dipoles about the heart, once the body is sure to be possible."""
    require_off_muscle(heart, places_mm, electrodes)
    if torso is None:
        return lead_grid(heart.nodes_mm, free_sources(places_mm))
    if not isinstance(torso, Torso):
        torso = body_about(heart, torso)
    outside = heart.nodes_mm[~torso.encloses(heart.nodes_mm)]
    if len(outside):
        msg = (
            f"the heart sticks out of the torso; check the electrodes' positions and units: "
            f"{len(outside)} nodes lie outside the skin, the first at {place_of(outside[0])}"
        )
        raise ValueError(msg)
    if torso.lungs:
        check_torso(torso, heart, gap_mm=0.0)
    body = volume_conductor(torso, conductivities)
    blood = sum(len(cavity.triangles) for cavity in torso.cavities)
    return lead_grid(heart.nodes_mm, body.skin_sources(places_mm), blood)


def move_electrodes(model: SimModel, shift_mm: NDArray[np.float64]) -> SimModel:
    """The same heart under a body that lies elsewhere by (3,) mm: skin and electrodes together.

    Raises
    ------
    ValueError
        When the shift is larger than `lead_grid.MARGIN_MM`, or the body holds the heart's blood.
    """
    leads = model.leads.moved(shift_mm)
    return replace(model, leads=leads, lead_vectors=leads.at(model.heart.centres_mm), whole={})
