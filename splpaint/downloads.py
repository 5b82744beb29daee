"""One file from the web, whose size and SHA-256 are known: it has its name when all of it is there and right.

What has arrived lies beside it as ``NAME.part``, and the next attempt goes on from there. Redirections are followed,
and proxies are taken from ``http_proxy``, ``https_proxy`` and ``no_proxy``, as urllib does.
"""

from __future__ import annotations

import hashlib
import http.client
import os
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from http import HTTPStatus
from http.client import HTTPResponse
from pathlib import Path
from typing import NamedTuple

from splpaint.errors import DownloadError
from splpaint.versions import __version__

__all__ = ["RemoteFile", "download"]

_CHUNK_BYTES = 1 << 18
_MOST_CONNECTIONS = 100
_MOST_LETTERS = 300


class RemoteFile(NamedTuple):
    """A file on the web.

    Attributes:
        url: Where it is, by HTTP or HTTPS.
        size_bytes: Its size.
        sha256: Its checksum.
    """

    url: str
    size_bytes: int
    sha256: str


def download(
    remote: RemoteFile,
    path: Path,
    *,
    progress: Callable[[int, int], None] | None = None,
    timeout_s: float = 30,
) -> None:
    """Download a file, unless it is there already; what an earlier attempt has left is continued.

    A connection that breaks off is made anew, as long as each brings something.

    Args:
        remote: The file.
        path: Its name here. Its folder is there, and nobody else downloads to it.
        progress: Called with the numbers of bytes that are there and of all.
        timeout_s: How long to wait for a server that says nothing.

    Raises:
        DownloadError: It cannot be had, is another file, or cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        if path.exists():
            _require_put_right(path, remote)
            return
        _complete(part, remote, progress, timeout_s)
        _require_right(part, remote)
        part.replace(path)
    except _NotGivenError as error:
        kept = f"{_size(part)} bytes are kept; " if part.exists() else ""
        raise DownloadError(
            f"{remote.url} must give {remote.size_bytes} bytes, got {error}; {kept}try again later, or get the file in "
            f"another way, put it at {path} and do the same again"
        ) from error
    except OSError as error:
        raise DownloadError(
            f"{path} cannot be written ({error.strerror or error}); make room, or choose another place"
        ) from error


class _NotGivenError(Exception):
    """Says what came instead of the file."""


class _BrokenOffError(_NotGivenError):
    """The network failed: another connection may bring the rest."""

    def __init__(self, error: Exception) -> None:
        reason = str(getattr(error, "reason", error)) or type(error).__name__
        super().__init__(reason[:_MOST_LETTERS])


def _complete(
    part: Path, remote: RemoteFile, progress: Callable[[int, int], None] | None, timeout_s: float
) -> None:
    for _ in range(_MOST_CONNECTIONS):
        there = _size(part)
        if there == remote.size_bytes:
            return
        try:
            _receive(part, there if there < remote.size_bytes else 0, remote, progress, timeout_s)
        except _BrokenOffError:
            if _size(part) <= there:
                raise
    raise _NotGivenError(f"{_MOST_CONNECTIONS} connections that broke off")


def _receive(
    part: Path,
    start: int,
    remote: RemoteFile,
    progress: Callable[[int, int], None] | None,
    timeout_s: float,
) -> None:
    response, start = _open(remote, start, timeout_s)
    rest = remote.size_bytes - start
    with response:
        if response.length is None:  # as pages to log in on have it; they must not end up in what is kept
            raise _NotGivenError("an answer that does not say how long it is")
        if response.length != rest:
            raise _NotGivenError(f"another file, of {start + response.length} bytes")
        with part.open("ab") as file:
            file.truncate(start)
            for chunk in _chunks(response, rest):
                file.write(chunk)
                file.flush()  # a process that is killed leaves what it got
                if progress:
                    progress(file.tell(), remote.size_bytes)
            os.fsync(file.fileno())


def _open(remote: RemoteFile, start: int, timeout_s: float) -> tuple[HTTPResponse, int]:
    # The server's answer, and the place in the file at which it starts: 0, if the server does not give parts.
    headers = {"User-Agent": f"splpaint/{__version__}"} | ({"Range": f"bytes={start}-"} if start else {})
    request = urllib.request.Request(remote.url, headers=headers)
    try:
        opener = urllib.request.build_opener()  # urlopen's own remembers the proxies of its first use
        response: HTTPResponse = opener.open(request, timeout=timeout_s)
    except urllib.error.HTTPError as error:
        error.close()
        if start and error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
            return _open(remote, 0, timeout_s)
        raise _NotGivenError(f"the answer {error.code} {error.reason}"[:_MOST_LETTERS]) from error
    except (OSError, http.client.HTTPException) as error:
        raise _BrokenOffError(error) from error
    if response.status == HTTPStatus.OK:
        return response, 0
    if response.headers.get("Content-Range", "").startswith(f"bytes {start}-"):
        return response, start
    response.close()
    if start:
        return _open(remote, 0, timeout_s)
    raise _NotGivenError(f"the answer {response.status} {response.reason}"[:_MOST_LETTERS])


def _chunks(response: HTTPResponse, count: int) -> Iterator[bytes]:
    # The next ``count`` bytes.
    while count:
        try:
            chunk = response.read1(min(count, _CHUNK_BYTES))
        except (OSError, http.client.HTTPException) as error:
            raise _BrokenOffError(error) from error
        if not chunk:
            raise _BrokenOffError(ConnectionError("an early end of the connection"))
        count -= len(chunk)
        yield chunk


def _require_right(part: Path, remote: RemoteFile) -> None:
    found = _sha256(part)
    if found != remote.sha256:
        part.unlink()
        raise _NotGivenError(f"another file, of the SHA-256 {found:.16}..., not {remote.sha256:.16}...")


def _require_put_right(path: Path, remote: RemoteFile) -> None:
    found = _sha256(path)
    if found != remote.sha256:
        raise DownloadError(
            f"{path} must be the file of {remote.url}, of the SHA-256 {remote.sha256:.16}..., got {found:.16}...; "
            "remove it and do the same again"
        )


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0
