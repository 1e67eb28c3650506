"""The group of simulations: a beat unless another is named."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("order", ["spec first", "option first"])
def test_without_a_name_it_is_a_beat(run, small_file, order):
    words = [small_file, "--json"] if order == "spec first" else ["--json", small_file]
    assert run("sim", *words).out == run("sim", "beat", small_file, "--json").out


def test_without_any_word_it_is_a_beat_of_the_builtin_heart(run, monkeypatch, small_heart):
    monkeypatch.setattr("cardiotwin.anatomy.load_heart", lambda spec: small_heart)
    assert "healthy beat" in run("sim").out


def test_its_help_teaches_every_simulation(run):
    said = run("sim", "--help").out
    for name in ("beat", "eikonal", "reaction", "ecg"):
        assert f" {name} " in said
    assert "cardiotwin sim beat SPEC" in said


def test_a_mistake_names_the_help_of_the_beat(run):
    ran = run("sim", "--nope")
    assert ran.status == 2
    assert "see `cardiotwin sim beat --help`" in ran.err


def test_a_file_that_is_called_like_a_command_is_found_by_its_path(run, small_file, tmp_path):
    (tmp_path / "ecg").mkdir()
    ran = run("sim", tmp_path / "ecg")
    assert ran.status == 2
    assert "ecg" in ran.err
    assert "No such command" not in ran.err


@pytest.mark.parametrize("command", ["beat", "eikonal", "reaction", "ecg"])
def test_help_of_each_loads_nothing_heavy(command):
    code = (
        f"import sys; from cardiotwin.app.cli import main; main(['sim', '{command}', '--help']); "
        "sys.exit(', '.join(sys.modules.keys() & {'numpy', 'numba', 'scipy', 'zarr'}) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"imported {done.stderr}"
