"""The server's life: it starts, takes work, and ends when what it took is done."""

from __future__ import annotations

import socket
from collections.abc import Callable
from types import FrameType

import uvicorn

from splpaint.serving.app import make_app
from splpaint.serving.settings import ServeSettings
from splpaint.serving.shelf import Shelf
from splpaint.serving.workshop import Workshop

__all__ = ["serve"]

_BACKLOG = 1024


def serve(settings: ServeSettings, started: Callable[[str], None]) -> None:
    """Serve until SIGTERM or SIGINT; what is in work by then is finished, a second signal ends at once.

    Args:
        settings: What the server is told.
        started: Called with the server's address once it takes requests.

    Raises:
        SplpaintError: A model cannot be loaded.
        OSError: The address cannot be used.
    """
    shelf = Shelf(settings)
    workshop = Workshop(settings.workers, settings.limits)
    with socket.create_server((settings.host, settings.port), backlog=_BACKLOG) as listening:
        host, port = listening.getsockname()[:2]
        config = uvicorn.Config(
            make_app(settings, shelf, workshop),
            http="h11",
            ws="none",
            lifespan="off",
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_keep_alive=30,
        )
        with shelf.lend(shelf.default):
            pass
        started(f"http://{host}:{port}")
        _Server(config, workshop, settings.limits.drain_s).run(sockets=[listening])


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, workshop: Workshop, drain_s: float) -> None:
        super().__init__(config)
        self._workshop, self._drain_s = workshop, drain_s

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if self._workshop.draining:
            self.should_exit = self.force_exit = True
        self._workshop.draining = True

    async def on_tick(self, counter: int) -> bool:
        if self._workshop.draining and not self._workshop.in_work:
            self.should_exit = True
        return await super().on_tick(counter)
