"""A web server on loopback that answers as it is told to, also as servers should not."""

from __future__ import annotations

import contextlib
import hashlib
import re
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import NamedTuple

from splpaint.downloads import RemoteFile


class Asked(NamedTuple):
    """A request."""

    path: str
    start: int | None


class Served:
    """What a server offers, and what it was asked for.

    Attributes:
        data: The file.
        answer: Answers a request; by default with the file, or the part of it that was asked for.
        asked: All requests.
        url: The server's address.
        ended: Set when the server shuts down, for answers that wait.
    """

    def __init__(self, data: bytes, url: str) -> None:
        self.data = data
        self.answer: Answer = lambda answering, asked: answering.give(self.data)
        self.asked: list[Asked] = []
        self.url = url
        self.ended = threading.Event()

    def remote(self, path: str = "/file") -> RemoteFile:
        """The file as one who knows it describes it."""
        return RemoteFile(self.url + path, len(self.data), hashlib.sha256(self.data).hexdigest())

    @property
    def starts(self) -> list[int | None]:
        """Where the parts that were asked for start; None: all was asked for."""
        return [asked.start for asked in self.asked]


class Answering(BaseHTTPRequestHandler):
    """One request, and ways to answer it."""

    protocol_version = "HTTP/1.1"
    served: Served

    def do_GET(self) -> None:
        self.close_connection = True
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        self.asked = Asked(self.path, int(found[1]) if found else None)
        self.served.asked.append(self.asked)
        with contextlib.suppress(ConnectionError):  # a client that goes away
            self.served.answer(self, self.asked)

    def head(self, status: int, **headers: object) -> None:
        """Send status and headers; ``Content_Length`` stands for Content-Length."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()

    def give(self, data: bytes, *, most: int | None = None, ranges: bool = True) -> None:
        """Send a file, or the part that was asked for; of that, ``most`` bytes, and break off."""
        start = self.asked.start or 0 if ranges else 0
        if start >= len(data):
            self.head(416, Content_Length=0, Content_Range=f"bytes */{len(data)}")
            return
        part = {"Content_Range": f"bytes {start}-{len(data) - 1}/{len(data)}"} if start else {}
        self.head(206 if start else 200, Content_Length=len(data) - start, **part)
        self.wfile.write(data[start:] if most is None else data[start : start + most])

    def stall(self) -> None:
        """Say nothing more until the server ends."""
        self.wfile.flush()
        self.served.ended.wait(60)

    def log_message(self, *_: object) -> None:
        pass


@contextlib.contextmanager
def serving(data: bytes) -> Iterator[Served]:
    """Run a server."""

    class Handler(Answering):
        pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Handler.served = served = Served(data, f"http://127.0.0.1:{server.server_address[1]}")
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        try:
            yield served
        finally:
            served.ended.set()
            server.shutdown()


Answer = Callable[[Answering, Asked], None]
