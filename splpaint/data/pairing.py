"""The fixed pairing of pictures and masks in an evaluation, written and read as a manifest.

A manifest is a CSV file (UTF-8, LF) with the columns of ``Pair``. With the pictures that it names it gives
the same pixels and holes everywhere, and ``check_pairs`` says whether it still does.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import count, islice
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from PIL import Image, UnidentifiedImageError

from splpaint.data.masks import box_mask, irregular_mask, ratio_bin
from splpaint.data.transforms import centre_square, resize_box
from splpaint.decoding import MAX_PIXELS
from splpaint.errors import InputError
from splpaint.images import Hole, Pixels, read_mask, read_rgb

__all__ = ["GENERATORS", "Pair", "check_pairs", "load_pair", "make_pairs", "read_manifest", "write_manifest"]

GENERATORS: dict[str, Callable[..., Hole]] = {"box": box_mask, "irregular": irregular_mask}

_MIN_SIDE_PX = 16
_ORIENTATION_TAG = 0x0112


class Pair(NamedTuple):
    """One line of a manifest.

    Attributes:
        image: Path of the picture, posix; in a manifest relative to its folder where possible.
        image_sha256: Of the file.
        image_width: Of the picture turned upright, pixels.
        image_height: Likewise.
        mask: One of ``GENERATORS``, or the path of a mask file, as ``image``.
        mask_seed: Of the generated mask; None for a file.
        mask_index: Of the generated mask; None for a file.
        mask_sha256: Of the mask file; of a generated mask as uint8 0/255, row by row.
        mask_width: The working size S: pictures and mask files are cropped to their central square and
            resized to S x S, pictures by area, mask files by nearest pixel.
        mask_height: The same S.
        ratio: The hole's share of the S x S pixels, in [0,1], rounded to 6 decimals.
        bin: Label of ``ratio_bin(ratio)``; empty where there is none.
    """

    image: str
    image_sha256: str
    image_width: int
    image_height: int
    mask: str
    mask_seed: int | None
    mask_index: int | None
    mask_sha256: str
    mask_width: int
    mask_height: int
    ratio: float
    bin: str


def make_pairs(
    pictures: Iterable[Path],
    *,
    masks: str | Sequence[Path] = "irregular",
    seed: int,
    side_px: int = 256,
    masks_per_image: int = 1,
) -> Iterator[Pair]:
    """Pair each picture with masks; one pair at a time is in memory, and no more than headers are decoded.

    Args:
        pictures: Picture files.
        masks: A name in ``GENERATORS``: pair number n (from 0) gets the mask of index n. Or mask files: they
            are dealt out in an order shuffled by the seed, each once before any comes again.
        seed: In [0, 2**32).
        side_px: Working size, at least 16.
        masks_per_image: Pairs in a row for each picture.

    Yields:
        Pairs with absolute paths.

    Raises:
        InputError: A number is out of range, or a file (named) cannot be read or is an empty mask.
    """
    if side_px < _MIN_SIDE_PX or masks_per_image < 1 or not 0 <= seed < 2**32:
        raise InputError(
            f"expected a side of at least {_MIN_SIDE_PX} pixels, at least 1 mask per image and a seed from 0 "
            f"to {2**32 - 1}, got {side_px}, {masks_per_image} and {seed}; choose other numbers"
        )
    drawn = _generate(masks, seed, side_px) if isinstance(masks, str) else _deal(masks, seed, side_px)
    for path in pictures:
        sha256, width, height = _inspect(path)
        for mask in islice(drawn, masks_per_image):
            ratio = _ratio(mask.hole)
            yield Pair(
                image=path.absolute().as_posix(),
                image_sha256=sha256,
                image_width=width,
                image_height=height,
                mask=mask.name,
                mask_seed=mask.seed,
                mask_index=mask.number,
                mask_sha256=mask.sha256,
                mask_width=side_px,
                mask_height=side_px,
                ratio=ratio,
                bin=ratio_bin(ratio) or "",
            )


def write_manifest(pairs: Iterable[Pair], path: Path, *, overwrite: bool = False) -> None:
    """Write pairs as they come, under a temporary name that becomes ``path`` when all are written.

    Args:
        pairs: Relative paths in them count from the working folder, as usual.
        path: The manifest; its folder is made where it is not there.
        overwrite: Replace a file that is there.

    Raises:
        InputError: ``path`` is taken (told before the first pair is asked for) or cannot be written.
    """
    if path.exists() and not (overwrite and path.is_file()):
        raise InputError(f"expected a free name, got {path}, which is there; choose another or --overwrite")
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with temporary.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(Pair._fields)
            writer.writerows(_as_row(pair, path.parent.resolve()) for pair in pairs)
        temporary.replace(path)
    except (OSError, UnicodeEncodeError) as error:
        raise InputError(f"the manifest {path} cannot be written ({error}); choose another place") from error
    finally:
        temporary.unlink(missing_ok=True)


def read_manifest(path: Path) -> list[Pair]:
    """Read a manifest strictly; the files that it names are not looked at.

    Returns:
        At least one pair, as written: paths are relative to ``path.parent`` unless absolute.

    Raises:
        InputError: The file cannot be read, or a line (named) is not what ``write_manifest`` writes.
    """
    try:
        with path.open(encoding="utf-8", newline="") as file:
            rows = csv.reader(file, strict=True)
            if (header := next(rows, [])) != list(Pair._fields):
                raise _bad(f"{path}, line 1", "the header", ",".join(Pair._fields), ",".join(header))
            pairs = [_parse(row, f"{path}, line {rows.line_num}") for row in rows]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"expected a manifest (CSV, UTF-8), got {path} ({error}); check the path") from error
    if not pairs:
        raise InputError(f"expected pairs, got 0 in {path}; make it anew with `splpaint pairs make`")
    return pairs


def check_pairs(manifest: Path, *, on_pair: Callable[[], object] = lambda: None) -> list[str]:
    """Compare a manifest with the files and generators of today; ``on_pair`` is called after each pair.

    Returns:
        The differences, a sentence each; none when everything is as recorded.

    Raises:
        InputError: ``manifest`` itself cannot be read.
    """
    found: list[str] = []
    for number, pair in enumerate(read_manifest(manifest), start=1):
        _, differences = _compare(pair, manifest.parent)
        found += [f"pair {number}: {difference}" for difference in differences]
        on_pair()
    return found


def load_pair(pair: Pair, root: Path) -> tuple[Pixels, Hole]:
    """Load a pair at its working size, after checking that it is what was recorded.

    Args:
        pair: From ``read_manifest``.
        root: The manifest's folder.

    Returns:
        The picture, uint8 (S,S,3) RGB, and the hole, bool (S,S), True = missing.

    Raises:
        InputError: A file is missing or unreadable, or anything differs from the record.
    """
    mask, differences = _compare(pair, root)
    if mask is None or differences:
        raise InputError(
            f"expected the pair as recorded, got: {'; '.join(differences)}; bring the files back or make the "
            "manifest anew with `splpaint pairs make`"
        )
    pixels = read_rgb(root / pair.image)
    height, width = pixels.shape[:2]
    return resize_box(pixels, centre_square(width, height), pair.mask_width), mask.hole


# --- pictures


def _inspect(path: Path) -> tuple[str, int, int]:
    """SHA-256 of a picture file, and its width and height."""
    try:
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            width, height = _upright_size(file)
    except Exception as error:  # Pillow's readers raise nearly anything on a damaged file
        reason = "no known format" if isinstance(error, UnidentifiedImageError) else error
        raise InputError(f"expected a picture, got {path} ({reason}); replace it or leave it out") from error
    if width * height > MAX_PIXELS:
        limit = f"{MAX_PIXELS / 1e6:.0f} megapixels"
        raise InputError(f"expected at most {limit}, got {width}x{height} in {path}; make it smaller first")
    return sha256, width, height


def _upright_size(file: BinaryIO) -> tuple[int, int]:
    """Width and height of what ``read_rgb`` gives, from the header."""
    with Image.open(file) as image:
        width, height = image.size
        # Pillow's size of a TIFF is the upright one; damaged EXIF data say nothing about the orientation.
        if image.format != "TIFF" and width * height <= MAX_PIXELS:
            with suppress(Exception):
                if image.getexif().get(_ORIENTATION_TAG) in {5, 6, 7, 8}:
                    return height, width
    return width, height


# --- masks


class _Mask(NamedTuple):
    name: str
    seed: int | None
    number: int | None
    sha256: str
    hole: Hole


def _generate(name: str, seed: int, side_px: int) -> Iterator[_Mask]:
    if name not in GENERATORS:
        raise InputError(f"expected masks from {' or '.join(GENERATORS)} or files, got {name!r}; choose one")
    for index in count():
        yield _generated(name, seed, index, side_px)


def _generated(name: str, seed: int, index: int, side_px: int) -> _Mask:
    hole = GENERATORS[name](seed=seed, index=index, height=side_px, width=side_px)
    levels = np.where(hole, np.uint8(255), np.uint8(0))  # bool (S,S) => uint8 (S,S)
    return _Mask(name, seed, index, hashlib.sha256(levels.tobytes()).hexdigest(), hole)


def _deal(files: Sequence[Path], seed: int, side_px: int) -> Iterator[_Mask]:
    # RandomState's streams are frozen (NEP 19): the same order with every release of NumPy.
    random = np.random.RandomState(np.random.MT19937(np.random.SeedSequence(seed)))
    while files:
        for place in random.permutation(len(files)):
            mask = _from_file(files[place].absolute(), side_px)
            if not mask.hole.any():
                raise InputError(f"expected white = missing, got the empty mask {mask.name}; leave it out")
            yield mask
    raise InputError("expected at least one mask file, got none; give some")


def _from_file(path: Path, side_px: int) -> _Mask:
    hole = read_mask(path)
    left, top, right, bottom = map(int, centre_square(hole.shape[1], hole.shape[0]))
    centres = 2 * np.arange(side_px) + 1  # of the new pixels, in halves of them
    rows = top + centres * (bottom - top) // (2 * side_px)
    columns = left + centres * (right - left) // (2 * side_px)
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return _Mask(path.as_posix(), None, None, sha256, hole[np.ix_(rows, columns)])


def _ratio(hole: Hole) -> float:
    return round(int(np.count_nonzero(hole)) / hole.size, 6)


# --- today against the record


def _compare(pair: Pair, root: Path) -> tuple[_Mask | None, list[str]]:
    """The pair's mask, where it can be had, and all differences from the record."""
    differences = list(_picture_differences(pair, root))
    try:
        if pair.mask_seed is None or pair.mask_index is None:
            mask = _from_file(root / pair.mask, pair.mask_width)
        else:
            mask = _generated(pair.mask, pair.mask_seed, pair.mask_index, pair.mask_width)
    except InputError as error:
        return None, [*differences, f"mask {pair.mask}: {error}"]
    return mask, [*differences, *_mask_differences(pair, mask)]


