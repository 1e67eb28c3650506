"""Moments side by side and moving: colours say what the numbers are."""

import numpy as np
import pytest
from matplotlib import colormaps
from PIL import Image

from cardiotwin.anatomy.shapes import box
from cardiotwin.viz import plot_frames, write_animation
from cardiotwin.viz.camera import anterior_view
from cardiotwin.viz.frames import PHASE, VM, draw_frames, field_paint, two_views
from cardiotwin.viz.shade import render
from cardiotwin.viz.solids import block
from cardiotwin.viz.time_maps import NEVER_COLOUR


@pytest.fixture(autouse=True)
def _coarse(monkeypatch):
    monkeypatch.setattr("cardiotwin.viz.panels.DPI", 40)
    monkeypatch.setattr("cardiotwin.viz.frames._MOVIE_DPI", 40)


@pytest.fixture(scope="module")
def slab():
    return block(*box((4, 3, 2), 1.0))


def hue_in_the_middle(heart, values, quantity, dead=None):
    """Share of red, green and blue at the middle of the anterior view."""
    paint = field_paint(values, quantity, dead)
    image = render(heart, anterior_view(), paint, half_mm=60.0, size_px=60)
    pixel = image[30, 30, :3]
    return pixel / pixel.sum()


@pytest.mark.parametrize("v_mv", [-85.0, -20.0, 30.0])
def test_a_potential_has_the_colour_that_the_bar_gives_it(ventricle, v_mv):
    seen = hue_in_the_middle(ventricle, np.full(len(ventricle.nodes_mm), v_mv), VM)
    share = (v_mv - VM.low) / (VM.high - VM.low)
    wanted = np.array(colormaps[VM.colours](share)[:3])
    np.testing.assert_allclose(seen, wanted / wanted.sum(), atol=0.01)  # 256 colours


def test_a_phase_is_not_averaged_across_its_jump(ventricle):
    # Half of the nodes at almost pi, half at almost -pi: between them lies pi, not 0.
    phase = np.where(np.arange(len(ventricle.nodes_mm)) % 2, np.pi - 0.01, 0.01 - np.pi)
    seen = hue_in_the_middle(ventricle, phase, PHASE)
    end = np.array(colormaps[PHASE.colours](1.0)[:3])
    np.testing.assert_allclose(seen, end / end.sum(), atol=0.02)


def test_dead_muscle_is_grey(ventricle):
    from matplotlib.colors import to_rgb

    n = len(ventricle.nodes_mm)
    seen = hue_in_the_middle(ventricle, np.zeros(n), VM, np.ones(n, bool))
    grey = np.array(to_rgb(NEVER_COLOUR))
    np.testing.assert_allclose(seen, grey / grey.sum(), atol=0.01)


def test_a_column_a_moment_and_a_row_a_view(ventricle):
    figure = draw_frames(ventricle, np.zeros((3, len(ventricle.nodes_mm))), [0.0, 12.5, 40.0])
    panels = figure.axes[:6]
    assert [p.get_title() for p in panels] == ["0 ms", "12.5 ms", "40 ms", "", "", ""]
    names = [t.get_text() for p in panels for t in p.texts]
    assert [n for n in names if n in ("Anterior", "Long axis")] == ["Anterior", "Long axis"]
    assert figure.axes[6].get_xlim() == (VM.low, VM.high)


def test_an_animation_has_a_picture_a_frame(slab, tmp_path):
    values = np.linspace(-85, 30, 5)[:, None] * np.ones(len(slab.nodes_mm))
    seen = []
    write_animation(
        slab, values, range(5), path=tmp_path / "a.gif", progress=lambda *x: seen.append(x)
    )
    with Image.open(tmp_path / "a.gif") as movie:
        assert movie.n_frames == 5
        assert movie.info["loop"] == 0
    assert [p.name for p in tmp_path.iterdir()] == ["a.gif"]
    assert seen[-1] == (5, 5)


def test_a_slab_is_seen_from_two_corners(slab):
    assert len(two_views(slab)) == 2


@pytest.mark.parametrize(
    ("shape", "times", "words"),
    [
        ((2, 60), [0.0], "one frame a moment is needed, got 2 for 1 moments"),
        ((0, 60), [], "one frame a moment is needed, got 0 for 0 moments"),
        ((1, 9), [0.0], r"a frame must have shape \(60,\), got \(9,\)"),
    ],
)
def test_frames_that_do_not_fit_are_refused(slab, tmp_path, shape, times, words):
    with pytest.raises(ValueError, match=words):
        plot_frames(slab, np.zeros(shape), times, path=tmp_path / "a.png")
    assert not any(tmp_path.iterdir())


def test_frames_that_are_not_numbers_and_other_endings_are_refused(slab, tmp_path):
    values = np.full((1, 60), np.nan)
    with pytest.raises(ValueError, match="the frame at 3 ms holds values that are not finite"):
        plot_frames(slab, values, [3.0], path=tmp_path / "a.png")
    with pytest.raises(ValueError, match=r"animations are written as .gif, got 'a.mp4'"):
        write_animation(slab, np.zeros((1, 60)), [0.0], path=tmp_path / "a.mp4")
