"""The manifest of an evaluation: which picture with which mask, a line each, written and read strictly.

A manifest is a CSV file (UTF-8, LF) with the columns of ``PairRecord``. It is written whole or not at all, and read
line by line, so its length does not matter.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, NamedTuple

from splpaint.atomic_files import open_atomic
from splpaint.errors import InputError
from splpaint.masks import GENERATORS, MIN_SIDE_PX, MaskOrigin, ratio_bin
from splpaint.tables import write_table

__all__ = ["PairRecord", "iterate_manifest", "manifest_sha256", "read_manifest", "write_manifest"]


class PairRecord(NamedTuple):
    """One line of a manifest.

    Attributes:
        image: Posix path of the picture, SHARD.tar/MEMBER for one in a tar shard; in a manifest relative to its
            folder if possible.
        image_sha256: Checksum of the picture's bytes.
        image_width: Width of the upright picture in pixels.
        image_height: Its height.
        mask: Where the mask comes from: one of ``GENERATORS``; or the path of a mask file, like ``image``, after
            ``white-known:`` if white is what is known; or ``object:`` and the path of the silhouette.
        mask_seed: Seed of a drawn mask; None for a file.
        mask_index: Index of a drawn mask; None for a file.
        mask_sha256: Checksum of the mask file, or of a drawn mask as uint8 0/255, row by row.
        mask_width: The working size S: pictures and mask files are cropped to their central square and
            resized to S x S, pictures by area, mask files by nearest pixel.
        mask_height: The same S.
        ratio: The hole's share of the S x S pixels, in [0,1], rounded to 6 decimals.
        bin: Label of ``ratio_bin(ratio)``; empty if the ratio lies in none.
    """

    image: str
    image_sha256: str
    image_width: int
    image_height: int
    mask: MaskOrigin
    mask_seed: int | None
    mask_index: int | None
    mask_sha256: str
    mask_width: int
    mask_height: int
    ratio: float
    bin: str


def write_manifest(pairs: Iterable[PairRecord], path: Path, *, overwrite: bool = False) -> None:
    """Write pairs as they come, whole or not at all.

    Args:
        pairs: Relative paths in them are relative to the working folder.
        path: The manifest; its folder is made if missing.
        overwrite: Replace a file that is there.

    Raises:
        InputError: ``path`` is taken (told before the first pair is asked for) or cannot be written, or a name
            in the pairs holds a carriage return.
    """
    with open_atomic(path, overwrite=overwrite) as file:
        write_table(file, PairRecord._fields, (_as_row(pair, path.parent.resolve()) for pair in pairs))


def read_manifest(path: Path) -> list[PairRecord]:
    """Read all pairs of a manifest at once.

    Returns:
        At least one pair, as written: paths are relative to ``path.parent`` unless absolute.

    Raises:
        InputError: The file cannot be read, or a line (named) is not what ``write_manifest`` writes.
    """
    return list(iterate_manifest(path))


def iterate_manifest(path: Path) -> Iterator[PairRecord]:
    """Read a manifest strictly, line by line; the files that it names are not opened.

    The byte order mark and the line ends of a spreadsheet program are accepted.

    Yields:
        At least one pair, as written: paths are relative to ``path.parent`` unless absolute.

    Raises:
        InputError: The file cannot be read, or a line (named) is not what ``write_manifest`` writes.
    """
    empty = True
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = csv.reader(file, strict=True)
            if (header := next(rows, [])) != list(PairRecord._fields):
                raise _bad(f"{path}, line 1", "the header", ",".join(PairRecord._fields), ",".join(header))
            for row in rows:
                empty = False
                yield _parse(row, f"{path}, line {rows.line_num}")
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"expected a manifest (CSV, UTF-8), got {path} ({error}); check the path") from error
    if empty:
        raise InputError(f"expected pairs, got 0 in {path}; make it anew with `splpaint pairs make`")


def manifest_sha256(path: Path) -> str:
    """The checksum to quote beside results: it alone shows whether lines were removed or added.

    Raises:
        InputError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"expected a manifest, got {path} ({error}); check the path") from error


# --- lines of the manifest


def _as_row(pair: PairRecord, folder: Path) -> list[str]:
    mask = pair.mask
    if mask.path is not None:
        mask = mask._replace(path=_relative(mask.path, folder))
    cells = pair._replace(image=_relative(pair.image, folder), mask=mask)._asdict()
    return ["" if cell is None else str(cell) for cell in (cells | {"ratio": f"{pair.ratio:.6f}"}).values()]


def _relative(path: str, folder: Path) -> str:
    with suppress(ValueError):  # another drive of Windows
        path = Path(os.path.relpath(path, folder)).as_posix()
    if "\r" in path:
        raise InputError(
            f"expected a name without a carriage return, got {path!r}, with which a manifest could not be read "
            "back; rename that file"
        )
    return path


class _Cell(NamedTuple):
    pattern: str
    meaning: str
    convert: Callable[[str], object] = str


_PATH = _Cell(r"(?s).+", "a path")
_MASK = _Cell(r"(?s).+", "a path", MaskOrigin.parse)
_SHA256 = _Cell(r"[0-9a-f]{64}", "64 hexadecimal digits")
_SIZE = _Cell(r"[1-9][0-9]{0,7}", "a number of pixels", int)
_NUMBER = _Cell(
    r"(0|[1-9][0-9]{0,9})?", "a whole number or nothing", lambda cell: int(cell) if cell else None
)
_RATIO = _Cell(r"0\.[0-9]{6}|1\.000000", "a number from 0 to 1 with 6 decimals", float)
_CELLS = (
    *(_PATH, _SHA256, _SIZE, _SIZE),  # image
    *(_MASK, _NUMBER, _NUMBER, _SHA256, _SIZE, _SIZE),  # mask
    *(_RATIO, _Cell(r".*", "a label")),
)


def _parse(row: list[str], where: str) -> PairRecord:
    if len(row) != len(PairRecord._fields):
        raise InputError(
            f"{where}: expected {len(PairRecord._fields)} columns, got {len(row)}; correct the line"
        )
    cells: dict[str, Any] = {}
    for column, kind, cell in zip(PairRecord._fields, _CELLS, row, strict=True):
        if not re.fullmatch(kind.pattern, cell):
            raise _bad(where, column, kind.meaning, cell)
        cells[column] = kind.convert(cell)
    pair = PairRecord(**cells)
    _require_consistent(pair, where)
    return pair


def _require_consistent(pair: PairRecord, where: str) -> None:
    drawn = pair.mask.polarity is None
    if (pair.mask_seed is None) == drawn or (pair.mask_index is None) == drawn:
        what = f"{', '.join(sorted(GENERATORS))} or object:FILE with seed and index, or a mask file without"
        raise _bad(where, "mask", what, f"{pair.mask},{pair.mask_seed},{pair.mask_index}")
    if not pair.mask_width == pair.mask_height >= MIN_SIDE_PX:
        what = f"a square of at least {MIN_SIDE_PX} pixels"
        raise _bad(where, "mask_width x mask_height", what, f"{pair.mask_width}x{pair.mask_height}")
    if pair.bin != (label := ratio_bin(pair.ratio) or ""):
        raise _bad(where, "bin", f"{label or 'nothing'} for the ratio {pair.ratio:.6f}", pair.bin)


def _bad(where: str, column: str, expected: str, got: str) -> InputError:
    return InputError(
        f"{where}: expected {column} to be {expected}, got {got[:200]!r}; correct the line or make the "
        "manifest anew with `splpaint pairs make`"
    )
