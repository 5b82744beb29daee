"""The pictures of a report, gathered from its shards.

``REPORT/pictures/NUMBER/`` holds a pair's files, called as in a shard (``evaluation/pictures.py``), ``index.json`` says
which pairs these are.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from splpaint.atomic_files import write_atomic
from splpaint.errors import InputError
from splpaint.evaluation.choosing import Why, choose_pairs
from splpaint.evaluation.measures import Better
from splpaint.evaluation.pictures import DAMAGED, TRUTH, KeptPictures, Window, painted_by
from splpaint.evaluation.records import PairResult, RecordFile, in_order

__all__ = ["Gallery", "GalleryPair", "gather_gallery"]

_INDEX = "index.json"


class GalleryPair(NamedTuple):
    """A pair that is shown.

    Attributes:
        result: Its values.
        why: It was chosen.
        window: The part of its pictures that is shown.
        truth: Picture file.
        damaged: Picture file, transparent where the hole is.
        painted: Method => picture file.
    """

    result: PairResult
    why: Why
    window: Window
    truth: Path
    damaged: Path
    painted: Mapping[str, Path]


Gallery = Sequence[GalleryPair]
"""The worst pairs from the worst on, the best ones from the best on, then the others."""


def gather_gallery(files: Sequence[RecordFile], better: Better | None, report: Path) -> Gallery:
    """Gather the pictures that shards have kept into the folder of a report.

    Args:
        files: Of all shards, from ``find_records``.
        better: Which values of the first measure are; None if there is no measure.
        report: The folder; the pictures of an older report in it are replaced.

    Raises:
        InputError: A file is missing or cannot be written.
    """
    folder = report / "pictures"
    _remove_older(folder)
    kept = [(KeptPictures(file), KeptPictures(file).index()) for file in files]
    shard_of = {number: pictures for pictures, index in kept for number in index.windows}
    windows = {number: window for _, index in kept for number, window in index.windows.items()}
    chosen = choose_pairs(in_order(files), better, max(index.asked for _, index in kept))
    results = {result.number: result for result in in_order(files) if result.number in chosen}
    gallery = [
        _copy(shard_of[number], folder, results[number], why, windows[number])
        for number, why in chosen.items()
        if number in windows
    ]
    if gallery:
        write_atomic(folder / _INDEX, _describe(gallery, list(files[0].settings().methods)).encode())
    return gallery


def _copy(shard: KeptPictures, folder: Path, result: PairResult, why: Why, window: Window) -> GalleryPair:
    names = {method: painted_by(number) for number, method in enumerate(result.values, start=1)}
    here = folder / str(result.number)
    try:
        here.mkdir(parents=True, exist_ok=True)
        for name in (TRUTH, DAMAGED, *names.values()):
            shutil.copyfile(shard.path(result.number, name), here / name)
    except OSError as error:
        raise InputError(
            f"{error.filename} cannot be copied to {here} ({error.strerror}); evaluate that shard again with "
            "`overwrite=True`, or choose another folder for the report"
        ) from error
    painted = {method: here / name for method, name in names.items()}
    return GalleryPair(result, why, window, here / TRUTH, here / DAMAGED, painted)


def _describe(gallery: Gallery, methods: Sequence[str]) -> str:
    pairs = [
        {
            "number": pair.result.number,
            "name": pair.result.name,
            "why": pair.why,
            "mask": pair.result.mask,
            "bin": pair.result.bin,
            "ratio": pair.result.ratio,
            "window": pair.window,
        }
        for pair in gallery
    ]
    return json.dumps({"methods": methods, "pairs": pairs}, indent=1, ensure_ascii=False) + "\n"


def _remove_older(folder: Path) -> None:
    """Remove what an older report has put there and nothing else: a user may keep pictures in a folder of that name."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        for pair in json.loads((folder / _INDEX).read_bytes())["pairs"]:
            shutil.rmtree(folder / str(int(pair["number"])), ignore_errors=True)
        (folder / _INDEX).unlink()
