"""The dependency rule, the package list and the house rules, checked from the source."""

import ast
import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

#: What each folder may import: `signals, anatomy -> sim -> cohorts`; `signals -> learn`;
#: these `-> inverse, forward, tasks -> viz -> app`; all of them rest on `files`.
COHORTS = {"signals", "anatomy", "sim"}
MODELS = COHORTS | {"cohorts", "learn"}
VIZ = MODELS | {"inverse", "forward", "tasks"}
ALLOWED = {
    "files": set(),
    "signals": set(),
    "anatomy": set(),
    "sim": {"signals", "anatomy"},
    "cohorts": COHORTS,
    "learn": {"signals"},
    "inverse": MODELS,
    "forward": MODELS,
    "tasks": MODELS,
    "viz": VIZ,
    "app": VIZ | {"viz"},
}
#: Third-party packages that are allowed in some folders only.
ONLY_IN = {
    "torch": {"learn", "inverse", "forward", "tasks"},
    "pyvista": {"anatomy", "viz"},
    "vtk": {"viz"},
    "matplotlib": {"viz"},
    "typer": {"app"},
    "rich": {"app"},
}
PACKAGE = [p for folder in ALLOWED for p in sorted((ROOT / folder).rglob("*.py"))]
ALL_PYTHON = [
    *PACKAGE,
    *ROOT.glob("*.py"),
    *(
        p
        for folder in ("tests", "examples", "benchmarks", "docs")
        for p in (ROOT / folder).rglob("*.py")
    ),
]


def relative(path):
    return path.relative_to(ROOT).as_posix()


def imports(path):
    """Every module that a file imports, with relative names made whole from the root."""
    here = path.relative_to(ROOT).parent.parts
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = ("cardiotwin", *here[: len(here) - node.level + 1]) if node.level else ()
            parts = [*start, *filter(None, [node.module])]
            yield from (".".join([*parts, a.name]) for a in node.names)


@pytest.mark.parametrize("path", PACKAGE, ids=relative)
def test_folders_import_only_what_lies_below_them(path):
    folder = path.relative_to(ROOT).parts[0]
    used = {m.split(".")[1] for m in imports(path) if m.startswith("cardiotwin.")}
    above = used - ALLOWED[folder] - {folder, "files", "__version__"}
    assert not above, f"{relative(path)} imports {above}, which lies above it"


@pytest.mark.parametrize("path", ALL_PYTHON, ids=relative)
def test_nobody_imports_the_folders_by_their_bare_names(path):
    bare = {m for m in imports(path) if m.split(".")[0] in ALLOWED}
    assert not bare, f"{relative(path)}: write cardiotwin.{min(bare)} or a relative import"


@pytest.mark.parametrize("path", PACKAGE, ids=relative)
def test_the_package_imports_itself_relatively(path):
    source = path.read_text(encoding="utf-8")
    assert not re.search(r"^\s*(from|import) cardiotwin", source, re.M), "write a relative import"


@pytest.mark.parametrize("path", PACKAGE, ids=relative)
def test_heavy_packages_stay_in_their_folders(path):
    folder = path.relative_to(ROOT).parts[0]
    used = {m.split(".")[0] for m in imports(path)}
    strays = {name for name in used & ONLY_IN.keys() if folder not in ONLY_IN[name]}
    assert not strays, f"{relative(path)} imports {strays}"
    assert "numba" not in used or path.parent.name == "kernels", "numba belongs in kernels/"


def test_only_viz_renders():
    for path in PACKAGE:
        if "viz" not in path.relative_to(ROOT).parts:
            assert "Plotter(" not in path.read_text(encoding="utf-8"), relative(path)


def test_kernels_import_only_arrays_and_the_compiler():
    for path in (p for p in PACKAGE if p.parent.name == "kernels"):
        siblings = ".".join(["cardiotwin", *path.parent.relative_to(ROOT).parts, ""])
        outside = {m.split(".")[0] for m in imports(path) if not m.startswith(siblings)}
        assert outside <= {"math", "numba", "numpy"}, f"{relative(path)} imports {outside}"


def test_wheel_ships_every_package():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]
    found = {
        ".".join(["cardiotwin", *p.parent.relative_to(ROOT).parts])
        for p in PACKAGE
        if p.name == "__init__.py"
    }
    assert found | {"cardiotwin"} == set(settings["packages"])
    assert settings["package-dir"] == {"cardiotwin": "."}


def test_every_folder_with_code_is_a_package_with_a_known_place():
    skip = {"tests", "examples", "benchmarks", "docs"}
    folders = {p.parent.name for p in ROOT.glob("[a-z]*/*.py")} - skip
    assert folders <= ALLOWED.keys()
    assert not (ROOT / "cardiotwin").exists(), "the root is the package: no folder cardiotwin/"


@pytest.mark.parametrize("path", ALL_PYTHON, ids=relative)
def test_files_are_short_and_named_after_what_they_know(path):
    lines = path.read_text(encoding="utf-8").count("\n")
    assert lines <= 300 or "tests" in path.parts, f"{relative(path)} has {lines} lines: split it"
    assert path.stem not in {"utils", "util", "helpers", "misc", "base", "common"}


def test_no_file_knows_the_machine_it_was_written_on():
    machine = re.compile("|".join(["(?<![\\w.])/" + "(work|root|home)/", r"\.\./" + "shared"]))
    kinds = {".py", ".md", ".toml", ".txt", ".cff", ".yaml", ".json", ""}
    skip = {"demo", "build", "dist", "_site", "__pycache__"}
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if any(p.startswith(".") or p in skip or p.endswith(".zarr") for p in parts):
            continue
        if path.is_file() and path.suffix in kinds and "egg-info" not in parts[0]:
            found = machine.search(path.read_text(encoding="utf-8"))
            assert not found, f"{relative(path)} holds {found[0]}"
