"""What a worker may have on its bench: pictures in formats that are taken, and not too many pixels at a time."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress

from splpaint.errors import InputError, SplpaintError
from splpaint.images import format_named, read_header
from splpaint.notices import collected
from splpaint.parallel import PixelBudget
from splpaint.serving.refusals import RefusedError, in_fields
from splpaint.serving.workshop import Job

__all__ = ["Bench", "formats_taken"]

_FORMATS = {
    "PNG": "png",
    "JPEG": "jpeg",
    "MPO": "jpeg",
    "WEBP": "webp",
    "TIFF": "tiff",
    "BMP": "bmp",
    "AVIF": "avif",
    "HEIF": "heic",
    "JXL": "jxl",
}
"""Pillow's names of the formats that are taken => ours."""

_MANY_PIXELS = 4_000_000


def formats_taken() -> list[str]:
    """Our names of the formats that this installation can read and write."""
    taken = []
    for name in dict.fromkeys(_FORMATS.values()):
        with suppress(InputError):
            format_named(name)
            taken.append(name)
    return taken


class Bench:
    """Admits pictures: all that are worked on have as many pixels together as one may have.

    Args:
        max_pixels: Of a picture.
    """

    def __init__(self, max_pixels: int) -> None:
        self._max_pixels = max_pixels
        self._room = PixelBudget(max_pixels)

    @contextmanager
    def admit(self, files: Mapping[str, bytes], job: Job) -> Iterator[list[str]]:
        """Check pictures by their headers, wait for room, and hold it; gives the notices of what is done meanwhile.

        Args:
            files: By the names that refusals call them.
            job: The work that they are for.

        Raises:
            RefusedError: A picture is not admitted, or what is done fails with an error of the package.
            DroppedError: Nobody waits for the work any more.
        """
        pixels = max(self._count(data, name) for name, data in files.items())
        with self._room.room_for(pixels), _large(pixels), collected() as notes:
            job.progress(0, 0)
            try:
                yield notes
            except SplpaintError as error:
                raise RefusedError.of(error) from error
            except MemoryError as error:
                raise RefusedError(
                    413, "the picture needs more memory than there is; make it smaller first"
                ) from error

    def _count(self, data: bytes, name: str) -> int:
        try:
            header = read_header(name, data)
        except InputError as error:
            status = 413 if "megapixels" in str(error) else 415
            raise RefusedError(status, in_fields(str(error))) from error
        if header.format not in _FORMATS:
            raise RefusedError(
                415, f"{name} must be {', '.join(formats_taken())}, got {header.format}; convert it"
            )
        if header.width * header.height > self._max_pixels:
            raise RefusedError(
                413,
                f"{name} must have at most {self._max_pixels / 1e6:g} megapixels, got {header.width}x{header.height}; "
                "make it smaller first",
            )
        return header.width * header.height


@contextmanager
def _large(pixels: int) -> Iterator[None]:
    # The C library keeps what a large picture has taken for the thread that took it, several times over with several
    # threads, unless it is told to give it back. Only glibc does, and can be told.
    try:
        yield
    finally:
        if pixels > _MANY_PIXELS and sys.platform == "linux":
            with suppress(OSError, AttributeError):
                ctypes.CDLL(None).malloc_trim(0)
