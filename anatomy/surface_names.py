"""Which of the four surfaces a name or a number in somebody's file means."""

import re
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from .bivme import MATERIALS
from .file_mesh import FileMesh
from .heart import SURFACES

#: What a label of a file means: one of `SURFACES`, or None for triangles to leave out.
Meaning = Mapping[int | str, str | None]

#: Arrays that tell surfaces apart, in the order in which they are tried.
ARRAYS = (
    "surface",
    "class",
    "cls",
    "material",
    "region",
    "label",
    "labels",
    "tag",
    "tags",
    "group",
)
#: Numbers with a known meaning: ours (see `io.write_heart`) and Cobiveco's (Schuler 2021).
KNOWN: dict[str, dict[int | str, str | None]] = {
    "surface": dict(enumerate(SURFACES, start=1)),
    "class": {1: "base", 2: "epi", 3: "lv_endo", 4: "rv_endo"},
    "cls": {1: "base", 2: "epi", 3: "lv_endo", 4: "rv_endo"},
}
#: Valve caps of biv-me, which close the cavities: no part of the wall.
CAPS = ("MITRAL_VALVE", "TRICUSPID_VALVE", "AORTA_VALVE", "PULMONARY_VALVE")
#: Words that mean a surface, tried in this order on a name cut into words.
WORDS = (
    (re.compile(r"epi"), "epi"),
    (re.compile(r"(^|_)lv|left"), "lv_endo"),
    (re.compile(r"(^|_)rv|right|septum"), "rv_endo"),
    (re.compile(r"base|cut$|valve|annulus"), "base"),
    (re.compile(r"endo_?l"), "lv_endo"),
    (re.compile(r"endo_?r"), "rv_endo"),
)


def surface_named(name: str) -> str | None:
    """The surface of `SURFACES` that a name means, or None.

    Examples
    --------
    >>> [surface_named(n) for n in ("LVendo", "endo_rv", "heart_epi", "RV_SEPTUM", "Base", "x")]
    ['lv_endo', 'rv_endo', 'epi', 'rv_endo', 'base', None]
    """
    words = re.sub(r"[^a-z]+", "_", re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower())
    return next((surface for word, surface in WORDS if word.search(words)), None)


def triangle_labels(
    mesh: FileMesh, labels: Meaning | None, array: str | None, *, strict: bool = True
) -> NDArray[np.int8] | None:
    """(k,) Index into `SURFACES` of each triangle, -1 where it is to be left out; None if unsaid.

    Parameters
    ----------
    mesh
        Labels may stand at triangles or at points; a triangle takes the label of most of its
        points, and is base where they all differ.
    labels
        What each value means; without it, what is known of the array or of its names.
    array
        Name of the array; without it, the first of `ARRAYS` that is there.
    strict
        Whether an array of which nothing is known is an error, or as good as none.

    Raises
    ------
    ValueError
        When there is no such array, or a value has no meaning.
    """
    found = _find(mesh, array, labels is not None)
    if found is None:
        return None
    name, values, at_points = found
    meaning = _meaning(mesh, name, values, labels)
    if not meaning and not strict:
        return None
    distinct, inverse = np.unique(values, return_inverse=True)
    unknown = [v for v in distinct.tolist() if v not in meaning]
    if unknown:
        msg = (
            f"array {name} has the value {unknown[0]!r}, which has no meaning; "
            f"give labels={{value: name, ...}} with the names {', '.join(SURFACES)} or None"
        )
        raise ValueError(msg)
    index = [_index(meaning[v]) for v in distinct.tolist()]
    label = np.array(index, np.int8)[inverse.ravel()]
    return _vote(label[mesh.triangles]) if at_points else label


def _find(
    mesh: FileMesh, array: str | None, said: bool
) -> tuple[str, NDArray[np.generic], bool] | None:
    """Name and values of the array with the labels, and whether they stand at points."""
    for wanted in (array,) if array else ARRAYS:
        for data, at_points in ((mesh.triangle_data, False), (mesh.point_data, True)):
            for name, values in data.items():
                if name.lower() == wanted.lower() and values.ndim == 1:
                    return name, values, at_points
    if array or said:
        have = ", ".join([*mesh.triangle_data, *mesh.point_data]) or "none"
        msg = f"has no array {array or 'of labels'}; it has {have}"
        raise ValueError(msg)
    return None


def _meaning(
    mesh: FileMesh, name: str, values: NDArray[np.generic], labels: Meaning | None
) -> Meaning:
    if labels is not None:
        wrong = [s for s in labels.values() if s is not None and s not in SURFACES]
        if wrong:
            msg = f"labels must be {', '.join(SURFACES)} or None, got {wrong[0]!r}"
            raise ValueError(msg)
        return labels
    names = mesh.texts.get(f"{name}_names")
    if names is not None:
        return {i: _of_name(text) for i, text in enumerate(names) if _is_known(text)}
    if values.dtype.kind == "U":
        return {str(v): _of_name(str(v)) for v in np.unique(values) if _is_known(str(v))}
    return KNOWN.get(name.lower(), {})


def _of_name(text: str) -> str | None:
    return None if text in CAPS else MATERIALS.get(text, surface_named(text))


def _is_known(text: str) -> bool:
    return text in CAPS or _of_name(text) is not None


def _index(surface: str | None) -> int:
    return -1 if surface is None else SURFACES.index(surface)


def _vote(corners: NDArray[np.int8]) -> NDArray[np.int8]:
    """(k,) Label of two or three of the corners (k, 3); base where all three differ."""
    a, b, c = corners.T
    return np.where((a == b) | (a == c), a, np.where(b == c, b, SURFACES.index("base")))
