"""The box against its volume and the faces that its tetrahedra share."""

import numpy as np
import pytest

from cardiotwin.anatomy.heart import tet_volumes
from cardiotwin.anatomy.shapes import box


def test_box_is_filled_by_equal_tets_of_positive_volume():
    nodes_mm, tets = box((4, 3, 2), 0.5)
    np.testing.assert_array_equal(nodes_mm.max(axis=0), [2.0, 1.5, 1.0])
    np.testing.assert_allclose(tet_volumes(nodes_mm, tets), 0.5**3 / 6, rtol=1e-12)
    assert len(tets) == 6 * 4 * 3 * 2
    assert tets.dtype == np.int32


def test_neighbouring_tets_share_whole_faces():
    """Every face belongs to two tets, but for the two triangles of each square of the outside."""
    _, tets = box((4, 3, 2), 1.0)
    faces = np.sort(tets[:, [[1, 2, 3], [0, 2, 3], [0, 1, 3], [0, 1, 2]]].reshape(-1, 3), axis=1)
    _, uses = np.unique(faces, axis=0, return_counts=True)
    assert np.bincount(uses).tolist()[1:] == [
        2 * 2 * (4 * 3 + 3 * 2 + 2 * 4),
        (4 * len(tets) - 104) // 2,
    ]


def test_a_wrong_size_is_named():
    with pytest.raises(ValueError, match=r"at least 1 along each axis, got \(3, 0, 2\)"):
        box((3, 0, 2), 1.0)
    with pytest.raises(ValueError, match=r"spacing_mm must be positive, got -1.0"):
        box((1, 1, 1), -1.0)
