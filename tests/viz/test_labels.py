"""Every surface has its colour; a cut shows the wall."""

import numpy as np
from matplotlib.colors import to_rgb

from cardiotwin.viz.camera import anterior_view, long_axis_view, lv_axes
from cardiotwin.viz.labels import LABELS, basal_view, draw_labels, label_paint
from cardiotwin.viz.panels import look_at


def shown(scene, i):
    """Names of the labels that a panel shows, with their share of it."""
    colours = label_paint(scene)(scene.looks[i].seen)
    return {
        name: float(np.isclose(colours, to_rgb(colour)).all(axis=1).mean())
        for name, (colour, _) in LABELS.items()
    }


def test_each_view_shows_the_surfaces_that_lie_there(ventricle):
    axes = lv_axes(ventricle)
    scene = look_at(ventricle, (anterior_view(), basal_view(axes), long_axis_view(axes)), dpi=40)
    front, above, cut = (shown(scene, i) for i in range(3))
    assert front["epi"] > 0.9
    assert min(above["lv_endo"], above["base"]) > 0.2
    assert min(cut["lv_endo"], cut["wall"]) > 0.2
    assert front["wall"] == above["wall"] == 0
    for view in (front, above, cut):
        assert sum(view.values()) == 1.0


def test_the_view_from_the_base_has_the_anterior_wall_at_the_top(ventricle):
    axes = lv_axes(ventricle)
    view = basal_view(axes)
    np.testing.assert_allclose(view.towards, axes.basal, atol=1e-9)
    assert view.edges[2] == "anterior"


def test_the_key_names_every_label(ventricle):
    figure = draw_labels(ventricle, dpi=40)
    assert [t.get_text() for t in figure.legends[0].get_texts()] == [w for _, w in LABELS.values()]
