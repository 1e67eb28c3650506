"""The loop over time steps of tissue, on one thread or several."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from threading import Barrier, BrokenBarrierError
from typing import Literal, Protocol

import numpy as np
from scipy.sparse import csr_array, diags_array

from .diffusion import paired_rows
from .eikonal_checks import Floats
from .kernels import diffusion as kernel
from .operator import Operator
from .regions import Region
from .waves import Waves

Method = Literal["explicit", "crank-nicolson", "backward-euler"]
#: Threads take whole blocks of so many nodes, the size at which cell kernels work.
BLOCK = 128
#: Error of an implicit step, as a share of how far it goes.
TOLERANCE = 1e-8
MOST_ITERATIONS = 500


class Scheme(Protocol):
    """How one step of diffusion is made."""

    def spread(
        self,
        v: Floats,
        dt_ms: float,
        out: Floats,
        first: int,
        last: int,
        wait: Callable[[], object],
    ) -> None:
        """Fill out (n,) at nodes `first` to `last` - 1; `wait` holds until all threads call it."""


class Explicit:
    """Euler's steps, several to a step of the cells where the mesh asks for them."""

    def __init__(self, operator: Operator, substeps: int) -> None:
        self.operator = operator
        self.substeps = substeps
        self.between = np.empty((2, operator.n if substeps > 1 else 0))

    def spread(
        self,
        v: Floats,
        dt_ms: float,
        out: Floats,
        first: int,
        last: int,
        wait: Callable[[], object],
    ) -> None:
        """One step, see `Scheme`."""
        for i in range(self.substeps - 1):
            self.operator.diffuse(v, dt_ms / self.substeps, self.between[i % 2], first, last)
            wait()
            v = self.between[i % 2]
        self.operator.diffuse(v, dt_ms / self.substeps, out, first, last)


class Implicit:
    """Steps of any length by conjugate gradients; the first thread makes them."""

    def __init__(self, operator: Operator, share: float) -> None:
        self.operator = operator
        self.share = share
        rates = operator.matrix()
        between = csr_array(diags_array(rates.diagonal()) - rates)
        between.eliminate_zeros()
        stiffness = csr_array(diags_array(operator.mass) @ between)
        self.pairs = paired_rows(operator.nodes_mm, operator.mass, stiffness)
        self.work = np.empty((5, operator.n))

    def spread(
        self,
        v: Floats,
        dt_ms: float,
        out: Floats,
        first: int,
        last: int,
        wait: Callable[[], object],
    ) -> None:
        """One step, see `Scheme`."""
        del last
        if first == 0:
            self._solve(v, dt_ms, out)
        wait()

    def _solve(self, v: Floats, dt_ms: float, out: Floats) -> None:
        p = self.pairs
        done = kernel.solve_implicit(
            p.start,
            p.neighbour,
            p.rate,
            p.mass,
            v,
            dt_ms,
            self.share,
            TOLERANCE,
            MOST_ITERATIONS,
            self.work,
            out,
        )
        if done == MOST_ITERATIONS and np.isfinite(v).all():
            msg = f"conjugate gradients did not converge in {done} iterations; take a smaller dt_ms"
            raise ValueError(msg)


class March:
    """Voltage and cells on their way: D(dt / 2) R(dt) D(dt / 2) (Strang 1968).

    The half steps of diffusion on both sides of a time merge into one, so between two steps
    here, `v_mv` lacks the half behind; `now` adds it.
    """

    def __init__(
        self,
        scheme: Scheme,
        regions: Sequence[Region],
        waves: Waves,
        v_mv: Floats,
        *,
        dt_ms: float,
        threads: int,
    ) -> None:
        self.scheme, self.regions, self.waves, self.dt_ms = scheme, regions, waves, dt_ms
        self.v_mv, self._other = v_mv.copy(), np.empty_like(v_mv)
        cuts = np.linspace(0, len(v_mv), threads + 1)[1:-1] // BLOCK * BLOCK
        edges = sorted({0, *cuts.astype(int).tolist(), len(v_mv)})
        self.spans = list(pairwise(edges))  # fewer than threads on a small mesh
        for region in regions:
            region.prepare(dt_ms)

    def run(self, pool: ThreadPoolExecutor | None, step: int, count: int) -> None:
        """Make steps `step` to `step + count` - 1."""
        if pool is None:
            self._steps(0, len(self.v_mv), step, count, lambda: None)
        else:
            barrier = Barrier(len(self.spans))
            jobs = [pool.submit(self._guarded, *s, step, count, barrier) for s in self.spans]
            for job in sorted(jobs, key=lambda j: isinstance(j.exception(), BrokenBarrierError)):
                job.result()
        if count % 2:
            self.v_mv, self._other = self._other, self.v_mv

    def now(self, step: int) -> Floats:
        """(n,) Voltage when `step` steps are done."""
        if step == 0:
            return self.v_mv.copy()
        out = np.empty_like(self.v_mv)
        self.scheme.spread(self.v_mv, self.dt_ms / 2, out, 0, len(out), lambda: None)
        return out

    def _guarded(self, first: int, last: int, step: int, count: int, barrier: Barrier) -> None:
        """`_steps` on one of several threads, which frees the others when it fails."""
        try:
            self._steps(first, last, step, count, barrier.wait)
        except BaseException:
            barrier.abort()
            raise

    def _steps(
        self, first: int, last: int, step: int, count: int, wait: Callable[[], object]
    ) -> None:
        v, out = self.v_mv, self._other
        parts = [(region, *region.share(first, last)) for region in self.regions]
        for k in range(step, step + count):
            self.scheme.spread(v, self.dt_ms if k else self.dt_ms / 2, out, first, last, wait)
            if k:
                self.waves.watch(v, out, self.dt_ms, k * self.dt_ms, first, last)
            for region, begin, end in parts:
                region.react(out, begin, end)
            v, out = out, v
            wait()
