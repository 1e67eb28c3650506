"""What the README promises: short, true, and its Python runs."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

README = (Path(__file__).parents[1] / "README.md").read_text()


def test_the_first_command_comes_within_120_words():
    before = README.split("    make demo")[0]
    assert len(before.split()) < 120


def test_the_python_example_runs(capsys):
    code = re.search(r"```python\n(.*?)```", README, re.S).group(1)
    exec(compile(code, "README.md", "exec"), {})
    lowest_mv, last_ms = (float(x) for x in capsys.readouterr().out.split())
    assert lowest_mv < 0
    assert 70 < last_ms < 250


def test_every_file_it_links_is_there():
    root = Path(__file__).parents[1]
    links = re.findall(r"\]\((?!http)([^)#]+)", README)
    assert links
    assert not [link for link in links if not (root / link).exists()]


@pytest.mark.parametrize(
    "command", re.findall(r"^    cardiotwin ([a-z]+(?: generate)?)", README, re.M)
)
def test_every_command_it_names_exists(command):
    from cardiotwin.app.cli import main

    assert main([*command.split(), "--help"]) == 0


@pytest.mark.skipif(not shutil.which("make"), reason="needs make")
@pytest.mark.parametrize("target", ["demo", "test"])
def test_every_make_target_it_names_exists(target):
    run = ["make", "--dry-run", target]
    assert subprocess.run(run, cwd=Path(__file__).parents[1], capture_output=True).returncode == 0
