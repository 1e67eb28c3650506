"""A heart as a Zarr group, so that a cohort holds the anatomy it was made on."""

import re
from typing import Any

import numpy as np
import zarr

from ..anatomy import ELECTRODES, Heart, VentricularCoordinates
from .schema import units_of

_COORDINATES = ("apicobasal", "transmural", "rotational", "transventricular")
#: Dimensions of the arrays that are named as in `Heart`.
_DIMS = {
    "nodes_mm": ("node", "axis"),
    "tets": ("tet", "corner"),
    "fibres": ("tet", "axis"),
    "sheets": ("tet", "axis"),
    "segments": ("node",),
    "electrodes_mm": ("electrode", "axis"),
}


def write_heart_group(parent: zarr.Group, heart: Heart) -> None:
    """Store a heart as the group of its name.

    Raises
    ------
    ValueError
        When the name cannot be that of a folder.
    """
    if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]*", heart.name):
        msg = f"heart name {heart.name!r} may hold only letters, digits, dot, dash and underscore"
        raise ValueError(msg)
    group = parent.create_group(heart.name, attributes={"surfaces": sorted(heart.surfaces)})
    for name, values, dims in _arrays(heart):
        write_whole(group, name, values, dims)


def _arrays(heart: Heart) -> list[tuple[str, Any, tuple[str, ...]]]:
    """Name, values and dimensions of every array."""
    own = [(name, getattr(heart, name), dims) for name, dims in _DIMS.items()]
    places = [(name, getattr(heart.coordinates, name), ("node",)) for name in _COORDINATES]
    surfaces = [
        (f"surface_{name}", heart.surfaces[name], (f"{name}_triangle", "vertex"))
        for name in sorted(heart.surfaces)
    ]
    electrodes = [("electrode", np.array(ELECTRODES, object), ("electrode",))]
    return own + places + surfaces + electrodes


def write_whole(group: zarr.Group, name: str, values: Any, dims: tuple[str, ...]) -> None:
    """Store an array in one chunk, with the unit that its name ends in."""
    units = units_of(name)
    attributes: dict[str, Any] = {"units": units} if units != "1" else {}
    array = group.create_array(
        name,
        shape=values.shape,
        chunks=tuple(max(s, 1) for s in values.shape),
        dtype=str if values.dtype == object else values.dtype,
        dimension_names=dims,
        attributes=attributes,
    )
    array[...] = values


def read_heart_group(group: zarr.Group, name: str) -> Heart:
    """The heart that `write_heart_group` stored."""
    own = {field: read_array(group, field) for field in _DIMS}
    places = {field: read_array(group, field) for field in _COORDINATES}
    names: Any = group.attrs["surfaces"]
    surfaces = {s: read_array(group, f"surface_{s}") for s in names}
    coordinates = VentricularCoordinates(**places)
    return Heart(name=name, coordinates=coordinates, surfaces=surfaces, **own)


def read_array(group: zarr.Group, name: str) -> Any:
    """All values of one array."""
    array: Any = group[name]
    return np.asarray(array[...])


def same_heart(heart: Heart, other: Heart) -> bool:
    """Whether two hearts have the same nodes, tetrahedra, fibres and labels to rounding."""
    ours, theirs = _arrays(heart), _arrays(other)
    return len(ours) == len(theirs) and all(
        name == other_name and _equal(a, b)
        for (name, a, _), (other_name, b, _) in zip(ours, theirs, strict=True)
    )


def _equal(a: Any, b: Any) -> bool:
    if a.shape != b.shape:
        return False
    if a.dtype.kind == "f":
        return np.allclose(a, b, rtol=1e-5, atol=1e-5)
    return bool((a == b).all())
