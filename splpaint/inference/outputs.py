"""Where a painted photo goes: to a file, or as bytes to a function; and the file that shows what was painted."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import NamedTuple, Protocol

from PIL import Image

from splpaint.atomic_files import require_free, write_atomic
from splpaint.errors import InputError
from splpaint.images import (
    Format,
    Hole,
    Photo,
    check_output,
    choose_format,
    choose_output,
    format_named,
    format_of,
)

__all__ = ["FileOutput", "MaskOutput", "Output", "StreamOutput", "Target"]


class Target(NamedTuple):
    """The choice for one photo.

    Attributes:
        format: The format to write.
        write: Takes the file's content.
        path: The file, if it is one.
    """

    format: Format
    write: Callable[[bytes], object]
    path: Path | None = None


class Output(Protocol):
    """Where painted photos go."""

    def check(self) -> None:
        """Refuse, before the photo is read, what can be refused by then.

        Raises:
            InputError: It cannot be written there.
        """

    def choose(self, photo: Photo) -> Target:
        """Choose format and place for a photo.

        Raises:
            InputError: It cannot be written there, or not in that format.
        """


class FileOutput(NamedTuple):
    """A file, written whole or not at all.

    Attributes:
        path: The file, or a folder that is there; None: beside the photo.
        format: The name of the format to write; None: what ``path`` says, or the photo's.
        overwrite: Whether an existing file may be replaced.
        inputs: Files that must stay as they are.
        make_folder: Whether a missing folder is made.
    """

    path: Path | None = None
    format: str | None = None
    overwrite: bool = False
    inputs: tuple[Path, ...] = ()
    make_folder: bool = False

    def check(self) -> None:
        """Refuse a file that cannot be written, if ``path`` is one."""
        if self.format:
            format_named(self.format)
        if self.path is not None and not self.path.is_dir():
            self._check(self.path)

    def choose(self, photo: Photo) -> Target:
        """Choose the file."""
        path = choose_output(photo, self.path, format=self.format)
        self._check(path)
        return Target(format_of(path), partial(write_atomic, path), path)

    def _check(self, path: Path) -> None:
        check_output(path, self.format)
        require_free(path, overwrite=self.overwrite, inputs=self.inputs, make_folder=self.make_folder)


class StreamOutput(NamedTuple):
    """A function that takes the file's content.

    Attributes:
        write: The function.
        format: The name of the format to write; None: the photo's.
    """

    write: Callable[[bytes], object]
    format: str | None = None

    def check(self) -> None:
        """Refuse a format that cannot be written."""
        if self.format:
            format_named(self.format)

    def choose(self, photo: Photo) -> Target:
        """Choose the format."""
        return Target(choose_format(photo, self.format), self.write)


class MaskOutput(NamedTuple):
    """A PNG, white where the photo was painted.

    Attributes:
        path: The file.
        overwrite: Whether an existing file may be replaced.
        inputs: Files that must stay as they are.
    """

    path: Path
    overwrite: bool = False
    inputs: tuple[Path, ...] = ()

    def check(self, photo: Target | None = None) -> None:
        """Refuse a file that cannot be written.

        Args:
            photo: Where the photo goes, if that is known.

        Raises:
            InputError: It is no .png, exists, is one of ``inputs`` or where the photo goes, or its folder is
                missing.
        """
        name = "`save_mask`"
        if self.path.suffix.lower() != ".png":
            raise InputError(f"{name} must be a .png, got {self.path}; masks must not be lossy")
        if photo and photo.path and photo.path.absolute() == self.path.absolute():
            raise InputError(f"{name} must be another file than the output, got {self.path}")
        require_free(self.path, overwrite=self.overwrite, inputs=self.inputs, name=name, make_folder=False)

    def write(self, hole: Hole) -> None:
        """Write the hole, bool ``(H, W)``."""
        buffer = io.BytesIO()
        Image.fromarray(hole).convert("L").save(buffer, "PNG")
        write_atomic(self.path, buffer.getvalue())
