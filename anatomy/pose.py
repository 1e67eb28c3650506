"""How a heart lies in its body: turned into it, varied as among people, and how electrodes err."""

from dataclasses import dataclass, fields, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from .electrodes import heart_middle_mm, place_electrodes, usual_axes
from .frame import HeartAxes, heart_axes
from .heart import ELECTRODES, Heart
from .torso import Torso, fit_torso

#: Draws farther from the mean than so many standard deviations are drawn again.
CUT_SD = 2.5
#: A heart turned farther than this from the usual pose is likely in a frame of its own: three
#: standard deviations of all three angles of `PoseDistribution` together.
ODD_POSE_DEG = 45.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pose:
    """How a heart is turned and moved from where it lies.

    `elevation_deg` lifts the apex, `azimuth_deg` swings it to the left about the vertical,
    `roll_deg` turns the heart about its long axis, clockwise as seen from the base.
    """

    elevation_deg: float = 0.0
    azimuth_deg: float = 0.0
    roll_deg: float = 0.0
    left_mm: float = 0.0
    back_mm: float = 0.0
    head_mm: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PoseDistribution:
    """Standard deviations of `Pose` among healthy people.

    Hoekema 1999 (J Electrocardiol 32:137), 25 people by magnetic resonance: the long axis lies
    27.1 +- 8.8 degrees to the transverse plane and 38 +- 5 degrees to the frontal plane; the
    base of the heart varies by 7 mm sideways and 23 mm in height against the electrodes.
    """

    elevation_sd_deg: float = 8.8
    azimuth_sd_deg: float = 5.0
    roll_sd_deg: float = 8.0  #: not published there: as much as the long axis varies
    left_sd_mm: float = 7.0
    back_sd_mm: float = 5.0  #: not published there; the sternum and the spine leave little room
    head_sd_mm: float = 23.0

    def __post_init__(self) -> None:
        _refuse_negative(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class ElectrodeError:
    """Where technicians put electrodes, against where they belong.

    Wenger and Kligfield 1996 (J Electrocardiol 29:179), 30 technicians: chest electrodes lie 29
    mm away on average, 64 % of them within 32 mm; V1 and V2 more than 16 mm too high in more
    than half, V4 to V6 more than 16 mm too low and to the left in 30 to 50 %. A normal
    distribution of 20 mm about the shifts below has these figures. Two intercostal spaces too
    high, as many physicians place V1 and V2 (Rajaganeshan 2008), lie two such deviations away.
    """

    chest_sd_mm: float = 20.0
    v1_v2_up_mm: float = 16.0
    v1_v2_apart_mm: float = 6.0  #: each away from the sternum
    v4_v6_down_mm: float = 9.0
    v4_v6_left_mm: float = 9.0
    limb_sd_mm: float = 30.0  #: limb electrodes see little of it: the far body is one potential

    def __post_init__(self) -> None:
        _refuse_negative(self)


def pose_angle_deg(axes: HeartAxes) -> float:
    """By how much a heart is turned from the pose of a usual heart, 0 to 180 degrees.

    Real hearts in body axes lie within some 30 degrees. Above `ODD_POSE_DEG` the mesh is likely
    in a frame of its own, and `in_body_axes` is what it needs.
    """
    turn = usual_axes().T @ axes.matrix
    return float(np.rad2deg(Rotation.from_matrix(turn).magnitude()))


def in_body_axes(heart: Heart, *, electrodes: Literal["placed", "turned"] = "placed") -> Heart:
    """A heart in a frame of its own, turned about its middle to lie as a usual heart does.

    Parameters
    ----------
    heart
        Its axes need not mean anything; `HeartAxes` are found from its surfaces.
    electrodes
        `placed`: anew by the template, for those of a heart in a wrong frame are wrong too.
        `turned`: with the heart, for electrodes that were measured in its frame.

    Returns
    -------
    Heart
        With the same middle; nodes, fibres, sheets and electrodes in body axes.

    Raises
    ------
    ValueError
        When `electrodes` is something else.

    Examples
    --------
    >>> from cardiotwin import load_heart
    >>> turned = in_body_axes(load_heart("builtin"))
    >>> round(pose_angle_deg(heart_axes(turned.nodes_mm, turned.surfaces)), 3)
    0.0
    """
    if electrodes not in ("placed", "turned"):
        msg = f"electrodes must be 'placed' or 'turned', got {electrodes!r}"
        raise ValueError(msg)
    rotation = usual_axes().T @ heart_axes(heart.nodes_mm, heart.surfaces).matrix
    turned = _turn(heart, rotation)
    if electrodes == "placed":
        placed_mm = place_electrodes(turned.nodes_mm, turned.tets)
        return replace(turned, electrodes_mm=placed_mm)
    middle_mm = heart_middle_mm(heart.nodes_mm, heart.tets)
    moved_mm = middle_mm + (heart.electrodes_mm - middle_mm) @ rotation.T
    return replace(turned, electrodes_mm=moved_mm)


def sample_pose(rng: np.random.Generator, distribution: PoseDistribution | None = None) -> Pose:
    """A pose as it may be in another person, relative to the mean.

    Examples
    --------
    >>> pose = sample_pose(np.random.default_rng(1))
    >>> abs(pose.azimuth_deg) < 2.5 * PoseDistribution().azimuth_sd_deg
    True
    """
    spread = distribution or PoseDistribution()
    sd = {f.name.replace("_sd_", "_"): getattr(spread, f.name) for f in fields(spread)}
    draws = _normal(rng, (len(sd),))
    return Pose(**{name: float(sd[name] * draw) for name, draw in zip(sd, draws, strict=True)})


def apply_pose(heart: Heart, pose: Pose) -> Heart:
    """The heart turned about its middle and moved; the electrodes stay with the body."""
    axes = heart_axes(heart.nodes_mm, heart.surfaces)
    head = np.array([0.0, 0.0, 1.0])
    sideways = np.cross(head, axes.long_axis)
    if np.linalg.norm(sideways) < 1e-6:  # a heart that hangs straight down: any way is up
        sideways = np.array([1.0, 0.0, 0.0])
    sideways /= np.linalg.norm(sideways)
    rotation = (
        Rotation.from_rotvec(np.deg2rad(pose.azimuth_deg) * head)
        * Rotation.from_rotvec(-np.deg2rad(pose.elevation_deg) * sideways)
        * Rotation.from_rotvec(np.deg2rad(pose.roll_deg) * axes.long_axis)
    ).as_matrix()
    turned = _turn(heart, rotation)
    shift_mm = np.array([pose.left_mm, pose.back_mm, pose.head_mm])
    return replace(turned, nodes_mm=turned.nodes_mm + shift_mm)


def sample_electrodes(
    electrodes_mm: NDArray[np.float64],
    rng: np.random.Generator,
    torso: Torso | None = None,
    error: ElectrodeError | None = None,
) -> NDArray[np.float64]:
    """Electrodes as a technician may have put them, on the skin.

    Parameters
    ----------
    electrodes_mm
        (10, 3) Where they belong, in the order of `ELECTRODES`, in body axes; rows of nan
        (electrodes that are missing) stay so.
    rng
        Where chance comes from.
    torso
        The skin; by default one fitted to the electrodes.
    error
        How far they stray.

    Returns
    -------
    (10, 3) float64
    """
    torso = torso or fit_torso(electrodes_mm)
    error = error or ElectrodeError()
    mean_mm, sd_mm = _strays_mm(error)
    stray_mm = mean_mm + sd_mm[:, None] * _normal(rng, (len(ELECTRODES), 2))
    known = np.isfinite(electrodes_mm).all(axis=1)
    from_axis = electrodes_mm - np.nanmean(torso.nodes_mm, axis=0)
    aside = np.column_stack([-from_axis[:, 1], from_axis[:, 0], np.zeros(len(ELECTRODES))])
    aside /= np.linalg.norm(aside, axis=1, keepdims=True)  # along the skin to the patient's left
    moved_mm = electrodes_mm + stray_mm[:, :1] * aside + stray_mm[:, 1:] * [0.0, 0.0, 1.0]
    moved_mm[known] = torso.nearest_mm(moved_mm[known])
    return moved_mm


def _strays_mm(error: ElectrodeError) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """(10, 2) Mean stray to the left along the skin and upwards, and (10,) its deviation."""
    shifts = {
        "V1": (-error.v1_v2_apart_mm, error.v1_v2_up_mm),
        "V2": (error.v1_v2_apart_mm, error.v1_v2_up_mm),
    } | dict.fromkeys(("V4", "V5", "V6"), (error.v4_v6_left_mm, -error.v4_v6_down_mm))
    mean_mm = np.array([shifts.get(name, (0.0, 0.0)) for name in ELECTRODES])
    chest = np.array([name.startswith("V") for name in ELECTRODES])
    return mean_mm, np.where(chest, error.chest_sd_mm, error.limb_sd_mm)


def _turn(heart: Heart, rotation: NDArray[np.float64]) -> Heart:
    """The muscle turned about its middle; electrodes and coordinates stay."""
    middle_mm = heart_middle_mm(heart.nodes_mm, heart.tets)
    fibres, sheets = (v @ rotation.T.astype(np.float32) for v in (heart.fibres, heart.sheets))
    return replace(
        heart,
        nodes_mm=middle_mm + (heart.nodes_mm - middle_mm) @ rotation.T,
        fibres=fibres,
        sheets=sheets,
    )


def _normal(rng: np.random.Generator, shape: tuple[int, ...]) -> NDArray[np.float64]:
    """Standard normal numbers, those beyond `CUT_SD` drawn again."""
    draws = rng.standard_normal(shape)
    while (far := np.abs(draws) > CUT_SD).any():
        draws[far] = rng.standard_normal(int(far.sum()))
    return draws


def _refuse_negative(spread: PoseDistribution | ElectrodeError) -> None:
    for field in fields(spread):
        value = getattr(spread, field.name)
        if not 0 <= value < np.inf:
            msg = f"{type(spread).__name__}.{field.name} must be 0 or more, got {value}"
            raise ValueError(msg)
