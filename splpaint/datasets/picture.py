"""Pictures by number, as encoded bytes: the interface of every source, and files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from splpaint.errors import InputError

__all__ = ["EncodedPicture", "FilePictures", "PictureSource"]


class EncodedPicture(NamedTuple):
    """A picture as its file holds it.

    Attributes:
        name: Where it is, for messages: a path, or a shard and the member's name.
        data: The bytes of its file.
    """

    name: str
    data: bytes


class PictureSource(Protocol):
    """Pictures by number, from 0.

    Attributes:
        sequential: None if any picture is read as fast as any other. Otherwise how many pictures each shard holds, one
            shard after the other: reading pictures in their order is fast, anything else slow.
    """

    sequential: Sequence[int] | None

    def __len__(self) -> int:
        """How many there are, at least 1."""

    def read(self, number: int) -> EncodedPicture:
        """Read picture ``number``.

        Raises:
            InputError: It cannot be read.
        """


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
