"""Looking a dataset over once before it is used: every picture is decoded, lists and a summary are written.

These are a list of the readable pictures of each part (``train.flist`` ...), ``unreadable.csv`` with reasons,
``near_duplicates.csv`` and ``summary.json``. Only the path, size and hash of each picture stay in memory.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from splpaint.atomic_files import open_atomic, require_free
from splpaint.datasets.layouts import Part
from splpaint.datasets.near_duplicates import difference_hash, near_duplicates
from splpaint.errors import InputError
from splpaint.images import BrokenFile, fits_a_line, read_rgb, write_list
from splpaint.parallel import ordered_map
from splpaint.tables import write_table

__all__ = ["PartSummary", "Summary", "prepare_dataset"]

_SHORTER_SIDES_PX = (0, 64, 128, 256, 512, 1024)


class PartSummary(NamedTuple):
    """The findings about a part of a dataset.

    Attributes:
        name: "train", "val", "test", "eval" or "pictures".
        expected: How many pictures there should be; None if that is not known.
        found: How many files there are.
        readable: How many of them can be decoded.
        list: The list of those; None if the part is not there at all.
        looked_for: Folders that were searched for a part that is not there.
    """

    name: str
    expected: int | None
    found: int
    readable: int
    list: Path | None
    looked_for: tuple[str, ...] = ()


class Summary(NamedTuple):
    """The findings about a dataset.

    Attributes:
        parts: In their order.
        unreadable: Files with reasons, also those that a list of the dataset names and that are not there.
        shorter_sides: Numbers of pictures by range of the shorter side, such as "256-511" pixels.
        smallest: Width and height of the picture with the fewest pixels; None without readable pictures.
        largest: Those of the picture with the most.
        duplicate_groups: Groups of pictures that look the same.
        duplicates: Pictures in them.
        groups_across_parts: Groups with pictures in more than one part, so that a test would be trained on.
        left_out: Numbers of other files by suffix, from ``count_others``.
    """

    parts: list[PartSummary]
    unreadable: list[BrokenFile]
    shorter_sides: dict[str, int]
    smallest: tuple[int, int] | None
    largest: tuple[int, int] | None
    duplicate_groups: int
    duplicates: int
    groups_across_parts: int
    left_out: dict[str, int]


class _Entry(NamedTuple):
    file: Path
    part: str
    width: int
    height: int
    hash: int


def prepare_dataset(
    parts: Sequence[Part],
    folder: Path,
    *,
    left_out: Mapping[str, int] | None = None,
    workers: int = 2,
    overwrite: bool = False,
    on_picture: Callable[[], object] = lambda: None,
) -> Summary:
    """Decode every picture of a dataset once and write the findings.

    Args:
        parts: From ``find_parts``.
        folder: For lists and tables; made if missing.
        left_out: Numbers of other files by suffix, for the summary.
        workers: Threads that decode.
        overwrite: Replace files that are there.
        on_picture: Called after each picture.

    Raises:
        InputError: A file that is to be written is there (told before anything is decoded), or no picture of a
            part can be read.
    """
    for path in _outputs(parts, folder):
        require_free(path, overwrite=overwrite)
    entries: list[_Entry] = []
    unreadable = [BrokenFile(file, "is missing") for part in parts for file in part.missing]
    for found in _decode_all(parts, workers):
        if isinstance(found, BrokenFile):
            unreadable.append(found)
        else:
            entries.append(found)
        on_picture()
    summaries = [_write_part(part, entries, folder, overwrite=overwrite) for part in parts]
    groups = near_duplicates(np.array([entry.hash for entry in entries], dtype=np.uint64))
    summary = _summarise(summaries, unreadable, entries, groups, dict(left_out or {}))
    _write_tables(summary, entries, groups, folder, overwrite=overwrite)
    return summary


def _outputs(parts: Sequence[Part], folder: Path) -> list[Path]:
    names = [f"{part.name}.flist" for part in parts]
    return [folder / name for name in (*names, "unreadable.csv", "near_duplicates.csv", "summary.json")]


# --- decoding


def _decode_all(parts: Sequence[Part], workers: int) -> Iterator[_Entry | BrokenFile]:
    """Entries in the order of the files."""
    files = ((file, part.name) for part in parts for file in part.files)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # among a million pictures some have odd metadata
        yield from ordered_map(lambda file: _decode(*file), files, workers=workers)


def _decode(file: Path, part: str) -> _Entry | BrokenFile:
    if not fits_a_line(file.absolute().as_posix()):
        return BrokenFile(file, "has a name that does not fit on a line of a list; rename it")
    try:
        pixels = read_rgb(file)
    except (InputError, MemoryError) as error:
        return BrokenFile(file, str(error) or "needs more memory than there is")
    height, width = pixels.shape[:2]
    return _Entry(file, part, width, height, difference_hash(pixels))


# --- writing


def _write_part(part: Part, entries: Sequence[_Entry], folder: Path, *, overwrite: bool) -> PartSummary:
    path = folder / f"{part.name}.flist"
    if part.looked_for:
        path.unlink(missing_ok=True)  # from a run that found the part; only ``overwrite`` leads here
        return PartSummary(part.name, part.expected, 0, 0, None, part.looked_for)
    readable = [entry.file.absolute() for entry in entries if entry.part == part.name]
    if not readable:
        raise InputError(
            f"expected pictures in the part {part.name}, got {len(part.files)} files of which none can be read; "
            "get the dataset again"
        )
    write_list(readable, path, overwrite=overwrite)
    return PartSummary(part.name, part.expected, len(part.files), len(readable), path)


def _summarise(
    parts: list[PartSummary],
    unreadable: list[BrokenFile],
    entries: Sequence[_Entry],
    groups: Sequence[Sequence[int]],
    left_out: dict[str, int],
) -> Summary:
    sizes = Counter((entry.width, entry.height) for entry in entries)
    by_area = sorted(sizes, key=lambda size: (size[0] * size[1], size))
    across = sum(len({entries[number].part for number in group}) > 1 for group in groups)
    return Summary(
        parts,
        unreadable,
        _histogram(sizes),
        by_area[0] if by_area else None,
        by_area[-1] if by_area else None,
        len(groups),
        sum(map(len, groups)),
        across,
        left_out,
    )


def _histogram(sizes: Counter[tuple[int, int]]) -> dict[str, int]:
    histogram = {}
    for low, high in zip(_SHORTER_SIDES_PX, (*_SHORTER_SIDES_PX[1:], None), strict=True):
        label = f"{low}-{high - 1}" if high else f"{low}-"
        histogram[label] = sum(
            count for size, count in sizes.items() if low <= min(size) and (high is None or min(size) < high)
        )
    return histogram


def _write_tables(
    summary: Summary,
    entries: Sequence[_Entry],
    groups: Sequence[Sequence[int]],
    folder: Path,
    *,
    overwrite: bool,
) -> None:
    with open_atomic(folder / "unreadable.csv", overwrite=overwrite) as text:
        reasons = ((_printable(broken.file), broken.reason) for broken in summary.unreadable)
        write_table(text, ("file", "reason"), reasons)
    with open_atomic(folder / "near_duplicates.csv", overwrite=overwrite) as text:
        members = (
            (number, entries[place]) for number, group in enumerate(groups, start=1) for place in group
        )
        rows = ((number, entry.part, entry.file.absolute()) for number, entry in members)
        write_table(text, ("group", "part", "file"), rows)
    with open_atomic(folder / "summary.json", overwrite=overwrite) as text:
        json.dump(_as_json(summary), text, indent=2, ensure_ascii=False)
        text.write("\n")


def _printable(file: Path) -> str:
    return str(file).encode("utf-8", "backslashreplace").decode("utf-8")


def _as_json(summary: Summary) -> dict[str, object]:
    parts = [part._asdict() | {"list": part.list and part.list.name} for part in summary.parts]
    return summary._asdict() | {"parts": parts, "unreadable": len(summary.unreadable)}
