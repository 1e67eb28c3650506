"""Which label of a map means which tissue: the schemes in use, and what anatomy says of them."""

from collections.abc import Mapping
from itertools import permutations

import numpy as np
from numpy.typing import NDArray

#: Tissues of a `LabelMap`; the place in this list is the code of a voxel.
TISSUES = ("background", "lv_cavity", "myocardium", "rv_cavity", "infarct", "no_reflow")
LV, MYOCARDIUM, RV, INFARCT, NO_REFLOW = range(1, len(TISSUES))
#: Codes of the left ventricular wall.
WALL = (MYOCARDIUM, INFARCT, NO_REFLOW)
#: Label to tissue. ACDC: Bernard 2018, IEEE Trans. Med. Imaging 37:2514. EMIDEC: Lalande 2020,
#: Data 5:89. M&Ms: Campello 2021, IEEE Trans. Med. Imaging 40:3543.
SCHEMES: Mapping[str, Mapping[int, str]] = {
    "acdc": {1: "rv_cavity", 2: "myocardium", 3: "lv_cavity"},
    "emidec": {1: "lv_cavity", 2: "myocardium", 3: "infarct", 4: "no_reflow"},
    "mnms": {1: "lv_cavity", 2: "myocardium", 3: "rv_cavity"},
}
#: How labels are said, in messages.
EXAMPLE = "1=rv_cavity,2=myocardium,3=lv_cavity"
#: Share of the outline of a cavity that touches wall: the left is ringed by it but where the
#: base opens, the right has it on the septal side only.
RINGED = 0.65
#: Share of the left cavity's outline that touches wall without an infarct, even a large one.
LEAST_NORMAL = 0.1
#: Share of a tissue that lies no farther out than the wall does.
WITHIN = 0.6
#: A map of more labels is an image.
MOST_LABELS = 12


def name_tissues(
    planes: NDArray[np.int32], labels: str | Mapping[int, str], name: str
) -> NDArray[np.uint8]:
    """Codes of the tissues, of the shape of the labels.

    Parameters
    ----------
    planes
        (slices, rows, columns) Labels, one short-axis slice after the other.
    labels
        A name in `SCHEMES`, a mapping of label to tissue, or "auto": the one scheme that the
        anatomy allows.
    name
        Used in messages.

    Raises
    ------
    ValueError
        When a label has no tissue, a tissue no label, the tissues do not lie as in a heart, or
        "auto" cannot tell.
    """
    found = _found(planes, name)
    scheme = _auto(planes, found, name) if labels == "auto" else _given(labels, name)
    strange = [x for x in found if x not in scheme]
    if strange:
        msg = (
            f"{name}: labels {_list(strange)} have no meaning in {as_pairs(scheme)}; say "
            f"labels {EXAMPLE}, with background for what is to be left out"
        )
        raise ValueError(msg)
    codes = apply(planes, scheme)
    for code in (LV, MYOCARDIUM):
        if not (codes == code).any():
            label = [x for x, tissue in scheme.items() if tissue == TISSUES[code]]
            msg = f"{name}: no voxel is {TISSUES[code]} (label {_list(label) or 'none'}); "
            raise ValueError(msg + f"the map holds {_list(found)}; say labels {EXAMPLE}")
    if labels != "auto" and (reason := misplaced(codes)):
        msg = f"{name}: {reason}{_advice(planes, found)}"
        raise ValueError(msg)
    return codes


def apply(planes: NDArray[np.int32], scheme: Mapping[int, str]) -> NDArray[np.uint8]:
    """Codes of the tissues that a scheme gives to labels; 0 where it has none."""
    codes = np.zeros(planes.shape, np.uint8)
    for label, tissue in scheme.items():
        codes[planes == label] = TISSUES.index(tissue)
    return codes


def misplaced(codes: NDArray[np.uint8]) -> str | None:
    """What does not lie as in a heart; None when all does."""
    ringed = {code: _outline_share(codes, code, WALL) for code in (LV, RV)}
    if ringed[LV] < RINGED:
        return f"the myocardium touches only {ringed[LV]:.0%} of the lv_cavity's outline"
    if _outline_share(codes, LV, (MYOCARDIUM,)) < LEAST_NORMAL:
        return "no myocardium but infarct touches the lv_cavity"
    if (codes == RV).any():
        if ringed[RV] > RINGED:
            return f"the rv_cavity is ringed by myocardium ({ringed[RV]:.0%} of its outline)"
        if _share_within(codes, RV) > WITHIN:
            return "the rv_cavity lies inside the left ventricular wall"
    for code in (INFARCT, NO_REFLOW):
        if (codes == code).any() and _share_within(codes, code) < WITHIN:
            return f"the {TISSUES[code]} lies outside the left ventricular wall"
    return None


