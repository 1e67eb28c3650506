"""A cohort has the bytes of its plan, whoever makes it and however often that is stopped."""

import multiprocessing
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest
import zarr

from cardiotwin.cohorts.check import check_cohort
from cardiotwin.cohorts.commit import read_failures, write_batch
from cardiotwin.cohorts.generate import generate
from cardiotwin.cohorts.lock import locked
from cardiotwin.cohorts.patient import prepare_patients, simulate_case
from cardiotwin.cohorts.schema import FAILED, RESULT_COLUMNS
from cardiotwin.cohorts.store import create_store, read_cases
from cardiotwin.cohorts.worker import run_cases

#: A run as from the command line, in a process group of its own.
SCRIPT = """
import sys
from cardiotwin.cohorts.generate import generate
from cardiotwin.cohorts.plan import CohortPlan

if __name__ == "__main__":
    plan = CohortPlan(hearts=(sys.argv[1],), n=7, seed=7, batch=2, healthy_share=0.3)
    generate(plan, sys.argv[2], workers=2, progress=lambda d, n: print(d, n, flush=True))
"""


def tree(path):
    """Bytes of every file below a folder."""
    return {f.relative_to(path).as_posix(): f.read_bytes() for f in path.rglob("*") if f.is_file()}


def run_script(tmp_path, tiny_file, path):
    script = tmp_path / "run.py"
    script.write_text(SCRIPT)
    command = [sys.executable, str(script), tiny_file, str(path)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True, text=True)


def kill_group(process, delay_s):
    time.sleep(delay_s)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    process.stdout.close()


def after_first_batch(do):
    """Progress that acts once, when the first batch is on disk."""
    calls = []

    def progress(done, total):
        calls.append(done)
        if len(calls) == 2:
            do()

    return progress


def test_bytes_do_not_depend_on_the_number_of_workers(tiny_plan, tiny_cohort, tmp_path):
    seen = []
    path = tmp_path / "two.zarr"
    summary = generate(tiny_plan, path, workers=2, progress=lambda d, n: seen.append((d, n)))
    assert tree(path) == tree(tiny_cohort)
    assert (summary.n, summary.new, summary.failed) == (7, 7, ())
    assert seen[0] == (0, 7)
    assert seen[-1] == (7, 7)
    assert [p.name for p in tmp_path.iterdir()] == ["two.zarr"]


def test_finished_cohort_is_left_as_it_is(tiny_plan, cohort_copy):
    before = {p: p.stat().st_mtime_ns for p in cohort_copy.rglob("*")}
    assert generate(tiny_plan, cohort_copy, workers=1).new == 0
    assert {p: p.stat().st_mtime_ns for p in cohort_copy.rglob("*")} == before


def test_killed_run_resumes_to_the_same_bytes(tiny_plan, tiny_cohort, tiny_file, tmp_path):
    path = tmp_path / "killed.zarr"
    process = run_script(tmp_path, tiny_file, path)
    process.stdout.readline()  # the cohort is there, its first batches under way
    kill_group(process, random.uniform(0, 1.5))
    generate(tiny_plan, path, workers=2)
    assert tree(path) == tree(tiny_cohort)


@pytest.mark.slow
@pytest.mark.parametrize("moment", range(8))
def test_run_killed_at_any_moment_resumes(moment, tiny_plan, tiny_cohort, tiny_file, tmp_path):
    path = tmp_path / "killed.zarr"
    for _ in range(2):
        process = run_script(tmp_path, tiny_file, path)
        kill_group(process, random.uniform(0.5, 6))
    generate(tiny_plan, path, workers=2)
    assert tree(path) == tree(tiny_cohort)


def test_workers_die_with_their_parent(tiny_file, tiny_plan, tiny_cohort, tmp_path):
    path = tmp_path / "orphans.zarr"
    process = run_script(tmp_path, tiny_file, path)
    process.stdout.readline()
    process.kill()
    process.wait()
    process.stdout.close()
    generate(tiny_plan, path, workers=1)  # waits for the orphans, which hold the lock
    assert tree(path) == tree(tiny_cohort)


