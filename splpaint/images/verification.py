"""What was encoded, decoded again and held against what was to be written, before it gets a name.

Lossless: every value. JPEG: in each 8 x 8 block of luminance the energy of the errors, which its quantisation table
bounds (each coefficient errs by half a step at most, and by Parseval's theorem the pixels do as they do; ITU-T T.81,
A.3.3 and A.3.4), and the means of 16 x 16 blocks of its colours. Other formats do not say how they round: of theirs the
means of 16 x 16 blocks.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageChops, JpegImagePlugin

from splpaint.images.arrays import Deep
from splpaint.images.containers import EXIF_PREFIX
from splpaint.images.decoding import orientation_of, silent_pillow
from splpaint.images.formats import FORMATS
from splpaint.images.sixteen_bit import decode_bgr

__all__ = ["UnfaithfulError", "require_faithful"]

_UNREAD = {("JXL", "xmp")}  # by Pillow's plugin
_ROWS_AT_ONCE = 128  # as many as processors have at hand: several times as fast as all at once
_BLOCK_PX, _MEAN_PX = 8, 16
_ROUNDING = 2.0  # of colours to luminance, and of pixels to whole numbers, in levels
_SMALL_PX = 256
_CHROMA_LEAK = (
    24.0  # of a block's mean, in levels, where subsampled colours are smoothed over its edge; 18 in noise
)
_FINE_QUALITY = 75
_MOST_LEVELS, _MOST_LEVELS_COARSE = (
    40.0,
    120.0,
)  # of the means; measured with noise, stripes and blocks: 27 and 94


class UnfaithfulError(Exception):
    """What was encoded is not what was to be written."""


def require_faithful(data: bytes, painted: Image.Image | Deep, name: str, options: dict[str, Any]) -> None:
    """Decode a picture again and compare.

    Args:
        data: The encoded picture.
        painted: What was encoded.
        name: Pillow's name of the format.
        options: What was given to Pillow's writer.

    Raises:
        UnfaithfulError: Pixels, size, depth, mode, orientation, colour profile, EXIF or XMP data differ.
        Exception: Whatever Pillow raises where it cannot read its own file.
    """
    with silent_pillow():
        decoded = Image.open(io.BytesIO(data), formats=[name])
    _require_same_metadata(decoded, name, options)
    if not isinstance(painted, Image.Image):
        _require_same_levels(decoded, painted, data)
        return
    if decoded.size != painted.size:
        raise UnfaithfulError(f"it has {decoded.size} pixels instead of {painted.size}")
    if name == "JPEG":
        _require_near_jpeg(data, painted)
    elif not FORMATS[name].has_quality or options.get("lossless"):
        _require_same_pixels(decoded, painted)
    else:
        coarse = options.get("quality", 0) < _FINE_QUALITY
        _require_near_means(decoded, painted, _MOST_LEVELS_COARSE if coarse else _MOST_LEVELS)


def _require_same_metadata(decoded: Image.Image, name: str, options: dict[str, Any]) -> None:
    if orientation_of(decoded) != 1:
        raise UnfaithfulError("it has to be turned")
    for key in ("icc_profile", "exif", "xmp"):
        wanted, got = (str_or_bytes or b"" for str_or_bytes in (options.get(key), decoded.info.get(key)))
        if (
            wanted
            and wanted.removeprefix(EXIF_PREFIX) != got.removeprefix(EXIF_PREFIX)
            and (name, key) not in _UNREAD
        ):
            raise UnfaithfulError(f"its {key} differs")


def _require_same_levels(decoded: Image.Image, painted: Deep, data: bytes) -> None:
    levels = np.asarray(decoded) if painted.ndim == 2 else decode_bgr(data)
    if levels is None or levels.shape != painted.shape or levels.dtype.itemsize != painted.dtype.itemsize:
        raise UnfaithfulError("it is no picture of 16 bits of that size")
    order = [2, 1, 0, 3][: painted.shape[2]] if painted.ndim == 3 else slice(None)
    for rows in _strips(len(painted)):
        if not np.array_equal(levels[rows][..., order] if painted.ndim == 3 else levels[rows], painted[rows]):
            raise UnfaithfulError(f"its pixels differ in the rows {rows.start} to {rows.stop - 1}")


def _require_same_pixels(decoded: Image.Image, painted: Image.Image) -> None:
    mode = painted.mode if decoded.mode == painted.mode else "RGBA"
    for rows in _strips(painted.height):
        strip = (0, rows.start, painted.width, rows.stop)
        one, other = (image.crop(strip).convert(mode) for image in (decoded, painted))
        if ImageChops.difference(one, other).getbbox(alpha_only=False):
            raise UnfaithfulError(f"its pixels differ in the rows {rows.start} to {rows.stop - 1}")


def _require_near_jpeg(data: bytes, painted: Image.Image) -> None:
    decoded = _jpeg(data, "L", painted.size)
    tables = [np.array(decoded.quantization[layer[3]], float) for layer in decoded.layer]
    most = _BLOCK_PX**2 * (np.sqrt(np.mean(np.square(tables[0] / 2))) + _ROUNDING) ** 2
    difference = np.asarray(ImageChops.difference(decoded, painted.convert("L")))
    for top in range(0, painted.height, _BLOCK_PX):
        if _most_energy(difference[top : top + _BLOCK_PX]) > most:
            raise UnfaithfulError(f"its pixels differ in the rows {top} to {top + _BLOCK_PX - 1}")
    if len(tables) > 1:
        share = _BLOCK_PX if min(painted.size) > _SMALL_PX else 1  # the means alone, of large ones
        means = _jpeg(data, "YCbCr", (painted.width // share, painted.height // share))
        most_levels = max(table[0] for table in tables[1:]) / _MEAN_PX + _CHROMA_LEAK
        _require_near_means(means, painted.reduce(share).convert("YCbCr"), most_levels, share, whole=True)


def _jpeg(data: bytes, mode: str, size: tuple[int, int]) -> JpegImagePlugin.JpegImageFile:
    # As it is stored, so that no colour is clipped; or in a hurry, made smaller.
    with silent_pillow():
        decoded = Image.open(io.BytesIO(data), formats=["JPEG"])
    decoded.draft(mode, size)
    assert isinstance(decoded, JpegImagePlugin.JpegImageFile)
    return decoded


def _most_energy(rows: NDArray[np.uint8]) -> int:
    # (8,W) of differences => the largest sum of squares of a block
    squares = np.square(rows, dtype=np.uint16)
    columns = np.add.reduce(squares, axis=0, dtype=np.uint32)
    return int(np.add.reduceat(columns, np.arange(0, len(columns), _BLOCK_PX)).max())


def _require_near_means(
    decoded: Image.Image, painted: Image.Image, most_levels: float, share: int = 1, *, whole: bool = False
) -> None:
    # Both are made smaller already, by ``share``. With ``whole`` only whole blocks count, if there are any: the mean of
    # a part of a JPEG's block depends on all its coefficients.
    side, mode = _MEAN_PX // share, painted.mode if decoded.mode == painted.mode else "RGBA"
    counted = tuple(slice(length // side or None if whole else None) for length in painted.size[::-1])
    one, other = (
        np.asarray(_premultiplied(image, mode).reduce(side), np.int16) for image in (decoded, painted)
    )
    if (furthest := int(np.abs(one - other)[counted].max())) > most_levels:
        raise UnfaithfulError(f"parts of it differ by {furthest} levels")


def _premultiplied(image: Image.Image, mode: str) -> Image.Image:
    # Where nothing is opaque, colours mean nothing.
    plain = image if image.mode == mode else image.convert(mode)
    return plain.convert(f"{mode[:-1]}a") if mode.endswith("A") else plain


def _strips(height: int) -> Iterator[slice]:
    for top in range(0, height, _ROWS_AT_ONCE):
        yield slice(top, min(top + _ROWS_AT_ONCE, height))
