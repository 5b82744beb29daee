"""Read, paint and write mutated pictures of every format, and count what must never happen.

    python scripts/fuzz_pictures.py [--count 2000] [--seed 0] [--keep FOLDER]

Each input is a small picture of some format whose bytes were changed, cut, repeated or moved, or whose lengths were
made large. It is read as a photograph, with ``accept_damaged`` every third time, its hole is filled with grey, and it
is written as the command would; every fourth one is read as a mask, too. Allowed are a picture whose known pixels are
as they were read, and an InputError. Counted are other exceptions, changed pixels, files that were left half-written,
lines of others on stderr, and inputs that took more than 300 MB. --keep writes such inputs into a folder.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import random
import resource
import sys
import tempfile
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin, features

from splpaint.atomic_files import write_atomic
from splpaint.errors import InputError
from splpaint.images import Photo, encode_photo, format_of, output_suffix, read_mask, read_photo
from splpaint.images.sixteen_bit import encode_deep
from splpaint.notices import collected

MOST_MORE_BYTES = 300_000_000
SIDE_PX = 48


def main() -> None:
    """Print how often what happened."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--count", type=int, default=2000, help="how many inputs")
    parser.add_argument("--seed", type=int, default=0, help="of the mutations")
    parser.add_argument("--keep", type=Path, help="folder for the inputs that went wrong")
    options = parser.parse_args()

    chosen, pictures, counts = random.Random(options.seed), dict(pictures_of_all_formats()), Counter[str]()
    with tempfile.TemporaryDirectory() as place:
        for number in range(options.count):
            name = chosen.choice(sorted(pictures))
            data = mutated(pictures[name], chosen)
            verdicts = judged(data, Path(place), number)
            counts.update(verdicts)
            for verdict in verdicts - {"painted", "refused"}:
                print(f"{number} {name}: {verdict}")
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    (options.keep / f"{number}-{name}").write_bytes(data)
    print(", ".join(f"{count} {verdict.partition(':')[0]}" for verdict, count in sorted(counts.items())))
    sys.exit(bool(counts.keys() - {"painted", "refused"}))


def pictures_of_all_formats() -> Iterator[tuple[str, bytes]]:
    """Small pictures, by names that say what they are."""
    pixels = np.random.default_rng(0).integers(0, 256, (SIDE_PX, SIDE_PX, 4), np.uint8)
    modes = {
        mode: Image.fromarray(pixels).convert("RGB").convert(mode) for mode in ("RGB", "L", "P", "1", "CMYK")
    }
    modes |= {"RGBA": Image.fromarray(pixels), "LA": Image.fromarray(pixels).convert("LA")}
    exif, info = Image.Exif(), PngImagePlugin.PngInfo()
    exif[0x0112], exif[0x010E], exif[0x8769] = 6, "somebody", {0xA002: SIDE_PX, 0x9286: b"x" * 50}
    info.add_text("Author", "somebody")
    info.add_text("Long", "x" * 3000, zip=True)
    info.add_itxt(
        "XML:com.adobe.xmp", '<x xmlns:hdrgm="http://ns.adobe.com/hdr-gain-map/1.0/" hdrgm:Version="1"/>'
    )
    told: dict[str, Any] = {"exif": exif.tobytes(), "icc_profile": bytes(600)}
    for mode in ("RGB", "L", "P", "1", "RGBA", "LA"):
        yield f"{mode}.png", saved(modes[mode], "PNG", pnginfo=info, **told)
        yield f"{mode}.gif", saved(modes[mode].convert("RGB"), "GIF")
        yield f"{mode}.bmp", saved(modes[mode], "BMP") if mode in {"RGB", "L", "P", "1", "RGBA"} else b""
        for compression in ("raw", "tiff_lzw", "tiff_adobe_deflate", "packbits", "jpeg"):
            if compression != "jpeg" or mode in {"RGB", "L"}:
                yield f"{mode}-{compression}.tif", saved(modes[mode], "TIFF", compression=compression)
    for mode in ("RGB", "L", "CMYK"):
        for progressive in (False, True):
            yield (
                f"{mode}-{progressive}.jpg",
                saved(modes[mode], "JPEG", progressive=progressive, comment=b"x", **told),
            )
    for mode in ("RGB", "RGBA"):
        yield f"{mode}.webp", saved(modes[mode], "WEBP", quality=80, **told)
        yield f"{mode}-lossless.webp", saved(modes[mode], "WEBP", lossless=True, exact=True, **told)
        yield f"{mode}.tga", saved(modes[mode], "TGA")
        if features.check("avif"):
            yield f"{mode}.avif", saved(modes[mode], "AVIF", **told)
        if features.check("jpg_2000"):
            yield f"{mode}.jp2", saved(modes[mode], "JPEG2000")
    yield "RGB.ppm", saved(modes["RGB"], "PPM")
    yield from pictures_of_plugins(modes["RGB"], told)
    deep = np.random.default_rng(1).integers(0, 65_536, (SIDE_PX, SIDE_PX, 4), np.uint16)
    for suffix, name in ((".png", "PNG"), (".tif", "TIFF")):
        for kind, levels in {"grey": deep[..., 0], "rgb": deep[..., :3], "rgba": deep}.items():
            yield f"{kind}16{suffix}", encode_deep(np.ascontiguousarray(levels), name, {}).getvalue()


