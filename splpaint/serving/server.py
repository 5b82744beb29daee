"""The server's life: it starts, takes work, and ends when what it took is done."""

from __future__ import annotations

import asyncio
import copy
import os
import re
import signal
import socket
import threading
import time
from collections.abc import Callable
from types import FrameType
from typing import Any

import numpy as np
import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from splpaint.errors import InputError
from splpaint.notices import collected
from splpaint.serving.app import make_app
from splpaint.serving.settings import ServeSettings
from splpaint.serving.shelf import Shelf
from splpaint.serving.workshop import Workshop

__all__ = ["serve"]

_ORIGIN = re.compile(r"\*|https?://[^/\s?#]+")
_BACKLOG = 1024
_MOST_CONNECTIONS = 800  # of the 1024 files that a process may open by default
_IDLE_S = 30
_LAST_ANSWERS_S = 10


def serve(settings: ServeSettings, started: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; what is in work by then is finished, a second signal ends at once.

    Args:
        settings: What the server is told.
        started: Called with the server's address once it takes requests.

    Raises:
        SplpaintError: An origin is none, a model cannot be loaded, or the address cannot be used.
    """
    for origin in settings.cors:
        if not _ORIGIN.fullmatch(origin):
            raise InputError(
                f"`cors` must be an origin or *, got {origin[:60]!r}; scheme, host and port, no path: "
                "https://their.example"
            )
    shelf = Shelf(settings)
    workshop = Workshop(settings.workers, settings.limits)
    with _listen(settings.host, settings.port) as listening:
        config = uvicorn.Config(
            make_app(settings, shelf, workshop),
            http=_protocol(settings.limits.patience_s),
            ws="none",
            lifespan="off",
            log_config=_logs(settings.log_requests),
            access_log=settings.log_requests,
            server_header=False,
            limit_concurrency=_MOST_CONNECTIONS,
            timeout_keep_alive=_IDLE_S,
            timeout_graceful_shutdown=_LAST_ANSWERS_S,
        )
        server = _Server(config, workshop, settings.limits.drain_s)
        host, port = listening.getsockname()[:2]
        address = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        opening = threading.Thread(target=server.open, args=(shelf, lambda: started(address)), daemon=True)
        opening.start()
        try:
            server.run(sockets=[listening])
        finally:
            workshop.close()
    if server.failure:
        raise server.failure


class _Server(uvicorn.Server):
    """Uvicorn's, which on a signal stops taking work, and ends when the queue is empty."""

    def __init__(self, config: uvicorn.Config, workshop: Workshop, drain_s: float) -> None:
        super().__init__(config)
        self._workshop, self._drain_s = workshop, drain_s
        self._until_s = float("inf")
        self.failure: Exception | None = None

    def open(self, shelf: Shelf, started: Callable[[], None]) -> None:
        """Load the first model and paint once, which takes longer than later; then take work."""
        try:
            with shelf.lend(shelf.default) as inpainter, collected():
                hole = np.zeros((64, 64), np.bool_)
                hole[24:40, 24:40] = True
                inpainter.painter(np.zeros((64, 64, 3), np.uint8), hole)
            self._workshop.open()
            started()
        except Exception as error:
            self.failure = error
            self.should_exit = True

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._until_s < float("inf"):
            _end_by(sig)
        self._until_s = time.monotonic() + self._drain_s
        self._workshop.drain()

    async def on_tick(self, counter: int) -> bool:
        if not self._workshop.in_work and self._until_s < float("inf"):
            self.should_exit = True
        if time.monotonic() > self._until_s:
            _end_by(signal.SIGTERM)
        return await super().on_tick(counter)


def _end_by(sig: int) -> None:
    # At once, with the code that shells give; the first process of a container would not die of the signal itself.
    # Nothing is ever half-written here.
    os._exit(128 + sig)


def _logs(with_requests: bool) -> dict[str, Any]:
    # Uvicorn's own, on stderr alone: requests if they are asked for, otherwise what has gone wrong.
    logs = copy.deepcopy(uvicorn.config.LOGGING_CONFIG)
    logs["handlers"]["access"]["stream"] = "ext://sys.stderr"
    logs["loggers"]["uvicorn"]["level"] = logs["loggers"]["uvicorn.error"]["level"] = "ERROR"
    logs["loggers"]["uvicorn.access"]["level"] = "INFO" if with_requests else "ERROR"
    return logs


def _listen(host: str, port: int) -> socket.socket:
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        listening = socket.create_server((host, port), family=family, backlog=_BACKLOG)
    except OSError as error:
        raise InputError(
            f"expected an address that is free here, got {host} with the port {port} ({error.strerror or error}); "
            "choose another `port`"
        ) from error
    # For the connections: otherwise the rest of an answer waits 40 ms for the client to acknowledge its beginning.
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def _protocol(patience_s: float) -> type[asyncio.Protocol]:
    class Impatient(H11Protocol):
        """Uvicorn's, which leaves clients that do not send the head of a request, or do not take their answer."""

        def __init__(self, *arguments: Any, **settings: Any) -> None:
            super().__init__(*arguments, **settings)
            self._timers: dict[str, asyncio.TimerHandle] = {}

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._wait_for("head")

        def data_received(self, data: bytes) -> None:
            super().data_received(data)
            if self.cycle is None or self.cycle.response_complete:
                self._wait_for("head")
            else:
                self._came("head")

        def pause_writing(self) -> None:
            super().pause_writing()
            self._wait_for("room")

        def resume_writing(self) -> None:
            super().resume_writing()
            self._came("room")

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self.transport.is_closing():
                self._wait_for("last bytes")

        def timeout_keep_alive_handler(self) -> None:
            super().timeout_keep_alive_handler()
            self._wait_for("last bytes")

        def connection_lost(self, exc: Exception | None) -> None:
            super().connection_lost(exc)
            for timer in self._timers.values():
                timer.cancel()

        def _wait_for(self, what: str) -> None:
            if what not in self._timers:
                self._timers[what] = self.loop.call_later(patience_s, self.transport.abort)

        def _came(self, what: str) -> None:
            if what in self._timers:
                self._timers.pop(what).cancel()

    return Impatient
