"""Pictures in tar shards: in any order from a disk, best one after the other from a URL."""

from __future__ import annotations

import hashlib
import json
import os
import re
import threading
from collections.abc import Callable, Sequence
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, Field

from splpaint.datasets.picture import EncodedPicture
from splpaint.datasets.shard_index import (
    INDEX_SUFFIX,
    ShardIndex,
    first_fault,
    local_index,
    parse_index,
    scan_shard,
)
from splpaint.errors import InputError, MissingExtraError

__all__ = ["ShardPictures", "expand_braces", "local_shards", "manifest_shards", "remote_shards"]

_BRACES = re.compile(r"\{([^{}]*)\}")
_RANGE = re.compile(r"(\d+)\.\.(\d+)")


class _Shard(BaseModel):
    name: str = Field(pattern=r"^[^/\\\x00]+$")
    pictures: int


class _ShardsFile(BaseModel):
    """The content of ``shards.json``; other keys are ignored."""

    pictures: int
    shards: list[_Shard] = Field(min_length=1)


class ShardPictures:
    """Pictures of several shards, numbered across them.

    Args:
        shards: Paths or URLs.
        indices: Their indexes.
        fetch: (shard, first byte, number of bytes) => these bytes, fewer at its end.
        jumps: Whether ``fetch`` is as fast anywhere as right after the bytes that it fetched last.

    Attributes:
        members: Names of the pictures in their shards, by number.
    """

    def __init__(
        self,
        shards: Sequence[str],
        indices: Sequence[ShardIndex],
        fetch: Callable[[str, int, int], bytes],
        *,
        jumps: bool,
    ) -> None:
        counts = [len(index.names) for index in indices]
        self.sequential: Sequence[int] | None = None if jumps else counts
        self.members = [name for index in indices for name in index.names]
        self._shards = list(shards)
        self._places = np.concatenate([np.array([i.offsets, i.sizes], np.int64) for i in indices], axis=1)
        self._ends = np.cumsum(counts)
        self._digests = [
            index.digests and np.frombuffer(bytes.fromhex("".join(index.digests)), np.uint8).reshape(-1, 32)
            for index in indices
        ]
        self._fetch = fetch

    def __len__(self) -> int:
        return len(self.members)

    def read(self, number: int) -> EncodedPicture:
        """Read picture ``number``, counted across all shards.

        Raises:
            InputError: The shard cannot be read or ends too early, or the picture has another checksum than recorded.
        """
        which = int(np.searchsorted(self._ends, number, side="right"))
        shard, digests = self._shards[which], self._digests[which]
        name = f"{shard}/{self.members[number]}"
        offset, size = map(int, self._places[:, number])
        try:
            data = self._fetch(shard, offset, size)
        except OSError as error:
            raise InputError(f"{name} cannot be read ({error}); check the path or connection") from error
        if len(data) != size:
            raise InputError(f"expected {size} bytes of {name}, got {len(data)}; get the shard again")
        if (
            digests is not None
            and hashlib.sha256(data).digest() != digests[number - self._ends[which]].tobytes()
        ):
            raise InputError(f"{name} has another checksum than the shard's index says; get the shard again")
        return EncodedPicture(name, data)


def local_shards(shards: Sequence[Path]) -> ShardPictures:
    """Open shards on disk; an index is made and kept beside each that has none.

    Raises:
        InputError: A shard is missing, no tar file, compressed or cut short, holds no pictures, or does not fit its
            index.
    """
    return ShardPictures(list(map(str, shards)), list(map(local_index, shards)), _read_part, jumps=True)


def remote_shards(urls: Sequence[str]) -> ShardPictures:
    """Open shards at URLs, which are read forwards; those without an index are read through once at the start.

    Raises:
        InputError: A shard cannot be opened or is no shard, or what fsspec needs for such URLs is not installed.
        MissingExtraError: fsspec is not installed.
    """
    try:
        return ShardPictures(urls, list(map(_remote_index, urls)), _Forwards(), jumps=False)
    except ImportError as error:
        if error.name == "fsspec":
            raise MissingExtraError(f"reading {urls[0]}", "train", error.name) from error
        raise InputError(f"{urls[0]} needs a package that is not installed: {error}; install that") from error