def pictures_of_plugins(image: Image.Image, told: dict[str, Any]) -> Iterator[tuple[str, bytes]]:
    """Of the formats whose plugins are installed."""
    with contextlib.suppress(ImportError):
        import pillow_heif

        pillow_heif.register_heif_opener()
        yield "RGB.heic", saved(image, "HEIF", **told)
    with contextlib.suppress(ImportError):
        import pillow_jxl  # noqa: F401

        yield "RGB.jxl", saved(image, "JXL", lossless=True)


def saved(image: Image.Image, name: str, **options: Any) -> bytes:
    """An encoded picture."""
    file = io.BytesIO()
    image.save(file, name, **options)
    return file.getvalue()


def mutated(data: bytes, chosen: random.Random) -> bytes:
    """Change a few things."""
    changed = bytearray(data)
    for _ in range(chosen.choice((1, 1, 2, 4))):
        if len(changed) > 8:
            chosen.choice(MUTATIONS)(changed, chosen)
    return bytes(changed)


def change_bytes(data: bytearray, chosen: random.Random) -> None:
    """Up to four of them, anywhere or near the beginning."""
    for _ in range(chosen.randint(1, 4)):
        end = len(data) if chosen.random() < 0.5 else min(len(data), 200)
        data[chosen.randrange(end)] = chosen.choice((0, 1, 127, 128, 255, chosen.randrange(256)))


def change_number(data: bytearray, chosen: random.Random) -> None:
    """Four bytes that may be a length."""
    place = chosen.randrange(len(data) - 4)
    number = chosen.choice((0, 1, 0x7FFFFFFF, 0xFFFFFFFF, 0x10000, 0x01000000, chosen.getrandbits(32)))
    data[place : place + 4] = number.to_bytes(4, chosen.choice(("big", "little")))


def cut(data: bytearray, chosen: random.Random) -> None:
    """What is behind a place."""
    del data[chosen.randrange(8, len(data)) :]


def remove(data: bytearray, chosen: random.Random) -> None:
    """Some bytes in between."""
    place = chosen.randrange(len(data))
    del data[place : place + chosen.randint(1, 64)]


def repeat(data: bytearray, chosen: random.Random) -> None:
    """Some bytes."""
    place = chosen.randrange(len(data))
    data[place:place] = data[place : place + chosen.randint(1, 64)]


def blank(data: bytearray, chosen: random.Random) -> None:
    """Some bytes become zeros."""
    place = chosen.randrange(len(data))
    size = min(chosen.randint(1, 64), len(data) - place)
    data[place : place + size] = bytes(size)


MUTATIONS: tuple[Callable[[bytearray, random.Random], None], ...] = (
    *(change_bytes, change_bytes, change_number, cut, remove, repeat, blank),
)


def judged(data: bytes, place: Path, number: int) -> set[str]:
    """What happened to one input; anything but "painted" and "refused" must not."""
    before = peak_bytes()
    with stderr_caught() as lines, collected():
        verdicts = {worked(lambda: paint(data, place / "out", accept_damaged=number % 3 == 0))}
        if number % 4 == 0:
            verdicts.add(worked(lambda: bool(read_mask("mask", data).any())))
    if lines:
        verdicts.add(f"stderr: {lines[0][:200]}")
    if peak_bytes() - before > MOST_MORE_BYTES:
        verdicts.add(f"memory: {(peak_bytes() - before) / 1e6:.0f} MB")
    if any(path.name.endswith(".part") for path in place.iterdir()):
        verdicts.add("partial file")
    return verdicts


def worked(act: Callable[[], bool]) -> str:
    """Its verdict."""
    try:
        return "painted" if act() else "changed pixels"
    except InputError:
        return "refused"
    except Exception as error:
        return f"exception: {type(error).__name__} {error}"[:200] + traceback.format_exc()[-400:]


def paint(data: bytes, output: Path, *, accept_damaged: bool) -> bool:
    """Fill a hole and write the picture; say whether all else can be read back as it was."""
    photo = read_photo("input", data, accept_damaged=accept_damaged)
    pixels = np.array(photo.image)
    hole = np.zeros(pixels.shape[:2], bool)
    hole[: len(pixels) // 2, : pixels.shape[1] // 3] = True
    pixels[hole] = 99
    painted = Image.fromarray(pixels) if isinstance(photo.image, Image.Image) else pixels
    target = output.with_suffix(output_suffix(photo))
    write_atomic(target, encode_photo(photo, painted, format_of(target)))
    again = read_photo(target)
    lossy = any(photo.settings.get(key) for key in ("quality", "qtables"))
    return lossy or np.array_equal(as_rgba(again)[~hole], as_rgba(photo)[~hole])


def as_rgba(photo: Photo) -> Any:
    """Pixels in one mode."""
    return np.asarray(photo.image.convert("RGBA")) if isinstance(photo.image, Image.Image) else photo.image


def peak_bytes() -> int:
    """Of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@contextlib.contextmanager
def stderr_caught() -> Iterator[list[str]]:
    """What is written to the process's stderr, by anyone."""
    lines: list[str] = []
    kept = os.dup(2)
    with tempfile.TemporaryFile() as file:
        os.dup2(file.fileno(), 2)
        try:
            yield lines
        finally:
            os.dup2(kept, 2)
            os.close(kept)
            file.seek(0)
            lines += file.read().decode(errors="replace").splitlines()


if __name__ == "__main__":
    main()
