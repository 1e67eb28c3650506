"""What holds for every command: instant help with an example, one JSON object, one-line errors."""

import json
import subprocess
import sys
import time

import pytest
import typer

from cardiotwin.app.cli import app, main

HEAVY = ("numpy", "numba", "scipy", "pyvista", "matplotlib", "zarr", "torch")


def paths(command=None, prefix=()):
    """Every command and group, as the words that call it."""
    command = command or typer.main.get_command(app)
    yield list(prefix)
    for name, child in getattr(command, "commands", {}).items():
        yield from paths(child, (*prefix, name))


@pytest.fixture(autouse=True)
def empty_cache(tmp_path, monkeypatch):
    monkeypatch.delenv("CARDIOTWIN_DATA", raising=False)
    monkeypatch.setenv("CARDIOTWIN_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.mark.parametrize("words", [*paths()], ids=" ".join)
def test_help_shows_an_example(words, capsys):
    assert main([*words, "--help"]) == 0
    assert f"Example: cardiotwin {' '.join(words)}".rstrip() in capsys.readouterr().out


@pytest.mark.parametrize("words", [w for w in paths() if w], ids=" ".join)
def test_every_command_has_json(words, capsys):
    main([*words, "--help"])
    out = capsys.readouterr().out
    assert "--json" in out or "Commands" in out


def test_help_is_fast():
    words = [sys.executable, "-m", "cardiotwin", "sim", "--help"]
    start_s = time.perf_counter()
    subprocess.run(words, capture_output=True, check=True)
    assert time.perf_counter() - start_s < 2.0  # 0.2 s on an idle core: the rest is for busy ones


def test_no_help_imports_anything_heavy():
    code = (
        "import sys; from cardiotwin.app.cli import main; "
        f"[main([*words, '--help']) for words in {[*paths()]}]; "
        f"sys.exit(', '.join(sys.modules.keys() & set({HEAVY})) or 0)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert run.returncode == 0, f"imported {run.stderr}"


def test_json_is_one_object_and_nothing_else(capsys):
    assert main(["data", "list", "--json"]) == 0
    captured = capsys.readouterr()
    hearts = json.loads(captured.out)["hearts"]
    assert "rodero01" in [h["name"] for h in hearts]
    assert captured.err == ""


def test_the_table_names_every_heart_and_how_to_get_it(capsys):
    assert main(["data", "list"]) == 0
    table = capsys.readouterr().out
    assert table.count("licence") == 1
    assert "bivme_patient1" in table
    assert "cardiotwin data fetch rodero01" in table


def test_where_prints_the_folder_of_a_heart(tmp_path, monkeypatch, capsys):
    folder = tmp_path / "hearts/dti004"
    folder.mkdir(parents=True)
    (folder / "DTI004_case.npz").touch()
    monkeypatch.setenv("CARDIOTWIN_DATA", str(tmp_path))
    assert main(["data", "where", "dti004"]) == 0
    assert capsys.readouterr().out == f"{folder}\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["data", "fetch", "nope"], "no data set is called 'nope'; there are dti004,"),
        (["data", "where", "rodero01"], "rodero01 is not on this machine; set CARDIOTWIN_DATA"),
        (["data", "fetch", "dti004"], "dti004 cannot be fetched; get it from"),
        (["data", "fetch"], "see `cardiotwin data fetch --help`"),
        (["data"], "see `cardiotwin data --help`"),
        (["data", "list", "--jsno"], "see `cardiotwin data list --help`"),
        (["dance"], "No such command 'dance'"),
    ],
)
def test_a_mistake_is_one_line_on_stderr(words, said, capsys):
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("cardiotwin: ")
    assert said in captured.err
    assert captured.err.count("\n") == 1


def test_ctrl_c_is_one_line_and_its_own_status(monkeypatch, capsys):
    def interrupt():
        raise KeyboardInterrupt

    monkeypatch.setattr("cardiotwin.anatomy.datasets.datasets", interrupt)
    assert main(["data", "list"]) == 130
    assert capsys.readouterr().err == "cardiotwin: stopped by Ctrl-C\n"


def test_no_words_at_all_show_the_help(capsys):
    assert main([]) == 0
    assert "Commands" in capsys.readouterr().out
