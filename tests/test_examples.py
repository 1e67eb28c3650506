"""Every example runs, prints the number that it promises, and writes its picture."""

import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"
#: Number that is printed: lowest and highest that are right, and the picture.
PROMISES = {
    # Half of the ball is excited at any time while spirals turn; 0 % when they die.
    "spiral_wave.py": (20, 80, "spiral.png"),
    # Finite differences at 0.25 mm: between the 42 ms of a fine mesh and the 126 ms at 0.5 mm.
    "slab_ten_tusscher.py": (42, 70, "slab.png"),
    # 160 ms at 60 a minute, less at 72, to the borders that a detector sees.
    "ecg_on_paper.py": (130, 165, "ecg.png"),
    # Adult chest leads have R and S waves of 0.5 to 4 mV.
    "body_surface_map.py": (0.5, 4, "body_map.png"),
}


def test_every_example_is_run():
    assert {path.name for path in EXAMPLES.glob("*.py")} == PROMISES.keys()


@pytest.mark.slow
@pytest.mark.parametrize("name", PROMISES)
def test_example(name, tmp_path):
    lowest, highest, picture = PROMISES[name]
    command = [sys.executable, str(EXAMPLES / name)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert lowest <= float(done.stdout.strip(" ms%V\n")) <= highest
    assert (tmp_path / picture).stat().st_size > 10_000
