"""The same pictures, byte for byte, from a folder, a list, shards here, shards far away, and a saved dataset."""

from __future__ import annotations

import functools
import http.server
import io
import json
import os
import sys
import tarfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from splpaint.datasets.picture import PictureSource
from splpaint.datasets.shard_index import local_index
from splpaint.datasets.shard_writing import write_shards
from splpaint.datasets.shards import expand_braces
from splpaint.datasets.sources import open_pictures
from splpaint.errors import InputError, MissingExtraError
from splpaint.images.list_writing import write_list
from splpaint.images.listing import list_pictures
from tests import dataset_samples as samples

COUNT = 7


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for number in range(COUNT):
        samples.save(samples.photograph(number), tmp_path / "photos" / f"{number}.png")
    return tmp_path / "photos"


@pytest.fixture
def shards(folder: Path, tmp_path: Path) -> Path:
    assert write_shards(folder, tmp_path / "shards", shard_bytes=20_000).shards >= 3
    return tmp_path / "shards"


@pytest.fixture
def served(shards: Path) -> Iterator[str]:
    """The shards at a URL whose server, like many, gives files only from the start."""
    handler = functools.partial(_Quiet, directory=str(shards))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


def pattern(shards: Path) -> str:
    return f"pictures-{{000000..{len(list(shards.glob('*.tar'))) - 1:06}}}.tar"


def files(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in list_pictures(folder)]


def read_all(source: PictureSource) -> list[bytes]:
    return [source.read(number).data for number in range(len(source))]


def test_a_folder_a_list_and_shards_give_the_same(folder: Path, shards: Path, tmp_path: Path) -> None:
    write_list(list_pictures(folder), tmp_path / "photos.flist")
    for text in (folder, tmp_path / "photos.flist", shards, f"{shards}/{pattern(shards)}"):
        source = open_pictures(text)
        assert source.sequential is None
        assert read_all(source) == files(folder)
        assert [source.read(number).data for number in (5, 0, 3)] == [files(folder)[n] for n in (5, 0, 3)]


def test_shards_at_a_url_are_read_forwards_and_give_the_same(folder: Path, shards: Path) -> None:
    source = open_pictures(f"file://{shards}/{pattern(shards)}")
    assert source.sequential is not None
    assert sum(source.sequential) == COUNT
    assert read_all(source) == files(folder)
    assert source.read(1).data == files(folder)[1]  # backwards, too, if need be


@pytest.mark.parametrize("indexed", [True, False])
def test_shards_on_a_web_server_without_ranges_give_the_same(
    folder: Path, shards: Path, served: str, indexed: bool
) -> None:
    pytest.importorskip("aiohttp")
    if not indexed:
        for index in shards.glob("*.index.json"):
            index.unlink()
    source = open_pictures(f"{served}/{pattern(shards)}")
    assert read_all(source) == files(folder)
    assert source.read(2).data == files(folder)[2]
    with pytest.raises(InputError, match="expected a tar shard"):
        open_pictures(f"{served}/nothing.tar")


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
    with pytest.raises(InputError, match=r"expected the index of a shard, got .*remove it: it is made anew"):
        open_pictures(shards / "pictures-000000.tar")
    (shards / "shards.json").write_bytes(text)
    with pytest.raises(InputError, match="expected a list of shards"):
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