def test_killed_worker_is_one_line_and_resumable(tiny_plan, tiny_cohort, tmp_path):
    path = tmp_path / "worker.zarr"

    def kill():
        for child in multiprocessing.active_children():
            os.kill(child.pid, signal.SIGKILL)

    with pytest.raises(OSError, match="a worker was killed, perhaps for memory; ") as error:
        generate(tiny_plan, path, workers=2, progress=after_first_batch(kill))
    assert str(error.value).endswith(" of 7 cases are kept, the same command resumes")
    generate(tiny_plan, path, workers=1)
    assert tree(path) == tree(tiny_cohort)


def test_full_disk_is_one_line_and_resumable(tiny_plan, tiny_cohort, tmp_path):
    resource = pytest.importorskip("resource")
    if not hasattr(resource, "prlimit"):
        pytest.skip("needs prlimit to make the disk of the workers full")
    path = tmp_path / "full.zarr"

    def fill():
        for child in multiprocessing.active_children():
            resource.prlimit(child.pid, resource.RLIMIT_FSIZE, (1000, 1000))

    with pytest.raises(OSError, match=r"cannot write .*full\.zarr \(File too large\); ") as error:
        generate(tiny_plan, path, workers=1, progress=after_first_batch(fill))
    assert str(error.value).endswith("2 of 7 cases are kept, the same command resumes")
    generate(tiny_plan, path, workers=1)
    assert tree(path) == tree(tiny_cohort)


def test_script_without_a_guard_is_told(tiny_file, tmp_path):
    script = tmp_path / "bare.py"
    script.write_text(SCRIPT.replace('if __name__ == "__main__":', "if True:"))
    command = [sys.executable, str(script), tiny_file, str(tmp_path / "c.zarr")]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert 'a script must call generate under if __name__ == "__main__"' in run.stderr
    assert [p.name for p in tmp_path.iterdir()] == ["bare.py"]


def test_ctrl_c_is_one_line_and_resumable(tiny_plan, tiny_cohort, tmp_path):
    path = tmp_path / "stopped.zarr"

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt, match="stopped; 4 of 7 cases are kept, the same"):
        generate(tiny_plan, path, workers=2, progress=after_first_batch(stop))
    generate(tiny_plan, path, workers=1)
    assert tree(path) == tree(tiny_cohort)


def test_damaged_chunk_and_lost_record_are_redone(tiny_plan, tiny_cohort, cohort_copy):
    chunk = cohort_copy / "ecg_mv/c/1/0/0"
    chunk.write_bytes(chunk.read_bytes()[:-1] + b"?")
    (cohort_copy / "commits/batch-00003.json").unlink()
    (cohort_copy / "commits/batch-00003.part").write_text("{")
    (cohort_copy / "tissue/c/3/0.0123.partial").write_bytes(b"half")
    assert len(check_cohort(cohort_copy)) == 2
    assert generate(tiny_plan, cohort_copy, workers=1).new == 3
    assert tree(cohort_copy) == tree(tiny_cohort)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"seed": 8}, "seed is 8, there 7"),
        ({"n": 9}, "n is 9, there 7"),
        ({"hearts": ("dti004", "rodero01")}, "hearts is dti004,rodero01, there tiny"),
    ],
)
def test_cohort_of_another_plan_is_refused(changes, words, tiny_plan, tiny_cohort):
    before = tree(tiny_cohort)
    with pytest.raises(ValueError, match=f"from another plan: {words}"):
        generate(replace(tiny_plan, **changes), tiny_cohort)
    assert tree(tiny_cohort) == before


def test_cohort_of_another_mesh_is_refused(tiny_plan, tiny_heart, cohort_copy, tmp_path):
    from cardiotwin.anatomy import write_heart

    path = tmp_path / "tiny.vtu"
    electrodes_mm = tiny_heart.electrodes_mm + 1
    write_heart(replace(tiny_heart, electrodes_mm=electrodes_mm), path)
    before = tree(cohort_copy)
    with pytest.raises(ValueError, match="another plan: heart tiny is another mesh there"):
        generate(replace(tiny_plan, hearts=(str(path),)), cohort_copy, workers=1)
    assert tree(cohort_copy) == before


