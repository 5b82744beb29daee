"""Writing sets of masks: PNG files, white = hole, with a table of what each is; and sorting a set into bins.

A run that was interrupted goes on where it stopped: files that are there and the same are left as they are,
others are an error. The table is written last, so where it is, the set is whole.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from splpaint.data.finished_files import finished_file, put_file, require_free
from splpaint.data.mask_augmentation import augment, require_known
from splpaint.data.mask_collections import fit_hole, read_hole
from splpaint.data.mask_sources import DrawnMasks, MaskFiles, MaskSource
from splpaint.data.mask_statistics import BrokenFile, MaskFacts, describe_mask
from splpaint.errors import InputError
from splpaint.images import Hole

__all__ = ["BINS_TABLE", "SET_TABLE", "MadeSet", "make_set", "sort_into_bins"]

SET_TABLE, BINS_TABLE = "masks.csv", "bins.csv"
_SET_COLUMNS = (
    *("file", "source", "seed", "index", "augment", "width", "height"),
    *("ratio", "bin", "near_border", "sha256"),
)
_BINS_COLUMNS = ("file", "source", "ratio", "bin", "near_border")


class MadeSet(NamedTuple):
    """What was written, and what could not be read."""

    masks: list[MaskFacts]
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
) -> MadeSet:
    """Write masks 0 to ``count`` - 1 of a source as ``000000.png`` ... and the table ``masks.csv``.

    Args:
        source: Drawn masks, or files: these come in their order, and from the first again after the last.
        folder: Made where it is not there.
        count: Default: every file once; drawn masks need a number.
        seed: Of drawn masks and of augmentations.
        side_px: Default: 256 for drawn masks, the file's own size for files.
        augmentations: Names from ``AUGMENTATIONS``, applied as functions of (seed, number of the mask).
        overwrite: Replace what is there.
        on_mask: Called after each mask.

    Raises:
        InputError: A finished set or another file is there, a number is missing or out of range.
    """
    require_known(augmentations)
    table = folder / SET_TABLE
    require_free(table, overwrite=overwrite)
    numbers = range(_number_of_masks(source) if count is None else count)
    made = MadeSet([], [])
    with finished_file(table, overwrite=overwrite) as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(_SET_COLUMNS)
        for number in numbers:
            path = folder / f"{number:06}.png"
            origin = _origin(source, number)
            try:
                hole = augment(_hole(source, number, seed, side_px), augmentations, seed=seed, index=number)
            except InputError as error:
                if isinstance(source, DrawnMasks):
                    raise
                made.broken.append(BrokenFile(Path(origin), str(error)))
                continue
            finally:
                on_mask()
            put_file(path, _png(hole), overwrite=overwrite)
            facts = describe_mask(path, hole)
            made.masks.append(facts)
            drawn = (seed, number) if isinstance(source, DrawnMasks) or augmentations else ("", "")
            rows.writerow(
                (path.name, origin, *drawn, "+".join(augmentations), *facts.cells(), _sha256_of_pixels(hole))
            )
    return made


def sort_into_bins(
    masks: MaskFiles,
    facts: Sequence[MaskFacts],
    folder: Path,
    *,
    link: bool = False,
    overwrite: bool = False,
) -> None:
    """Put mask files into a folder for each ratio bin (``0.01-0.1`` ... and ``other``), and write ``bins.csv``.

    Files in which white is the hole are copied as they are; the others are written anew as PNG, white = hole.

    Args:
        masks: Where the facts come from.
        facts: Of the files to sort.
        folder: Made where it is not there.
        link: Make symbolic links instead of copies.
        overwrite: Replace what is there.

    Raises:
        InputError: A finished folder or another file is there; links to files whose white is what is known.
    """
    if link and masks.polarity != "white-hole":
        raise InputError(
            "expected masks in which white is the hole for --link, got white-known, which links would keep and no "
            "folder name would tell; leave --link out: copies are written white = hole"
        )
    require_free(folder / BINS_TABLE, overwrite=overwrite)
    unique = len({mask.file.name for mask in facts}) == len(facts)
    with finished_file(folder / BINS_TABLE, overwrite=overwrite) as text:
        rows = csv.writer(text, lineterminator="\n")
        rows.writerow(_BINS_COLUMNS)
        for number, mask in enumerate(facts):
            name = mask.file.name if unique else f"{number:06}-{mask.file.name}"
            target = folder / _bin_folder(mask.bin) / name
            if masks.polarity == "white-known":
                target = target.with_suffix(".png")
                put_file(target, _png(read_hole(mask.file, masks.polarity)), overwrite=overwrite)
            elif link:
                _link(mask.file, target, overwrite=overwrite)
            else:
                put_file(target, mask.file.read_bytes(), overwrite=overwrite)
            file = target.relative_to(folder).as_posix()
            rows.writerow((file, mask.file.absolute().as_posix(), *mask.cells()[2:]))


def _number_of_masks(source: MaskSource) -> int:
    if isinstance(source, DrawnMasks):
        raise InputError(f"expected a number of {source.kind} masks, got none; say --count")
    return len(source.files)


def _origin(source: MaskSource, number: int) -> str:
    if isinstance(source, DrawnMasks):
        return source.kind
    return source.files[number % len(source.files)].absolute().as_posix()


def _hole(source: MaskSource, number: int, seed: int, side_px: int | None) -> Hole:
    if isinstance(source, DrawnMasks):
        side = side_px or 256
        return source.draw(seed=seed, index=number, height=side, width=side).hole
    hole = read_hole(source.files[number % len(source.files)], source.polarity)
    return fit_hole(hole, side_px) if side_px else hole


def _png(hole: Hole) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(hole).save(buffer, "PNG")  # 1 bit per pixel
    return buffer.getvalue()


def _sha256_of_pixels(hole: Hole) -> str:
    levels = np.where(hole, np.uint8(255), np.uint8(0))  # bool (H,W) => uint8 (H,W)
    return hashlib.sha256(levels.tobytes()).hexdigest()


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
        raise InputError(f"{target} cannot be linked ({error}); leave --link out to copy") from error
