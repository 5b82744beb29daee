"""Bounds on what clients send and how fast, before anything of it is understood.

Plain ASGI, so that a body is counted while it arrives.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import hmac
import time

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from splpaint.serving.refusals import RefusedError, answer_to
from splpaint.serving.settings import Limits

__all__ = ["BodyBounds", "Gate", "SecurityHeaders"]

_LINGER_S = 2.0
_PIECE = 1 << 18
_OPEN = {"/api/v1/limits"}
_FOREIGN = {"cross-site", "same-site"}
_NO_BODY = {"GET", "HEAD", "OPTIONS"}

POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; connect-src 'self' blob: data:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
_SECURITY = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), payment=(), usb=()",
}


class SecurityHeaders:
    """Adds to every answer what keeps browsers from doing harm with it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._headers = [(name.lower().encode(), value.encode()) for name, value in _SECURITY.items()]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""

        async def add(message: Message) -> None:
            if message["type"] == "http.response.start":
                extra = list(self._headers)
                is_answer = scope["path"].startswith("/api/") or scope["path"] == "/metrics"
                # The page's files are asked for again each time, so that they are never of two versions.
                extra.append((b"cache-control", b"no-store" if is_answer else b"no-cache"))
                message["headers"] = [*message.get("headers", ()), *extra]
            await send(message)

        await self._app(scope, receive, add if scope["type"] == "http" else send)


class Gate:
    """Lets only those use the API who bring the key, and no page of another origin that was not let in."""

    def __init__(self, app: ASGIApp, key: str | None, origins: tuple[str, ...]) -> None:
        self._app, self._origins = app, origins
        self._digest = _digest(key) if key else None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, or refuse it."""
        refused = self._refusal(scope) if scope["type"] == "http" and scope["method"] != "OPTIONS" else None
        await (answer_to(refused) if refused else self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> RefusedError | None:
        path, headers = scope["path"], Headers(scope=scope)
        if not path.startswith("/api/") and path != "/metrics":
            return None
        brought = headers.get("x-api-key") or headers.get("authorization", "").partition(" ")[2]
        is_closed = self._digest and path not in _OPEN
        if is_closed and not hmac.compare_digest(_digest(brought), self._digest or b""):
            return RefusedError(401, "this server needs a key; send it as Authorization: Bearer KEY")
        # Browsers say so of requests that need no leave to be sent; who answers them is not their origin's to read.
        if headers.get("sec-fetch-site") in _FOREIGN and headers.get("origin") not in self._origins:
            return RefusedError(403, "pages of other origins may not use this server; let theirs in first")
        return None


class BodyBounds:
    """Counts the bytes of bodies and the time they take."""

    def __init__(self, app: ASGIApp, limits: Limits) -> None:
        self._app, self._limits = app, limits
        self._held = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on; one that breaks a bound is refused."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(self._limits, receive, waits="expect" in Headers(scope=scope))
        if scope["method"] in _NO_BODY:
            body.whole = True
        answer = _Answer(send, body)
        try:
            declared = Headers(scope=scope).get("content-length", "0")
            if declared.isdigit() and int(declared) > self._limits.max_bytes:
                raise self._too_large()
            await self._app(scope, self._counted(body), answer.send)
        except RefusedError as refusal:
            if answer.started:
                raise
            await answer_to(refusal)(scope, receive, answer.send)
        finally:
            self._held -= body.bytes

    def _counted(self, body: _Body) -> Receive:
        async def receive() -> Message:
            message = await body.receive()
            self._held += len(message.get("body", b""))
            if body.bytes > self._limits.max_bytes:
                raise self._too_large()
            if self._held > self._limits.max_bytes_held:
                raise RefusedError(429, "too much is being sent at once; come again later", retry_after_s=2)
            return message

        return receive

    def _too_large(self) -> RefusedError:
        return RefusedError(
            413,
            f"a request must have at most {self._limits.max_bytes} bytes, got more; send a smaller file, or a JPEG "
            "instead of a PNG",
        )


class _Body:
    """The body of a request as it arrives."""

    def __init__(self, limits: Limits, receive: Receive, *, waits: bool) -> None:
        self._limits, self._receive = limits, receive
        self._started_s = time.monotonic()
        self._waits = waits  # for our word before it sends anything
        self.bytes = 0
        self.whole = False

    async def receive(self) -> Message:
        if self.whole:
            return await self._receive()
        limits = self._limits
        until = self._started_s + limits.patience_s + self.bytes / limits.slowest_bytes_per_s
        self._waits = False
        try:
            async with asyncio.timeout(until - time.monotonic()):
                message = await self._receive()
        except TimeoutError:
            self.whole = True  # nothing more is read of it
            raise RefusedError(
                408,
                f"an upload must bring at least {limits.slowest_bytes_per_s} bytes a second, got fewer; try again",
            ) from None
        self.bytes += len(message.get("body", b""))
        self.whole = message["type"] == "http.disconnect" or not message.get("more_body", False)
        return message

    async def drain(self) -> None:
        """Take the rest and forget it: a client that is still sending would not read the answer."""
        if self._waits or self.whole:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LINGER_S):
                while not self.whole:
                    message = await self._receive()
                    self.whole = message["type"] == "http.disconnect" or not message.get("more_body", False)


class _Answer:
    """An answer on its way, in pieces: no more of it waits in the connection than a slow client can make wait."""

    def __init__(self, send: Send, body: _Body) -> None:
        self._send, self._body = send, body
        self.started = False

    async def send(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            await self._body.drain()
            self.started = True
        content = message.get("body", b"")
        for start in range(0, len(content) - _PIECE, _PIECE):
            piece = content[start : start + _PIECE]
            await self._send({"type": message["type"], "body": piece, "more_body": True})
        if content:
            rest = content[(len(content) - 1) // _PIECE * _PIECE :]
            message = {**message, "body": rest}
        await self._send(message)


def _digest(key: str) -> bytes:
    # Of one length, so that comparing tells nothing of it.
    return hashlib.sha256(key.encode("utf-8", "surrogatepass")).digest()
