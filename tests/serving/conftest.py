"""One server for all tests that do not end it, and pictures to send."""

from __future__ import annotations

import io
from collections.abc import Iterator

import numpy as np
import pytest
from PIL import Image

from tests.serving.running import Running, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A server with the bundled model and the usual limits."""
    with running(folder=tmp_path_factory.mktemp("server")) as found:
        yield found


def encoded(image: Image.Image, format: str, **options: object) -> bytes:
    """The bytes of a picture's file."""
    buffer = io.BytesIO()
    image.save(buffer, format, **options)
    return buffer.getvalue()


def noise(height: int, width: int) -> Image.Image:
    """A picture of many colours."""
    return Image.fromarray(np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8))


def square_mask(height: int, width: int) -> bytes:
    """A PNG with a small white square."""
    mask = np.zeros((height, width), np.uint8)
    mask[8:16, 10:20] = 255
    return encoded(Image.fromarray(mask), "PNG")


@pytest.fixture(scope="session")
def photo() -> bytes:
    """A small JPEG with metadata."""
    exif = Image.Exif()
    exif[0x010E] = "a picture of noise"
    return encoded(noise(48, 64), "JPEG", quality=90, exif=exif, dpi=(72, 72))


@pytest.fixture(scope="session")
def mask() -> bytes:
    """A mask for it."""
    return square_mask(48, 64)