def manifest_shards(manifest: Path) -> list[Path]:
    """The shards that a ``shards.json`` lists.

    Raises:
        InputError: It is no such file, or its numbers of pictures do not add up.
    """
    try:
        listed = _ShardsFile.model_validate(json.loads(manifest.read_bytes()))
        names = {shard.name for shard in listed.shards}
        pictures = sum(shard.pictures for shard in listed.shards)
        if pictures != listed.pictures or len(names) < len(listed.shards):
            raise ValueError(
                f"{listed.pictures} pictures are said to be there, {pictures} in {len(names)} shards are listed"
            )
    except (OSError, ValueError, RecursionError) as error:
        raise InputError(
            f"expected a list of shards, got {manifest} ({first_fault(error)}); run `splpaint data shard` again"
        ) from error
    return [manifest.parent / shard.name for shard in listed.shards]


def expand_braces(pattern: str) -> list[str]:
    """``a-{08..11}.tar`` => a-08.tar ... a-11.tar; ``{one,two}.tar`` => one.tar, two.tar; in order."""
    parts = _BRACES.split(pattern)  # outside, inside, outside ...
    inner = [_alternatives(part) for part in parts[1::2]]
    return ["".join(map("".join, zip(parts[::2], (*chosen, ""), strict=True))) for chosen in product(*inner)]


def _alternatives(inside: str) -> list[str]:
    numbers = _RANGE.fullmatch(inside)
    if numbers is None:
        return inside.split(",")
    first, last = numbers.groups()
    return [f"{number:0{len(first)}}" for number in range(int(first), int(last) + 1)] or [""]


def _read_part(shard: str, offset: int, size: int) -> bytes:
    with Path(shard).open("rb") as file:
        file.seek(offset)
        return file.read(size)


# --- at URLs


def _remote_index(url: str) -> ShardIndex:
    import fsspec

    try:
        with fsspec.open(url + INDEX_SUFFIX, "rb") as file:
            text = file.read()
    except (OSError, ValueError):  # Stores differ in how they say that there is no such file.
        text = None
    if text is not None:
        return parse_index(text, url + INDEX_SUFFIX)
    try:
        with fsspec.open(url, "rb", **_in_one_piece(url)) as file:
            return scan_shard(file, url, mode="r|")
    except InputError:
        raise
    except (OSError, ValueError) as error:
        raise InputError(f"expected a tar shard, got {url} ({error}); check the address") from error


class _Forwards(threading.local):
    """Reads from one open shard at a time; bytes in between are read and dropped if the store cannot jump.

    Each thread has its own: one reads ahead while another looks for what to read instead of a broken picture.
    """

    def __init__(self) -> None:
        self._open: tuple[str, int] | None = None  # the shard and the process that has opened it
        self._file: Any = None
        self._at = 0
        self._options: dict[str, int] = {}

    def __call__(self, shard: str, offset: int, size: int) -> bytes:
        try:
            return self._fetch(shard, offset, size)
        except (
            Exception
        ) as error:  # of any store: the connection is lost, or it serves files in one piece only
            self._open = None
            if isinstance(error, ValueError):
                self._options = _in_one_piece(shard)
        try:
            return self._fetch(shard, offset, size)
        except Exception as error:
            self._open = None
            raise OSError(f"{type(error).__name__}: {error}") from error

    def __reduce__(self) -> tuple[type[_Forwards], tuple[()]]:
        return _Forwards, ()

    def _fetch(self, shard: str, offset: int, size: int) -> bytes:
        import fsspec

        if self._open != (shard, os.getpid()) or offset < self._at:
            self._file = fsspec.open(shard, "rb", **self._options).open()
            self._open, self._at = (shard, os.getpid()), 0
        if self._options:
            self._read(offset - self._at)
        else:
            self._file.seek(offset)
        data = self._read(size)
        self._at = offset + size
        return data

    def _read(self, size: int) -> bytes:
        # A file that comes in one piece may give less than asked for at a time.
        parts: list[bytes] = []
        while size > 0 and (part := self._file.read(size)):
            parts.append(part)
            size -= len(part)
        return b"".join(parts)


def _in_one_piece(url: str) -> dict[str, int]:
    """The options with which fsspec reads a file from its start in one request, without asking for ranges."""
    return {"block_size": 0} if url.startswith(("http://", "https://")) else {}
