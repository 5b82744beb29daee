"""Reading a photo with all that is needed to write the painted one as the original was.

Kept: the format and its settings (a JPEG's quantisation tables and subsampling, a WebP's losslessness, a
TIFF's compression), the size, 16 bits per channel, alpha, and the metadata of
``metadata.py``. Changed: the picture is upright; what has a palette or 1 bit becomes RGB, RGBA or grey;
CMYK becomes RGB, without its profile. PNG, TIFF, BMP, lossless WebP and lossless JPEG XL give back known
pixels bit for bit.
"""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image, JpegImagePlugin

from splpaint.errors import DamagedError
from splpaint.images.arrays import Deep
from splpaint.images.containers import is_lossless_webp
from splpaint.images.decoding import open_stored, plain_mode, upright
from splpaint.images.formats import FORMATS
from splpaint.images.mending import can_be_mended, mend
from splpaint.images.metadata import metadata_of
from splpaint.images.sixteen_bit import decode_deep
from splpaint.notices import tell

__all__ = ["Photo", "read_photo"]

_EXTRA_SAMPLES, _MULTIPLIED = 338, 1

_LOSSLESS_TIFF = {"raw", "tiff_lzw", "tiff_adobe_deflate", "tiff_deflate", "packbits", "zstd"}


class Photo(NamedTuple):
    """A photo that has been read.

    Attributes:
        path: Its file.
        image: Upright: a PIL image in the mode L, LA, RGB or RGBA, or, with 16 bits per channel, an array.
        format: Pillow's name of the file's format.
        settings: How to write that format as it was.
        metadata: The metadata that stay with it, from ``metadata_of``.
        data: The file's bytes, if they were not read from ``path``.
    """

    path: Path
    image: Image.Image | Deep
    format: str
    settings: dict[str, Any]
    metadata: dict[str, Any]
    data: bytes | None = None

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        if isinstance(self.image, Image.Image):
            return self.image.size
        return self.image.shape[1], self.image.shape[0]


def read_photo(path: str | Path, data: bytes | None = None, *, accept_damaged: bool = False) -> Photo:
    """Read a photo with all that is needed to write it back.

    Args:
        path: The file.
        data: The file's bytes, instead of reading it; ``path`` then only names it.
        accept_damaged: Read what can be decoded of a JPEG, PNG or TIFF that is damaged or cut short; a
            ``PictureWarning`` says which part is missing.

    Raises:
        InputError: The file is missing, unreadable, damaged, over 100 megapixels or animated, or its 16-bit colours
            cannot be decoded.
    """
    path = Path(path)
    try:
        return _read(path, data)
    except DamagedError as error:
        whole = path.read_bytes() if data is None else data
        if not can_be_mended(whole):
            raise
        if not accept_damaged:
            raise DamagedError(
                f"{error}, or pass `accept_damaged=True` to use what can be decoded"
            ) from error
        mended = mend(whole)
        if mended is None:
            raise DamagedError(f"{error}; nothing of it can be decoded") from error
    photo = _read(path, mended.data)
    tell(f"{path} is damaged: {mended.missing}")
    return photo._replace(data=data)


def _read(path: Path, data: bytes | None) -> Photo:
    stored, bits = open_stored(path, data)
    name = "JPEG" if stored.format == "MPO" else str(stored.format)
    image: Image.Image | Deep
    if bits == 16:
        image = decode_deep(stored, path.read_bytes() if data is None else data, path)
    else:
        image = plain_mode(upright(stored))
    _tell_of_conversion(stored, path)
    photo = Photo(path, image, name, _settings(stored, name, path, data), {}, data)
    with path.open("rb") if data is None else io.BytesIO(data) as file:
        metadata = metadata_of(stored, file, photo.size)
    if isinstance(image, Image.Image):
        image.info = {}  # which Pillow's writers would look into
    return photo._replace(metadata=metadata)


def _tell_of_conversion(stored: Image.Image, path: Path) -> None:
    if stored.mode == "CMYK":
        tell(f"{path} is in CMYK: it becomes RGB by the plain formula, without its colour profile")
    elif stored.mode in {"P", "PA"}:
        tell(f"{path} has a palette: it becomes {'RGBA' if stored.has_transparency_data else 'RGB'}")
    elif stored.mode == "1":
        tell(f"{path} has 1 bit per pixel: it becomes grey with 8")
    elif stored.mode in {"RGBa", "La"}:
        tell(
            f"{path} has colours that are multiplied by its transparency: they are divided by it, and rounded"
        )
    extra = getattr(stored, "tag_v2", {}).get(_EXTRA_SAMPLES, ())
    if _MULTIPLIED in extra:
        tell(
            f"{path} has colours that are multiplied by its transparency: they are divided by it, and rounded"
        )
    if len(extra) > 1:
        tell(f"{path} has {len(extra)} channels besides its colours: they are left out")


def _settings(stored: Image.Image, name: str, path: Path, data: bytes | None) -> dict[str, Any]:
    if name == "JPEG" and stored.mode in {"L", "RGB"} and isinstance(stored, JpegImagePlugin.JpegImageFile):
        return _jpeg_settings(stored, path)
    if name == "WEBP" and not is_lossless_webp(path.read_bytes() if data is None else data):
        return {"quality": 90, "exact": True}
    if name in {"AVIF", "HEIF"}:
        return {"quality": 90}
    if name == "TIFF" and stored.info.get("compression") in _LOSSLESS_TIFF:
        return {"compression": stored.info["compression"]}
    return dict(FORMATS[name].settings) if name in FORMATS else {}


def _jpeg_settings(stored: JpegImagePlugin.JpegImageFile, path: Path) -> dict[str, Any]:
    subsampling = JpegImagePlugin.get_sampling(stored)
    if subsampling < 0 and stored.mode == "RGB":
        tell(f"{path} subsamples its colours in a way that cannot be written: it becomes 4:4:4")
        subsampling = 0
    settings: dict[str, Any] = {"subsampling": subsampling, "progressive": "progressive" in stored.info}
    tables = [stored.quantization[layer[3]] for layer in stored.layer if layer[3] in stored.quantization]
    if tables:  # one for each channel, whatever their numbers; the last one serves the remaining channels
        settings["qtables"] = tables[:2] if tables[1:2] == tables[2:] else tables
    else:  # a lossless JPEG, which Pillow cannot write
        tell(f"{path} is a lossless JPEG, which cannot be written: it becomes one of quality 95")
        settings["quality"] = 95
    return settings | {"comment": stored.info.get("comment", b"")}
