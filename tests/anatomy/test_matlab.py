"""Sparse matrices of MATLAB files: what SciPy writes comes back, damage is named."""

import numpy as np
import pytest
from scipy.io import savemat
from scipy.sparse import csc_matrix, random_array

from cardiotwin.anatomy.matlab import read_matlab_sparse


@pytest.fixture
def matrix(rng):
    return csc_matrix(random_array((20, 7), density=0.3, rng=rng))


@pytest.mark.parametrize("compressed", [False, True])
def test_matrix_comes_back_as_it_was_written(tmp_path, matrix, compressed):
    path = tmp_path / "m.mat"
    others = {"note": "text", "dense": np.eye(3)}
    savemat(path, {"S": matrix, **others}, do_compression=compressed)
    np.testing.assert_array_equal(read_matlab_sparse(path).toarray(), matrix.toarray())


@pytest.mark.parametrize(("count", "arrays"), [(0, {"a": np.eye(3)}), (2, {"a": 1, "b": 1})])
def test_other_than_one_sparse_matrix_is_refused(tmp_path, matrix, count, arrays):
    path = tmp_path / "m.mat"
    savemat(path, {k: matrix if isinstance(v, int) else v for k, v in arrays.items()})
    with pytest.raises(ValueError, match=f"must hold one sparse matrix, got {count}"):
        read_matlab_sparse(path)


def test_file_of_another_format_is_refused(tmp_path):
    path = tmp_path / "m.mat"
    path.write_bytes(b"\x89HDF" + bytes(200))
    with pytest.raises(ValueError, match=r"m\.mat is no MATLAB file of level 5"):
        read_matlab_sparse(path)


@pytest.mark.parametrize("compressed", [False, True])
def test_damaged_file_is_named_or_still_a_matrix(tmp_path, matrix, survives, compressed):
    """Some of these files crash `scipy.io.loadmat`."""
    path = tmp_path / "m.mat"
    savemat(path, {"S": matrix}, do_compression=compressed)
    survives(
        lambda: read_matlab_sparse(path),
        path,
        examples=300,
        check=lambda m: m.check_format(full_check=True),
    )
