"""The fixed pairing of pictures and masks in an evaluation: made, checked and loaded.

With the pictures that it names, a manifest gives the same pixels and holes everywhere, and ``check_pairs`` says whether
it still does. The file itself is written and read in ``manifest.py``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path

import numpy as np

from splpaint.errors import InputError
from splpaint.images import Hole, Pixels, read_rgb
from splpaint.masks import (
    GENERATORS,
    MIN_SIDE_PX,
    Frame,
    MaskFiles,
    MaskOrigin,
    MaskSource,
    open_masks,
    ratio_bin,
    recall_mask,
)
from splpaint.pairs.dealing import MaskRecord, deal_in_groups, deal_per_bin, mask_recorder
from splpaint.pairs.manifest import PairRecord, iterate_manifest, read_manifest, write_manifest
from splpaint.pairs.pictures import PictureRecord, inspect_picture, picture_exists, read_picture
from splpaint.pairs.preparation import Preparation, prepare
from splpaint.shares import WHOLE, Share

__all__ = [
    "GENERATORS",
    "PairRecord",
    "check_pairs",
    "load_pair",
    "make_numbered_pairs",
    "make_pairs",
    "make_pairs_per_bin",
    "published_numbers",
    "read_manifest",
    "write_manifest",
]


def make_pairs(
    pictures: Iterable[Path],
    *,
    masks: str | Sequence[Path] | MaskSource = "irregular",
    seed: int,
    view: str = "centre",
    resize: str | None = None,
    side_px: int | None = None,
    masks_per_image: int = 1,
    mask_set: Share = WHOLE,
) -> Iterator[PairRecord]:
    """Pair each picture with masks; one pair at a time is in memory, and no more than headers are decoded.

    Args:
        pictures: From ``list_pair_pictures``, or any picture files.
        masks: From ``open_masks``, or a line of text for it, or mask files, white = missing. Pair number n (from 0)
            gets the drawn mask of index n; files are dealt in an order shuffled by the seed, each once before any
            comes again.
        seed: In [0, 2**32).
        view: What of a picture is seen, a name of ``View``.
        resize: How that is resized, a name of ``splpaint.images.Resampling``, by default area. The view native takes
            none.
        side_px: Working size, at least 16; by default 256. The view native takes none.
        masks_per_image: Pairs in a row for each picture, with different masks.
        mask_set: Which of several sets of masks of the same seed; no two sets share a file or an index.

    Yields:
        Pairs with absolute paths.

    Raises:
        InputError: A number is out of range, there are too few mask files, or a file (named) cannot be read or
            is an empty mask.
    """
    preparation = Preparation.choose(view, resize, side_px)
    _require_in_range(masks_per_image, seed, mask_set)
    source = _source(masks)
    record = mask_recorder(source, seed)
    groups = deal_in_groups(source, masks_per_image, seed=seed, mask_set=mask_set)
    for path, group in zip(pictures, groups, strict=False):
        picture = inspect_picture(path)
        frame = _frame(preparation, path, picture)
        for number in group:
            yield _pair(path, picture, record(number, frame), preparation)


def make_pairs_per_bin(
    pictures: Sequence[Path],
    *,
    masks: str | Sequence[Path] | MaskSource = "irregular",
    seed: int,
    per_bin: int,
    view: str = "centre",
    resize: str | None = None,
    side_px: int | None = None,
    mask_set: Share = WHOLE,
) -> Iterator[PairRecord]:
    """Make the same number of pairs in every ratio bin.

    Pictures are taken in turn from one bin to the next: with ``per_bin`` pictures each comes once in every bin, with
    more none comes twice in a bin.

    Args:
        pictures: From ``list_pair_pictures``, or any picture files.
        masks: As for ``make_pairs``.
        seed: In [0, 2**32).
        per_bin: Pairs in each bin.
        view: As for ``make_pairs``.
        resize: As for ``make_pairs``.
        side_px: As for ``make_pairs``.
        mask_set: Which of several sets of masks of the same seed; no two sets share a file or an index.

    Yields:
        Pairs with absolute paths.

    Raises:
        InputError: The masks cannot fill every bin, a number is out of range, or a file (named) cannot be read or is an
            empty mask.
    """
    preparation = Preparation.choose(view, resize, side_px)
    _require_in_range(per_bin, seed, mask_set)
    inspect = lru_cache(maxsize=100_000)(inspect_picture)

    def frame_of(number: int) -> Frame:
        path = pictures[number % len(pictures)]
        return _frame(preparation, path, inspect(path))

    dealt = deal_per_bin(_source(masks), per_bin, seed=seed, mask_set=mask_set, frame_of=frame_of)
    for number, mask in enumerate(dealt):
        path = pictures[number % len(pictures)]
        yield _pair(path, inspect(path), mask, preparation)


def make_numbered_pairs(
    pictures: Sequence[Path],
    *,
    masks: MaskSource,
    numbers: Sequence[int],
    view: str = "centre",
    resize: str | None = None,
    side_px: int | None = None,
) -> Iterator[PairRecord]:
    """Pair picture i with mask file ``numbers[i]``; the rest is as for ``make_pairs``.

    Raises:
        InputError: A side is too small, or a file (named) cannot be read or is an empty mask.
    """
    preparation = Preparation.choose(view, resize, side_px)
    record = mask_recorder(masks, 0)
    for path, number in zip(pictures, numbers, strict=True):
        picture = inspect_picture(path)
        yield _pair(path, picture, record(number, _frame(preparation, path, picture)), preparation)


def published_numbers(masks: int, pictures: int, *, seed: int) -> list[int]:
    """Numbers of masks as the SPL paper's code draws them: with replacement, by NumPy's old generator."""
    return [int(number) for number in np.random.RandomState(seed).choice(masks, pictures)]


def check_pairs(manifest: Path, *, on_pair: Callable[[], object] = lambda: None) -> list[str]:
    """Compare a manifest with its files and generators as they are; ``on_pair`` is called after each pair.

    A pair that is listed twice counts as a difference; a line that was removed shows in ``manifest_sha256`` alone.

    Returns:
        The differences, a sentence each; none when everything is as recorded.

    Raises:
        InputError: ``manifest`` itself cannot be read.
    """
    found: list[str] = []
    first_seen: dict[tuple[str, MaskOrigin, int | None, int | None], int] = {}
    for number, pair in enumerate(iterate_manifest(manifest), start=1):
        of_picture = _compare_picture(pair, manifest.parent)
        _, of_mask = _compare_mask(pair, manifest.parent)
        found += [f"pair {number}: {difference}" for difference in (*of_picture, *of_mask)]
        first = first_seen.setdefault((pair.image, pair.mask, pair.mask_seed, pair.mask_index), number)
        if first != number:
            found.append(
                f"pair {number}: picture {pair.image} with mask {_mask_name(pair)} is pair {first} again"
            )
        on_pair()
    return found


def load_pair(pair: PairRecord, root: Path) -> tuple[Pixels, Hole]:
    """Load a pair, prepared as its record says, after checking that it is what was recorded.

    Args:
        pair: From ``read_manifest``.
        root: The manifest's folder.

    Returns:
        The image, uint8 (H,W,3) RGB, and the hole, bool (H,W), True = missing; H = W = S unless the view is native.

    Raises:
        InputError: A file is missing or unreadable, or anything differs from the record.
    """
    pixels, of_picture = _load_picture(pair, root)
    hole, of_mask = _compare_mask(pair, root)
    if pixels is None or hole is None or of_picture or of_mask:
        raise InputError(
            f"expected the pair as recorded, got: {'; '.join((*of_picture, *of_mask))}; bring the files back or "
            "make the manifest again with `splpaint pairs make`"
        )
    return prepare(pixels, pair.view, pair.resize, pair.frame), hole


# --- making


def _require_in_range(count: int, seed: int, mask_set: Share) -> None:
    if count < 1 or not 0 <= seed < 2**32:
        raise InputError(
            f"expected at least 1 mask per image or bin and a seed from 0 to {2**32 - 1}, got {count} and {seed}; "
            "choose other numbers"
        )
    mask_set.require_valid("mask_set")


def _source(masks: str | Sequence[Path] | MaskSource) -> MaskSource:
    if isinstance(masks, Sequence):
        return open_masks(masks) if isinstance(masks, str) else MaskFiles(masks)
    return masks


def _frame(preparation: Preparation, path: Path, picture: PictureRecord) -> Frame:
    frame = preparation.frame(picture.width, picture.height)
    if min(frame.width, frame.height) < MIN_SIDE_PX:
        raise InputError(
            f"expected pictures of at least {MIN_SIDE_PX}x{MIN_SIDE_PX} pixels, got {frame.width}x{frame.height} in "
            f"{path}; leave it out, or choose the view whole or centre"
        )
    return frame


def _pair(path: Path, picture: PictureRecord, mask: MaskRecord, preparation: Preparation) -> PairRecord:
    frame = preparation.frame(picture.width, picture.height)
    return PairRecord(
        image=path.absolute().as_posix(),
        image_sha256=picture.sha256,
        image_width=picture.width,
        image_height=picture.height,
        mask=mask.origin,
        mask_seed=mask.seed,
        mask_index=mask.number,
        mask_sha256=mask.sha256,
        mask_width=frame.width,
        mask_height=frame.height,
        ratio=mask.ratio,
        bin=ratio_bin(mask.ratio) or "",
        view=preparation.view,
        resize=preparation.resize,
    )


# --- comparing with the record


def _load_picture(pair: PairRecord, root: Path) -> tuple[Pixels | None, list[str]]:
    """The whole picture, if it can be read, and all differences from the record; it is decoded once."""
    path = root / pair.image
    try:
        if not picture_exists(path):
            return None, [f"picture {pair.image} is missing"]
        data = read_picture(path)
        pixels = read_rgb(path, data)
    except InputError as error:
        return None, [f"picture {pair.image}: {error}"]
    height, width = pixels.shape[:2]
    return pixels, list(
        _picture_differences(pair, PictureRecord(hashlib.sha256(data).hexdigest(), width, height))
    )


def _compare_picture(pair: PairRecord, root: Path) -> list[str]:
    """All differences of a picture's bytes and header from the record."""
    path = root / pair.image
    try:
        if not picture_exists(path):
            return [f"picture {pair.image} is missing"]
        return list(_picture_differences(pair, inspect_picture(path)))
    except InputError as error:
        return [f"picture {pair.image}: {error}"]


