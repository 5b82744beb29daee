"""The formats in which photos can be written, and all that is known of them except the layout of their bytes.

More formats can be read: Pillow and its plugins decide (``decoding.py``).
"""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from PIL import features

from splpaint.errors import InputError, MissingExtraError

__all__ = [
    "AVIF",
    "FORMATS",
    "HEIF",
    "JPEG",
    "JXL",
    "PNG",
    "TIFF",
    "Format",
    "format_named",
    "format_of",
    "format_of_suffix",
    "load_plugin",
    "suffix_for",
]


class Format(NamedTuple):
    """A format that can be written.

    Attributes:
        name: Pillow's name of it.
        suffixes: In small letters; the usual one comes first.
        settings: Settings of Pillow's writer for a picture from another format: as lossless as this one can be.
        metadata: The metadata that it has a place for, by the names of ``metadata_of``.
        most_bytes: Largest sizes of these, where there is a limit.
        has_quality: Whether it can lose detail, at a quality of 1 to 100.
        lossless_at: The quality that means losing nothing, if there is one.
        has_alpha: Whether it holds transparency.
        is_deep: Whether it holds 16 bits per channel.
        plugin: The module that Pillow needs for it; empty: none.
    """

    name: str
    suffixes: tuple[str, ...]
    settings: Mapping[str, Any]
    metadata: frozenset[str]
    most_bytes: Mapping[str, int] = {}
    has_quality: bool = True
    lossless_at: int | None = None
    has_alpha: bool = True
    is_deep: bool = False
    plugin: str = ""

    @property
    def suffix(self) -> str:
        """The usual suffix, with its dot."""
        return self.suffixes[0]


_DESCRIBED = frozenset({"icc_profile", "exif", "xmp"})

PNG = Format(
    "PNG",
    (".png",),
    {},
    _DESCRIBED | {"dpi", "text", "colour_space"},
    has_quality=False,
    is_deep=True,
)
JPEG = Format(
    "JPEG",
    (".jpg", ".jpeg", ".jpe", ".jfif"),
    {"quality": 95, "subsampling": 0},
    _DESCRIBED | {"dpi", "iptc"},
    most_bytes={"exif": 65_533, "xmp": 65_504, "iptc": 65_505},
    has_alpha=False,
)
WEBP = Format("WEBP", (".webp",), {"lossless": True, "exact": True}, _DESCRIBED)
TIFF = Format(
    "TIFF",
    (".tif", ".tiff"),
    {"compression": "tiff_adobe_deflate"},
    _DESCRIBED | {"dpi", "iptc"},
    has_quality=False,
    is_deep=True,
)
BMP = Format("BMP", (".bmp",), {}, frozenset({"dpi"}), has_quality=False, has_alpha=False)
AVIF = Format("AVIF", (".avif",), {"quality": 95, "subsampling": "4:4:4"}, _DESCRIBED)
HEIF = Format("HEIF", (".heic", ".heif"), {"quality": 95, "chroma": 444}, _DESCRIBED, plugin="pillow_heif")
JXL = Format(
    "JXL",
    (".jxl",),
    # A third of the time to write and half of that to read of effort 7 and speed 0, with files 4 to 12 % larger.
    {"lossless": True, "effort": 6, "decoding_speed": 1},
    frozenset({"exif", "xmp"}),  # all that Pillow's plugin writes
    lossless_at=100,  # which the plugin refuses
    plugin="pillow_jxl",
)
FORMATS = {each.name: each for each in (PNG, JPEG, WEBP, TIFF, BMP, AVIF, HEIF, JXL)}
"""By Pillow's names."""

_BY_SUFFIX = {suffix: each for each in FORMATS.values() for suffix in each.suffixes}


def format_of_suffix(suffix: str) -> Format | None:
    """The format that a file's suffix, with its dot, names; None if that cannot be written."""
    return _BY_SUFFIX.get(suffix.lower())


def format_of(output: Path) -> Format:
    """The format of a file that is to be written, by its suffix.

    Raises:
        InputError: No such format can be written, or its plugin is not installed.
    """
    found = format_of_suffix(output.suffix)
    if found is None:
        raise InputError(
            f"the output's suffix must be one of {', '.join(_BY_SUFFIX)}, got {output.name!r}; "
            "a PNG holds every picture"
        )
    load_plugin(found, needed_for=f"writing {output}")
    return found


def format_named(name: str) -> Format:
    """The format that a user calls by this name: ``jpeg``, ``PNG``, ``tif``.

    Raises:
        InputError: No such format can be written, or its plugin is not installed.
    """
    found = format_of_suffix(_suffix(name))
    if found is None:
        raise InputError(
            f"the format must be one of {', '.join(known.removeprefix('.') for known in _BY_SUFFIX)}, "
            f"got {name[:60]!r}; a png holds every picture"
        )
    load_plugin(found, needed_for=f"writing {_suffix(name)}")
    return found


def suffix_for(name: str) -> str:
    """The suffix that a user means by a format's name: ``.jpeg`` by ``jpeg``, ``.jpg`` by ``jpg``.

    Raises:
        InputError: No such format can be written, or its plugin is not installed.
    """
    format_named(name)
    return _suffix(name)


def _suffix(name: str) -> str:
    return "." + name.lower().removeprefix(".")


def load_plugin(format: Format, *, needed_for: str) -> None:
    """Load Pillow's plugin for a format, if it needs one.

    Args:
        format: The format to read or write.
        needed_for: What needs it, for the message.

    Raises:
        InputError: The plugin is not installed, or Pillow was built without AVIF.
    """
    if format is AVIF and not features.check("avif"):
        raise InputError(
            f"{needed_for} needs a Pillow that knows AVIF, got one without; pip install -U pillow"
        )
    if not format.plugin:
        return
    try:
        plugin = importlib.import_module(format.plugin)
    except ImportError as error:
        raise InputError(str(MissingExtraError(needed_for, "formats", format.plugin))) from error
    if format is HEIF:
        plugin.register_heif_opener()
