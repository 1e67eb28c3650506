"""Makes a cohort: plan in, one Zarr group on disk out; an interrupted run goes on."""

import multiprocessing
import os
import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from .. import __version__
from .commit import Failure, damage_of, is_committed, read_failures, read_record, remove_unfinished
from .lock import locked
from .plan import CohortPlan, difference
from .store import open_cohort, read_plan
from .worker import check_hearts, create, disk_is_full, make_batch, start_worker

#: One thread a process: two workers with two threads each would fight for two cores, and sums
#: taken in another order would give other bytes.
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS")
#: How long the workers of a killed run may take to notice.
_ORPHANS_S = 10.0

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What a run left on disk.

    Attributes
    ----------
    path : Path
    n : int
        Cases in the cohort, all of them on disk.
    new : int
        Those that this run made.
    failed : tuple of Failure
        Cases that could not be made, with the reason of each.
    """

    path: Path
    n: int
    new: int
    failed: tuple[Failure, ...]


def generate(
    plan: CohortPlan,
    path: str | Path,
    *,
    workers: int | None = None,
    progress: Progress | None = None,
) -> Summary:
    """Make a cohort, or the rest of one that was interrupted.

    The bytes on disk depend on the plan alone: not on the number of workers, and not on how
    often the run was stopped.

    Parameters
    ----------
    plan
        What to make.
    path
        Folder of the cohort. It must not exist, or hold an unfinished cohort of the same plan.
    workers
        Processes; one for each core by default.
    progress
        Called with the cases done and the cases in all, at the start and after each batch.

    Returns
    -------
    Summary

    Raises
    ------
    ValueError
        When `path` holds the cohort of another plan, or a heart cannot be used.
    OSError
        When `path` is not a cohort, another run writes it, the disk is full or a worker was
        killed. What was committed is kept; the same call resumes.
    """
    path = Path(path).absolute()
    width = min(workers if workers is not None else _cores(), plan.batches)
    if width < 1:
        msg = f"workers must be at least 1, got {workers}"
        raise ValueError(msg)
    with ExitStack() as stack:
        if path.exists():
            _check_resumable(plan, path)
            stack.enter_context(locked(path))
            pool = stack.enter_context(_pool(width))
            _await(pool.submit(check_hearts, path, plan))
        else:
            pool = stack.enter_context(_pool(width))
            stack.enter_context(_created(pool, plan, path))
        new = _run(pool, plan, path, width, progress or _silent)
    return Summary(path=path, n=plan.n, new=new, failed=read_failures(path, plan))


def _silent(done: int, total: int) -> None:
    """Progress that nobody watches."""


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_resumable(plan: CohortPlan, path: Path) -> None:
    """Raise one line when `path` is not an unfinished cohort of this plan; touch nothing."""
    group = open_cohort(path)
    damage = damage_of(path, read_record(path, None))
    if damage:
        msg = f"{path} is damaged, {damage[0]} is missing or changed; generate into another path"
        raise OSError(msg)
    stored = read_plan(path)
    if group.attrs["package_version"] != __version__:
        differs = f"package version is {__version__}, there {group.attrs['package_version']}"
    elif len(stored.hearts) == len(plan.hearts):
        differs = difference(replace(plan, hearts=stored.hearts), stored)
    else:
        differs = difference(plan, stored)
    if differs:
        msg = f"{path} is a cohort from another plan: {differs}; generate into another path"
        raise ValueError(msg)


@contextmanager
def _pool(width: int) -> Iterator[ProcessPoolExecutor]:
    """Fresh processes of one thread each."""
    before = {name: os.environ.get(name) for name in _THREADS}
    os.environ.update(dict.fromkeys(_THREADS, "1"))
    try:
        spawn = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(width, mp_context=spawn, initializer=start_worker) as pool:
            yield pool
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextmanager
def _created(pool: ProcessPoolExecutor, plan: CohortPlan, path: Path) -> Iterator[None]:
    """A new cohort without patients, whole or not at all; locked until the run ends."""
    if not path.parent.is_dir():
        msg = f"folder {path.parent} does not exist; create it first"
        raise FileNotFoundError(msg)
    scratch = path.parent / f".{path.name}.part"
    scratch.mkdir(exist_ok=True)
    with locked(scratch):  # the lock stays with the folder when it is renamed
        try:
            _empty(scratch)
            _await(pool.submit(create, scratch, plan))
            scratch.rename(path)
        except BaseException as error:
            shutil.rmtree(scratch, ignore_errors=True)
            if isinstance(error, OSError) and disk_is_full(error):
                msg = f"cannot create {path} ({error.strerror}); nothing was kept, make room"
                raise OSError(msg) from None
            raise
        yield


def _await(future: Future[None]) -> None:
    """Wait for a worker; say so in one line when it was killed before any case was made."""
    try:
        future.result()
    except BrokenProcessPool:
        msg = (
            "a worker was killed before the first case, perhaps for memory; "
            'a script must call generate under if __name__ == "__main__"'
        )
        raise OSError(msg) from None


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()


def _run(
    pool: ProcessPoolExecutor, plan: CohortPlan, path: Path, width: int, progress: Progress
) -> int:
    """Make the batches that are not on disk yet; the number of cases in them."""
    with locked(path / "commits", wait_s=_ORPHANS_S):  # workers of a killed run hold it
        todo = [b for b in range(plan.batches) if not is_committed(path, b)]
        remove_unfinished(path, todo)
    new = sum(len(plan.cases_of(batch)) for batch in todo)
    done = plan.n - new
    progress(done, plan.n)
    with _explained(pool, plan, path):
        for batch in _finished(pool, plan, path, todo, width):
            done += len(plan.cases_of(batch))
            progress(done, plan.n)
    return new


def _finished(
    pool: ProcessPoolExecutor, plan: CohortPlan, path: Path, todo: list[int], width: int
) -> Iterator[int]:
    """Batches as they are committed; one heart after the other, so that few are prepared."""
    waiting = sorted(todo, key=lambda b: (plan.hearts.index(plan.heart_of(b * plan.batch)), b))
    waiting.reverse()
    running: dict[Future[list[Failure]], int] = {}
    while waiting or running:
        while waiting and len(running) < width:
            batch = waiting.pop()
            running[pool.submit(make_batch, path, plan, batch)] = batch
        for future in wait(running, return_when=FIRST_COMPLETED).done:
            future.result()
            yield running.pop(future)


@contextmanager
def _explained(pool: ProcessPoolExecutor, plan: CohortPlan, path: Path) -> Iterator[None]:
    """Turn what stops a run into one line that says what is kept and what would do."""
    try:
        yield
    except BrokenProcessPool:
        msg = f"a worker was killed, perhaps for memory; {_kept(pool, plan, path)}"
        raise OSError(msg) from None
    except OSError as error:
        why = error.strerror or str(error)
        msg = f"cannot write {path} ({why}); {_kept(pool, plan, path)}"
        raise OSError(msg) from None
    except KeyboardInterrupt:
        msg = f"stopped; {_kept(pool, plan, path)}"
        raise KeyboardInterrupt(msg) from None


def _kept(pool: ProcessPoolExecutor, plan: CohortPlan, path: Path) -> str:
    """How much is safe, once the batches under way have ended."""
    pool.shutdown(wait=True, cancel_futures=True)
    batches = (b for b in range(plan.batches) if read_record(path, b))
    kept = sum(len(plan.cases_of(batch)) for batch in batches)
    return f"{kept} of {plan.n} cases are kept, the same command resumes"