def test_a_changed_picture_in_a_shard_is_refused_by_its_checksum(folder: Path, shards: Path) -> None:
    shard = shards / "pictures-000001.tar"
    source = open_pictures(shard)
    before = read_all(source)
    data = bytearray(shard.read_bytes())
    data[data.index(before[1]) + len(before[1]) // 2] ^= 1
    shard.write_bytes(data)
    source = open_pictures(shard)
    assert source.read(0).data == before[0]
    with pytest.raises(
        InputError, match=r"000001\.tar/\d+\.png has another checksum than the shard's index says"
    ):
        source.read(1)


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


def test_a_shard_that_is_cut_short_or_compressed_is_refused(shards: Path, tmp_path: Path) -> None:
    whole = (shards / "pictures-000000.tar").read_bytes()
    end = len(whole.rstrip(b"\0"))
    for name, data in (("half", whole[: end // 2]), ("blocks", whole[: -(-end // 512) * 512]), ("none", b"")):
        (tmp_path / f"{name}.tar").write_bytes(data)
        with pytest.raises(InputError, match="expected an uncompressed tar file"):
            open_pictures(tmp_path / f"{name}.tar")
    with tarfile.open(tmp_path / "packed.tar", "w:gz") as tar:
        tar.add(shards / "shards.json", "a.png")
    with pytest.raises(InputError, match="unpack compressed ones"):
        open_pictures(tmp_path / "packed.tar")
    with pytest.raises(InputError, match="check the path"):
        open_pictures(tmp_path / "missing.tar")
    with tarfile.open(tmp_path / "texts.tar", "w") as tar:
        tar.add(shards / "shards.json", "a.json")
    with pytest.raises(InputError, match="0 pictures found"):
        open_pictures(tmp_path / "texts.tar")


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("a.tar", ["a.tar"]),
        ("a-{08..11}.tar", ["a-08.tar", "a-09.tar", "a-10.tar", "a-11.tar"]),
        ("{x,y}/{0..1}.tar", ["x/0.tar", "x/1.tar", "y/0.tar", "y/1.tar"]),
    ],
)
def test_braces_stand_for_several_shards(pattern: str, expected: list[str]) -> None:
    assert expand_braces(pattern) == expected


def test_a_dataset_saved_to_disk_gives_the_same(folder: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.load_dataset(
        "imagefolder", data_dir=str(folder), split="train", cache_dir=str(tmp_path / "cache")
    )
    rows.save_to_disk(tmp_path / "plain")
    datasets.DatasetDict({"train": rows.select([1]), "val": rows}).save_to_disk(tmp_path / "split")
    assert read_all(open_pictures(f"hf:{tmp_path / 'plain'}")) == files(folder)
    assert read_all(open_pictures(f"hf:{tmp_path / 'split'}@val")) == files(folder)
    assert read_all(open_pictures(f"hf:{tmp_path / 'split'}")) == files(folder)[1:2]
    with pytest.raises(InputError, match=r"expected the split test in .*, got train, val; say .*@train"):
        open_pictures(f"hf:{tmp_path / 'split'}@test")
    with pytest.raises(InputError, match=r"expected the split val in .*, got train"):
        open_pictures(f"hf:{tmp_path / 'plain'}@val")


def test_the_files_of_a_dataset_as_they_lie_on_the_hub_give_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    rows = [{"picture": {"bytes": data, "path": "a.png"}, "label": 1} for data in files(folder)]
    kinds = datasets.Features({"label": datasets.Value("int64"), "picture": datasets.Image()})
    table = datasets.Dataset.from_list(rows, features=kinds)
    for part in range(2):
        (tmp_path / "parquet" / "data").mkdir(parents=True, exist_ok=True)
        table.shard(2, part).to_parquet(tmp_path / "parquet" / "data" / f"test-{part:05}-of-00002.parquet")
    for text in ("parquet", "parquet@test"):
        source = open_pictures(f"hf:{tmp_path / text}")
        assert read_all(source) == files(folder)
        assert source.read(2).name == f"hf:{tmp_path / 'parquet'}/2/a.png"
    assert read_all(open_pictures(f"hf:{folder}")) == files(folder)
    with pytest.raises(InputError, match=r"expected the split train in .*, got test"):
        open_pictures(f"hf:{tmp_path / 'parquet'}@train")


def test_shards_on_the_hub_are_urls_and_no_dataset(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr("splpaint.datasets.shards.remote_shards", asked.append)
    open_pictures("hf://datasets/somebody/pictures/{0..1}.tar")
    assert asked == [[f"hf://datasets/somebody/pictures/{number}.tar" for number in range(2)]]


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"module datasets.*\[hub\]"):
        open_pictures("hf:somebody/pictures")
    with pytest.raises(MissingExtraError, match=r"module fsspec.*\[train\]"):
        open_pictures("https://example.org/a.tar")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(InputError, match=r"s3fs.*; install that"):
        open_pictures("s3://nobody/a.tar")
    with pytest.raises(InputError, match="check the address"):
        open_pictures("nonsense://nobody/a.tar")
