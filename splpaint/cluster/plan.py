"""Which pictures are painted, each with which mask, to where: from folders, prefixes of a store, or a list of pairs."""

from __future__ import annotations

import csv
import io
import posixpath
from collections import Counter
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from splpaint.cluster.storage import is_file, is_url, join, list_files, read_file
from splpaint.errors import InputError
from splpaint.images import PICTURE_SUFFIXES, format_counts
from splpaint.inference import (
    ALSO_PAINTED,
    MaskFile,
    NamedMasks,
    NoMask,
    PhotoMask,
    Transparency,
    others_in,
    plan_batch,
    target_names,
)

__all__ = ["ALPHA", "Picture", "Plan", "plan_pictures"]

ALPHA = "alpha"
"""Stands for a picture's own transparency in place of a mask's name."""

_SUFFIXES = (*PICTURE_SUFFIXES, *ALSO_PAINTED)


class Picture(NamedTuple):
    """One picture of a plan; inputs by their whole paths or URLs.

    Attributes:
        photo: The picture.
        mask: Its mask, or ``ALPHA``; empty: boxes alone.
        output: Path of the file to write, in the output folder.
        trouble: Why it cannot be painted; empty if it can.
        avoid: Marks where nothing is copied from; empty: it may be from everywhere.
    """

    photo: str
    mask: str
    output: str
    trouble: str = ""
    avoid: str = ""


class Plan(NamedTuple):
    """What is painted.

    Attributes:
        pictures: In their order.
        output: The folder or prefix that outputs lie in.
        shared: Contents of masks that belong to all pictures and are not where the pictures are, by name.
        others: The files beside the pictures that are none by their names, "2 .pdf, 1 .txt", without hidden ones.
    """

    pictures: list[Picture]
    output: str
    shared: dict[str, bytes]
    others: str = ""


def plan_pictures(
    photos: str, mask: str | None, output: str, *, avoid: str | None = None, format: str | None = None
) -> Plan:
    """Plan a job; no picture is opened and nothing written.

    Args:
        photos: A folder, as ``plan_batch`` reads it; a prefix of an object store, in which names count as they do in
            folders; or a CSV file (UTF-8) that names pictures and masks in its columns ``input`` and ``mask``,
            absolute or relative to itself, and if it has a column ``output``, results by their paths in the output
            folder. Other columns do not matter.
        mask: A folder or prefix of masks by name; one mask for all; or ``ALPHA``. None for a CSV file, and if there
            are boxes alone.
        output: The folder or prefix to write to.
        avoid: Masks that mark where nothing is copied from, likewise.
        format: The format to write; None: each picture's own.

    Raises:
        InputError: Nothing can be painted, or two pictures would become one file.
    """
    output = output.rstrip("/") if is_url(output) else str(Path(output).absolute())
    shared: dict[str, bytes] = {}
    others = ""
    if photos.lower().endswith(".csv"):
        if mask is not None or avoid is not None:
            raise InputError(
                f"{photos} names the masks itself, got `mask` or `avoid` besides; leave them out"
            )
        pictures = _listed(photos, output, format)
    elif is_url(photos) != is_url(output):
        raise InputError(
            f"pictures and output must both be folders or both lie in a store, got {photos} and {output}; choose "
            "another output"
        )
    elif is_url(photos):
        pictures, others = _stored(photos.rstrip("/"), mask, output, avoid, format, shared)
    elif Path(photos).is_file():
        raise InputError(
            f"`cluster` paints a folder, a prefix of a store or a CSV file of input,mask, got the file {photos}; "
            "leave `cluster` out for one picture"
        )
    else:
        pictures, others = _filed(photos, mask, output, avoid, format), others_in(Path(photos))
    _require_apart(pictures, output)
    _require_unicode(pictures)
    return Plan(pictures, output, shared, others)


def _filed(
    photos: str, mask: str | None, output: str, avoid: str | None, format: str | None
) -> list[Picture]:
    def marked(name: str | None) -> PhotoMask:
        if name is None:
            return NoMask()
        return Transparency() if name == ALPHA else MaskFile(Path(name).absolute())

    avoided = MaskFile(Path(avoid).absolute()) if avoid else None
    jobs = plan_batch(Path(photos).absolute(), marked(mask), Path(output), avoid=avoided, format=format)
    return [
        Picture(
            str(job.photo),
            _name(job.mask),
            job.target.relative_to(output).as_posix(),
            job.trouble,
            _name(job.avoid),
        )
        for job in jobs
    ]


def _name(mask: object) -> str:
    if isinstance(mask, MaskFile):
        return str(mask.path)
    return ALPHA if isinstance(mask, Transparency) else ""


