"""Electrograms: what electrodes in or near the heart record."""

import numpy as np
from numpy.typing import NDArray

from ..anatomy import Heart, Torso
from ..anatomy.seating import check_torso
from .bodies import require_off_muscle
from .lead_field import electrode_potentials, lead_field
from .lead_grid import lead_grid
from .lead_sources import free_sources
from .params import Conductivities
from .volume_conductor import BodyConductivities, volume_conductor


def electrogram_weights(
    heart: Heart,
    places_mm: NDArray[np.float64],
    *,
    torso: Torso | None = None,
    conductivities: Conductivities | None = None,
    body: BodyConductivities | None = None,
) -> NDArray[np.float64]:
    """Lead field of point electrodes: potential at each per mV of membrane potential at a node.

    Parameters
    ----------
    heart
        The heart.
    places_mm
        (e, 3) In the blood, or anywhere outside the muscle.
    torso
        The body, with its lungs and blood if it has them; by default an infinite medium. In a
        body potentials are against the mean of its skin.
    conductivities
        Of the muscle.
    body
        Conductivities of torso, lungs and blood.

    Returns
    -------
    (e, n) float64
        `weights @ v_mv` is the unipolar electrograms of membrane potentials (n, t).

    Raises
    ------
    ValueError
        When an electrode is not a finite place, lies in the muscle or outside the body.

    Examples
    --------
    >>> from cardiotwin import load_heart
    >>> heart = load_heart("builtin")
    >>> cavity_mm = heart.nodes_mm[heart.surfaces["lv_endo"]].mean(axis=(0, 1))
    >>> electrogram_weights(heart, cavity_mm[None]).shape == (1, len(heart.nodes_mm))
    True
    """
    places_mm = np.asarray(places_mm, np.float64)
    if places_mm.ndim != 2 or places_mm.shape[1] != 3 or not np.isfinite(places_mm).all():
        msg = f"places_mm must be (e, 3) finite numbers, got shape {places_mm.shape}"
        raise ValueError(msg)
    require_off_muscle(heart, places_mm, tuple(map(str, range(len(places_mm)))))
    if torso is None:
        leads = lead_grid(heart.nodes_mm, free_sources(places_mm))
    else:
        check_torso(torso, heart, gap_mm=0.0)
        sources = volume_conductor(torso, body).inner_sources(places_mm)
        blood = sum(len(cavity.triangles) for cavity in torso.cavities)
        leads = lead_grid(heart.nodes_mm, sources, blood)
    return lead_field(
        heart.nodes_mm,
        heart.tets,
        heart.fibres,
        leads.at(heart.centres_mm),
        conductivities or Conductivities(),
    )


def electrograms(
    heart: Heart,
    places_mm: NDArray[np.float64],
    activation_ms: NDArray[np.float64],
    apd_ms: NDArray[np.float64],
    *,
    torso: Torso | None = None,
    conductivities: Conductivities | None = None,
    duration_ms: float = 600.0,
    fs_hz: float = 1000.0,
) -> NDArray[np.float64]:
    """(e, t) Unipolar electrograms in mV of a beat given by its times at the nodes (n,).

    Raises
    ------
    ValueError
        As `electrogram_weights`.
    """
    weights = electrogram_weights(heart, places_mm, torso=torso, conductivities=conductivities)
    return electrode_potentials(
        weights, activation_ms, apd_ms, duration_ms=duration_ms, fs_hz=fs_hz
    )


def bipolar(unipolar_mv: NDArray[np.float64], pairs: NDArray[np.int_]) -> NDArray[np.float64]:
    """(b, t) Differences between electrodes: the first of each pair (b, 2) less the second.

    Examples
    --------
    >>> bipolar(np.array([[3.0], [1.0], [0.5]]), np.array([[0, 1], [1, 2]])).ravel().tolist()
    [2.0, 0.5]
    """
    pairs = np.asarray(pairs)
    wrong = pairs[(pairs < 0) | (pairs >= len(unipolar_mv))]
    if wrong.size:
        msg = f"pairs name electrode {wrong[0]}, but they run from 0 to {len(unipolar_mv) - 1}"
        raise ValueError(msg)
    return unipolar_mv[pairs[:, 0]] - unipolar_mv[pairs[:, 1]]
