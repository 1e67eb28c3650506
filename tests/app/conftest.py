"""Commands run as a user runs them, on a heart of a few thousand nodes and a cohort on it."""

import json
import math
from typing import NamedTuple

import pytest

from cardiotwin.anatomy import build_atrium, build_heart, write_atrium, write_heart
from cardiotwin.anatomy.parametric import ParametricHeart, parametric_mesh
from cardiotwin.app.cli import main


class Ran(NamedTuple):
    """What a command did."""

    status: int
    out: str
    err: str

    @property
    def result(self):
        """The one JSON object on stdout."""
        return json.loads(self.out)


@pytest.fixture(scope="module", autouse=True)
def coarse_pictures():
    """Views of few pixels: tests of commands do not look at them, those of viz do."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("cardiotwin.viz.panels.DPI", 40)
        patch.setattr("cardiotwin.viz.frames._MOVIE_DPI", 40)
        patch.setattr("cardiotwin.viz.paper.PAPER_DPI", 60)
        patch.setattr("cardiotwin.viz.scroll.SCROLL_DPI", 60)
        yield


@pytest.fixture
def run(capsys, monkeypatch):
    """Function: run a command with these words.

    On a busy machine it may last longer than progress stays silent; stderr has no such lines here.
    """
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("cardiotwin.app.console.LINE_EVERY_S", math.inf)

    def run_words(*words):
        capsys.readouterr()
        status = main([str(word) for word in words])
        return Ran(status, *capsys.readouterr())

    return run_words


@pytest.fixture(scope="package")
def small_heart():
    shape = ParametricHeart(rv_wall_mm=8.0, lv_wall_mm=10.0)
    return build_heart(*parametric_mesh(shape, lattice_mm=5.5), name="small")


@pytest.fixture(scope="package")
def small_file(small_heart, tmp_path_factory):
    path = tmp_path_factory.mktemp("hearts") / "small.vtu"
    write_heart(small_heart, path)
    return path


@pytest.fixture(scope="package")
def small_atrium():
    """A ball of 25 mm with a valve below and four veins."""
    import numpy as np
    import pyvista

    sphere = pyvista.Icosphere(radius=25.0, nsub=3)
    nodes_mm, triangles = np.array(sphere.points, float), sphere.regular_faces
    towards = np.array(
        [[0, 0, -1], [0.8, 0, 0.6], [0.9, 0.4, -0.1], [-0.8, 0, 0.6], [-0.9, 0.4, -0.1]]
    )
    towards /= np.linalg.norm(towards, axis=1, keepdims=True)
    middle = nodes_mm[triangles].mean(axis=1)
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    kept = (middle @ towards.T < [0.85, 0.96, 0.96, 0.96, 0.96]).all(axis=1)
    return build_atrium(nodes_mm, triangles[kept], name="ball")


@pytest.fixture(scope="package")
def atrium_file(small_atrium, tmp_path_factory):
    path = tmp_path_factory.mktemp("atria") / "ball.vtp"
    write_atrium(small_atrium, path)
    return path


@pytest.fixture(scope="package")
def cohort(small_file, tmp_path_factory):
    """Five patients in three batches; never to be changed."""
    path = tmp_path_factory.mktemp("cohorts") / "c.zarr"
    words = f"cohort generate --hearts {small_file} --n 5 --batch 2 --seed 3 --workers 1"
    assert main([*words.split(), "--out", str(path)]) == 0
    return path


@pytest.fixture(scope="package")
def infarct_case(cohort):
    """A case of the cohort that has an infarct."""
    from cardiotwin.app.demo import clearest

    return clearest(cohort)