def _picture_differences(pair: Pair, root: Path) -> Iterator[str]:
    if not (root / pair.image).is_file():
        yield f"picture {pair.image} is missing"
        return
    try:
        sha256, width, height = _inspect(root / pair.image)
    except InputError as error:
        yield f"picture {pair.image}: {error}"
        return
    if sha256 != pair.image_sha256:
        yield f"picture {pair.image} has SHA-256 {sha256}, recorded {pair.image_sha256}"
    if (width, height) != (pair.image_width, pair.image_height):
        recorded = f"{pair.image_width}x{pair.image_height}"
        yield f"picture {pair.image} has {width}x{height} pixels, recorded {recorded}"


def _mask_differences(pair: Pair, mask: _Mask) -> Iterator[str]:
    origin = "" if pair.mask_seed is None else f" (seed {pair.mask_seed}, index {pair.mask_index})"
    if mask.sha256 != pair.mask_sha256:
        yield f"mask {pair.mask}{origin} has SHA-256 {mask.sha256}, recorded {pair.mask_sha256}"
    ratio = _ratio(mask.hole)
    label = ratio_bin(ratio) or ""
    if (ratio, label) != (pair.ratio, pair.bin):
        recorded = f"{pair.ratio:.6f}, bin {pair.bin or 'none'}"
        yield f"mask {pair.mask}{origin} has ratio {ratio:.6f}, bin {label or 'none'}, recorded {recorded}"


