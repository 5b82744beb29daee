"""Writing sets of masks: PNG files, white = hole, with a table of what each is; and sorting a set into bins.

An interrupted run continues where it stopped: files that are there and the same are left as they are, others are an
error. The table is written last: with it, a set is whole. Replacing a set removes all files of the old one's table
first, so that no mask of another seed or polarity stays among the new ones.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from PIL import Image

from splpaint.atomic_files import put_file, require_free
from splpaint.errors import InputError
from splpaint.images import PICTURE_SUFFIXES, BrokenFile, Hole
from splpaint.masks.augmentation import augment, require_known
from splpaint.masks.mask_files import read_hole
from splpaint.masks.origin import Frame, MaskOrigin, sha256_of_hole
from splpaint.masks.polarity import Polarity
from splpaint.masks.ratios import RATIO_BINS
from splpaint.masks.sources import MaskFiles, MaskSource
from splpaint.masks.survey import MaskStats, mask_stats
from splpaint.tables import write_table

__all__ = ["BINS_TABLE", "SET_TABLE", "SetReport", "make_set", "require_some", "sort_into_bins"]

SET_TABLE, BINS_TABLE = "masks.csv", "bins.csv"
_SET_COLUMNS = (
    *("file", "source", "seed", "index", "augment", "width", "height"),
    *("ratio", "bin", "near_border", "sha256"),
)
_BINS_COLUMNS = ("file", "source", "ratio", "bin", "near_border")


class SetReport(NamedTuple):
    """What was written, and what could not be read."""

    masks: list[MaskStats]
    broken: list[BrokenFile]


def make_set(
    source: MaskSource,
    folder: Path,
    *,
    count: int | None = None,
    seed: int = 0,
    side_px: int | None = None,
    augmentations: Sequence[str] = (),
    overwrite: bool = False,
    on_mask: Callable[[], object] = lambda: None,
) -> SetReport:
    """Write masks 0 to ``count`` - 1 of a source as ``000000.png`` ... and the table ``masks.csv``.

    Args:
        source: Drawn masks, or files: these come in their order, and from the first again after the last.
        folder: Made if missing.
        count: By default every file once; drawn masks need a number.
        seed: Seed of drawn masks and of augmentations.
        side_px: By default 256 for drawn masks, its own size for a file.
        augmentations: Names from ``AUGMENTATIONS``, applied as functions of (seed, number of the mask).
        overwrite: Replace the set that is there.
        on_mask: Called after each mask.

    Raises:
        InputError: Another set or other pictures are there, a number is missing or out of range, or no mask can be
            read.
    """
    require_known(augmentations)
    count = source.count if count is None else count
    if count is None:
        raise InputError(f"expected a number of {source.kind} masks, got none; say `count`")
    _make_room(source, folder, count, overwrite=overwrite)
    made = SetReport([], [])
    rows: list[tuple[object, ...]] = []
    for number in range(count):
        path = folder / f"{number:06}.png"
        place = number if source.count is None else number % source.count
        origin = source.origin(place, seed=seed)
        hole = _hole(source, place, origin, seed, side_px)
        if isinstance(hole, BrokenFile):
            made.broken.append(hole)
        else:
            hole = augment(hole, augmentations, seed=seed, index=number)
            put_file(path, _png(hole), overwrite=overwrite)
            stats = mask_stats(path, hole)
            made.masks.append(stats)
            how = _provenance(origin, seed, number, augmentations)
            rows.append((path.name, *how, *stats.cells(), sha256_of_hole(hole)))
        on_mask()
    require_some(made.masks, made.broken)
    put_file(folder / SET_TABLE, _table(_SET_COLUMNS, rows), overwrite=overwrite)
    return made


def require_some(masks: Sequence[MaskStats], broken: Sequence[BrokenFile]) -> None:
    """Refuse a set of which no file can be read with an ``InputError``."""
    if not masks and broken:
        raise InputError(
            f"expected masks, got {len(broken)} files of which none can be read: {broken[0].reason}; get others"
        )


def sort_into_bins(
    masks: MaskFiles,
    survey: Sequence[MaskStats],
    folder: Path,
    *,
    link: bool = False,
    overwrite: bool = False,
) -> None:
    """Put mask files into a folder for each ratio bin (``0.01-0.1`` ... and ``other``), and write ``bins.csv``.

    Files in which white is the hole are copied as they are; the others are written as new PNGs, white = hole.

    Args:
        masks: The mask files that were surveyed.
        survey: Those to sort.
        folder: Made if missing.
        link: Make symbolic links instead of copies.
        overwrite: Replace what was sorted there before.

    Raises:
        InputError: A finished folder or another file is there; links to files whose white is what is known; the masks
            lie in the folder's own bins.
    """
    if link and masks.polarity != Polarity.WHITE_HOLE:
        raise InputError(
            "expected masks in which white is the hole for `link=True`, got white-known, which links would keep and no "
            "folder name would tell; leave `link` out: copies are written white = hole"
        )
    table = folder / BINS_TABLE
    require_free(table, overwrite=overwrite)
    for label in (*RATIO_BINS, ""):
        _require_outside([mask.file for mask in survey], folder / _bin_folder(label))
    if overwrite:
        _remove_set(table)
    unique = len({mask.file.name for mask in survey}) == len(survey)
    rows: list[tuple[object, ...]] = []
    for number, mask in enumerate(survey):
        name = mask.file.name if unique else f"{number:06}-{mask.file.name}"
        target = folder / _bin_folder(mask.bin) / name
        if masks.polarity == Polarity.WHITE_KNOWN:
            target = target.with_suffix(".png")
            put_file(target, _png(read_hole(mask.file, masks.polarity)), overwrite=overwrite)
        elif link:
            _link(mask.file, target, overwrite=overwrite)
        else:
            put_file(target, mask.file.read_bytes(), overwrite=overwrite)
        file = target.relative_to(folder).as_posix()
        rows.append((file, mask.file.absolute().as_posix(), *mask.cells()[2:]))
    put_file(table, _table(_BINS_COLUMNS, rows), overwrite=overwrite)


def _make_room(source: MaskSource, folder: Path, count: int, *, overwrite: bool) -> None:
    """Make sure that a set may be written, and remove the one that it replaces."""
    _require_outside(source.files, folder)
    table = folder / SET_TABLE
    require_free(table, overwrite=True)
    if overwrite:
        _remove_set(table)
    elif len(_names_in(table)) not in {0, count}:
        require_free(table, overwrite=False)
    _require_alone(folder, count)


def _require_outside(files: Sequence[Path], folder: Path) -> None:
    inside = next((file for file in files if file.parent.resolve() == folder.resolve()), None)
    if inside is not None:
        raise InputError(
            f"expected another folder than that of the masks, got {folder}, which holds {inside.name}; choose another"
        )


def _require_alone(folder: Path, count: int) -> None:
    # Any other picture there would later be read as part of the set.
    ours = {f"{number:06}.png" for number in range(count)}
    for path in sorted(folder.iterdir()) if folder.is_dir() else []:
        if path.suffix.lower() in PICTURE_SUFFIXES and path.name not in ours:
            raise InputError(
                f"expected a folder for {count} masks alone, got {folder}, which holds {path.name}; choose another "
                "folder, or replace a finished set with `overwrite=True`"
            )


def _remove_set(table: Path) -> None:
    """Remove the set that a table lists; the table goes last."""
    for name in _names_in(table):
        file = table.parent / name
        if file.parent.resolve().is_relative_to(table.parent.resolve()):
            file.unlink(missing_ok=True)
    table.unlink(missing_ok=True)


def _names_in(table: Path) -> list[str]:
    if not table.is_file():
        return []
    with table.open(encoding="utf-8", newline="") as text:
        return [row["file"] for row in csv.DictReader(text) if row.get("file")]


def _table(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    text = io.StringIO()
    write_table(text, columns, rows)
    return text.getvalue().encode()


def _hole(
    source: MaskSource, place: int, origin: MaskOrigin, seed: int, side_px: int | None
) -> Hole | BrokenFile:
    try:
        frame = Frame.square(side_px) if side_px else None
        return source.mask(place, seed=seed, frame=frame).hole
    except InputError as error:
        if origin.polarity is None:  # an error of one drawn mask is one of all
            raise
        return BrokenFile(Path(origin.path or ""), str(error))


def _provenance(
    origin: MaskOrigin, seed: int, number: int, augmentations: Sequence[str]
) -> tuple[object, ...]:
    """Source, seed, index and augmentations, as the table holds them."""
    file = origin.path if origin.polarity else None
    by_chance = file is None or augmentations
    numbers = (seed, number) if by_chance else ("", "")
    return (file or origin.kind, *numbers, "+".join(augmentations))


def _png(hole: Hole) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(hole).save(buffer, "PNG")  # 1 bit per pixel
    return buffer.getvalue()


def _bin_folder(label: str) -> str:
    return label.strip("(]").replace(",", "-") if label else "other"


def _link(file: Path, target: Path, *, overwrite: bool) -> None:
    if target.is_symlink() and target.resolve() == file.resolve():
        return
    if target.is_symlink() or target.exists():
        require_free(target, overwrite=overwrite)
        target.unlink()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(file.resolve())
    except OSError as error:
        raise InputError(f"{target} cannot be linked ({error}); leave `link` out to copy") from error
