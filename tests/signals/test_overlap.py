"""Records in chunks: the same result as in one piece, and never more than a chunk in memory."""

import numpy as np
import pytest

from cardiotwin.signals.ecg import ECG
from cardiotwin.signals.filters import high_pass_filter
from cardiotwin.signals.overlap import by_chunks

FS_HZ = 500.0


def ecg_of(samples_mv, fs_hz=FS_HZ):
    rows = np.atleast_2d(samples_mv)
    return ECG(samples_mv=rows, fs_hz=fs_hz, leads=tuple(f"lead {k}" for k in range(len(rows))))


@pytest.mark.parametrize("chunk", [700, 5000, 50_000])
def test_chunk_by_chunk_is_the_same_as_in_one_piece(rng, chunk):
    made = high_pass_filter(FS_HZ, 0.67)
    x = rng.normal(size=(2, 32_123)) + 3
    x[1, 9000:9800] = np.nan
    parts = (ecg_of(x[:, k : k + chunk]) for k in range(0, x.shape[1], chunk))
    out = [part.samples_mv for part in by_chunks(parts, made.apply, made.memory_ms)]
    whole = made.apply(ecg_of(x)).samples_mv
    np.testing.assert_allclose(np.concatenate(out, axis=1), whole, rtol=0, atol=1e-8)


def test_a_day_is_never_held_at_once():
    made = high_pass_filter(FS_HZ, 0.67)
    seen = []

    def watched(ecg):
        seen.append(ecg.samples_mv.shape[1])
        return made.apply(ecg)

    minute = ecg_of(np.zeros(round(60 * FS_HZ)))
    total = sum(
        out.samples_mv.shape[1]
        for out in by_chunks((minute for _ in range(24)), watched, made.memory_ms)
    )
    assert total == 24 * 60 * FS_HZ
    margin = made.memory_ms * FS_HZ / 1000
    assert max(seen) <= 60 * FS_HZ + 2 * margin + 2


def test_chunks_that_change_on_the_way_are_named():
    chunks = [ecg_of(np.zeros(10)), ecg_of(np.zeros(10), 250.0)]
    with pytest.raises(ValueError, match=r"lead 0 at 500 Hz, then lead 0 at 250 Hz"):
        list(by_chunks(chunks, lambda ecg: ecg, 4.0))
