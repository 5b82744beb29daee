"""The manifest of an evaluation: which picture with which mask, a line each, written and read strictly.

A manifest is a CSV file (UTF-8, LF) with the columns of ``PairRecord``, the last two only if another preparation than
the usual one is recorded. It is written whole or not at all, and read line by line, so its length does not matter.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from splpaint.atomic_files import open_atomic
from splpaint.errors import InputError, nearest_name
from splpaint.images import Resampling
from splpaint.masks import GENERATORS, MIN_SIDE_PX, Frame, MaskOrigin, ratio_bin
from splpaint.pairs.preparation import View
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
        mask_width: Width of the pair in pixels: the working size S, that of the upright picture if the view is native.
            Mask files are resized by nearest pixel: their central square if the view is centre, else all of them.
        mask_height: Its height.
        ratio: The hole's share of these pixels, in [0,1], rounded to 6 decimals.
        bin: Label of ``ratio_bin(ratio)``; empty if the ratio lies in none.
        view: What of the picture is seen; the same in all lines.
        resize: How that is resized to S x S, the same in all lines; None if the view is native.
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
    view: View = View.CENTRE
    resize: Resampling | None = Resampling.AREA

    @property
    def frame(self) -> Frame:
        """What the mask is drawn or resized to."""
        return Frame(self.mask_width, self.mask_height, whole=self.view is not View.CENTRE)


_COLUMNS = PairRecord._fields
_USUAL_COLUMNS = _COLUMNS[:-2]
_USUAL = (View.CENTRE, Resampling.AREA)


def write_manifest(pairs: Iterable[PairRecord], path: Path, *, overwrite: bool = False) -> None:
    """Write pairs as they come, whole or not at all.

    Args:
        pairs: Relative paths in them are relative to the working folder.
        path: The manifest; its folder is made if missing.
        overwrite: Replace a file that is there.

    Raises:
        InputError: ``path`` is taken (told before the first pair is asked for) or cannot be written, a name in the
            pairs holds a carriage return, or they are prepared in different ways.
    """
    with open_atomic(path, overwrite=overwrite) as file:
        alike = _prepared_alike((pair, f"pair {number}") for number, pair in enumerate(pairs, start=1))
        first = next(alike, None)
        columns = _USUAL_COLUMNS if first is None or (first.view, first.resize) == _USUAL else _COLUMNS
        rows = (
            _as_row(pair, path.parent.resolve()) for pair in chain(() if first is None else (first,), alike)
        )
        write_table(file, columns, (row[: len(columns)] for row in rows))


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
            columns = _columns(next(rows, []), f"{path}, line 1")
            lines = ((row, f"{path}, line {rows.line_num}") for row in rows)
            for pair in _prepared_alike((_parse(row, columns, where), where) for row, where in lines):
                empty = False
                yield pair
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"expected a manifest (CSV, UTF-8), got {path} ({error}); check the path") from error
    if empty:
        raise InputError(f"expected pairs, got 0 in {path}; make it again with `splpaint pairs make`")


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


def _prepared_alike(pairs: Iterable[tuple[PairRecord, str]]) -> Iterator[PairRecord]:
    """Refuse pairs, given with where they stand, that are not prepared as the first one: no mean is over both."""
    first: PairRecord | None = None
    for pair, where in pairs:
        first = first or pair
        if (pair.view, pair.resize) != (first.view, first.resize):
            wanted, got = (f"{each.view},{each.resize or ''}" for each in (first, pair))
            raise _bad(where, "view and resize", f"{wanted} as before", got)
        yield pair


def _columns(header: list[str], where: str) -> tuple[str, ...]:
    for columns in (_USUAL_COLUMNS, _COLUMNS):
        if header == list(columns):
            return columns
    either = f"{','.join(_USUAL_COLUMNS)}, with or without {','.join(_COLUMNS[len(_USUAL_COLUMNS) :])}"
    raise _bad(where, "the header", either, ",".join(header))


class _Cell(NamedTuple):
    pattern: str
    meaning: str
    convert: Callable[[str], object] = str
    known: tuple[str, ...] = ()  # what may stand there, if there are few

    def expected(self, cell: str) -> str:
        near = nearest_name(cell, self.known)
        return self.meaning + (f" (perhaps {near})" if near else "")


_PATH = _Cell(r"(?s).+", "a path")
_MASK = _Cell(r"(?s).+", "a path", MaskOrigin.parse)
_SHA256 = _Cell(r"[0-9a-f]{64}", "64 hexadecimal digits")
_SIZE = _Cell(r"[1-9][0-9]{0,7}", "a number of pixels", int)
_NUMBER = _Cell(
    r"(0|[1-9][0-9]{0,9})?", "a whole number or nothing", lambda cell: int(cell) if cell else None
)
_RATIO = _Cell(r"0\.[0-9]{6}|1\.000000", "a number from 0 to 1 with 6 decimals", float)
_VIEW = _Cell("|".join(View), f"one of {', '.join(View)}", View, tuple(View))
_RESIZE = _Cell(
    f"({'|'.join(Resampling)})?",
    f"one of {', '.join(Resampling)}",
    lambda cell: Resampling(cell) if cell else None,
    tuple(Resampling),
)
_CELLS = (
    *(_PATH, _SHA256, _SIZE, _SIZE),  # image
    *(_MASK, _NUMBER, _NUMBER, _SHA256, _SIZE, _SIZE),  # mask
    *(_RATIO, _Cell(r".*", "a label")),
    *(_VIEW, _RESIZE),
)


def _parse(row: list[str], columns: Sequence[str], where: str) -> PairRecord:
    if len(row) != len(columns):
        raise InputError(f"{where}: expected {len(columns)} columns, got {len(row)}; correct the line")
    cells: dict[str, Any] = {}
    for column, kind, cell in zip(columns, _CELLS, row, strict=False):
        if not re.fullmatch(kind.pattern, cell):
            raise _bad(where, column, kind.expected(cell), cell)
        cells[column] = kind.convert(cell)
    pair = PairRecord(**cells)
    _require_consistent(pair, where)
    return pair


def _require_consistent(pair: PairRecord, where: str) -> None:
    drawn = pair.mask.polarity is None
    if (pair.mask_seed is None) == drawn or (pair.mask_index is None) == drawn:
        what = f"{', '.join(sorted(GENERATORS))} or object:FILE with seed and index, or a mask file without"
        raise _bad(where, "mask", what, f"{pair.mask},{pair.mask_seed},{pair.mask_index}")
    native = pair.view is View.NATIVE
    if (pair.resize is None) != native:
        what = "nothing with the view native" if native else f"one of {', '.join(Resampling)}"
        raise _bad(where, "resize", what, pair.resize or "")
    size = (pair.mask_width, pair.mask_height)
    as_wanted = size == (pair.image_width, pair.image_height) if native else size[0] == size[1]
    if not as_wanted or min(size) < MIN_SIDE_PX:
        shape = f"{pair.image_width}x{pair.image_height}, the picture's," if native else "a square"
        what = f"{shape} of at least {MIN_SIDE_PX} pixels"
        raise _bad(where, "mask_width x mask_height", what, f"{pair.mask_width}x{pair.mask_height}")
    if pair.bin != (label := ratio_bin(pair.ratio) or ""):
        raise _bad(where, "bin", f"{label or 'nothing'} for the ratio {pair.ratio:.6f}", pair.bin)


def _bad(where: str, column: str, expected: str, got: str) -> InputError:
    return InputError(
        f"{where}: expected {column} to be {expected}, got {got[:200]!r}; correct the line or make the "
        "manifest again with `splpaint pairs make`"
    )
