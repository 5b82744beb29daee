"""Where pictures come from, by one line of text: a folder, a list, tar shards here or far away, the hub.

All of them give bytes that nobody has decoded, by number, through one small interface.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from splpaint.data.listing import list_pictures
from splpaint.errors import InputError

__all__ = ["EncodedPicture", "FilePictures", "PictureSource", "open_pictures", "shards_on_disk"]


class EncodedPicture(NamedTuple):
    """A picture as its file holds it.

    Attributes:
        name: Where it is: a path, or a shard and the member's name. Says in messages which picture is meant.
        data: The bytes of its file.
    """

    name: str
    data: bytes


class PictureSource(Protocol):
    """Pictures by number, from 0.

    Attributes:
        sequential: None where any picture is read as fast as any other. Else the numbers of pictures of the
            shards that they lie in, one shard after the other: reading a picture after the one before it is
            fast, all else slow.
    """

    sequential: Sequence[int] | None

    def __len__(self) -> int:
        """How many there are, at least 1."""

    def read(self, number: int) -> EncodedPicture:
        """Picture ``number``; an ``InputError`` where it cannot be read."""


class FilePictures:
    """Pictures in files of their own."""

    sequential: Sequence[int] | None = None

    def __init__(self, files: Sequence[Path]) -> None:
        self.files = list(files)

    def __len__(self) -> int:
        return len(self.files)

    def read(self, number: int) -> EncodedPicture:
        """The file ``number`` of the list."""
        file = self.files[number]
        try:
            return EncodedPicture(str(file), file.read_bytes())
        except OSError as error:
            raise InputError(f"{file} cannot be read ({error.strerror}); check the path") from error


def open_pictures(text: str | Path) -> PictureSource:
    """Find the pictures that a line of text names.

    Args:
        text: A folder of pictures, or of shards from ``splpaint data shard``; a list file; a tar shard or a
            pattern of several (``shards/pictures-{000000..000012}.tar``); the same as a URL that fsspec opens;
            ``hf:FOLDER`` or ``hf:OWNER/NAME``, a Hugging Face dataset in a folder or on the hub, with
            ``@SPLIT`` at the end if not "train".

    Raises:
        InputError: Nothing there, or no pictures in it.
        MissingExtraError: URLs need fsspec, ``hf:`` needs datasets.
    """
    from splpaint.data.shards import expand_braces, local_shards, remote_shards

    name = str(text)
    if "://" in name:
        return remote_shards(expand_braces(name))
    if name.startswith("hf:"):
        from splpaint.data.hub_pictures import HubPictures

        return HubPictures(name.removeprefix("hf:"))
    if shards := shards_on_disk(name):
        return local_shards(shards)
    return FilePictures(list_pictures(Path(name)))


def shards_on_disk(text: str) -> list[Path]:
    """The tar shards that a line of text names, as for ``open_pictures``; none where it names anything else."""
    from splpaint.data.sharding import SHARDS_FILE
    from splpaint.data.shards import expand_braces, manifest_shards

    if text.endswith(".tar"):
        return [Path(shard) for shard in expand_braces(text)]
    manifest = Path(text) / SHARDS_FILE
    return manifest_shards(manifest) if manifest.is_file() else []
