"""Principal components of hearts whose nodes correspond: a mean, modes, and how far to trust them.

Frames of one patient's cycle correspond as well, but they are one heart in motion: a model of
them holds no variation between people, however many there are.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from ..files.whole_files import whole_file

#: So many hearts a mode that one means to sample: a spread from fewer is off by a third and more
#: (standard error of a standard deviation, 1 / sqrt(2 (k - 1)), is 0.35 at 5).
HEARTS_A_MODE = 5
#: Rounds of aligning to the mean; the mean settles in two or three.
ROUNDS = 20


@dataclass(frozen=True, eq=False, kw_only=True)
class ShapeModel:
    """Mean and modes of corresponding hearts.

    Attributes
    ----------
    mean_mm : (n, 3) float64
        Centred on the origin.
    modes : (j, n, 3) float64
        Orthonormal as vectors of length 3 n, the largest variance first.
    sds_mm : (j,) float64
        Standard deviation along each mode, in mm times the root of 3 n coordinates.
    explained : (j,) float64
        Share of the variance.
    tets : (m, 4) int32
        The same for every heart.
    count : int
        Hearts it was fitted to.
    left_out_mm : float
        RMS distance between a heart and its nearest likeness by a model of all the others, over
        nodes and hearts: what the model cannot know of a new heart. nan with fewer than three.
    """

    mean_mm: NDArray[np.float64]
    modes: NDArray[np.float64]
    sds_mm: NDArray[np.float64]
    explained: NDArray[np.float64]
    tets: NDArray[np.int32]
    count: int
    left_out_mm: float

    def scores(self, nodes_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """(j,) Standard deviations from the mean, mode by mode, of a heart in any pose."""
        away_mm = aligned_mm(nodes_mm, self.mean_mm) - self.mean_mm
        along_mm = np.tensordot(self.modes, away_mm, axes=2)
        return np.divide(along_mm, self.sds_mm, out=np.zeros_like(along_mm), where=self.sds_mm > 0)

    def shape_mm(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 3) The heart so many standard deviations along the first modes (k,)."""
        k = len(scores)
        if k > len(self.sds_mm):
            msg = f"the model has {len(self.sds_mm)} modes, got {k} scores"
            raise ValueError(msg)
        return self.mean_mm + np.tensordot(scores * self.sds_mm[:k], self.modes[:k], axes=1)

    def sample(
        self, rng: np.random.Generator, *, modes: int | None = None, limit_sd: float = 2.0
    ) -> NDArray[np.float64]:
        """(n, 3) A new heart: normal scores, each drawn again until within `limit_sd`.

        Parameters
        ----------
        rng
            Source of randomness.
        modes
            How many modes vary; without it, as many as `count` supports.
        limit_sd
            How far from the mean a score may be.

        Raises
        ------
        ValueError
            When the model was fitted to too few hearts for so many modes.
        """
        supported = self.count // HEARTS_A_MODE
        asked = supported if modes is None else modes
        if not 1 <= asked <= min(max(supported, 1), len(self.sds_mm)) or supported == 0:
            msg = (
                f"a model of {self.count} hearts supports {supported} modes, got {asked}: sampling "
                f"needs {HEARTS_A_MODE} hearts a mode, {HEARTS_A_MODE * max(asked, 1)} here; "
                "use anatomy.sample, or fit more hearts"
            )
            raise ValueError(msg)
        if not limit_sd > 0:
            msg = f"limit_sd must be positive, got {limit_sd}"
            raise ValueError(msg)
        scores = rng.normal(size=asked)
        while (far := np.abs(scores) > limit_sd).any():
            scores[far] = rng.normal(size=far.sum())
        return self.shape_mm(scores)


def fit_shape_model(
    hearts_mm: Sequence[NDArray[np.float64]],
    tets: NDArray[np.int32],
    *,
    remove_size: bool = False,
    one_patient: bool = False,
) -> ShapeModel:
    """Principal components after generalised Procrustes alignment (Cootes 1995; Gower 1975).

    Parameters
    ----------
    hearts_mm
        Nodes (n, 3) of each heart, one from each person; node k means the same place in all.
    tets
        (m, 4) Shared tetrahedra.
    remove_size
        Scale each heart to the mean size: the modes then hold shape alone.
    one_patient
        The hearts are frames of one cycle: they are held to be one heart, so that the model can
        be looked at and projected on, but not sampled.

    Raises
    ------
    ValueError
        When there are fewer than two hearts, or they do not correspond.

    Examples
    --------
    >>> from cardiotwin.anatomy.shapes import box
    >>> nodes_mm, tets = box((2, 2, 2), 10.0)
    >>> longer = [nodes_mm * [1, 1, 1 + c] for c in (-0.2, -0.1, 0.0, 0.1, 0.2)]
    >>> model = fit_shape_model(longer, tets)
    >>> model.explained.round(3).tolist()
    [1.0]
    """
    shapes = _stacked(hearts_mm)
    if tets.min() < 0 or tets.max() >= shapes.shape[1]:
        msg = f"tets name node {tets.max()}, but the hearts have {shapes.shape[1]} nodes"
        raise ValueError(msg)
    together_mm = procrustes_mm(shapes, remove_size=remove_size)
    mean_mm, modes, sds_mm = _components(together_mm)
    variance = sds_mm**2
    return ShapeModel(
        mean_mm=mean_mm,
        modes=modes,
        sds_mm=sds_mm,
        explained=variance / max(float(variance.sum()), 1e-300),
        tets=tets,
        count=1 if one_patient else len(shapes),
        left_out_mm=_left_out_mm(together_mm),
    )


