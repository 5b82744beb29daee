"""Where a request is taken in: a place in the queue first, then its body, then a worker."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import TypeVar

from fastapi import Request

from splpaint.serving.intake import Received, receive
from splpaint.serving.settings import Limits
from splpaint.serving.workshop import Job, Workshop

__all__ = ["Desk"]

_Result = TypeVar("_Result")
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


class Desk:
    """Takes requests in for a workshop."""

    def __init__(self, workshop: Workshop, limits: Limits) -> None:
        self._workshop, self._limits = workshop, limits

    async def take(self, request: Request, work: Callable[[Received, Job], _Result]) -> _Result:
        """Do what a request asks for.

        Args:
            request: Its body is read only if there is room in the queue.
            work: Done on a worker.

        Raises:
            RefusedError: There is no room, the body cannot be taken, or what ``work`` raises.
        """
        self._workshop.require_place()
        received = await receive(request, self._limits)
        ready = partial(work, received)

        async def gone() -> None:
            while (await request.receive())["type"] != "http.disconnect":
                pass

        name = request.headers.get("x-request-id", "")
        return await self._workshop.run(ready, gone, name if _NAME.fullmatch(name) else None)
