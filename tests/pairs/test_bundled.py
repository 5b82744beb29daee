from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.masks.ratios import RATIO_BINS
from splpaint.pairs import bundled
from splpaint.pairs.bundled import BUNDLED, find_bundled
from splpaint.pairs.manifest import PairRecord, read_manifest
from splpaint.pairs.pairing import check_pairs, load_pair

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "benchmarks" / "bundled"
OTHER_KINDS = ("thin", "medium", "thick", "object")


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def _sources() -> dict[str, dict[str, str]]:
    return {row["file"]: row for row in _rows(FOLDER / "SOURCES.csv")}


def test_every_file_has_its_source_and_checksum_and_all_are_small() -> None:
    files = [*FOLDER.glob("photographs/*"), *FOLDER.glob("silhouettes/*")]
    checksums = {
        file.relative_to(FOLDER).as_posix(): hashlib.sha256(file.read_bytes()).hexdigest() for file in files
    }
    assert checksums == {file: row["sha256"] for file, row in _sources().items()}
    assert sum(file.stat().st_size for file in FOLDER.rglob("*") if file.is_file()) < 16_000_000


def test_all_are_free_and_made_from_the_test_photographs_and_the_listed_cut_outs() -> None:
    corpus = [row for row in _rows(ROOT / "scripts" / "photo_corpus.csv") if row["split"] == "test"]
    originals = {row["sha256"]: row for row in (*corpus, *_rows(ROOT / "scripts" / "cut_outs.csv"))}
    sources = _sources()
    assert sorted(row["original_sha256"] for row in sources.values()) == sorted(originals)
    for row in sources.values():
        original = originals[row["original_sha256"]]
        assert original["tier"] == "free"
        assert row["licence"] == original["license"]
        assert row["title"]
        assert row["author"]


def test_photographs_are_lossless_squares_of_512_but_for_the_one_that_was_too_small() -> None:
    sizes = {}
    for file in FOLDER.glob("photographs/*.webp"):
        assert file.read_bytes()[12:16] == b"VP8L"  # the lossless kind of WebP
        sizes[file.stem] = Image.open(file).size
    assert sizes.pop("pagoda") == (256, 256)
    assert set(sizes.values()) == {(512, 512)}
    assert len(sizes) == 47


@pytest.mark.parametrize(("name", "pictures"), [("bundled-256", 48), ("bundled-512", 47)])
def test_each_photograph_comes_once_in_every_bin_and_once_with_every_other_kind(
    name: str, pictures: int
) -> None:
    pairs = read_manifest(find_bundled(name))
    met = Counter((pair.image, pair.bin) for pair in pairs if pair.mask.kind == "irregular")
    met += Counter((pair.image, pair.mask.kind) for pair in pairs if pair.mask.kind != "irregular")
    photographs = {pair.image for pair in pairs}
    assert len(photographs) == pictures
    assert met == {(image, group): 1 for image in photographs for group in (*RATIO_BINS, *OTHER_KINDS)}
    assert len({pair.mask_sha256 for pair in pairs}) == len(pairs)


@pytest.mark.parametrize("name", BUNDLED)
def test_all_pairs_are_as_recorded(name: str) -> None:
    assert check_pairs(find_bundled(name)) == []


def _first_with_each_photograph() -> list[PairRecord]:
    return list({pair.image: pair for pair in reversed(read_manifest(find_bundled("bundled-256")))}.values())


def test_photographs_of_256_are_means_of_2_x_2_pixels_of_512() -> None:
    for pair in _first_with_each_photograph():
        large = np.asarray(Image.open(FOLDER / pair.image)).astype(int)
        image, hole = load_pair(pair, FOLDER)
        low, high = RATIO_BINS[pair.bin]
        assert low < hole.mean() <= high
        if large.shape[0] == 256:
            assert np.array_equal(image, large)
            continue
        rows = (large[:, 0::2] + large[:, 1::2] + 1) // 2
        assert np.array_equal(image, (rows[0::2] + rows[1::2] + 1) // 2)
        assert np.abs(image - large.reshape(256, 2, 256, 2, 3).mean(axis=(1, 3))).max() <= 1


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(
        InputError, match="expected one of bundled-256, bundled-512, got 'bundled-255'; did you"
    ):
        find_bundled("bundled-255")


def test_an_installed_package_finds_them_in_the_working_folder_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundled, "_CLONES", (tmp_path, Path()))
    monkeypatch.chdir(ROOT)
    assert find_bundled("bundled-256").samefile(FOLDER / "pairs-256.csv")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(
        InputError, match=r"in the folder benchmarks/bundled of a clone .* run this in the clone"
    ):
        find_bundled("bundled-256")