def test_path_that_is_no_cohort_is_left_alone(tiny_plan, tmp_path):
    folder = tmp_path / "thesis"
    folder.mkdir()
    (folder / "chapter.txt").write_text("words")
    zarr.create_group(tmp_path / "other.zarr", attributes={"title": "not a cohort"})
    (tmp_path / "file").write_text("words")
    (tmp_path / "empty").mkdir()
    before = tree(tmp_path)
    for name in ("thesis", "other.zarr", "file", "empty"):
        with pytest.raises(OSError, match=f"{name} is not a cohort") as error:
            generate(tiny_plan, tmp_path / name)
        assert "\n" not in str(error.value)
    assert tree(tmp_path) == before


def test_damaged_metadata_is_refused(tiny_plan, cohort_copy):
    (cohort_copy / "ecg_mv/zarr.json").write_text("{}")
    with pytest.raises(OSError, match=r"damaged, ecg_mv/zarr\.json is missing or changed"):
        generate(tiny_plan, cohort_copy)


def test_two_runs_at_once_are_refused(tiny_plan, cohort_copy):
    with locked(cohort_copy), pytest.raises(OSError, match="is being written by another run"):
        generate(tiny_plan, cohort_copy)


@pytest.mark.parametrize(
    ("hearts", "folder", "kind", "words"),
    [
        (("nobody",), ".", ValueError, "unknown heart 'nobody'"),
        (("missing.vtu",), ".", OSError, r"missing\.vtu"),
        (("builtin",), "nowhere", OSError, "folder .*nowhere does not exist; create it first"),
    ],
)
def test_mistake_leaves_nothing_behind(hearts, folder, kind, words, tiny_plan, tmp_path):
    with pytest.raises(kind, match=words) as error:
        generate(replace(tiny_plan, hearts=hearts), tmp_path / folder / "c.zarr", workers=1)
    assert "\n" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


def test_no_workers_are_refused(tiny_plan, tmp_path):
    with pytest.raises(ValueError, match="workers must be at least 1, got 0"):
        generate(tiny_plan, tmp_path / "c.zarr", workers=0)


def test_case_alone_is_the_case_in_the_cohort(tiny_heart, tiny_cohort):
    stored = zarr.open_group(tiny_cohort, mode="r")
    model = prepare_patients(tiny_heart)
    for k in (0, 5):
        patient = simulate_case(read_cases(tiny_cohort)[k], model)
        # one thread or many may sum in another order, which moves the last bits
        assert patient.beat.activation_ms == pytest.approx(stored["activation_ms"][k], abs=1e-4)
        assert np.abs(patient.beat.ecg.samples_mv - stored["ecg_mv"][k]).max() < 1e-6
        assert (patient.tissue.labels == stored["tissue"][k]).all()
        assert patient.achieved.burden == stored["burden"][k]


def test_poisoned_case_is_recorded_and_the_others_made(tiny_heart, tiny_plan, tmp_path):
    create_store(tmp_path, replace(tiny_plan, n=2, healthy_share=0.0), (tiny_heart,))
    good, bad = read_cases(tmp_path)
    bad = replace(bad, territory="LCx", target_burden=0.9)
    group = zarr.open_group(tmp_path, mode="r")
    shapes = {column.name: group[column.name].shape[1:] for column in RESULT_COLUMNS}
    values, failures = run_cases([good, bad], prepare_patients(tiny_heart), shapes)
    write_batch(tmp_path, replace(tiny_plan, n=2), 0, values, failures)
    assert values["status"].tolist() == [1, FAILED]
    assert (group["tissue"][1] == -1).all()
    (failure,) = read_failures(tmp_path, tiny_plan)
    assert failure.case == 1
    assert "burden" in failure.reason
