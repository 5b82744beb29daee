"""The one queue: requests wait for a worker, in the order they came, as many as there is room for.

Work happens on threads; the loop that talks to clients only waits. A client that leaves, and a request that takes too
long, frees its place: waiting work is dropped, running work stops after its next step.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar, cast

from splpaint.serving.refusals import RefusedError
from splpaint.serving.schema import ProgressAnswer
from splpaint.serving.settings import Limits

__all__ = ["Job", "Workshop"]

_Result = TypeVar("_Result")
_MEMORY_OF_DONE = 256
_FIRST_GUESS_S = 1.0
_STARTING = "the server is starting; come again in a moment"
_ENDING = "the server is ending; come again later"


class Job:
    """One request's work.

    Attributes:
        started_s: When a worker took it, by ``time.monotonic``.
        done: Steps done.
        steps: Steps in all; 0: not known yet.
        dropped: Nobody waits for it any more.
        ended: It is over.
    """

    def __init__(self, work: Callable[[Job], Any]) -> None:
        self.work: Callable[[Job], Any] | None = work
        self.started_s: float | None = None
        self.done = self.steps = 0
        self.dropped = self.ended = False

    def drop(self) -> None:
        """Nobody waits for it any more; what waiting work holds is let go, though the pool keeps its place in line."""
        self.dropped, self.work = True, None

    def progress(self, done: int, steps: int) -> None:
        """Note a step; ends work that nobody waits for.

        Raises:
            DroppedError: Nobody does.
        """
        self.done, self.steps = done, steps
        if self.dropped:
            raise DroppedError


class DroppedError(Exception):
    """Work that nobody waits for."""


class Workshop:
    """The queue and its workers."""

    def __init__(self, workers: int, limits: Limits) -> None:
        self.workers, self._limits = workers, limits
        self._pool = ThreadPoolExecutor(workers, thread_name_prefix="splpaint-serve")
        self._jobs: list[Job] = []  # of all that wait or run, the first come first
        self._named: dict[str, Job] = {}
        self._usual_s = _FIRST_GUESS_S
        self._closed = _STARTING

    @property
    def in_work(self) -> int:
        """Requests that wait or run."""
        return len(self._jobs)

    @property
    def waiting(self) -> int:
        """Requests that wait."""
        return max(0, self.in_work - self.workers)

    def open(self) -> None:
        """Take work from now on, unless the server is ending already."""
        if self._closed == _STARTING:
            self._closed = ""

    def drain(self) -> None:
        """Take no more work."""
        self._closed = _ENDING

    def require_open(self) -> None:
        """Refuse while no work is taken, with a ``RefusedError`` of 503."""
        if self._closed:
            raise RefusedError(503, self._closed, retry_after_s=5)

    def require_place(self) -> None:
        """Refuse a request for which there is no room.

        Raises:
            RefusedError: 503 while starting and draining, 429 while the queue is full.
        """
        self.require_open()
        if self.waiting >= self._limits.max_waiting:
            raise RefusedError(
                429,
                f"the queue takes {self._limits.max_waiting} requests, and is full; come again later",
                retry_after_s=self._wait_s(self.in_work),
            )

    async def run(
        self, work: Callable[[Job], _Result], gone: Callable[[], Awaitable[None]], name: str | None = None
    ) -> _Result:
        """Do a request's work on a worker.

        Args:
            work: Done on a thread; tells its steps to the job.
            gone: Returns when the client has left.
            name: What ``progress`` calls it.

        Raises:
            RefusedError: No room, or it took too long.
        """
        self.require_place()
        job = Job(work)
        self._jobs.append(job)
        if name:
            self._remember(name, job)
        loop = asyncio.get_running_loop()
        future = self._pool.submit(self._do, job)
        future.add_done_callback(lambda _: loop.call_soon_threadsafe(self._end, job))
        result, leaving = asyncio.wrap_future(future), asyncio.ensure_future(gone())
        try:
            await asyncio.wait(
                (result, leaving), timeout=self._limits.timeout_s, return_when=asyncio.FIRST_COMPLETED
            )
            if result.done():
                return cast(_Result, result.result())
            if leaving.done():
                raise RefusedError(499, "the client has left")
            raise RefusedError(
                503,
                f"the work must be done within {self._limits.timeout_s:g} s, and was not; make the picture or the "
                "mask smaller, or come again later",
                retry_after_s=self._wait_s(self.in_work),
            )
        finally:
            leaving.cancel()
            job.drop()
            result.add_done_callback(lambda done: done.cancelled() or done.exception())
            future.cancel()

    def progress_of(self, name: str) -> ProgressAnswer | None:
        """How far the request of a name is."""
        job = self._named.get(name)
        if job is None:
            return None
        if job.ended:
            return ProgressAnswer(state="done", ahead=0, done=job.done, steps=job.steps, seconds_left=0)
        if job.started_s is None:
            ahead = self._jobs.index(job) if job in self._jobs else 0
            return ProgressAnswer(
                state="waiting", ahead=ahead, done=0, steps=0, seconds_left=self._wait_s(ahead + 1)
            )
        left = None
        if job.done:
            left = (time.monotonic() - job.started_s) * (job.steps - job.done) / job.done
        return ProgressAnswer(state="painting", ahead=0, done=job.done, steps=job.steps, seconds_left=left)

    def close(self) -> None:
        """Let the workers go."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _do(self, job: Job) -> Any:
        work = job.work
        if work is None:
            raise DroppedError
        job.started_s = time.monotonic()
        result = work(job)
        self._usual_s += 0.1 * (time.monotonic() - job.started_s - self._usual_s)
        return result

    def _wait_s(self, ahead: int) -> float:
        return self._usual_s * ahead / self.workers

    def _remember(self, name: str, job: Job) -> None:
        self._named.pop(name, None)
        self._named[name] = job
        while len(self._named) > _MEMORY_OF_DONE:
            del self._named[next(iter(self._named))]

    def _end(self, job: Job) -> None:
        job.ended = True
        with contextlib.suppress(ValueError):
            self._jobs.remove(job)
