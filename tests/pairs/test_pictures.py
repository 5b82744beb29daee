"""Pairs of pictures in tar shards: the same pixels and checksums as from files, found again by SHARD.tar/MEMBER."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest

from splpaint.datasets.shard_writing import write_shards
from splpaint.errors import InputError
from splpaint.images.list_writing import write_list
from splpaint.images.listing import list_pictures
from splpaint.pairs.pairing import check_pairs, load_pair, make_pairs, read_manifest, write_manifest
from splpaint.pairs.pictures import list_pair_pictures
from splpaint.pairs.published import write_published
from tests import dataset_samples as samples

COUNT = 7


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(COUNT):
        suffix = ("png", "jpg", "webp")[number % 3]
        samples.save(samples.photograph(number), tmp_path / "photos" / f"{number}.{suffix}")
    return tmp_path / "photos"


@pytest.fixture
def shards(folder: Path, tmp_path: Path) -> Path:
    assert write_shards(folder, tmp_path / "shards", shard_bytes=10_000).shards >= 2
    return tmp_path / "shards"


@pytest.fixture
def manifest(shards: Path, tmp_path: Path) -> Path:
    return paired(str(shards), tmp_path / "lists" / "pairs.csv")


def paired(pictures: str, manifest: Path) -> Path:
    write_manifest(make_pairs(list_pair_pictures(pictures), seed=5, side_px=32), manifest, overwrite=True)
    return manifest


def pack(files: dict[str, Path], shard: Path) -> Path:
    """A shard as somebody else's tar writes it, without an index: names to files."""
    shard.with_name(shard.name + ".index.json").unlink(missing_ok=True)
    with tarfile.open(shard, "w") as tar:
        for name, file in files.items():
            info = tar.gettarinfo(file)
            info.name = name
            with file.open("rb") as opened:
                tar.addfile(info, opened)
    return shard


def test_files_and_shards_give_the_same_pairs_but_for_the_paths(
    folder: Path, shards: Path, tmp_path: Path
) -> None:
    write_list(list_pictures(folder), tmp_path / "photos.flist")
    last = len(list(shards.glob("*.tar"))) - 1
    one = pack({file.name: file for file in list_pictures(folder)}, tmp_path / "one.tar")
    pattern = f"{shards}/pictures-{{000000..{last:06}}}.tar"
    expected = read_manifest(paired(str(folder), tmp_path / "a" / "files.csv"))
    for text in (str(tmp_path / "photos.flist"), str(shards), pattern, str(one)):
        manifest = paired(text, tmp_path / "b" / "c" / "pairs.csv")
        assert check_pairs(manifest) == []
        found = read_manifest(manifest)
        assert [pair._replace(image="") for pair in found] == [pair._replace(image="") for pair in expected]
        for pair, from_file in zip(found, expected, strict=True):
            for ours, theirs in zip(
                load_pair(pair, manifest.parent), load_pair(from_file, tmp_path / "a"), strict=True
            ):
                np.testing.assert_array_equal(ours, theirs)


def test_a_picture_in_a_shard_is_named_by_a_path_from_the_manifest(manifest: Path) -> None:
    first = read_manifest(manifest)[0]
    assert first.image == "../shards/pictures-000000.tar/000000000.png"


