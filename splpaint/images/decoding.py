"""Opening picture files safely: one decoded picture, or an ``InputError`` that says what is wrong.

Pillow decides what can be read, with its plugins for HEIF and JPEG XL where they are installed. Refused here,
because the rest would be guesswork or loss: more than 100 megapixels (checked before anything is decoded),
several frames or pages, more than 8 bits per channel where the caller does not ask for 16 (Pillow would drop
the lower bits of some of these without a word), and colour spaces that it cannot turn into RGB.
"""

from __future__ import annotations

import contextlib
import io
import logging
import math
import threading
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, Literal, NamedTuple, cast

from PIL import Image, TiffImagePlugin, TiffTags, UnidentifiedImageError

from splpaint.errors import DamagedError, InputError
from splpaint.images import jpeg_xl_header
from splpaint.images.bit_depth import bits_per_channel
from splpaint.images.containers import is_png, is_tiff, require_sound_tiff, sound_png
from splpaint.images.formats import HEIF, JXL, Format, load_plugin
from splpaint.images.libtiff import libtiff_errors
from splpaint.notices import tell

__all__ = [
    "MAX_PIXELS",
    "Header",
    "StoredPicture",
    "count_pixels",
    "load_plugin_for",
    "open_picture",
    "open_rgb",
    "open_stored",
    "orientation_of",
    "plain_mode",
    "read_header",
    "require_file",
    "silent_pillow",
    "upright",
]

MAX_PIXELS = 100_000_000

# Readers that start other programs or draw vectors, and stubs that cannot decode by themselves.
_NOT_PHOTOGRAPHS = {"BUFR", "EPS", "GRIB", "HDF5", "MPEG", "WMF"}

_EIGHT_BIT_MODES = {"1", "L", "LA", "La", "P", "PA", "RGB", "RGBA", "RGBa", "RGBX", "CMYK", "YCbCr"}

_SIXTEEN_BIT_MODES = {"I", "I;16", "I;16B", "I;16L", "I;16N"}

_ORIENTATION_TAG = 0x0112

_HEAD_BYTES = 1 << 16

_HEIF_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1"}

_CODECS_OF_SOME_BUILDS = {"webp", "lzma", "zstd"}  # of libtiff, in Pillow's words
_TURN = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

_warning_filters = threading.Lock()

# Python would print on stderr what Pillow logs about damaged pictures; its errors say that, too.
logging.getLogger("PIL").addHandler(logging.NullHandler())


class StoredPicture(NamedTuple):
    """A decoded picture as its file stores it: not turned upright, in its own mode.

    Attributes:
        image: With 16 bits, grey pictures have one of Pillow's 16-bit modes. Colours are decoded to 8 bits all the
            same, since Pillow can no better: ``sixteen_bit.py`` decodes these.
        bits: Per channel, of the file: 16, or 8, which fewer become.
    """

    image: Image.Image
    bits: Literal[8, 16]


def open_rgb(path: str | Path, data: bytes | None = None, *, short_side_px: int | None = None) -> Image.Image:
    """Open and decode a picture file as a viewer shows it: upright, in RGB.

    Transparency is dropped and the colours beneath it are taken as stored; grey, palette and CMYK pictures
    are converted.

    Args:
        path: The file.
        data: The file's bytes, instead of reading it; ``path`` then only names it in messages.
        short_side_px: A JPEG may be decoded at 1/2, 1/4 or 1/8 of its size, as long as its shorter side keeps so
            many pixels: several times as fast, with slightly other pixels than when it is made smaller later.

    Raises:
        InputError: As ``open_picture`` and ``plain_mode``.
    """
    image = plain_mode(upright(open_picture(path, data, short_side_px=short_side_px)))
    return image if image.mode == "RGB" else image.convert("RGB")


def open_picture(
    path: str | Path, data: bytes | None = None, *, short_side_px: int | None = None
) -> Image.Image:
    """Open and decode a picture file whole, as stored: not turned upright, in its own mode.

    A file with several pictures for one photograph (MPO, as some cameras write) gives its first, with a
    ``PictureWarning``.

    Args:
        path: The file.
        data: The file's bytes, instead of reading it; ``path`` then only names it in messages.
        short_side_px: As for ``open_rgb``; default: JPEGs are decoded at their full size.

    Raises:
        InputError: The file is missing, unreadable, truncated, over 100 megapixels, animated or has more
            than 8 bits per channel.
    """
    return _open_and_decode(Path(path), data, max_bits=8, short_side_px=short_side_px).image


def open_stored(path: str | Path, data: bytes | None = None) -> StoredPicture:
    """Open and decode a picture file of 8 or 16 bits per channel; everything else as ``open_picture``."""
    return _open_and_decode(Path(path), data, max_bits=16)


