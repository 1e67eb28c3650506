"""What the README and the pages in docs/ promise: short, true, and their Python runs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text()
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
TEXT = "\n".join(page.read_text() for page in PAGES)
#: Whatever follows `cardiotwin` on a line of its own or between backticks.
COMMANDS = sorted(set(re.findall(r"(?:^    |`)cardiotwin ([^`\n#]*[^`\n# ])", TEXT, re.M)))
GROUPS = ("anatomy", "cohort", "data", "ecg", "sim")


def steps_of(name):
    """The Python of a page, one program from its first block to its last."""
    blocks = re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(), re.S)
    return compile("\n".join(blocks), name, "exec")


def test_the_first_command_comes_within_120_words():
    before = README.split("    make demo")[0]
    assert len(before.split()) < 120


def test_the_python_example_runs(capsys):
    exec(steps_of("README.md"), {})
    lowest_mv, last_ms = (float(x) for x in capsys.readouterr().out.split())
    assert lowest_mv < 0
    assert 70 < last_ms < 250


def test_the_steps_of_the_anatomy_page_run(capsys):
    exec(steps_of("docs/anatomy.md"), {})
    # ml in the ellipsoid of the parametric heart that the stack is made of
    assert float(capsys.readouterr().out) == pytest.approx(121, rel=0.02)


def test_the_steps_of_the_page_on_cells_run(capsys):
    exec(steps_of("docs/cells.md"), {})
    apd90_ms, states = capsys.readouterr().out.split(maxsplit=1)
    assert 90 < float(apd90_ms) < 138  # shorter than at 1 Hz, which the page's table has
    assert states.startswith("(20, ")  # beats


def test_the_steps_of_the_page_on_signals_run(capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    exec(steps_of("docs/signals.md"), {})
    derived, marks, found, rest = capsys.readouterr().out.strip().split("\n")
    assert derived == "('III', 'aVR', 'aVL', 'aVF') (12, 2500) True"
    assert marks == "('atr',) ('N', 'N', 'N')"
    beats, pr_ms, qrs_ms = (float(number) for number in re.findall(r"\d+", found))
    assert beats == 10
    assert pr_ms == pytest.approx(160, abs=20)  # the made-up beat has 160 and 92 ms
    assert qrs_ms == pytest.approx(92, abs=20)
    assert rest.startswith("(12, 10) ")
    assert {path.name for path in tmp_path.iterdir()} >= {"ecg.png", "lines.png"}


@pytest.mark.slow
def test_the_steps_of_the_page_on_solvers_run(capsys):
    exec(steps_of("docs/solvers.md"), {})
    said = capsys.readouterr().out
    healthy_ms, slow_ms, slab_ms = (float(ms) for ms in re.findall(r"(\d+) ms", said))
    assert 70 < healthy_ms < slow_ms < 2 * healthy_ms  # speeds are halved at the apex alone
    assert 10 < slab_ms < 40
    open_mv, body_mv, lungs_mv = (float(mv) for mv in re.findall(r"([\d.]+) mV", said))
    # Skin that lets no current out raises potentials, and so do lungs, which conduct poorly.
    assert 0 < open_mv < body_mv < lungs_mv < 4


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_a_page_links_is_there(page):
    links = re.findall(r"\]\((?!http)([^)#]+)", page.read_text())
    assert not [link for link in links if not (page.parent / link).exists()]


def test_every_script_the_page_on_cells_names_is_there():
    scripts = re.findall(r"benchmarks/\w+\.py", (ROOT / "docs/cells.md").read_text())
    assert scripts
    assert not [script for script in scripts if not (ROOT / script).exists()]


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_it_names_exists_with_its_options(command, capsys, monkeypatch):
    from cardiotwin.app.cli import main

    monkeypatch.setenv("COLUMNS", "200")
    named = command.split()[: 2 if command.split()[0] in GROUPS else 1]
    assert main([*named, "--help"]) == 0
    said = capsys.readouterr().out
    if named[0] == "sim" and not named[-1].isalpha():  # a heart: `sim rodero01`, `sim stack.nii`
        named = ["sim", "beat"]
    assert re.search(rf"Usage: cardiotwin {' '.join(named)} ", said)
    known, told = (set(re.findall(r"(?<!\S)--[a-z0-9-]+", words)) for words in (said, command))
    assert told <= known


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
@pytest.mark.parametrize("target", ["demo", "test"])
def test_every_make_target_it_names_exists(target):
    run = ["make", "--dry-run", target]
    assert subprocess.run(run, cwd=ROOT, capture_output=True).returncode == 0
