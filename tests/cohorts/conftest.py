"""A two-ventricle heart of about a thousand nodes: enough for a cohort, made in a second."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from cardiotwin.anatomy import build_heart, write_heart
from cardiotwin.anatomy.stuffing import stuff
from cardiotwin.anatomy.surface import boundary_triangles
from cardiotwin.cohorts.generate import generate
from cardiotwin.cohorts.plan import CohortPlan

BASE_MM = 12.0


def ellipsoid(points_mm, centre_mm, radii_mm):
    scaled = np.linalg.norm((points_mm - centre_mm) / radii_mm, axis=1)
    return (scaled - 1) * min(radii_mm)


def walls_mm(points_mm):
    """Distances to the left cavity, the right cavity and the outside, negative within each."""
    left = ellipsoid(points_mm, [12, 0, 0], [31, 31, 56])
    right = ellipsoid(points_mm, [-16, 0, 0], [33, 34, 47])
    rv_cavity = np.maximum(ellipsoid(points_mm, [-16, 0, 0], [25, 26, 38]), -left)
    return ellipsoid(points_mm, [12, 0, 0], [20, 20, 45]), rv_cavity, np.minimum(left, right)


def muscle_mm(points_mm):
    lv_cavity, rv_cavity, outside = walls_mm(points_mm)
    wall = np.maximum(outside, -np.minimum(lv_cavity, rv_cavity))
    return np.maximum(wall, points_mm[:, 2] - BASE_MM)


@pytest.fixture(scope="session")
def tiny_heart():
    bounds_mm = np.array([[-52.0, -37.0, -59.0], [46.0, 37.0, 15.0]])
    nodes_mm, tets = stuff(muscle_mm, bounds_mm, lattice_mm=5.0)
    triangles = boundary_triangles(tets)
    middles_mm = nodes_mm[triangles].mean(axis=1)
    nearest = np.argmin(np.abs(walls_mm(middles_mm)), axis=0)
    nearest[middles_mm[:, 2] > BASE_MM - 0.5] = 3
    names = ("lv_endo", "rv_endo", "epi", "base")
    surfaces = {name: triangles[nearest == k] for k, name in enumerate(names)}
    return build_heart(nodes_mm, tets, surfaces, name="tiny")


@pytest.fixture(scope="session")
def tiny_file(tiny_heart, tmp_path_factory):
    path = tmp_path_factory.mktemp("hearts") / "tiny.vtu"
    write_heart(tiny_heart, path)
    return str(path)


@pytest.fixture(scope="session")
def tiny_plan(tiny_file):
    return CohortPlan(hearts=(tiny_file,), n=7, seed=7, batch=2, healthy_share=0.3)


@pytest.fixture(scope="session")
def tiny_cohort(tiny_plan, tmp_path_factory):
    """The reference, made without interruption; never to be changed."""
    path = tmp_path_factory.mktemp("cohorts") / "tiny.zarr"
    generate(tiny_plan, path, workers=1)
    return path


@pytest.fixture
def cohort_copy(tiny_cohort, tmp_path):
    return Path(shutil.copytree(tiny_cohort, tmp_path / "copy.zarr"))