def _open_and_decode(
    path: Path, data: bytes | None, *, max_bits: Literal[8, 16], short_side_px: int | None = None
) -> StoredPicture:
    if data is None:
        require_file(path)
    # Pillow's readers raise nearly anything on a damaged file (OSError, SyntaxError, struct.error, ...):
    # whatever it is, the file cannot be read.
    with ExitStack() as opened, libtiff_errors() as said:
        image, file = _open(path, data, opened)
        try:
            bits = _require_supported(image, path, file, max_bits)
            if short_side_px and image.format == "JPEG":
                _decode_smaller(image, short_side_px)
            _load(image)
        except InputError:
            raise
        except Exception as error:
            reason = "; ".join([_reason(error), *said[:1]])
            if (codec := image.info.get("compression")) in _CODECS_OF_SOME_BUILDS:
                raise InputError(
                    f"{path} has {codec} inside a TIFF, which this build of Pillow may not know ({reason}); "
                    "save it as a plain TIFF or PNG"
                ) from error
            raise _damaged(path, reason) from error
        if said:
            raise _damaged(path, said[0])
        _require_colours(image, path)
    return StoredPicture(image, bits)


def load_plugin_for(head: bytes, path: str | Path) -> None:
    """Load the plugin that reads a file, if it needs one; errors as ``load_plugin``.

    Args:
        head: How the file begins.
        path: Its name, for the message.
    """
    if (format := _format_with_plugin(head)) is not None:
        load_plugin(format, needed_for=f"reading {path}")


def count_pixels(path: Path) -> int:
    """Width times height by a file's header; 0 where ``open_picture`` would refuse it."""
    try:
        require_file(path)
        with path.open("rb") as file, silent_pillow():
            head = file.read(_HEAD_BYTES)
            file.seek(0)
            load_plugin_for(head, path)
            with Image.open(file) as image:
                return image.width * image.height
    except Exception:  # as above
        return 0


class Header(NamedTuple):
    """What a picture's file says before its pixels are decoded.

    Attributes:
        format: Pillow's name of the format.
        width: As stored, in pixels.
        height: As stored, in pixels.
    """

    format: str
    width: int
    height: int


def read_header(path: str | Path, data: bytes) -> Header:
    """Read a picture's header alone, so that what is too large is refused before it takes memory.

    Args:
        path: Its name.
        data: What it holds.

    Raises:
        InputError: It is not a picture that can be read, or has over 100 megapixels.
    """
    with ExitStack() as opened:
        image, _ = _open(Path(path), data, opened)
        _require_size(Path(path), *image.size)
        return Header(str(image.format), *image.size)


def upright(image: Image.Image) -> Image.Image:
    """Turn a decoded picture as its EXIF orientation asks; the metadata in ``info`` are left as they are."""
    orientation = orientation_of(image)
    return image.transpose(_TURN[orientation]) if orientation in _TURN else image


def orientation_of(image: Image.Image) -> int:
    """What the EXIF data say of how a picture has to be turned: 1 (not at all) to 8."""
    try:
        with silent_pillow():
            return int(image.getexif().get(_ORIENTATION_TAG, 1))
    except Exception:  # as above: damaged EXIF data raise nearly anything, and say nothing of it
        return 1


def plain_mode(image: Image.Image) -> Image.Image:
    """Convert a picture in any 8-bit mode to L, LA, RGB or RGBA, whichever holds all its colours.

    CMYK is converted by the plain formula, without a colour profile.

    Raises:
        InputError: The mode has more than 8 bits per channel or no RGB meaning.
    """
    if image.mode not in _EIGHT_BIT_MODES:
        raise InputError(
            f"picture must have 8 bits per channel in a grey, RGB, palette or CMYK mode, got Pillow's mode "
            f"{image.mode}; convert it to 8-bit RGB first"
        )
    opaque = "L" if image.mode in {"1", "L", "LA", "La"} else "RGB"
    mode = f"{opaque}A" if image.has_transparency_data else opaque
    return image if image.mode == mode else image.convert(mode)


@contextmanager
def silent_pillow() -> Iterator[None]:
    """Keep Pillow from warning, in any number of threads."""
    # Pillow warns about oversized pictures and odd metadata, on which we decide ourselves. The filters are
    # process-wide, so threads must change them and put them back one at a time.
    with _warning_filters, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def require_file(path: Path) -> None:
    """Make sure that there is a file with something in it.

    Raises:
        InputError: There is none, or it is empty.
    """
    try:
        if not path.is_file():
            kind = "is not a file" if path.exists() else "does not exist"
            raise InputError(f"{path} {kind}; give the path of a picture file")
        if path.stat().st_size == 0:
            raise InputError(f"{path} is empty (0 bytes); expected a picture")
    except (OSError, ValueError) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{path!s:.200} cannot be read ({_reason(error)}); check the path") from error


