"""Tar shards, here and at URLs: the same pictures, or a refusal."""

from __future__ import annotations

import functools
import http.server
import tarfile
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from splpaint.datasets.shards import expand_braces
from splpaint.datasets.sources import open_pictures
from splpaint.errors import InputError
from tests.datasets.conftest import COUNT, files, pattern, read_all


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


def test_shards_at_a_url_are_read_forwards_and_give_the_same(folder: Path, shards: Path) -> None:
    source = open_pictures(f"file://{shards}/{pattern(shards)}")
    assert source.sequential is not None
    assert sum(source.sequential) == COUNT
    assert read_all(source) == files(folder)
    assert source.read(1).data == files(folder)[1]  # backwards, too, if need be


def test_threads_that_read_the_same_shards_do_not_get_each_others_bytes(folder: Path, shards: Path) -> None:
    source = open_pictures(f"file://{shards}/{pattern(shards)}")
    with ThreadPoolExecutor(4) as threads:
        for read in [threads.submit(read_all, source) for _ in range(100)]:
            assert read.result() == files(folder)


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
