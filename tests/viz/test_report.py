"""A page that needs nothing but itself."""

import base64
import re

import numpy as np
import pytest

from cardiotwin.viz import plot_bullseye, write_report

ROWS = [("Territory", "LAD & <septum>"), ("Burden", "21 %")]


@pytest.fixture
def pictures(tmp_path):
    paths = {"One": tmp_path / "one.png", "Two <wide>": tmp_path / "two.svg"}
    for path in paths.values():
        plot_bullseye(np.zeros(17), label="Core (%)", path=path)
    return paths


def test_the_page_needs_nothing_but_itself(pictures, tmp_path):
    write_report(tmp_path / "report.html", "Case 7", pictures, ROWS)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"https?:|<link|<script|url\(|@import", page)
    assert all(s.startswith("data:image/") for s in re.findall(r'src="([^"]+)', page))


def test_every_picture_is_in_the_page_byte_for_byte(pictures, tmp_path):
    write_report(tmp_path / "report.html", "Case 7", pictures, ROWS)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    found = re.findall(r'data:image/([a-z+]+);base64,([^"]+)"', page)
    assert [kind for kind, _ in found] == ["png", "svg+xml"]
    for (_, data), path in zip(found, pictures.values(), strict=True):
        assert base64.b64decode(data) == path.read_bytes()


def test_text_is_escaped(pictures, tmp_path):
    write_report(tmp_path / "r.html", "<b>", pictures, ROWS, cohort_rows=[("n", "<24>")])
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    assert "<title>&lt;b&gt;</title>" in page
    assert "LAD &amp; &lt;septum&gt;" in page
    assert "Two &lt;wide&gt;" in page
    assert "&lt;24&gt;" in page
    assert "<24>" not in page


def test_many_pictures_still_fit_one_page(pictures, tmp_path):
    many = {f"{name} {i}": p for i in range(6) for name, p in pictures.items()}
    write_report(tmp_path / "r.html", "Case 7", many, ROWS)
    page = (tmp_path / "r.html").read_text(encoding="utf-8")
    rows = [re.findall(r"width:([\d.]+)mm", r) for r in page.split('class="row"')[1:]]
    assert all(sum(map(float, row)) <= 182 for row in rows)
    height_mm = sum(float(row[0]) * 3.4 / 2.9 + 7.5 for row in rows)  # as high as bullseyes are
    assert height_mm < 262 - 24 - 2 * 5.6 + 1


def test_a_failure_leaves_the_old_page_and_nothing_else(pictures, tmp_path):
    page = tmp_path / "site" / "report.html"
    write_report(page, "old", pictures, ROWS)
    with pytest.raises(FileNotFoundError):
        write_report(page, "new", {"gone": tmp_path / "gone.png"}, ROWS)
    (tmp_path / "note.txt").write_text("no picture")
    with pytest.raises(ValueError, match=r"PNG, or SVG with a viewBox; got .*note.txt"):
        write_report(page, "new", {"note": tmp_path / "note.txt"}, ROWS)
    assert "<title>old</title>" in page.read_text(encoding="utf-8")
    assert [p.name for p in page.parent.iterdir()] == ["report.html"]