def _open(path: Path, data: bytes | None, opened: ExitStack) -> tuple[Image.Image, BinaryIO]:
    # The picture, not decoded yet, and its file, which stays open until ``opened`` ends.
    # Pillow gets the open file, not its path: from a path it maps plain TIFFs into memory, and then garbles
    # those with an orientation.
    try:
        file: BinaryIO = path.open("rb") if data is None else io.BytesIO(data)
        opened.callback(file.close)
        head = file.read(_HEAD_BYTES)
        file.seek(0)
        load_plugin_for(head, path)
        if is_tiff(head):
            require_sound_tiff(file, path)
            file.seek(0)
        elif is_png(head):
            file = sound_png(file, path)
        elif _format_with_plugin(head) is JXL:
            _require_size(path, *jpeg_xl_header.size(file))
            file.seek(0)
        with silent_pillow():
            Image.init()
            known = [name for name in Image.OPEN if name not in _NOT_PHOTOGRAPHS]
            return Image.open(file, formats=known), file
    except InputError:
        raise
    except Image.DecompressionBombError as error:
        raise _too_large(path, f"over {2 * (Image.MAX_IMAGE_PIXELS or 0) / 1e6:.0f}") from error
    except Exception as error:
        raise InputError(
            f"{path} is not a picture that can be read ({_reason(error)}); expected PNG, JPEG, TIFF, "
            "WebP, BMP or another raster format, undamaged"
        ) from error


def _load(image: Image.Image) -> None:
    if isinstance(image, TiffImagePlugin.TiffImageFile):
        with (
            silent_pillow(),
            contextlib.suppress(Exception),
        ):  # it reads them while it loads, and warns of damage
            exif = image.getexif()
            for tag in TiffTags.TAGS_V2_GROUPS:
                exif.get_ifd(tag)
    image.load()


def _format_with_plugin(head: bytes) -> Format | None:
    # By how a file begins; None for a format that Pillow reads by itself.
    if head[4:8] == b"ftyp" and head[8:12] in _HEIF_BRANDS:
        return HEIF
    return JXL if head.startswith((b"\xff\x0a", b"\0\0\0\x0cJXL ")) else None


def _require_supported(
    image: Image.Image, path: Path, file: BinaryIO, max_bits: Literal[8, 16]
) -> Literal[8, 16]:
    _require_size(path, *image.size)
    if image.width * image.height == 0:
        raise InputError(f"{path} has no pixels ({image.width}x{image.height}); expected at least 1x1")
    with silent_pillow():
        frames = getattr(image, "n_frames", 1)
    if frames > 1 and image.format == "MPO":
        tell(f"{path} holds {frames} pictures; only the first is used")
    elif frames > 1:
        raise InputError(
            f"{path} is animated or has several pages ({frames}); expected one picture: extract it first"
        )
    place = file.tell()
    bits = bits_per_channel(image, file)
    file.seek(place)
    if bits > 8 and not bits == max_bits == 16:
        raise InputError(f"{path} has {bits} bits per channel; expected {_known_depths(max_bits)}")
    if image.mode not in _EIGHT_BIT_MODES and not (bits == 16 and image.mode in _SIXTEEN_BIT_MODES):
        raise InputError(
            f"{path} has the colour mode {image.mode}; expected grey, RGB, palette or CMYK: convert it first"
        )
    return 16 if bits == 16 else 8


def _require_colours(image: Image.Image, path: Path) -> None:
    # Pillow takes black where a pixel names a colour that the palette has not.
    if image.mode != "P":
        return
    colours, (_, highest) = len(image.getpalette() or ()) // 3, image.getextrema()
    if cast(int, highest) >= colours:
        raise InputError(
            f"{path} is damaged (its palette has {colours} colours, a pixel the one of number {highest}); get an "
            "undamaged copy of it"
        )


def _require_size(path: Path, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise _too_large(path, f"{width}x{height} = {width * height / 1e6:.0f}")


def _decode_smaller(image: Image.Image, short_side_px: int) -> None:
    share = short_side_px / min(image.size)
    image.draft(None, (math.ceil(image.width * share), math.ceil(image.height * share)))


def _known_depths(max_bits: int) -> str:
    return "8: convert it first" if max_bits == 8 else "8 or 16: convert it first"


def _damaged(path: Path, reason: str) -> DamagedError:
    return DamagedError(f"{path} is damaged or cut short ({reason}); get an undamaged copy of it")


def _too_large(path: Path, size: str) -> InputError:
    return InputError(
        f"{path} has {size} megapixels; expected at most {MAX_PIXELS / 1e6:.0f}: make it smaller first"
    )


def _reason(error: BaseException) -> str:
    text = str(error).splitlines()[0] if str(error) else type(error).__name__
    return "no known format" if isinstance(error, UnidentifiedImageError) else text[:200]
