"""The picture of an anatomy shows every segment once, each in a colour of its own."""

from dataclasses import replace

import numpy as np
import pytest

from cardiotwin.viz import plot_anatomy
from cardiotwin.viz.anatomy import segment_colours


def test_eighteen_colours_that_can_be_told_apart():
    assert len(set(segment_colours())) == 18


def test_the_picture_follows_the_segments(ventricle, tmp_path):
    one, other = tmp_path / "one.png", tmp_path / "other.png"
    plot_anatomy(ventricle, path=one)
    half = np.where(ventricle.nodes_mm[:, 0] > 0, 5, 2).astype(np.int8)
    plot_anatomy(replace(ventricle, segments=half), path=other)
    assert one.read_bytes() != other.read_bytes()
    plot_anatomy(ventricle, path=other)
    assert one.read_bytes() == other.read_bytes()


def test_a_wrong_ending_is_named(ventricle, tmp_path):
    with pytest.raises(ValueError, match="docx"):
        plot_anatomy(ventricle, path=tmp_path / "a.docx")
    assert not list(tmp_path.iterdir())
