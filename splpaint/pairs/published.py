"""The form in which the SPL paper's code keeps a pairing: a list of pictures, a list of masks, an index file.

Entry i of the index (a ``.npy`` file) is the place in the mask list of the mask for picture i. The form knows
neither checksums nor sizes; white is the hole.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from splpaint.atomic_files import atomic_path, require_free
from splpaint.errors import InputError
from splpaint.images import write_list
from splpaint.masks import MaskOrigin, Polarity, recall_mask
from splpaint.pairs.manifest import PairRecord
from splpaint.pairs.pictures import shard_of

__all__ = ["PublishedFiles", "read_numbers", "write_published"]


class PublishedFiles(NamedTuple):
    """The three files of a pairing in a folder, by the names that we give them."""

    images: Path
    masks: Path
    numbers: Path

    @classmethod
    def in_folder(cls, folder: Path) -> PublishedFiles:
        """Their paths; nothing is opened."""
        return cls(folder / "images.flist", folder / "masks.flist", folder / "mask_index.npy")


def read_numbers(path: Path, *, pictures: int, masks: int) -> list[int]:
    """Read an index file.

    Args:
        path: Written by ``numpy.save``.
        pictures: How many entries it must have.
        masks: Every entry must be from 0 to this minus 1.

    Raises:
        InputError: It is not such a file, of another length, or points outside the list of masks.
    """
    try:
        _require_all_there(path)
        numbers = np.load(path, allow_pickle=False)
    except Exception as error:  # NumPy's reader raises nearly anything on a damaged file
        raise InputError(
            f"expected an index written by numpy.save, got {path} ({error}); check it"
        ) from error
    array = isinstance(numbers, np.ndarray)
    if not array or numbers.ndim != 1 or numbers.dtype.kind not in "iu":
        got = f"{numbers.dtype} of shape {numbers.shape}" if array else f"an archive of {', '.join(numbers)}"
        raise InputError(f"expected one row of whole numbers in {path}, got {got}; check the file")
    if len(numbers) != pictures:
        raise InputError(
            f"expected an entry for each of {pictures} pictures, got {len(numbers)} in {path}; give the "
            "list of pictures that the index was made for"
        )
    if int(numbers.min()) < 0 or int(numbers.max()) >= masks:
        raise InputError(
            f"expected entries from 0 to {masks - 1}, got {numbers.min()} to {numbers.max()} in {path}; "
            "give the list of masks that the index was made for"
        )
    return [int(number) for number in numbers]


def _require_all_there(path: Path) -> None:
    # Before NumPy allocates what the header claims.
    with path.open("rb") as file:
        if file.read(6) != np.lib.format.MAGIC_PREFIX:
            return
        file.seek(0)
        version = np.lib.format.read_magic(file)
        read_header = (
            np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        )
        shape, _, kind = read_header(file)
        there = path.stat().st_size - file.tell()
        if (claimed := math.prod(shape) * kind.itemsize) != there:
            raise ValueError(f"its header, at byte 8, claims {claimed} bytes of numbers, there are {there}")


def write_published(
    pairs: Iterable[PairRecord],
    root: Path,
    folder: Path,
    *,
    masks: Sequence[Path] | None = None,
    overwrite: bool = False,
) -> PublishedFiles:
    """Write pairs in the published form.

    Args:
        pairs: From a manifest; each picture once.
        root: The manifest's folder.
        folder: For the three files; paths in the lists are absolute.
        masks: The list that the index counts in; all of it is written. By default the masks of the pairs in their
            order; those that are no files of their own, or in which white is known, are written as PNG to a folder
            ``masks`` beside the lists.
        overwrite: Replace files that are there.

    Raises:
        InputError: A picture comes twice or lies in a shard, a mask is not in the list or cannot be read, or
            a name is taken.
    """
    files = PublishedFiles.in_folder(folder)
    for path in files:
        require_free(path, overwrite=overwrite)
    images: dict[str, None] = {}
    places = {_absolute(mask): place for place, mask in enumerate(masks or ())}
    numbers = []
    for pair in pairs:
        image = _image_file(pair, root)
        if image in images:
            raise InputError(
                f"expected each picture once, got {pair.image} again: the published form has one mask for "
                "each picture; export a manifest made without `masks_per_image` or `per_bin`"
            )
        images[image] = None
        if masks is None:
            numbers.append(places.setdefault(_mask_file(pair, root, folder / "masks"), len(places)))
        else:
            numbers.append(_listed_place(pair, root, places))
    write_list(images, files.images, overwrite=overwrite)
    write_list(places, files.masks, overwrite=overwrite)
    with atomic_path(files.numbers, overwrite=overwrite) as temporary, temporary.open("wb") as file:
        np.save(file, np.array(numbers, dtype=np.int64))
    return files


def _absolute(path: Path) -> str:
    return Path(os.path.normpath(path.absolute())).as_posix()


def _named_file(path: str, root: Path) -> str:
    # Links are kept as they were listed, but not those in ``root``: ``path`` may lead up from where they point.
    return _absolute(root.resolve() / path)


def _image_file(pair: PairRecord, root: Path) -> str:
    if shard := shard_of(root / pair.image):
        raise InputError(
            f"expected pictures in files of their own, got {pair.image}: the published form knows no shards; "
            f"make the pairs from the pictures that were packed into {shard.name}, and export these"
        )
    return _named_file(pair.image, root)


def _white_hole_file(mask: MaskOrigin, root: Path) -> str | None:
    """The only kind of mask that a list can name: a file of its own, in which white is the hole."""
    if mask.polarity != Polarity.WHITE_HOLE or mask.path is None:
        return None
    return _named_file(mask.path, root)


def _listed_place(pair: PairRecord, root: Path, places: dict[str, int]) -> int:
    file = _white_hole_file(pair.mask, root)
    place = None if file is None else places.get(file)
    if place is None:
        raise InputError(
            f"expected mask files with white holes that are among the {len(places)} of `masks`, got {pair.mask}; "
            "give the masks that the pairs were made from, or leave `masks` out"
        )
    return place


def _mask_file(pair: PairRecord, root: Path, folder: Path) -> str:
    if (own_file := _white_hole_file(pair.mask, root)) is not None:
        return own_file
    mask = recall_mask(pair.mask, root, seed=pair.mask_seed, index=pair.mask_index, frame=pair.frame)
    if mask.sha256 != pair.mask_sha256:
        raise InputError(
            f"expected the mask {pair.mask} as recorded, got another; see `splpaint pairs check`"
        )
    number = "" if pair.mask_index is None else f"-{pair.mask_index}"
    file = folder / f"{pair.mask.kind}-{pair.mask_sha256[:16]}{number}.png"
    if not file.exists():
        with atomic_path(file) as temporary:
            Image.fromarray(mask.hole).convert("L").save(temporary, "PNG")
    return _absolute(file)
