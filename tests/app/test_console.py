"""Results are plain JSON, errors one line, progress a line now and then outside a terminal."""

import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from cardiotwin.app import console


@dataclass
class Beat:
    """Something a command returns."""

    last_ms: float
    leads: tuple[str, ...]


def test_results_become_plain_json(capsys):
    result = {"beat": Beat(np.inf, ("I", "II")), "n": np.int64(3), "at_mm": np.zeros(2)}
    console.print_result(result | {"out": Path("c.zarr")}, "unused", as_json=True)
    assert json.loads(capsys.readouterr().out) == {
        "beat": {"last_ms": None, "leads": ["I", "II"]},
        "n": 3,
        "at_mm": [0.0, 0.0],
        "out": "c.zarr",
    }


def test_a_system_error_names_the_file_and_not_its_number(capsys):
    console.fail(FileNotFoundError(2, "No such file or directory", "heart.vtu"))
    assert capsys.readouterr().err == "cardiotwin: heart.vtu: No such file or directory\n"


def test_a_full_disk_says_what_would_do(capsys):
    console.fail(OSError(28, "No space left on device"))
    said = "cannot write, No space left on device; make room, or write elsewhere"
    assert capsys.readouterr().err == f"cardiotwin: {said}\n"


def test_an_error_of_many_lines_becomes_one(capsys):
    console.fail(ValueError("first\n  second"))
    assert capsys.readouterr().err == "cardiotwin: first second\n"


def test_short_runs_leave_logs_silent_and_long_ones_say_what_is_left(monkeypatch, capsys):
    now_s = [0.0]
    monkeypatch.setattr(console.time, "monotonic", lambda: now_s[0])
    with console.progress_bar("cases") as report:
        report(20, 100)  # an earlier run did these: they count for no speed
        now_s[0] = 5.0
        report(30, 100)
        now_s[0] = 20.0
        report(60, 100)
    captured = capsys.readouterr()
    assert captured.err == "cases: 60/100, 2/s, 20 s left\n"
    assert captured.out == ""


def test_a_terminal_gets_a_bar_on_stderr(monkeypatch, capsys):
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm")
    with console.progress_bar("cases", unit="hearts") as report:
        report(1, 2)
        report(2, 2)
    captured = capsys.readouterr()
    assert "cases" in captured.err
    assert captured.out == ""
