"""The page to judge a heart by: self-contained, verdict first, all pictures, amber where odd."""

import base64
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from cardiotwin.anatomy import build_heart
from cardiotwin.anatomy.parametric import ParametricHeart, parametric_mesh
from cardiotwin.anatomy.pose import Pose, apply_pose
from cardiotwin.anatomy.quality import scaled_jacobians
from cardiotwin.viz.anatomy_findings import clinical_rows, findings, mesh_rows
from cardiotwin.viz.anatomy_report import write_anatomy_report
from cardiotwin.viz.mesh_plots import draw_jacobians


@pytest.fixture(scope="module")
def heart():
    shape = ParametricHeart(rv_wall_mm=8.0, lv_wall_mm=10.0)
    return build_heart(*parametric_mesh(shape, lattice_mm=5.0), name="A <coarse> heart")


@pytest.fixture(scope="module")
def page(heart, tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    steps = []
    found = write_anatomy_report(heart, path, dpi=40, progress=lambda *done: steps.append(done))
    return SimpleNamespace(text=path.read_text(encoding="utf-8"), found=found, steps=steps)


def test_the_page_needs_nothing_but_itself(page):
    assert not re.search(r"https?:|<link|<script|url\(|@import", page.text)
    pictures = re.findall(r'src="data:image/png;base64,([^"]+)"', page.text)
    assert all(base64.b64decode(p)[:4] == b"\x89PNG" for p in pictures)
    assert len(pictures) == page.text.count("<img") == 13


def test_every_section_is_there_once_and_in_order(page):
    assert re.findall("<h2>([^<]+)</h2>", page.text) == [
        "Figures",
        "Mesh and wall",
        "Surfaces",
        "Segments and coordinates",
        "Through the wall",
        "Fibres",
        "Torso and electrodes",
    ]
    assert page.text.count("<div") == page.text.count("</div>")
    assert page.text.count("<figure") == page.text.count("</figure>")


def test_the_name_of_the_heart_is_escaped(page):
    assert "<h1>Anatomy of A &lt;coarse&gt; heart</h1>" in page.text


def test_progress_ends_where_it_said(page):
    done, totals = zip(*page.steps, strict=True)
    assert list(done) == list(range(14))
    assert set(totals) == {13}


def test_the_verdict_of_a_good_heart_is_good(page):
    assert page.found.warnings == ()
    assert '<div class="verdict"><strong>Fit to be simulated' in page.text


def test_figures_are_those_of_the_heart(heart, page):
    rows = {row.name: row.value for row in (*mesh_rows(page.found), *clinical_rows(page.found))}
    assert rows["Nodes"] == f"{len(heart.nodes_mm):,}"
    assert rows["Muscle"] == f"{heart.tet_volumes_mm3.sum() / 1e3:.1f} ml"
    assert rows["Left cavity"] == f"{page.found.measures.lv_cavity_ml:.0f} ml"
    worst = heart.centres_mm[scaled_jacobians(heart.nodes_mm, heart.tets).argmin()]
    assert rows["Least at"] == "({:.0f}, {:.0f}, {:.0f}) mm".format(*worst)
    assert all(f'<td class="in">{v}</td>' in page.text or "out" in page.text for v in rows.values())


def test_figures_outside_both_ranges_are_odd(heart):
    rows = {row.name: row for row in clinical_rows(findings(heart))}
    thick = rows["Right wall, median"]  # 8 mm, where up to 5 are normal
    assert thick.is_odd
    assert thick.normal == "1.0\u20135.0"
    assert not rows["Left cavity, length"].is_odd  # no range is known


def test_a_heart_in_a_frame_of_its_own_is_found_out(heart):
    turned = findings(apply_pose(heart, Pose(azimuth_deg=120)))
    assert any("--pose own" in line for line in turned.warnings)
    assert turned.verdict.endswith("to look at before it is simulated")


def test_missing_electrodes_are_named_and_leave_the_torso_out(heart, tmp_path):
    electrodes_mm = heart.electrodes_mm.copy()
    electrodes_mm[[4, 5]] = np.nan
    found = findings(replace(heart, electrodes_mm=electrodes_mm))
    assert "electrodes V1, V2 are missing" in found.warnings
    assert found.torso is None


def test_a_heart_without_a_right_ventricle_still_gets_its_page(ventricle, tmp_path):
    found = write_anatomy_report(ventricle, tmp_path / "lv.html", dpi=40)
    assert found.measures is None
    assert any("rv_endo" in line for line in found.warnings)
    text = (tmp_path / "lv.html").read_text(encoding="utf-8")
    assert '<div class="verdict odd">' in text
    assert "Torso and electrodes" not in text


def test_the_histogram_counts_every_tetrahedron(heart):
    axes = draw_jacobians(heart).axes[0]
    heights = [bar.get_height() for bar in axes.patches]
    assert sum(h for h in heights if h >= 1) == len(heart.tets)  # empty bars are half a tet high
    assert "least" in axes.texts[0].get_text()