# --- lines of the manifest


def _as_row(pair: Pair, folder: Path) -> list[str]:
    mask = _relative(pair.mask, folder) if pair.mask_seed is None else pair.mask
    cells = pair._replace(image=_relative(pair.image, folder), mask=mask)._asdict()
    return ["" if cell is None else str(cell) for cell in (cells | {"ratio": f"{pair.ratio:.6f}"}).values()]


def _relative(path: str, folder: Path) -> str:
    with suppress(ValueError):  # another drive of Windows
        return Path(os.path.relpath(path, folder)).as_posix()
    return path


class _Cell(NamedTuple):
    pattern: str
    meaning: str
    convert: Callable[[str], object] = str


_PATH = _Cell(r"(?s).+", "a path")
_SHA256 = _Cell(r"[0-9a-f]{64}", "64 hexadecimal digits")
_SIZE = _Cell(r"[1-9][0-9]{0,7}", "a number of pixels", int)
_NUMBER = _Cell(
    r"(0|[1-9][0-9]{0,9})?", "a whole number or nothing", lambda cell: int(cell) if cell else None
)
_RATIO = _Cell(r"0\.[0-9]{6}|1\.000000", "a number from 0 to 1 with 6 decimals", float)
_CELLS = (
    *(_PATH, _SHA256, _SIZE, _SIZE),  # image
    *(_PATH, _NUMBER, _NUMBER, _SHA256, _SIZE, _SIZE),  # mask
    *(_RATIO, _Cell(r".*", "a label")),
)


