"""Write the API pages: one for the package and one for each folder, with its public names."""

import importlib
import sys
import tomllib
from pathlib import Path

import pdoc

ROOT = Path(__file__).parents[1]


def public_packages() -> list[str]:
    """Every package of the wheel but kernels, its lazy names loaded: pdoc does not ask for them."""
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = [p for p in settings["tool"]["setuptools"]["packages"] if not p.endswith(".kernels")]
    for name in names:
        package = importlib.import_module(name)
        for public in getattr(package, "__all__", ()):
            vars(package).setdefault(public, getattr(package, public))
    return names


if __name__ == "__main__":
    pdoc.render.configure(docformat="numpy")
    pdoc.pdoc(*public_packages(), output_directory=Path(sys.argv[1]))
