"""A blind sheet: pairs as methods painted them, each method under a letter that a seed has drawn.

``REPORT/blind/`` is for viewers: a picture for each pair, ``answers.csv`` to fill in, and ``answer.html``, a page for
answering by keys. The key to the letters lies beside that folder, not in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from importlib.resources import files
from itertools import islice
from pathlib import Path
from string import ascii_uppercase
from typing import NamedTuple

import numpy as np
from PIL import Image

from splpaint.atomic_files import atomic_path, write_atomic
from splpaint.errors import InputError
from splpaint.evaluation.methods import Method
from splpaint.evaluation.painting import PairPainter, list_pairs
from splpaint.evaluation.pictures import shown_window
from splpaint.evaluation.protocols import Protocol, find_protocol
from splpaint.evaluation.report.blind.answers import write_empty_answers
from splpaint.evaluation.report.blind.drawing import Candidate, draw_letters, draw_pairs
from splpaint.evaluation.report.blind.key import KEY_FILE, BlindKey, BlindPair
from splpaint.evaluation.report.panels import Panel, arrange, on_hole_colour
from splpaint.images import Hole, Pixels
from splpaint.notices import tell
from splpaint.pairs import manifest_sha256
from splpaint.parallel import ordered_map

__all__ = ["ANSWERS_FILE", "SHEET_FOLDER", "write_blind_sheet"]

SHEET_FOLDER = "blind"
ANSWERS_FILE = "answers.csv"

_PAGE = "answer.html"
_MOST_SIDE_PX = 768
_LEAST_SIDE_PX = 512  # smaller pictures are enlarged
_MOST_IN_A_ROW = 3


def write_blind_sheet(
    pairs: Path,
    methods: Sequence[Method],
    *,
    count: int,
    seed: int = 0,
    protocol: str = "clean",
    output: Path,
    on_progress: Callable[[str, int, int], object] = lambda stage, done, total: None,
) -> BlindKey:
    """Paint some pairs of a manifest for viewers who do not know which method painted what.

    Pairs are drawn evenly from bins of hole ratios and kinds of masks, from different photographs as far as possible.
    Methods that paint a pair alike share a letter; a pair that all paint alike is passed over. The same sheet may be
    written again: answers that are there stay.

    Args:
        pairs: The manifest.
        methods: 2 to 26; their names differ.
        count: How many pairs, at least one.
        seed: Draws the pairs and the letters, 0 or more.
        protocol: Says whether known pixels are put back, and how levels are rounded.
        output: The folder of the report.
        on_progress: Called with the stage, painting the blind sheet, how many pairs are done, and of how many.

    Returns:
        The key, which is written to ``blind-key.json`` in the folder.

    Raises:
        SplpaintError: A method, the manifest or a pair cannot be used; there are too few pairs; another sheet is there;
            or a file cannot be written.
    """
    painter = _Painter(pairs, methods, find_protocol(protocol))
    if not 0 < count <= len(painter.pairs):
        raise InputError(
            f"expected 1 to {len(painter.pairs)} pairs for a blind sheet, as many as there are, got {count}; ask for "
            "another number"
        )
    sheet = painter.sheet_name(count, seed)
    _refuse_another(output / KEY_FILE, sheet)
    order = draw_pairs(painter.candidates(), seed)
    drawn: list[BlindPair] = []
    with closing(ordered_map(painter.paint, order)) as painted:
        for shown in islice((each for each in painted if len(each.pictures) > 1), count):
            letters = draw_letters(len(shown.pictures), seed, shown.candidate.number)
            name = f"{sheet}-{len(drawn) + 1:02d}"
            _write_picture(_picture(shown, letters), output / SHEET_FOLDER / f"{name}.png")
            drawn.append(_describe(name, shown, letters))
            on_progress("painting the blind sheet", len(drawn), count)
    if len(drawn) < count:
        tell(f"{len(drawn)} of {count} pairs are on the blind sheet: the methods paint all others alike")
    key = BlindKey(
        sheet=sheet,
        manifest_sha256=manifest_sha256(pairs),
        protocol=protocol,
        seed=seed,
        methods=[method.name for method in methods],
        pairs=drawn,
    )
    _finish(key, output)
    return key


class _Shown(NamedTuple):
    candidate: Candidate
    name: str  # in the manifest
    truth: Pixels
    hole: Hole
    pictures: list[Pixels]  # different ones
    methods: list[list[str]]  # that painted each


class _Painter:
    def __init__(self, pairs: Path, methods: Sequence[Method], protocol: Protocol) -> None:
        names = [method.name for method in methods]
        if not 2 <= len(set(names)) == len(names) <= len(ascii_uppercase):
            raise InputError(
                f"expected 2 to {len(ascii_uppercase)} methods of different names for a blind sheet, got "
                f"{', '.join(names) or 'none'}; compare others"
            )
        self.pairs = list(list_pairs(pairs))
        for pair in self.pairs:
            protocol.require_preparation(pair.record)
        self._manifest = pairs
        opened = {method.name: method.open(pairs) for method in methods}
        self._painter = PairPainter(opened, protocol, pairs.parent)

    def sheet_name(self, count: int, seed: int) -> str:
        methods, protocol, _ = self._painter
        identities = {name: dict(method.identity) for name, method in methods.items()}
        what = [manifest_sha256(self._manifest), protocol.name, identities, count, seed]
        return hashlib.sha256(json.dumps(what).encode()).hexdigest()[:4]

    def candidates(self) -> list[Candidate]:
        bin_of = self._painter.protocol.bin_of
        return [
            Candidate(number, record.image_sha256, bin_of(record.ratio), record.mask.group)
            for number, _, record in self.pairs
        ]

    def paint(self, candidate: Candidate) -> _Shown:
        pair, samples = self._painter.paint(self.pairs[candidate.number - 1])
        alike: dict[bytes, list[str]] = {}
        pictures: dict[bytes, Pixels] = {}
        for name, sample in samples.items():
            alike.setdefault(sample.painted.tobytes(), []).append(name)
            pictures.setdefault(sample.painted.tobytes(), sample.painted)
        return _Shown(
            candidate, pair.name, pair.image, pair.hole, list(pictures.values()), list(alike.values())
        )


def _describe(name: str, shown: _Shown, letters: Mapping[str, int]) -> BlindPair:
    candidate = shown.candidate
    return BlindPair(
        pair=name,
        name=shown.name,
        number=candidate.number,
        image_sha256=candidate.photograph,
        bin=candidate.bin,
        mask=candidate.mask,
        letters={letter: shown.methods[place] for letter, place in letters.items()},
    )


def _picture(shown: _Shown, letters: Mapping[str, int]) -> Image.Image:
    window = shown_window(shown.hole, _MOST_SIDE_PX)
    known = np.where(shown.hole[..., None], np.uint8(0), np.uint8(255))  # bool (H,W) => uint8 (H,W,1)
    damaged = Image.fromarray(np.concatenate([shown.truth, known], axis=2))
    panels = [Panel(_enlarged(on_hole_colour(damaged.crop(window))), "damaged")]
    for letter, place in letters.items():
        panels.append(Panel(_enlarged(Image.fromarray(shown.pictures[place]).crop(window)), letter))
    in_a_row = len(panels) if len(panels) <= _MOST_IN_A_ROW else -(-len(panels) // 2)
    return arrange([panels[start : start + in_a_row] for start in range(0, len(panels), in_a_row)])


def _enlarged(picture: Image.Image) -> Image.Image:
    times = max(1, -(-_LEAST_SIDE_PX // max(picture.size)))
    return picture.resize((picture.width * times, picture.height * times), Image.Resampling.BICUBIC)


def _write_picture(picture: Image.Image, path: Path) -> None:
    with atomic_path(path) as temporary:
        picture.save(temporary, "PNG")


def _refuse_another(key: Path, sheet: str) -> None:
    if key.exists() and (there := BlindKey.read(key)).sheet != sheet:
        raise InputError(
            f"expected no blind sheet in {key.parent} or the same one, got another, {there.sheet}; remove {key} and "
            f"{key.parent / SHEET_FOLDER} if its answers are of no use, or choose another folder"
        )


def _finish(key: BlindKey, output: Path) -> None:
    folder = output / SHEET_FOLDER
    page = (files("splpaint.evaluation.report.blind") / _PAGE).read_text("utf-8")
    pairs = {pair.pair: list(pair.letters) for pair in key.pairs}
    write_atomic(folder / _PAGE, page.replace("{/* pairs */}", json.dumps(pairs)).encode())
    if not (folder / ANSWERS_FILE).exists():
        write_empty_answers(key, folder / ANSWERS_FILE)
    key.write(output / KEY_FILE)