def _picture_differences(pair: PairRecord, picture: PictureRecord) -> Iterator[str]:
    if picture.sha256 != pair.image_sha256:
        yield f"picture {pair.image} has SHA-256 {picture.sha256}, recorded {pair.image_sha256}"
    if (picture.width, picture.height) != (pair.image_width, pair.image_height):
        recorded = f"{pair.image_width}x{pair.image_height}"
        yield f"picture {pair.image} has {picture.width}x{picture.height} pixels, recorded {recorded}"


def _compare_mask(pair: PairRecord, root: Path) -> tuple[Hole | None, list[str]]:
    """The pair's hole, if it can be made or read, and all differences from the record."""
    try:
        mask = recall_mask(pair.mask, root, seed=pair.mask_seed, index=pair.mask_index, frame=pair.frame)
    except InputError as error:
        return None, [f"mask {pair.mask}: {error}"]
    return mask.hole, list(_mask_differences(pair, MaskRecord.of(mask)))


def _mask_differences(pair: PairRecord, mask: MaskRecord) -> Iterator[str]:
    if mask.sha256 != pair.mask_sha256:
        yield f"mask {_mask_name(pair)} has SHA-256 {mask.sha256}, recorded {pair.mask_sha256}"
    label = ratio_bin(mask.ratio) or ""
    if (mask.ratio, label) != (pair.ratio, pair.bin):
        recorded = f"{pair.ratio:.6f}, bin {pair.bin or 'none'}"
        today = f"{mask.ratio:.6f}, bin {label or 'none'}"
        yield f"mask {_mask_name(pair)} has ratio {today}, recorded {recorded}"


def _mask_name(pair: PairRecord) -> str:
    drawn = "" if pair.mask_seed is None else f" (seed {pair.mask_seed}, index {pair.mask_index})"
    return f"{pair.mask}{drawn}"
