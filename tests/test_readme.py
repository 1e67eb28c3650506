"""What the README and the pages in docs/ promise: short, true, and their Python runs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
ANATOMY = (ROOT / "docs/anatomy.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_the_first_command_comes_within_120_words():
    before = README.split("    make demo")[0]
    assert len(before.split()) < 120


def test_the_python_example_runs(capsys):
    code = re.search(r"```python\n(.*?)```", README, re.S).group(1)
    exec(compile(code, "README.md", "exec"), {})
    lowest_mv, last_ms = (float(x) for x in capsys.readouterr().out.split())
    assert lowest_mv < 0
    assert 70 < last_ms < 250


def test_the_steps_of_the_anatomy_page_run(capsys):
    code = re.search(r"```python\n(.*?)```", ANATOMY, re.S).group(1)
    exec(compile(code, "anatomy.md", "exec"), {})
    # ml in the ellipsoid of the parametric heart that the stack is made of
    assert float(capsys.readouterr().out) == pytest.approx(121, rel=0.02)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_a_page_links_is_there(page):
    links = re.findall(r"\]\((?!http)([^)#]+)", page.read_text())
    assert not [link for link in links if not (page.parent / link).exists()]


@pytest.mark.parametrize(
    "command",
    sorted(set(re.findall(r"^    cardiotwin ([a-z]+(?: [a-z]+(?= ))?)", README + ANATOMY, re.M))),
)
def test_every_command_it_names_exists(command):
    from cardiotwin.app.cli import main

    group = command.split()[0] in ("anatomy", "cohort", "data")
    assert main([*command.split()[: 2 if group else 1], "--help"]) == 0


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
@pytest.mark.parametrize("target", ["demo", "test"])
def test_every_make_target_it_names_exists(target):
    run = ["make", "--dry-run", target]
    assert subprocess.run(run, cwd=ROOT, capture_output=True).returncode == 0
