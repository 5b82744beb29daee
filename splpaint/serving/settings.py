"""What a server is told when it starts."""

from __future__ import annotations

from typing import NamedTuple

from splpaint.cpu import usable_cores
from splpaint.precision import PrecisionChoice

__all__ = ["Limits", "ServeSettings"]


class Limits(NamedTuple):
    """What a server takes; more is refused before it costs anything.

    Attributes:
        max_bytes: Of a request's body.
        max_pixels: Of a picture, by its header.
        max_waiting: Requests that may wait for a worker.
        max_bytes_held: Of the bodies of all requests that are being received or wait, together.
        timeout_s: For waiting and painting together.
        slowest_bytes_per_s: Of an upload, on average, after ``patience_s``.
        patience_s: For the head of a request, before an upload's rate counts, and for each piece of an answer.
        drain_s: How long requests may still take when the server is told to end.
    """

    max_bytes: int = 128 << 20
    max_pixels: int = 64_000_000
    max_waiting: int = 32
    max_bytes_held: int = 512 << 20
    timeout_s: float = 120.0
    slowest_bytes_per_s: int = 16_384
    patience_s: float = 10.0
    drain_s: float = 60.0


class ServeSettings(NamedTuple):
    """Everything that a server is told.

    Attributes:
        host: The address to listen at.
        port: 0: any that is free.
        models: Names or folders of the models that may be asked for; the first one paints unless another is asked for.
        device: ``auto``, ``cpu``, ``gpu``, ``cuda`` ...
        precision: ``auto``, ``fp32`` or ``bf16``.
        api_key: What requests must bring; None: nothing.
        cors: Origins whose pages may use the API.
        workers: Pictures worked on at once.
        log_requests: Whether every request is told on stderr.
        limits: What is taken.
    """

    host: str = "127.0.0.1"
    port: int = 8080
    models: tuple[str, ...] = ("compact",)
    device: str = "auto"
    precision: PrecisionChoice = "auto"
    api_key: str | None = None
    cors: tuple[str, ...] = ()
    workers: int = usable_cores() + 1
    log_requests: bool = False
    limits: Limits = Limits()