def _stored(
    photos: str,
    mask: str | None,
    output: str,
    avoid: str | None,
    format: str | None,
    shared: dict[str, bytes],
) -> tuple[list[Picture], str]:
    if output == photos:
        raise InputError(f"the output must be another prefix than the input, got {output}; choose another")
    masks, avoided = _masks(mask, shared), _masks(avoid, shared, optional=True)
    apart = tuple(f"{place.rstrip('/')}/" for place in (output, mask, avoid) if place)
    found, others = _pictures_in(photos)
    names = [name for name in found if not join(photos, name).startswith(apart)]
    others = [name for name in others if not join(photos, name).startswith(apart)]
    if not names:
        raise InputError(f"expected pictures in {photos}, got none but masks and outputs; check the names")
    pictures = []
    for name, target in zip(names, target_names(names, format), strict=True):
        own, trouble = masks.of(name)
        other, second = avoided.of(name)
        pictures.append(Picture(join(photos, name), own, str(target), trouble or second, other))
    if all(picture.trouble for picture in pictures):
        first = pictures[0]
        raise InputError(f"expected masks for {photos}, got none: {first.photo}: {first.trouble}")
    for each in (masks, avoided):
        each.tell_of_unused()
    return pictures, format_counts(Counter(name.suffix.lower() or "without suffix" for name in others))


def _pictures_in(place: str) -> tuple[list[PurePosixPath], list[PurePosixPath]]:
    # And the other files; hidden ones are neither.
    pictures: list[PurePosixPath] = []
    others: list[PurePosixPath] = []
    for name in list_files(place):
        if not any(part.startswith(".") for part in name.parts):
            (pictures if name.name.lower().endswith(_SUFFIXES) else others).append(name)
    if not pictures:
        raise InputError(f"expected pictures, got 0 pictures found in {place}; check the name")
    return sorted(pictures, key=str), others


class _OneForAll(NamedTuple):
    mask: str

    def of(self, name: PurePosixPath) -> tuple[str, str]:
        return self.mask, ""

    def tell_of_unused(self) -> None:
        """It is used."""


class _Stored:
    """The masks below a prefix."""

    def __init__(self, place: str, *, optional: bool) -> None:
        self._place = place
        self._masks = NamedMasks(place, _pictures_in(place)[0], optional=optional)
        self.tell_of_unused = self._masks.tell_of_unused

    def of(self, name: PurePosixPath) -> tuple[str, str]:
        mask, trouble = self._masks.of(name)
        return join(self._place, mask) if mask else "", trouble


def _masks(mask: str | None, shared: dict[str, bytes], *, optional: bool = False) -> _OneForAll | _Stored:
    if mask is None or mask == ALPHA:
        return _OneForAll(mask or "")
    if is_file(mask):
        shared[mask] = read_file(mask)
        return _OneForAll(mask)
    if not is_url(mask):
        raise InputError(
            f"masks of pictures in a store must lie in one, too, or be one file for all, got {mask}; copy them there"
        )
    return _Stored(mask.rstrip("/"), optional=optional)


def _require_apart(pictures: list[Picture], output: str) -> None:
    inputs = {name for picture in pictures for name in (picture.photo, picture.mask, picture.avoid)}
    for name, times in Counter(picture.output for picture in pictures).items():
        target = join(output, PurePosixPath(name))
        if times > 1:
            raise InputError(f"each picture must get a file of its own, got {times} for {target}; rename one")
        if target in inputs:
            raise InputError(f"{target} is one of the inputs; choose another output folder")


def _require_unicode(pictures: list[Picture]) -> None:
    for name in (name for picture in pictures for name in picture):
        try:
            name.encode()
        except UnicodeEncodeError as error:
            raise InputError(f"expected names in Unicode, got {name!r}; rename that file") from error


# --- lists of pairs


def _listed(listing: str, output: str, format: str | None) -> list[Picture]:
    rows = csv.reader(io.StringIO(_text_of(listing), newline=""))
    columns = next(rows, [])
    missing = [name for name in ("input", "mask") if name not in columns]
    if missing:
        raise InputError(
            f"{listing}, line 1: expected the columns input and mask, got {','.join(columns)[:200]!r}; name them"
        )
    lines = [(dict(zip(columns, row, strict=False)), rows.line_num) for row in rows if row]
    if not lines:
        raise InputError(f"expected pairs in {listing}, got 0; name a picture and its mask in each line")
    for cells, number in lines:
        if not (cells.get("input") and "mask" in cells):
            raise InputError(f"{listing}, line {number}: expected a picture and a mask; correct the line")
    if "output" in columns:
        targets = [_below(cells.get("output", ""), listing, number, "output") for cells, number in lines]
    else:
        named = [_below(cells["input"], listing, number, "input") for cells, number in lines]
        targets = target_names(named, format)
    return [
        Picture(_beside(listing, cells["input"]), _beside(listing, cells["mask"]), str(target))
        for (cells, _), target in zip(lines, targets, strict=True)
    ]


def _text_of(listing: str) -> str:
    try:
        return read_file(listing).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{listing} must be a CSV file in UTF-8, got {error}; save it as such") from error


def _beside(listing: str, name: str) -> str:
    # A path in the list is relative to the list.
    if name in {"", ALPHA} or is_url(name):
        return name
    if is_url(listing):
        return f"{posixpath.dirname(listing)}/{name}"
    return str(Path(listing).absolute().parent / name)


def _below(name: str, listing: str, number: int, column: str) -> PurePosixPath:
    path = PurePosixPath(name)
    if not name or is_url(name) or path.is_absolute() or ".." in path.parts:
        advice = "; or add a column output" if column == "input" else ""
        raise InputError(
            f"{listing}, line {number}: expected {column} to be a path in the output folder, too, got {name[:200]!r}; "
            f"write it relative and without ..{advice}"
        )
    return path
