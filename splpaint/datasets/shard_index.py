"""Where the pictures of a tar shard lie, so that any of them can be read without those before it.

A shard is an uncompressed tar file as WebDataset reads it. Its index is the file ``SHARD.tar.index.json`` beside
it; where there is none, the headers of the shard are read once.
"""

from __future__ import annotations

import contextlib
import json
import tarfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Literal, NamedTuple

from splpaint.atomic_files import write_atomic
from splpaint.errors import InputError
from splpaint.images import PICTURE_SUFFIXES

__all__ = ["INDEX_SUFFIX", "SHARDS_FILE", "ShardIndex", "local_index", "parse_index", "scan_shard"]

INDEX_SUFFIX = ".index.json"
SHARDS_FILE = "shards.json"


class ShardIndex(NamedTuple):
    """The pictures of a shard, in its order.

    Attributes:
        shard_bytes: Size of the shard, if known: an index of a shard of another size is out of date.
        names: Of the members.
        offsets: First byte of each in the shard.
        sizes: Bytes of each.
    """

    shard_bytes: int | None
    names: list[str]
    offsets: list[int]
    sizes: list[int]


def local_index(shard: Path) -> ShardIndex:
    """The index of a shard on disk: read, or made and, where the folder can be written to, kept.

    Raises:
        InputError: The shard is missing, no tar file, compressed or cut short, or holds no pictures.
    """
    file = shard.with_name(shard.name + INDEX_SUFFIX)
    known = None
    try:
        found = shard.stat()
        if file.is_file():
            known = parse_index(file.read_bytes(), str(file))
            if known.shard_bytes == found.st_size and file.stat().st_mtime_ns >= found.st_mtime_ns:
                return known
        with shard.open("rb") as opened:
            index = scan_shard(opened, str(shard))._replace(shard_bytes=found.st_size)
    except OSError as error:
        raise InputError(f"expected a tar shard, got {shard} ({error}); check the path") from error
    if (
        index != known
    ):  # else the shard has only been copied after its index, which may hold checksums besides
        with contextlib.suppress(
            InputError
        ):  # in a folder that only others may write to: made anew next time
            write_atomic(file, (json.dumps(index._asdict()) + "\n").encode())
    return index


def parse_index(text: bytes, name: str) -> ShardIndex:
    """Read an index file; more keys than those of ``ShardIndex`` may stand in it.

    Raises:
        InputError: It is not an index.
    """
    try:
        values = json.loads(text)
        index = ShardIndex(*(values[key] for key in ShardIndex._fields))
        if len(index.names) == len(index.offsets) == len(index.sizes) > 0:
            return index
    except (ValueError, KeyError, TypeError) as error:
        reason = repr(error)
    else:
        reason = "columns of different lengths, or empty ones"
    raise InputError(f"expected the index of a shard, got {name} ({reason}); remove it: it is made anew")


def scan_shard(file: BinaryIO, name: str, *, mode: Literal["r:", "r|"] = "r:") -> ShardIndex:
    """Read the headers of a shard.

    Args:
        file: At its start.
        name: For messages.
        mode: "r|" reads all bytes in order, for files without ``seek``.

    Raises:
        InputError: No tar file, a compressed one, one cut short, or no pictures in it.
    """
    found = []
    try:
        with tarfile.open(fileobj=file, mode=mode) as tar:
            for member in tar:
                if member.isfile() and _is_picture(member.name):
                    found.append((member.name, member.offset_data, member.size))
            # A whole archive ends with blocks of zeros, of which the first has just been read.
            if tar.fileobj is None or tar.fileobj.tell() < tar.offset + tarfile.BLOCKSIZE:
                raise tarfile.ReadError("it ends too early")
    except (tarfile.TarError, EOFError) as error:
        raise InputError(
            f"expected an uncompressed tar file, got {name} ({error}); unpack compressed ones, get others anew"
        ) from error
    if not found:
        raise InputError(
            f"expected pictures, got 0 pictures found in {name} (looked for {' '.join(PICTURE_SUFFIXES)}); "
            "check the path"
        )
    names, offsets, sizes = zip(*found, strict=True)
    return ShardIndex(None, list(names), list(offsets), list(sizes))


def _is_picture(name: str) -> bool:
    path = PurePosixPath(name)
    return not path.name.startswith(".") and path.suffix.lower() in PICTURE_SUFFIXES
