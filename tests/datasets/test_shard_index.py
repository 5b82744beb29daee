"""Indexes of shards: made once, held against what they claim, refused with the place where they are wrong."""

from __future__ import annotations

import io
import json
import os
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from splpaint.datasets.shard_index import local_index
from splpaint.datasets.sources import open_pictures
from splpaint.errors import InputError
from splpaint.images.listing import list_pictures
from tests.datasets.conftest import COUNT, files, read_all


def test_a_foreign_shard_gets_an_index_once(folder: Path, tmp_path: Path) -> None:
    shard = tmp_path / "theirs.tar"
    with tarfile.open(shard, "w", format=tarfile.PAX_FORMAT) as tar:
        for file in list_pictures(folder):
            tar.add(file, f"{'long' * 60}/{file.name}")
            label = tarfile.TarInfo(file.stem + ".cls")
            label.size = 1
            tar.addfile(label, io.BytesIO(b"1"))
    assert read_all(open_pictures(shard)) == files(folder)
    index = shard.with_name("theirs.tar.index.json")
    made = index.stat().st_mtime_ns
    assert read_all(open_pictures(shard)) == files(folder)
    assert index.stat().st_mtime_ns == made
    with tarfile.open(shard, "a") as tar:
        tar.add(list_pictures(folder)[0], "more.png")
    os.utime(shard, ns=(made + 1, made + 1))  # of the same size, thanks to a tar file's padding
    assert len(open_pictures(shard)) == COUNT + 1


def test_the_index_of_our_shards_is_what_reading_them_gives(shards: Path) -> None:
    for file in sorted(shards.glob("*.index.json")):
        written = json.loads(file.read_text("utf-8"))
        file.unlink()
        index = local_index(shards / file.name.removesuffix(".index.json"))
        assert index._replace(digests=written["digests"])._asdict() == {
            name: written[name] for name in index._fields
        }


def test_an_index_with_checksums_outlives_copying(shards: Path) -> None:
    before = {file: file.read_bytes() for file in shards.iterdir()}
    for file in shards.glob("*.tar"):
        os.utime(file)  # newer than its index
    assert len(open_pictures(shards)) == COUNT
    assert {file: file.read_bytes() for file in shards.iterdir()} == before


def _edited(shards: Path, **changes: object) -> Path:
    """The first shard, whose index says something else; ``None`` takes a key away."""
    file = shards / "pictures-000000.tar.index.json"
    values = json.loads(file.read_text("utf-8")) | changes
    file.write_text(json.dumps({key: value for key, value in values.items() if value is not None}))
    return shards / "pictures-000000.tar"


def _columns(shards: Path) -> dict[str, list[Any]]:
    values = json.loads((shards / "pictures-000000.tar.index.json").read_text("utf-8"))
    return {key: value for key, value in values.items() if isinstance(value, list)}


@pytest.mark.parametrize(
    ("column", "change", "message"),
    [
        ("sizes", lambda sizes: ["x", *sizes[1:]], r"sizes\.0: Input should be a valid integer"),
        ("sizes", lambda sizes: [True, *sizes[1:]], r"sizes\.0: Input should be a valid integer"),
        ("offsets", lambda offsets: [*offsets[:-1], 2**70], r"offsets\.\d: Input should be less than"),
        (
            "offsets",
            lambda offsets: [-512, *offsets[1:]],
            r"offsets\.0: Input should be greater than or equal",
        ),
        (
            "offsets",
            lambda offsets: [offsets[0], offsets[1] - 4000, *offsets[2:]],
            r"offsets\.1: \d+ instead of",
        ),
        (
            "offsets",
            lambda offsets: [*offsets[:-1], 10**9],
            r"offsets\.\d: 1000000000 .* beyond the shard's end",
        ),
        ("names", lambda names: names[:-1], "columns of different lengths"),
        ("names", lambda names: [1, *names[1:]], r"names\.0: Input should be a valid string"),
        ("digests", lambda digests: ["x" * 64, *digests[1:]], r"digests\.0: String should match"),
    ],
)
def test_an_index_that_is_none_is_named_with_the_place(
    shards: Path, column: str, change: Callable[[list[Any]], list[Any]], message: str
) -> None:
    shard = _edited(shards, **{column: change(_columns(shards)[column])})
    with pytest.raises(InputError, match=rf"got .*000000\.tar\.index\.json \(.*{message}"):
        open_pictures(shard)


@pytest.mark.parametrize(
    "text", [b"[" * 100_000, b"null", b"{", b"\xff\xfe\0", b"9" * 10_000, b'{"names": []}']
)
def test_what_is_no_json_is_no_index_either(shards: Path, text: bytes) -> None:
    (shards / "pictures-000000.tar.index.json").write_bytes(text)
    with pytest.raises(InputError, match=r"expected the index of a shard, got .*remove it: it is made again"):
        open_pictures(shards / "pictures-000000.tar")
    (shards / "shards.json").write_bytes(text)
    with pytest.raises(InputError, match="expected a list of shards"):
        open_pictures(shards)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda listed: listed["shards"].pop(), r"7 pictures are said to be there, \d in 3 shards"),
        (lambda listed: listed["shards"].__setitem__(1, listed["shards"][0]), "in 3 shards are listed"),
        (lambda listed: listed["shards"][0].pop("name"), r"shards\.0\.name: Field required"),
        (lambda listed: listed["shards"][0].update(name="../a.tar"), r"shards\.0\.name: String should match"),
        (lambda listed: listed.pop("pictures"), "pictures: Field required"),
    ],
)
def test_a_list_of_shards_that_has_lost_some_is_refused(
    shards: Path, change: Callable[[Any], object], message: str
) -> None:
    listed = json.loads((shards / "shards.json").read_bytes())
    assert (listed["pictures"], len(listed["shards"])) == (7, 4)
    change(listed)
    (shards / "shards.json").write_text(json.dumps(listed))
    with pytest.raises(InputError, match=rf"expected a list of shards, got .*{message}"):
        open_pictures(shards)


def test_pictures_missing_from_an_index_with_checksums_are_missed(shards: Path) -> None:
    columns = _columns(shards)
    for part in (slice(1, None), slice(None, -1)):
        shard = _edited(shards, **{name: column[part] for name, column in columns.items()})
        with pytest.raises(InputError, match=r"instead of 512|its pictures fill \d+ bytes, the shard has"):
            open_pictures(shard)


def test_a_shard_that_its_index_with_checksums_does_not_fit_is_refused(shards: Path) -> None:
    shard = shards / "pictures-000000.tar"
    shard.write_bytes(shard.read_bytes() + bytes(10_240))
    with pytest.raises(InputError, match=r"expected a shard of \d+ bytes, as its index says"):
        open_pictures(shard)
    shard.with_name(shard.name + ".index.json").unlink()
    assert len(open_pictures(shard)) > 0


def test_an_index_of_our_own_making_is_checked_by_its_own_checksum(shards: Path) -> None:
    shard = _edited(shards, digests=None)
    index = shard.with_name(shard.name + ".index.json")
    index.unlink()
    count = len(open_pictures(shard))
    index.write_bytes(index.read_bytes().replace(b'"offsets": [512', b'"offsets": [513'))
    with pytest.raises(InputError, match="its own checksum is wrong"):
        open_pictures(shard)
    index.unlink()
    assert len(open_pictures(shard)) == count