def _outline_share(codes: NDArray[np.uint8], code: int, others: tuple[int, ...]) -> float:
    """Share of the in-plane borders of a tissue that are with others; 0 without the tissue."""
    is_other = np.isin(codes, others)
    total = shared = 0
    for a, b in (
        (np.s_[:, 1:], np.s_[:, :-1]),
        (np.s_[:, :-1], np.s_[:, 1:]),
        (np.s_[:, :, 1:], np.s_[:, :, :-1]),
        (np.s_[:, :, :-1], np.s_[:, :, 1:]),
    ):
        border = (codes[a] == code) & (codes[b] != code)
        total += int(border.sum())
        shared += int((border & is_other[b]).sum())
    return shared / max(total, 1)


def _share_within(codes: NDArray[np.uint8], code: int) -> float:
    """Share of a tissue that lies within the reach of the normal wall from the cavity's middle."""
    within = total = 0
    for plane in codes:
        cavity, mine = np.argwhere(plane == LV), np.argwhere(plane == code)
        wall = np.argwhere(plane == MYOCARDIUM)
        if len(cavity) and len(mine) and len(wall):
            middle = cavity.mean(axis=0)
            reach = np.quantile(np.linalg.norm(wall - middle, axis=1), 0.98)
            within += int((np.linalg.norm(mine - middle, axis=1) <= reach).sum())
            total += len(mine)
    return within / total if total else float(code != RV)


def _found(planes: NDArray[np.int32], name: str) -> list[int]:
    """Labels other than 0."""
    found = [int(x) for x in np.unique(planes) if x]
    if not found:
        msg = f"{name}: every voxel is 0; nothing is labelled"
        raise ValueError(msg)
    if len(found) > MOST_LABELS:
        msg = f"{name}: holds {len(found)} different values; it looks like an image, not labels"
        raise ValueError(msg)
    return found


def _given(labels: str | Mapping[int, str], name: str) -> Mapping[int, str]:
    """The mapping that the user named or wrote."""
    if isinstance(labels, str):
        if labels not in SCHEMES:
            msg = f"labels must be auto, {', '.join(SCHEMES)} or {EXAMPLE}, got {labels!r}"
            raise ValueError(msg)
        return SCHEMES[labels]
    wrong = [t for t in labels.values() if t not in TISSUES]
    if wrong:
        msg = f"{name}: no tissue is called {wrong[0]!r}; there are {', '.join(TISSUES)}"
        raise ValueError(msg)
    return labels


def _auto(planes: NDArray[np.int32], found: list[int], name: str) -> Mapping[int, str]:
    """The one scheme whose tissues lie as in a heart."""
    fitting = _fitting_schemes(planes, found)
    meanings = {tuple(SCHEMES[s][x] for x in found) for s in fitting}
    if len(meanings) == 1:
        return SCHEMES[fitting[0]]
    if fitting:
        msg = (
            f"{name}: labels {_list(found)} could be {' or '.join(fitting)}; "
            f"say which with labels={fitting[0]!r}"
        )
        raise ValueError(msg)
    advice = _advice(planes, found) or f"; say labels {EXAMPLE}"
    msg = f"{name}: labels {_list(found)} fit none of {', '.join(SCHEMES)}{advice}"
    raise ValueError(msg)


def _fitting_schemes(planes: NDArray[np.int32], found: list[int]) -> list[str]:
    fitting = []
    for name, scheme in SCHEMES.items():
        codes = apply(planes, scheme)
        named = all(x in scheme for x in found)
        if named and {LV, MYOCARDIUM} <= set(np.unique(codes)) and not misplaced(codes):
            fitting.append(name)
    return fitting


def _advice(planes: NDArray[np.int32], found: list[int]) -> str:
    """What the labels look like instead, and how to say so."""
    if fitting := _fitting_schemes(planes, found):
        (lv,) = (x for x, tissue in SCHEMES[fitting[0]].items() if tissue == "lv_cavity")
        return f"; label {lv} looks like the lv_cavity: pass labels={fitting[0]!r}"
    if 2 <= len(found) <= 4:
        for tissues in permutations(TISSUES[1:], len(found)):
            scheme = dict(zip(found, tissues, strict=True))
            codes = apply(planes, scheme)
            count = np.bincount(codes.ravel(), minlength=len(TISSUES))
            nested = count[LV] > 0 and count[MYOCARDIUM] > count[INFARCT] >= count[NO_REFLOW]
            if nested and not misplaced(codes):
                return f"; by their places they look like labels {as_pairs(scheme)}"
    return ""


def as_pairs(scheme: Mapping[int, str]) -> str:
    """A scheme in the words of the command line.

    Examples
    --------
    >>> as_pairs(SCHEMES["acdc"])
    '1=rv_cavity,2=myocardium,3=lv_cavity'
    """
    return ",".join(f"{label}={tissue}" for label, tissue in scheme.items())


def _list(values: list[int]) -> str:
    return ", ".join(str(v) for v in values)
