"""What an ECG is made of: times on a heart, or its membrane potential over time."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from .reaction_files import read_frames
from .sim_muscle import load_muscle
from .sim_reaction import FRAMES

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from ..anatomy import Heart
    from ..signals import ECG
    from ..sim import SimModel, Tissue

#: Names of arrays of durations, and of repolarisation, that files of ours have.
_DURATIONS, _REPOLARISATION = ("apd90_ms", "apd_ms"), "repolarisation_ms"

#: Muscle above this is activated; a wave runs while it takes this share of the most it takes.
_UP_MV, _PART = -40.0, 0.05


class Times(NamedTuple):
    """A heart with the times of its beat.

    Attributes
    ----------
    heart, tissue : the patient
    activation_ms : (n,) inf where never activated
    apd_ms : (n,)
    """

    heart: "Heart"
    tissue: "Tissue"
    activation_ms: "NDArray[np.float64]"
    apd_ms: "NDArray[np.float64]"

    def twelve_leads(self, model: "SimModel", duration_ms: float, fs_hz: float) -> "ECG":
        """Twelve leads of so long, so many samples a second."""
        from ..sim import BeatParams
        from ..sim.beat import twelve_lead_ecg

        params = BeatParams(duration_ms=duration_ms, fs_hz=fs_hz)
        return twelve_lead_ecg(model, params, self.tissue, self.activation_ms, self.apd_ms)

    def samples_ms(self, duration_ms: float, fs_hz: float) -> "NDArray[np.float64]":
        """(t,) So many times a second, for so long."""
        import numpy as np

        return np.arange(0.0, duration_ms, 1000 / fs_hz)

    def at(
        self, wanted_ms: "NDArray[np.float64]"
    ) -> "tuple[NDArray[np.float64], NDArray[np.floating]]":
        """Those times (t,) and the membrane potentials (n, t) then, in mV."""
        import numpy as np

        from ..sim.action_potential import membrane_potential

        v_mv = membrane_potential(self.activation_ms, self.apd_ms, wanted_ms, dtype=np.float32)
        return wanted_ms, v_mv

    def wave_ms(self) -> tuple[float, float]:
        """First and last activation."""
        import numpy as np

        reached = self.activation_ms[np.isfinite(self.activation_ms)]
        return float(reached.min()), float(reached.max())


class Frames(NamedTuple):
    """A heart with its membrane potential over time.

    Attributes
    ----------
    heart, tissue : the patient
    times_ms : (t,) equally far apart
    v_mv : (t, n)
    """

    heart: "Heart"
    tissue: "Tissue"
    times_ms: "NDArray[np.float64]"
    v_mv: "NDArray[np.float32]"

    def twelve_leads(self, model: "SimModel", duration_ms: float, fs_hz: float) -> "ECG":
        """Twelve leads, as long and as fine as the frames."""
        from ..sim.beat import ecg_of_frames

        del duration_ms, fs_hz
        rate_hz = 1000 * (len(self.times_ms) - 1) / float(self.times_ms[-1] - self.times_ms[0])
        return ecg_of_frames(model, self.v_mv.T, rate_hz, tissue=self.tissue)

    def samples_ms(self, duration_ms: float, fs_hz: float) -> "NDArray[np.float64]":
        """(t,) Times of the frames, whatever is asked for."""
        del duration_ms, fs_hz
        return self.times_ms

    def at(
        self, wanted_ms: "NDArray[np.float64]"
    ) -> "tuple[NDArray[np.float64], NDArray[np.floating]]":
        """Times (t,) and potentials (n, t) of the frames nearest to some times."""
        import numpy as np

        nearest = np.unique(np.abs(self.times_ms[:, None] - wanted_ms).argmin(axis=0))
        return self.times_ms[nearest], self.v_mv[nearest].T

    def wave_ms(self) -> tuple[float, float]:
        """When the first and the last large part of the muscle rises."""
        import numpy as np

        rise = np.diff((self.v_mv > _UP_MV).mean(axis=1))
        rising = np.flatnonzero(rise > _PART * rise.max())
        return float(self.times_ms[rising[0]]), float(self.times_ms[rising[-1] + 1])


EcgSource = Times | Frames


def read_source(
    path: Path, heart: str | None, activation: str | None, apd: str | None
) -> EcgSource:
    """Heart with its times or frames.

    Parameters
    ----------
    path : a mesh with times at its nodes, a folder of `sim reaction`, or a store of frames
    heart : specification of the heart of a store of frames that lies alone
    activation, apd : names of the arrays in a mesh; None for those of ours

    Raises
    ------
    OSError
        When a file cannot be read.
    ValueError
        When it is not of a heart, or lacks an array; the message lists those it has.
    """
    if path.is_dir():
        return _of_frames(path, heart)
    if heart is not None:
        msg = f"--heart is of frames that lie alone; {path} is a mesh itself"
        raise ValueError(msg)
    return _of_mesh(path, activation, apd)


def _of_frames(folder: Path, spec: str | None) -> Frames:
    """Frames in a folder, on the heart of the run's mesh beside them."""
    import numpy as np

    from ..sim import healthy

    store = folder if (folder / "v_mv").is_dir() else folder / FRAMES
    if not store.is_dir():
        msg = f"{folder} holds no {FRAMES}; give a mesh with times at its nodes, or run it again"
        raise FileNotFoundError(msg)
    mesh = store.parent / "reaction.vtu"
    if spec is None and not mesh.is_file():
        msg = f"{store} has no reaction.vtu beside it; name its heart with --heart"
        raise ValueError(msg)
    muscle = load_muscle(spec or str(mesh))
    if muscle.heart is None:
        msg = f"an ECG is of a heart; {muscle.name} is none"
        raise ValueError(msg)
    times_ms, v_mv = read_frames(store)
    n = len(muscle.nodes_mm)
    if v_mv.shape[1] != n:
        msg = f"{store} is of {v_mv.shape[1]} nodes, {muscle.name} has {n}; name its --heart"
        raise ValueError(msg)
    if len(times_ms) < 3 or np.ptp(np.diff(times_ms)) > 1e-6:
        msg = f"{store} must hold three frames or more, equally far apart"
        raise ValueError(msg)
    return Frames(muscle.heart, muscle.tissue or healthy(n), times_ms, v_mv)


