"""What the eikonal solver accepts; for anything else a line that says what is wrong."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Floats = NDArray[np.float64]


def node_array(nodes_mm: ArrayLike) -> Floats:
    """(n, 3) float64, contiguous; raise when it is not."""
    nodes_mm = np.ascontiguousarray(nodes_mm, np.float64)
    if nodes_mm.ndim != 2 or nodes_mm.shape[1] != 3:
        msg = f"nodes_mm must have shape (n, 3), got {nodes_mm.shape}"
        raise ValueError(msg)
    return nodes_mm


def element_array(elements: ArrayLike, corners: int, n: int, name: str) -> NDArray[np.int32]:
    """(m, corners) int32, contiguous; raise when a shape or an index is wrong."""
    given = np.asarray(elements)
    if given.size and given.dtype.kind not in "iu":
        msg = f"{name} must be node indices, got {given.dtype}"
        raise ValueError(msg)
    elements = np.ascontiguousarray(given, np.int32)
    if elements.ndim != 2 or elements.shape[1] != corners:
        msg = f"{name} must have shape (m, {corners}), got {elements.shape}"
        raise ValueError(msg)
    if elements.size and (elements.min() < 0 or elements.max() >= n):
        wrong = elements[(elements < 0) | (elements >= n)][0]
        msg = f"{name} name node {wrong}, but nodes run from 0 to {n - 1}"
        raise ValueError(msg)
    return elements


def float_array(values: Any, shape: tuple[int, ...], name: str) -> Floats:
    """float64, contiguous; raise when it has another shape."""
    values = np.ascontiguousarray(values, np.float64).reshape(np.shape(values))
    if values.shape != shape:
        msg = f"{name} must have shape {shape}, got {values.shape}"
        raise ValueError(msg)
    return values


def positive(values: Floats, name: str) -> Floats:
    """Raise when a value is not positive and finite."""
    if values.size and not (values.min() > 0 and values.max() < np.inf):
        wrong = values[~((values > 0) & (values < np.inf))].flat[0]
        msg = f"{name} must be positive, got {wrong}"
        raise ValueError(msg)
    return values


def source_array(sources: ArrayLike, n: int) -> NDArray[np.integer]:
    """(s,) Node indices; raise when there is none or one names no node."""
    sources = np.asarray(sources)
    if sources.size == 0:
        msg = "sources is empty: the wave has no place to start"
        raise ValueError(msg)
    if sources.ndim != 1 or sources.dtype.kind not in "iu":
        msg = f"sources must be (s,) node indices, got shape {sources.shape} of {sources.dtype}"
        raise ValueError(msg)
    if sources.min() < 0 or sources.max() >= n:
        wrong = sources[(sources < 0) | (sources >= n)][0]
        msg = f"sources name node {wrong}, but nodes run from 0 to {n - 1}"
        raise ValueError(msg)
    return sources


def block_array(blocked: ArrayLike, sources: NDArray[np.integer], n: int) -> NDArray[np.bool_]:
    """(n,) bool; raise when it is not, or when no source is left."""
    blocked = np.asarray(blocked)
    if blocked.shape != (n,) or blocked.dtype != bool:
        msg = f"blocked must be ({n},) bool, got shape {blocked.shape} of {blocked.dtype}"
        raise ValueError(msg)
    if blocked[sources].all():
        msg = f"every source is blocked (the first is node {sources[0]}): the wave cannot start"
        raise ValueError(msg)
    return blocked