def test_shards_and_manifest_may_be_moved_together(manifest: Path, shards: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    shards.rename(tmp_path / "elsewhere" / "shards")
    manifest.parent.rename(tmp_path / "elsewhere" / "lists")
    assert check_pairs(tmp_path / "elsewhere" / "lists" / "pairs.csv") == []


def test_a_shard_that_its_index_does_not_fit_is_told(manifest: Path, folder: Path, shards: Path) -> None:
    index = shards / "pictures-000000.tar.index.json"
    kept = index.read_bytes()
    pack({"000000000.png": list_pictures(folder)[3]}, shards / "pictures-000000.tar")
    index.write_bytes(kept)
    assert "pictures-000000.tar" in check_pairs(manifest)[0]


def test_missing_and_changed_shards_are_told(manifest: Path, folder: Path, shards: Path) -> None:
    pairs = read_manifest(manifest)
    in_first = [pair for pair in pairs if "pictures-000000.tar" in pair.image]

    pack(
        {"000000000.png": list_pictures(folder)[3]}, shards / "pictures-000000.tar"
    )  # another picture, and the rest is gone
    differences = check_pairs(manifest)
    assert differences[0].startswith(f"pair 1: picture {pairs[0].image} has SHA-256 ")
    assert f"pair 2: picture {pairs[1].image} is missing" in differences

    (shards / "pictures-000000.tar").unlink()
    assert check_pairs(manifest) == [
        f"pair {number}: picture {pair.image} is missing" for number, pair in enumerate(in_first, start=1)
    ]
    with pytest.raises(InputError, match=r"000000000\.png is missing; bring the files back"):
        load_pair(pairs[0], manifest.parent)

    (shards / "pictures-000000.tar").write_bytes(b"no tar file")
    assert "expected an uncompressed tar file" in check_pairs(manifest)[0]
    assert len(check_pairs(manifest)) == len(in_first) < len(pairs)


def test_a_shard_packed_again_with_the_same_pictures_is_as_recorded(manifest: Path, shards: Path) -> None:
    assert check_pairs(manifest) == []
    for shard in shards.glob("*.tar"):
        with tarfile.open(shard) as tar:
            tar.extractall(shards / shard.stem, filter="data")
        names = sorted((shards / shard.stem).iterdir(), reverse=True)
        pack({file.name: file for file in names}, shard)
    assert check_pairs(manifest) == []


def test_odd_names_in_a_foreign_shard_are_found_again(folder: Path, tmp_path: Path) -> None:
    names = ("./a.png", "../b.png", "/c.png", "sub//d, e.png", "x.tar/f.png", "g\nh.png", "i.png")
    shard = pack(dict(zip(names, list_pictures(folder), strict=True)), tmp_path / "theirs.tar")
    manifest = paired(str(shard), tmp_path / "pairs.csv")
    assert check_pairs(manifest) == []
    inside = [pair.image.removeprefix("theirs.tar/") for pair in read_manifest(manifest)]
    assert inside == ["a.png", "b.png", "c.png", "sub/d, e.png", "x.tar/f.png", "g\nh.png", "i.png"]


def test_a_picture_that_would_count_twice_is_refused(folder: Path, shards: Path, tmp_path: Path) -> None:
    file, other = list_pictures(folder)[:2]
    pack({"a.png": file, "./a.png": other}, tmp_path / "twice.tar")
    with pytest.raises(InputError, match=r"each picture once, got .*twice\.tar/a\.png 2 times; name each"):
        list_pair_pictures(str(tmp_path / "twice.tar"))
    with pytest.raises(InputError, match=r"each picture once, got .*000000000\.png 2 times"):
        list_pair_pictures(f"{shards}/pictures-{{000000,000000}}.tar")


@pytest.mark.parametrize("text", ["https://host/a-{0..9}.tar", "s3://bucket/a.tar", "hf:somebody/pictures"])
def test_what_is_not_on_a_disk_is_refused(text: str) -> None:
    with pytest.raises(InputError, match=r"tar shards on a disk, got .*: copy the shards or save the"):
        list_pair_pictures(text)


def test_a_shard_that_is_not_there_or_holds_no_picture_is_refused(tmp_path: Path, folder: Path) -> None:
    with pytest.raises(InputError, match=r"expected a tar shard, got .*gone\.tar"):
        list_pair_pictures(str(tmp_path / "gone.tar"))
    broken = tmp_path / "broken.jpg"
    broken.write_text("no picture", "utf-8")
    shard = pack({"good.png": list_pictures(folder)[0], "bad.jpg": broken}, tmp_path / "half.tar")
    with pytest.raises(InputError, match=r"got .*half\.tar/bad\.jpg \(no known format\); replace it"):
        list(make_pairs(list_pair_pictures(str(shard)), seed=0, side_px=16))
    with pytest.raises(InputError, match=r"half\.tar/none\.jpg \('none\.jpg' is not in the shard\)"):
        list(make_pairs([shard / "none.jpg"], seed=0, side_px=16))


def test_pictures_in_shards_cannot_be_exported(manifest: Path, tmp_path: Path) -> None:
    pairs = read_manifest(manifest)
    with pytest.raises(InputError, match=r"files of their own, got \.\./shards/pictures-000000\.tar/0"):
        write_published(pairs, manifest.parent, tmp_path / "published")
    assert not (tmp_path / "published").exists()


def test_a_foreign_shard_gets_an_index_and_every_picture_is_read_from_its_place(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    pack({file.name: file for file in list_pictures(folder)}, here / "theirs.tar")
    paired(str(here / "theirs.tar"), here / "pairs.csv")
    assert (here / "theirs.tar.index.json").is_file()
    shutil.copytree(here, there, copy_function=shutil.copy2)
    monkeypatch.setattr(tarfile, "open", None)  # no tar file is read through any more
    assert check_pairs(there / "pairs.csv") == []
