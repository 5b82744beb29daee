"""Work on many items at once, in order and with bounded memory."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TypeVar

from splpaint.cpu import usable_cores

__all__ = ["PixelBudget", "ordered_map"]

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")


def ordered_map(
    work: Callable[[_Item], _Result],
    items: Iterable[_Item],
    *,
    workers: int | None = None,
    ahead: int = 1,
) -> Generator[_Result, None, None]:
    """Apply ``work`` to every item on several threads and yield the results in the items' order.

    While one item keeps the network busy, others are decoded and encoded. Closing the iterator, or an exception of
    ``work``, drops what has not begun and waits for what has.

    Args:
        work: May run on any thread.
        items: Read from the thread that asks for results.
        workers: Threads; by default one more than the usable cores.
        ahead: So many items more than there are workers are taken from ``items``, at most, before the result that is
            asked for: more of them keep all workers busy while one item takes long, and need more memory.
    """
    workers = workers or usable_cores() + 1
    pool = ThreadPoolExecutor(workers, thread_name_prefix="splpaint")
    running: deque[Future[_Result]] = deque()
    try:
        for item in items:
            running.append(pool.submit(work, item))
            if len(running) == workers + ahead:
                yield running.popleft().result()
        while running:
            yield running.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


class PixelBudget:
    """Admits pictures as long as their pixels together stay within a limit; a larger one is admitted alone."""

    def __init__(self, most_pixels: int) -> None:
        self._most_pixels = most_pixels
        self._in_use = 0
        self._changed = threading.Condition()

    @contextmanager
    def room_for(self, pixels: int) -> Iterator[None]:
        """Wait until there is room; give it back at the end."""
        with self._changed:
            self._changed.wait_for(lambda: not self._in_use or self._in_use + pixels <= self._most_pixels)
            self._in_use += pixels
        try:
            yield
        finally:
            with self._changed:
                self._in_use -= pixels
                self._changed.notify_all()
