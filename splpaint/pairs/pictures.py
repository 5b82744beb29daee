"""The pictures of pairs, each known by a path: a file of its own, or SHARD.tar/MEMBER for one in a tar shard.

Both give the same bytes: pairs of the same pictures from files and from shards differ in their paths alone.
"""

from __future__ import annotations

import hashlib
import io
import posixpath
from collections import Counter
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image, UnidentifiedImageError

from splpaint.datasets import ShardPictures, local_shards, shards_on_disk
from splpaint.errors import InputError
from splpaint.images import MAX_PIXELS, list_pictures, load_plugin_for, orientation_of, silent_pillow

__all__ = [
    "PictureRecord",
    "inspect_picture",
    "list_pair_pictures",
    "picture_exists",
    "read_picture",
    "shard_of",
]

_SHARDS_KNOWN = 64  # whose members are kept in memory


class PictureRecord(NamedTuple):
    """What a manifest records of a picture: SHA-256 of its bytes, and its size turned upright, in pixels."""

    sha256: str
    width: int
    height: int


def list_pair_pictures(text: str) -> list[Path]:
    """List the pictures that a line of text names.

    Args:
        text: A folder or a list file, as ``list_pictures`` reads it; or tar shards on disk: a folder from ``splpaint
            data shard``, one shard, or a pattern of several.

    Returns:
        At least one path, none of them twice.

    Raises:
        InputError: There are no pictures, or one is listed twice or missing; the text names a URL or a Hugging Face
            dataset; a shard cannot be read or holds two pictures of one name.
    """
    if "://" in text or text.startswith("hf:"):
        raise InputError(
            f"expected a folder, a list or tar shards on a disk, got {text}; an evaluation reads its pictures by "
            "their paths, in any order: copy the shards or save the pictures to a disk and give these"
        )
    shards = shards_on_disk(text)
    if not shards:
        return list_pictures(Path(text))
    paths = [shard / _tidy(member) for shard in shards for member in _open(shard).pictures.members]
    path, times = Counter(paths).most_common(1)[0]
    if times > 1:
        raise InputError(
            f"expected each picture once, got {path} {times} times; name each shard once, and pack one that "
            "holds a name twice again: `splpaint data shard` numbers what it packs"
        )
    return paths


def shard_of(path: Path) -> Path | None:
    """The tar shard that a picture lies in; None for a file of its own."""
    return next((place for place in path.parents if place.suffix == ".tar" and place.is_file()), None)


def picture_exists(path: Path) -> bool:
    """Whether there is such a file, or such a member in its shard.

    Raises:
        InputError: The shard cannot be read.
    """
    shard = shard_of(path)
    return path.is_file() if shard is None else _member(path, shard) in _open(shard).numbers


def read_picture(path: Path) -> bytes:
    """Read the bytes of a file or of a member of a shard.

    Raises:
        InputError: There is none, or it cannot be read.
    """
    shard = shard_of(path)
    try:
        if shard is None:
            return path.read_bytes()
        pictures, numbers = _open(shard)
        return pictures.read(numbers[_member(path, shard)]).data
    except (OSError, KeyError) as error:
        raise _unreadable(path, f"{error} is not in the shard" if shard else str(error)) from error


def inspect_picture(path: Path, data: bytes | None = None) -> PictureRecord:
    """Record a picture by its bytes and its header; damage behind the header is not noticed.

    Args:
        path: The picture.
        data: Its bytes, instead of reading them; ``path`` then only names it in messages.

    Raises:
        InputError: It cannot be read, is no picture, or has more than 100 megapixels.
    """
    data = read_picture(path) if data is None else data
    try:
        load_plugin_for(data[:64], path)
        width, height = _upright_size(data)
    except InputError:
        raise
    except Exception as error:  # Pillow's readers raise nearly anything on a damaged file
        reason = "no known format" if isinstance(error, UnidentifiedImageError) else str(error)
        raise _unreadable(path, reason) from error
    if width * height > MAX_PIXELS:
        limit = f"{MAX_PIXELS / 1e6:.0f} megapixels"
        raise InputError(f"expected at most {limit}, got {width}x{height} in {path}; make it smaller first")
    return PictureRecord(hashlib.sha256(data).hexdigest(), width, height)


def _upright_size(data: bytes) -> tuple[int, int]:
    """Width and height of what ``read_rgb`` gives, from the header."""
    with silent_pillow():
        image = Image.open(io.BytesIO(data))
    width, height = image.size
    # Pillow's size of a TIFF is the upright one; a PNG it decodes, since the orientation may stand at its end.
    if image.format != "TIFF" and width * height <= MAX_PIXELS and orientation_of(image) in {5, 6, 7, 8}:
        return height, width
    return width, height


def _unreadable(path: Path, reason: str) -> InputError:
    return InputError(
        f"expected a picture, got {path} ({reason}); replace it or leave it out: `splpaint data prepare` "
        "lists the pictures that can be read"
    )


# --- shards


class _Shard(NamedTuple):
    pictures: ShardPictures
    numbers: dict[str, int]  # of its members, by their tidy names


def _open(shard: Path) -> _Shard:
    stamp = None
    with suppress(OSError):  # reported when it is opened
        found = shard.stat()
        stamp = (found.st_size, found.st_mtime_ns)
    return _open_as_of(shard, stamp)


@lru_cache(maxsize=_SHARDS_KNOWN)
def _open_as_of(shard: Path, stamp: tuple[int, int] | None) -> _Shard:
    # A shard that was packed again has another stamp.
    pictures = local_shards([shard])
    return _Shard(pictures, {_tidy(member): number for number, member in enumerate(pictures.members)})


def _member(path: Path, shard: Path) -> str:
    return path.relative_to(shard).as_posix()


def _tidy(member: str) -> str:
    # The name as part of a path in a manifest: without ./ and without a way out of the shard.
    return posixpath.normpath(f"/{member.lstrip('/')}").lstrip("/")