def _parse(row: list[str], where: str) -> Pair:
    if len(row) != len(Pair._fields):
        raise InputError(f"{where}: expected {len(Pair._fields)} columns, got {len(row)}; correct the line")
    cells: dict[str, Any] = {}
    for column, kind, cell in zip(Pair._fields, _CELLS, row, strict=True):
        if not re.fullmatch(kind.pattern, cell):
            raise _bad(where, column, kind.meaning, cell)
        cells[column] = kind.convert(cell)
    pair = Pair(**cells)
    _require_consistent(pair, where)
    return pair


def _require_consistent(pair: Pair, where: str) -> None:
    generated = pair.mask in GENERATORS
    if (pair.mask_seed is None) == generated or (pair.mask_index is None) == generated:
        what = f"{' or '.join(GENERATORS)} with seed and index, or a mask file without"
        raise _bad(where, "mask", what, f"{pair.mask},{pair.mask_seed},{pair.mask_index}")
    if not pair.mask_width == pair.mask_height >= _MIN_SIDE_PX:
        what = f"a square of at least {_MIN_SIDE_PX} pixels"
        raise _bad(where, "mask_width x mask_height", what, f"{pair.mask_width}x{pair.mask_height}")
    if pair.bin != (label := ratio_bin(pair.ratio) or ""):
        raise _bad(where, "bin", f"{label or 'nothing'} for the ratio {pair.ratio:.6f}", pair.bin)


def _bad(where: str, column: str, expected: str, got: str) -> InputError:
    return InputError(
        f"{where}: expected {column} to be {expected}, got {got[:200]!r}; correct the line or make the "
        "manifest anew with `splpaint pairs make`"
    )
