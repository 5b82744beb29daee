from __future__ import annotations

import io

import numpy as np
import pytest
from PIL import Image

from splpaint.images import jpeg_xl_header

pytest.importorskip("pillow_jxl")


@pytest.mark.parametrize("size", [(8, 8), (50, 40), (256, 256), (640, 480), (1, 700), (9000, 3)])
@pytest.mark.parametrize(("mode", "bits"), [("RGB", 8), ("RGBA", 8), ("L", 8), ("I;16", 16)])
@pytest.mark.parametrize("container", [False, True])
def test_the_depth_is_what_was_written(size: tuple[int, int], mode: str, bits: int, container: bool) -> None:
    buffer = io.BytesIO()
    picture = Image.fromarray(np.zeros(size[::-1], np.uint16)) if mode == "I;16" else Image.new(mode, size)
    picture.save(buffer, "JXL", lossless=True, use_container=container)
    assert jpeg_xl_header.bits_per_channel(buffer) == bits
    assert jpeg_xl_header.size(buffer) == size


def _bits(head: bytes) -> int:
    return jpeg_xl_header.bits_per_channel(io.BytesIO(head))


def test_other_depths_are_read_from_hand_made_headers() -> None:
    def header(fields: list[tuple[int, int]]) -> bytes:
        value = place = 0
        for width, field in fields:
            value |= field << place
            place += width
        return b"\xff\x0a" + value.to_bytes(16, "little")

    size = [(1, 1), (5, 3), (3, 1)]  # 32 x 32
    for choice, bits in [([(2, 0)], 8), ([(2, 1)], 10), ([(2, 2)], 12), ([(2, 3), (6, 15)], 16)]:
        assert _bits(header([*size, (1, 0), (1, 0), (1, 0), *choice])) == bits
    assert _bits(header([*size, (1, 1)])) == 8
    assert _bits(header([*size, (1, 0), (1, 0), (1, 1)])) == 32  # floating point
    assert _bits(header([*size, (1, 0), (1, 1), (3, 0), (1, 0), (1, 0), (1, 1)])) == 32  # moving