def _stacked(hearts_mm: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """(k, n, 3) All hearts, once they are sure to be alike."""
    if len(hearts_mm) < 2:
        msg = f"a shape model needs at least 2 hearts, got {len(hearts_mm)}"
        raise ValueError(msg)
    sizes = {np.shape(h) for h in hearts_mm}
    if len(sizes) > 1 or len(min(sizes)) != 2 or min(sizes)[1] != 3:
        msg = (
            f"hearts must correspond node by node, got shapes {sorted(sizes)}; "
            "morph one mesh to all of them"
        )
        raise ValueError(msg)
    shapes = np.array(hearts_mm, np.float64)
    bad = np.flatnonzero(~np.isfinite(shapes).all(axis=(1, 2)))
    if bad.size:
        msg = f"heart {bad[0]} has nodes that are not finite"
        raise ValueError(msg)
    return shapes


def procrustes_mm(
    shapes_mm: NDArray[np.float64], *, remove_size: bool = False
) -> NDArray[np.float64]:
    """(k, n, 3) Hearts moved and turned, and scaled if asked, onto their common mean."""
    together = shapes_mm - shapes_mm.mean(axis=1, keepdims=True)
    sizes_mm = np.sqrt((together**2).sum(axis=2).mean(axis=1))
    if remove_size:
        together = together * (sizes_mm.mean() / sizes_mm)[:, None, None]
    mean_mm = together[0]
    for _ in range(ROUNDS):
        together = np.stack([aligned_mm(shape, mean_mm) for shape in together])
        new_mm = aligned_mm(together.mean(axis=0), mean_mm)  # the pose of the first: no drift
        settled = np.abs(new_mm - mean_mm).max() < 1e-9 * sizes_mm.mean()
        mean_mm = new_mm
        if settled:
            break
    return together


def aligned_mm(nodes_mm: NDArray[np.float64], onto_mm: NDArray[np.float64]) -> NDArray[np.float64]:
    """(n, 3) Nodes moved to the origin and turned onto others, least squares (Kabsch 1976)."""
    centred_mm = nodes_mm - nodes_mm.mean(axis=0)
    turn, _ = Rotation.align_vectors(onto_mm - onto_mm.mean(axis=0), centred_mm)
    return centred_mm @ turn.as_matrix().T


def _components(
    together_mm: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean (n, 3), modes (j, n, 3) and standard deviations (j,), j one less than the hearts.

    Modes whose spread is rounding are left out.
    """
    k, n, _ = together_mm.shape
    mean_mm = together_mm.mean(axis=0)
    away_mm = (together_mm - mean_mm).reshape(k, -1)
    _, singular, rows = np.linalg.svd(away_mm, full_matrices=False)
    kept = singular[: k - 1] > 1e-9 * np.linalg.norm(together_mm)
    modes = rows[: k - 1][kept].reshape(-1, n, 3)
    return mean_mm, modes, singular[: k - 1][kept] / np.sqrt(k - 1)


def _left_out_mm(together_mm: NDArray[np.float64]) -> float:
    """RMS distance of each heart from the span of the others, over nodes and hearts."""
    k = len(together_mm)
    if k < 3:
        return float("nan")
    squares = []
    for out in range(k):
        mean_mm, modes, _ = _components(np.delete(together_mm, out, axis=0))
        away_mm = aligned_mm(together_mm[out], mean_mm) - (mean_mm - mean_mm.mean(axis=0))
        rest_mm = away_mm - np.tensordot(np.tensordot(modes, away_mm, axes=2), modes, axes=1)
        squares.append((rest_mm**2).sum(axis=1).mean())
    return float(np.sqrt(np.mean(squares)))


_FIELDS = ("mean_mm", "modes", "sds_mm", "explained", "tets", "count", "left_out_mm")


def write_shape_model(model: ShapeModel, path: str | Path) -> None:
    """Write a model to an `.npz` file, whole or not at all.

    Raises
    ------
    ValueError
        When the ending is not `.npz`.
    OSError
        When the file cannot be written.
    """
    path = Path(path)
    if path.suffix != ".npz":
        msg = f"a shape model is written as .npz, got {path.name}"
        raise ValueError(msg)
    with whole_file(path) as part:
        np.savez_compressed(part, **{name: getattr(model, name) for name in _FIELDS})


def read_shape_model(path: str | Path) -> ShapeModel:
    """Read a model that `write_shape_model` wrote.

    Raises
    ------
    OSError
        When there is no such file.
    ValueError
        When it is no shape model.
    """
    path = Path(path)
    if not path.is_file():
        msg = f"no such file: {path}"
        raise OSError(msg)
    try:
        with path.open("rb") as file, np.load(file) as archive:
            values = {name: archive[name] for name in _FIELDS}
    except Exception as error:  # zip, header and compression errors have no common class
        msg = f"{path.name} is not a shape model, or it is damaged"
        raise ValueError(msg) from error
    values["count"], values["left_out_mm"] = int(values["count"]), float(values["left_out_mm"])
    return ShapeModel(**values)
