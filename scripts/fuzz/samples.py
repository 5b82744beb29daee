"""Small pictures of every format and layout that can be made here, and the cases of the tests."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import tifffile
from numpy.typing import NDArray
from PIL import Image, PngImagePlugin, features

__all__ = ["SIDE_PX", "noise", "pictures_of_all_formats"]

SIDE_PX = 48
CASES = Path(__file__).parents[2] / "tests" / "cases"
MOST_CASE_BYTES = 100_000


def pictures_of_all_formats() -> Iterator[tuple[str, bytes]]:
    """Names that say what they are, and what the files hold."""
    pixels = noise(np.uint8, 4)
    modes = {
        mode: Image.fromarray(pixels).convert("RGB").convert(mode) for mode in ("RGB", "L", "P", "1", "CMYK")
    }
    modes |= {"RGBA": Image.fromarray(pixels), "LA": Image.fromarray(pixels).convert("LA")}
    told: dict[str, Any] = {"exif": exif_data(), "icc_profile": bytes(600)}
    yield from of_pillow(modes, told)
    yield from of_plugins(modes, told)
    yield from deep_pictures()
    yield from tiff_layouts()
    for case in sorted(CASES.glob("*/*.*")):
        if case.suffix in {".png", ".jpg", ".tif", ".webp", ".dng"} and case.stat().st_size < MOST_CASE_BYTES:
            yield case.name, case.read_bytes()


def noise(kind: type, channels: int) -> NDArray[Any]:
    """(SIDE,SIDE,channels)."""
    most = np.iinfo(kind).max
    return np.random.default_rng(0).integers(0, most, (SIDE_PX, SIDE_PX, channels), kind, endpoint=True)


def exif_data() -> bytes:
    """With an orientation, texts and a table below."""
    exif = Image.Exif()
    exif[0x0112], exif[0x010E], exif[0x8769] = 6, "somebody", {0xA002: SIDE_PX, 0x9286: b"x" * 50}
    return exif.tobytes()


def of_pillow(modes: dict[str, Image.Image], told: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Of the formats that it writes by itself."""
    info = PngImagePlugin.PngInfo()
    info.add_text("Author", "somebody")
    info.add_text("Long", "x" * 3000, zip=True)
    gain_map = '<x xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1"/>'
    info.add_itxt("XML:com.adobe.xmp", gain_map)
    for mode in ("RGB", "L", "P", "1", "RGBA", "LA"):
        yield f"{mode}.png", saved(modes[mode], "PNG", pnginfo=info, **told)
        yield f"{mode}.gif", saved(modes[mode].convert("RGB"), "GIF")
        if mode != "LA":
            yield f"{mode}.bmp", saved(modes[mode], "BMP")
        for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg", "group4", "zstd"):
            if {"jpeg": mode in {"RGB", "L"}, "group4": mode == "1"}.get(compression, True):
                yield f"{mode}-{compression}.tif", saved(modes[mode], "TIFF", compression=compression)
    for mode in ("RGB", "L", "CMYK"):
        for progressive in (False, True):
            data = saved(modes[mode], "JPEG", progressive=progressive, comment=b"x", **told)
            yield f"{mode}-{progressive}.jpg", data
    yield "restart.jpg", saved(modes["RGB"], "JPEG", restart_marker_blocks=2, subsampling=2, **told)
    for mode in ("RGB", "RGBA"):
        yield f"{mode}.webp", saved(modes[mode], "WEBP", quality=80, **told)
        yield f"{mode}-lossless.webp", saved(modes[mode], "WEBP", lossless=True, exact=True, **told)
        yield f"{mode}.tga", saved(modes[mode], "TGA", compression="tga_rle")
        if features.check("avif"):
            yield f"{mode}.avif", saved(modes[mode], "AVIF", **told)
        if features.check("jpg_2000"):
            yield f"{mode}.jp2", saved(modes[mode], "JPEG2000")
    yield "RGB.ppm", saved(modes["RGB"], "PPM")
    yield "RGB.ico", saved(modes["RGBA"], "ICO", sizes=[(SIDE_PX, SIDE_PX)])


def of_plugins(modes: dict[str, Image.Image], told: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Of the formats whose plugins are installed."""
    with contextlib.suppress(ImportError):
        import pillow_heif

        pillow_heif.register_heif_opener()
        yield "RGB.heic", saved(modes["RGB"], "HEIF", **told)
        yield "RGBA.heic", saved(modes["RGBA"], "HEIF", quality=-1)
    with contextlib.suppress(ImportError):
        import pillow_jxl  # noqa: F401

        yield "RGB.jxl", saved(modes["RGB"], "JXL", lossless=True)
        yield "RGBA.jxl", saved(modes["RGBA"], "JXL", quality=90, **told)


def deep_pictures() -> Iterator[tuple[str, bytes]]:
    """16 bits per channel."""
    for channels, kind in ((1, "grey"), (3, "rgb"), (4, "rgba")):
        for suffix in (".png", ".tif", ".jp2"):
            done, data = cv2.imencode(suffix, noise(np.uint16, channels))
            if done and not (suffix == ".jp2" and channels == 4):
                yield f"{kind}16{suffix}", data.tobytes()


def tiff_layouts() -> Iterator[tuple[str, bytes]]:
    """Byte orders, BigTIFF, tiles, planes, predictors, extra channels, floats, two pages."""
    rgb, rgba, deep = noise(np.uint8, 3), noise(np.uint8, 4), noise(np.uint16, 3)
    layouts: dict[str, tuple[NDArray[Any], dict[str, Any]]] = {
        "big": (rgb, {"bigtiff": True}),
        "big-tiles": (rgb, {"bigtiff": True, "tile": (16, 16), "compression": "adobe_deflate"}),
        "motorola": (rgb, {"byteorder": ">", "rowsperstrip": 7}),
        "motorola16": (deep, {"byteorder": ">", "rowsperstrip": 7}),
        "tiles": (rgb, {"tile": (16, 32)}),
        "tiles16": (deep, {"tile": (32, 16), "compression": "adobe_deflate"}),
        "planes": (np.moveaxis(rgb, 2, 0), {"planarconfig": "separate"}),
        "predictor": (rgb, {"predictor": True, "compression": "adobe_deflate", "rowsperstrip": 5}),
        "predictor16": (deep, {"predictor": True, "compression": "adobe_deflate"}),
        "alpha": (rgba, {"extrasamples": ["assocalpha"]}),
        "unspecified": (rgba, {"extrasamples": ["unspecified"]}),
        "white-is-zero": (rgb[..., 0], {"photometric": "miniswhite"}),
        "float": (rgb[..., 0].astype(np.float32) / 255, {"photometric": "minisblack"}),
        "whole32": (deep[..., 0].astype(np.uint32), {"photometric": "minisblack"}),
        "pages": (np.stack([rgb, rgb]), {}),
    }
    for name, (pixels, options) in layouts.items():
        file = io.BytesIO()
        tifffile.imwrite(file, pixels, metadata=None, **{"photometric": "rgb"} | options)
        yield f"{name}.tif", file.getvalue()


def saved(image: Image.Image, name: str, **options: Any) -> bytes:
    """An encoded picture."""
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()
