"""Files by their names, in folders or in an object store: ``/data/a.jpg``, ``s3://bucket/a.jpg``.

What is written appears whole or not at all: under a temporary name first in a folder, by one request in a store.
"""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path, PurePosixPath
from types import TracebackType
from typing import Any

from splpaint.atomic_files import write_atomic
from splpaint.errors import InputError, MissingExtraError

__all__ = ["Mirror", "find_file", "is_file", "is_url", "join", "list_files", "read_file", "write_file"]

_STORES = ("s3", "gs", "az", "abfs")
"""Where a file that is written is there at once: what fsspec knows besides may be seen half."""


def is_url(name: str) -> bool:
    """Whether it names something in an object store."""
    return "://" in name


def join(place: str, name: PurePosixPath) -> str:
    """The name of a file in a folder or below a prefix."""
    return f"{place.rstrip('/')}/{name}" if is_url(place) else str(Path(place, name))


def list_files(place: str) -> dict[PurePosixPath, int]:
    """All files below a folder or a prefix, with their sizes in bytes; none if it is not there.

    Raises:
        InputError: It cannot be listed, or names below it are such as no folder can have.
    """
    if not is_url(place):
        files = (path for path in Path(place).rglob("*") if path.is_file())
        return {PurePosixPath(path.relative_to(place).as_posix()): path.stat().st_size for path in files}
    store, root = _open(place)
    try:
        found = store.find(root, detail=True)
    except Exception as error:
        raise _unreadable(place, error) from error
    root = root.rstrip("/") + "/"
    sizes = {path.removeprefix(root): facts["size"] for path, facts in found.items()}
    for name in sizes:
        if str(PurePosixPath(name)) != name or ".." in name.split("/"):
            raise InputError(f"expected names as in folders below {place}, got {name!r}; rename it")
    return {PurePosixPath(name): size for name, size in sizes.items()}


def is_file(name: str) -> bool:
    """Whether there is such a file.

    Raises:
        InputError: The store cannot be reached.
    """
    if not is_url(name):
        return Path(name).is_file()
    store, path = _open(name)
    try:
        return bool(store.isfile(path))
    except Exception as error:
        raise _unreadable(name, error) from error


def read_file(name: str) -> bytes:
    """Read a file.

    Raises:
        InputError: There is none, or it cannot be read.
    """
    data = find_file(name)
    if data is None:
        raise InputError(f"expected the file {name}, which is not there; check the name")
    return data


def find_file(name: str) -> bytes | None:
    """Read a file; None: there is none.

    Raises:
        InputError: It cannot be read.
    """
    try:
        if not is_url(name):
            return Path(name).read_bytes()
        store, path = _open(name)
        data: bytes = store.cat_file(path)
    except FileNotFoundError:
        return None
    except InputError:
        raise
    except Exception as error:
        raise _unreadable(name, error) from error
    return data


def write_file(name: str, data: bytes) -> None:
    """Write a file; one that is there is replaced.

    Raises:
        InputError: It cannot be written.
    """
    if not is_url(name):
        return write_atomic(Path(name), data)
    store, path = _open(name)
    try:
        store.pipe_file(path, data)
    except Exception as error:
        raise InputError(
            f"{name} cannot be written ({_reason(error)}); check the store and the rights"
        ) from error
    return None


class Mirror:
    """Files of a store in a folder of this machine, below it under their whole names; other files where they are."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._place: Path | None = None

    def __enter__(self) -> Mirror:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()

    def path(self, name: str) -> Path:
        """Where a file is, or would be, on this machine."""
        if not is_url(name):
            return Path(name)
        if self._place is None:
            self._place = Path(self._stack.enter_context(tempfile.TemporaryDirectory(prefix="splpaint-")))
        protocol, _, rest = name.partition("://")
        return self._place / protocol / rest

    def fetch(self, name: str) -> Path:
        """The same; a file of a store is copied there.

        Raises:
            InputError: It cannot be had.
        """
        path = self.path(name)
        if is_url(name):
            data = read_file(name)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)
        return path

    def own_names(self, text: str) -> str:
        """Put the names that files have in the store into a message."""
        for protocol in _STORES if self._place else ():
            text = text.replace(f"{self._place}/{protocol}/", f"{protocol}://")
        return text


def _open(url: str) -> tuple[Any, str]:
    # A file system of fsspec, and the path in it.
    protocol = url.partition("://")[0]
    if protocol not in _STORES:
        raise InputError(
            f"expected a folder, or one of {', '.join(f'{each}://' for each in _STORES)}, got {url}; mount it as a "
            "folder on every machine"
        )
    try:
        import fsspec

        # Without lists from before: other machines write, too.
        opened: tuple[Any, str] = fsspec.url_to_fs(url, use_listings_cache=False)
    except ImportError as error:
        raise MissingExtraError(f"{protocol}://", "cluster", _module_of(error)) from error
    return opened


def _module_of(error: ImportError) -> str:
    # fsspec says in words what to install for gs:// and az://.
    return error.name or str(error)


def _unreadable(name: str, error: Exception) -> InputError:
    return InputError(f"{name} cannot be read ({_reason(error)}); check the name, the store and the rights")


def _reason(error: Exception) -> str:
    return str(getattr(error, "strerror", None) or error) or type(error).__name__
