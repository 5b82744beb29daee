"""Figures for Prometheus: requests by path and status, times, the queue, the process."""

from __future__ import annotations

import time

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from splpaint.serving.workshop import Workshop

__all__ = ["Figures", "Meter"]

_SECONDS = (0.05, 0.1, 0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128)


class Figures:
    """The figures of one server."""

    def __init__(self, workshop: Workshop) -> None:
        self._registry = CollectorRegistry()
        ProcessCollector(registry=self._registry)
        labels = ("method", "path", "status")
        self.requests = Counter("splpaint_requests", "Answered requests.", labels, registry=self._registry)
        self.seconds = Histogram(
            "splpaint_request_seconds",
            "From a request's head to the end of its answer.",
            ("path",),
            buckets=_SECONDS,
            registry=self._registry,
        )
        for name, told, value in (
            ("waiting", "Requests that wait for a worker.", lambda: workshop.waiting),
            ("in_work", "Requests that wait or are worked on.", lambda: workshop.in_work),
            ("workers", "Requests that can be worked on at once.", lambda: workshop.workers),
        ):
            Gauge(f"splpaint_{name}", told, registry=self._registry).set_function(value)

    def text(self) -> bytes:
        """All of them, as Prometheus reads them."""
        return generate_latest(self._registry)


class Meter:
    """Counts requests and their times; paths that are not the API's count as one."""

    def __init__(self, app: ASGIApp, figures: Figures, paths: frozenset[str]) -> None:
        self._app, self._figures, self._paths = app, figures, paths

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started_s, status = time.perf_counter(), "none"

        async def note(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = str(message["status"])
            await send(message)

        try:
            await self._app(scope, receive, note)
        finally:
            path = getattr(scope.get("route"), "path", scope["path"])
            path = path if path in self._paths else "other"
            method = scope["method"] if scope["method"] in {"GET", "POST"} else "other"
            self._figures.requests.labels(method, path, status).inc()
            self._figures.seconds.labels(path).observe(time.perf_counter() - started_s)
