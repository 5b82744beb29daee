"""Names of pairs: unique, fit for files, and the pictures' own where they can be."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from splpaint.masks.origin import MaskOrigin
from splpaint.pairs.manifest import PairRecord, write_manifest
from splpaint.pairs.names import pair_names


def _names(images: Sequence[str], folder: Path) -> list[str]:
    """The names of pairs of these pictures, which need not be there."""
    pairs = [
        PairRecord(image, "0" * 64, 20, 20, MaskOrigin("box"), 0, number, "0" * 64, 16, 16, 0.25, "(0.2,0.3]")
        for number, image in enumerate(images)
    ]
    write_manifest(pairs, folder / "pairs.csv", overwrite=True)
    return pair_names(folder / "pairs.csv")


@pytest.mark.parametrize(
    ("images", "names"),
    [
        (["photos/b.png", "photos/a.jpg"], ["b", "a"]),
        (["photos/a.png", "photos/a.png", "other/a.webp", "b.png"], ["a-1", "a-2", "a-3", "b"]),
        (["a.png", "a.png", "a-2.png"], ["a-1", "a-3", "a-2"]),
        (["a-2.png", "a.png", "a-2.png", "a.png"], ["a-2-1", "a-1", "a-2-2", "a-2"]),
        (["shards/x-000.tar/train/7/001.jpg", "shards/x-001.tar/001.jpg"], ["001-1", "001-2"]),
        (["A.png", "a.png"], ["A-1", "a-2"]),
        (["photos/caf\u00e9.png", "photos/cafe\u0301.png"], ["caf\u00e9-1", "cafe\u0301-2"]),
        (["photos/one.two.png", 'photos/a:"b"?.png', "photos/.hidden.png"], ["one.two", "a__b__", "_hidden"]),
        (["a:.png", "a_.png"], ["a_-1", "a_-2"]),
    ],
)
def test_a_pair_has_its_picture_s_name_and_a_number_if_others_have_it(
    images: list[str], names: list[str], tmp_path: Path
) -> None:
    assert _names(images, tmp_path) == names


@given(
    stems=st.lists(st.from_regex(r"[aAbéE\u0301]{1,2}(-[1-3]){0,2}", fullmatch=True), min_size=1, max_size=12)
)
def test_names_differ_on_every_file_system(
    stems: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    names = _names([f"{stem}.png" for stem in stems], tmp_path_factory.mktemp("names"))
    assert len({unicodedata.normalize("NFD", name).casefold() for name in names}) == len(stems)
    assert all(name.startswith(stem) for name, stem in zip(names, stems, strict=True))