def _of_mesh(path: Path, activation: str | None, apd: str | None) -> Times:
    """Times at the nodes of a mesh."""
    import numpy as np

    from ..anatomy.mesh_readers import read_mesh_file
    from ..sim import healthy

    muscle = None if path.suffix == ".vtp" else load_muscle(str(path))
    if muscle is None or muscle.heart is None:
        msg = f"an ECG is of a heart; {path} is none"
        raise ValueError(msg)
    n, arrays = len(muscle.nodes_mm), read_mesh_file(path).point_data
    activation_ms = _array(arrays, activation or "activation_ms", path, n, "--activation")
    activation_ms = np.where(np.isfinite(activation_ms), activation_ms, np.inf)
    if not np.isfinite(activation_ms).any():
        msg = f"{path}: {activation or 'activation_ms'} is finite nowhere; no wave, no ECG"
        raise ValueError(msg)
    tissue = muscle.tissue or healthy(n)
    found = apd or next((name for name in _DURATIONS if name in arrays), None)
    if found is not None:
        apd_ms = _array(arrays, found, path, n, "--apd")
    elif _REPOLARISATION in arrays:
        ends_ms = _array(arrays, _REPOLARISATION, path, n, "--apd")
        apd_ms = ends_ms - np.where(np.isfinite(activation_ms), activation_ms, np.nan)
    else:
        apd_ms = _usual_apd(muscle.heart, tissue)
    return Times(muscle.heart, tissue, activation_ms, _whole(apd_ms, activation_ms, path))


def _array(
    arrays: "Mapping[str, NDArray[Any]]", name: str, path: Path, n: int, option: str
) -> "NDArray[np.float64]":
    """(n,) An array at the points of a mesh."""
    import numpy as np

    if name not in arrays:
        have = ", ".join(arrays) or "none"
        msg = f"{path} has no array {name} at its points; it has {have}; name one with {option}"
        raise ValueError(msg)
    values = np.asarray(arrays[name], np.float64)
    if values.shape != (n,):
        msg = f"{path}: array {name} must hold one number a node, shape ({n},), not {values.shape}"
        raise ValueError(msg)
    return values


def _usual_apd(heart: "Heart", tissue: "Tissue") -> "NDArray[np.float64]":
    """(n,) Durations of a healthy adult, the border zone's changed."""
    from ..sim import Repolarisation
    from ..sim.electrotonus import electrotonic_coupling
    from ..sim.repolarisation import apd_map, gradient_fields

    coupling = electrotonic_coupling(heart)
    return apd_map(gradient_fields(heart, coupling), Repolarisation(), tissue, coupling)


def _whole(
    apd_ms: "NDArray[np.float64]", activation_ms: "NDArray[np.float64]", path: Path
) -> "NDArray[np.float64]":
    """The durations, where some activated nodes lack them that of the others' median."""
    import numpy as np

    from .console import note

    known = np.isfinite(apd_ms) & (apd_ms > 0)
    lacking = np.isfinite(activation_ms) & ~known
    if not known.any():
        msg = f"{path}: no duration is known; let the run last until the muscle is back at rest"
        raise ValueError(msg)
    if lacking.any():
        median_ms = float(np.median(apd_ms[known]))
        note(f"{lacking.sum()} activated nodes lack a duration; they get {median_ms:.0f} ms")
        apd_ms = np.where(known, apd_ms, median_ms)
    return np.where(known | lacking, apd_ms, np.median(apd_ms[known]))
