"""The index of a tar shard: where its pictures are, so that any of them can be read without those before it.

A shard is an uncompressed tar file as WebDataset reads it. Its index is the file ``SHARD.tar.index.json`` beside it; if
there is none, the headers of the shard are read once and kept as its index. An index with checksums, which
``shard_writing.py`` makes, must fit its shard.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import tarfile
from pathlib import Path, PurePosixPath
from typing import Annotated, BinaryIO, Literal, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from splpaint.atomic_files import write_atomic
from splpaint.errors import InputError
from splpaint.images import PICTURE_SUFFIXES

__all__ = [
    "INDEX_SUFFIX",
    "SHARDS_FILE",
    "ShardIndex",
    "first_fault",
    "local_index",
    "parse_index",
    "scan_shard",
]

INDEX_SUFFIX = ".index.json"
SHARDS_FILE = "shards.json"


class ShardIndex(NamedTuple):
    """The pictures of a shard, in its order.

    Attributes:
        shard_bytes: Size of the shard, if known: an index of a shard of another size is out of date.
        names: Names of the members.
        offsets: First byte of each in the shard.
        sizes: Bytes of each.
        digests: SHA-256 of each, in hexadecimal digits, if the index has them.
    """

    shard_bytes: int | None
    names: list[str]
    offsets: list[int]
    sizes: list[int]
    digests: list[str] | None = None


class _IndexFile(BaseModel):
    """The content of an index file; other keys are ignored."""

    model_config = ConfigDict(strict=True)

    shard_bytes: int | None = Field(ge=0)
    names: list[str] = Field(min_length=1)
    offsets: list[Annotated[int, Field(ge=0, lt=2**63)]]
    sizes: list[Annotated[int, Field(ge=0, lt=2**63)]]
    digests: list[Annotated[str, Field(pattern="^[0-9a-f]{64}$")]] | None = None
    checksum: str | None = None


def local_index(shard: Path) -> ShardIndex:
    """Read the index of a shard on disk, or make it and, if the folder can be written to, keep it.

    Raises:
        InputError: The shard is missing, no tar file, compressed or cut short, or holds no pictures; or its index is
            no index, or has checksums and does not fit it.
    """
    file = shard.with_name(shard.name + INDEX_SUFFIX)
    known = None
    try:
        found = shard.stat()
        if file.is_file():
            known = parse_index(file.read_bytes(), str(file))
            if known.digests is not None and known.shard_bytes != found.st_size:
                raise InputError(
                    f"expected a shard of {known.shard_bytes} bytes, as its index says, got {shard} with "
                    f"{found.st_size}; get the shard again, or remove {file.name} to do without its checksums"
                )
            current = known.shard_bytes == found.st_size and file.stat().st_mtime_ns >= found.st_mtime_ns
            if known.digests is not None or current:
                return known
        with shard.open("rb") as opened:
            index = scan_shard(opened, str(shard))._replace(shard_bytes=found.st_size)
    except OSError as error:
        raise InputError(f"expected a tar shard, got {shard} ({error}); check the path") from error
    if index != known:  # otherwise the shard has only been copied after its index
        with contextlib.suppress(
            InputError
        ):  # in a folder that only others may write to: made again next time
            write_atomic(file, _encode(index))
    return index


def parse_index(text: bytes, name: str) -> ShardIndex:
    """Read an index file; it may have more keys than ``ShardIndex``.

    Raises:
        InputError: It is not an index, or not as it was written.
    """
    try:
        stored = _IndexFile.model_validate(json.loads(text))
        index = ShardIndex(stored.shard_bytes, stored.names, stored.offsets, stored.sizes, stored.digests)
        _require_consistent(index)
        if stored.checksum not in {None, _checksum(index)}:
            raise ValueError("its own checksum is wrong")
        return index
    except (ValueError, RecursionError) as error:  # no JSON, nested without end
        raise InputError(
            f"expected the index of a shard, got {name} ({first_fault(error)}); remove it: it is made again"
        ) from error


def first_fault(error: Exception) -> str:
    """The first thing that is wrong with a file, and its place if pydantic found it."""
    if not isinstance(error, ValidationError):
        return str(error)
    first = error.errors()[0]
    return f"{'.'.join(map(str, first['loc']))}: {first['msg']}"


def _require_consistent(index: ShardIndex) -> None:
    if not len(index.names) == len(index.offsets) == len(index.sizes) == len(index.digests or index.names):
        raise ValueError("columns of different lengths")
    expected = tarfile.BLOCKSIZE
    for number, (offset, size) in enumerate(zip(index.offsets, index.sizes, strict=True)):
        if index.shard_bytes is not None and offset + size > index.shard_bytes:
            raise ValueError(f"offsets.{number}: {offset} and {size} bytes more are beyond the shard's end")
        if index.digests is not None and offset != expected:  # our shards hold pictures alone, in their order
            raise ValueError(f"offsets.{number}: {offset} instead of {expected}")
        expected = offset + -(-size // tarfile.BLOCKSIZE) * tarfile.BLOCKSIZE + tarfile.BLOCKSIZE
    whole = -(-(expected + tarfile.BLOCKSIZE) // tarfile.RECORDSIZE) * tarfile.RECORDSIZE
    if index.digests is not None and index.shard_bytes != whole:
        raise ValueError(f"its pictures fill {whole} bytes, the shard has {index.shard_bytes}")


def _encode(index: ShardIndex) -> bytes:
    values = {name: value for name, value in index._asdict().items() if value is not None}
    return (json.dumps(values | {"checksum": _checksum(index)}) + "\n").encode()


def _checksum(index: ShardIndex) -> str:
    return hashlib.sha256(json.dumps(index).encode()).hexdigest()


def scan_shard(file: BinaryIO, name: str, *, mode: Literal["r:", "r|"] = "r:") -> ShardIndex:
    """Read the headers of a shard.

    Args:
        file: The shard, opened at its start.
        name: What messages call it.
        mode: "r|" reads all bytes in order, for files without ``seek``.

    Raises:
        InputError: It is no tar file, compressed or cut short, or holds no pictures.
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
            f"expected an uncompressed tar file, got {name} ({error}); unpack compressed ones, get others again"
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
