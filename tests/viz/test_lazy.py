"""Nothing heavy is loaded before a picture is asked for."""

import subprocess
import sys

import pytest

import cardiotwin.viz


def test_importing_the_folder_loads_no_drawing_library():
    code = (
        "import sys, cardiotwin.anatomy, cardiotwin.signals, cardiotwin.sim; "
        "before = set(sys.modules); "
        "import cardiotwin.viz, cardiotwin.viz.heart, cardiotwin.viz.bullseye, "
        "cardiotwin.viz.paper, cardiotwin.viz.report, cardiotwin.viz.window; "
        "print(sorted({'matplotlib', 'meshio', 'pyvista'} & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_every_name_is_found_and_no_other():
    assert all(callable(getattr(cardiotwin.viz, name)) for name in cardiotwin.viz.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'plot_nothing'"):
        _ = cardiotwin.viz.plot_nothing
