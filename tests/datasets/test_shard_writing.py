"""Shards: the same bytes from the same files, also after being killed; readable by anybody who reads tar files."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tarfile
import time
from pathlib import Path

import numpy as np
import pytest

from splpaint.datasets.shard_writing import write_shards
from splpaint.errors import InputError
from splpaint.images.listing import list_pictures


def pictures(folder: Path, count: int, *, size: int = 3000) -> Path:
    """Files of noise by the names of pictures: packing decodes nothing."""
    random = np.random.default_rng(1)
    for number in range(count):
        path = folder / f"{number % 7}" / f"a.b {number}.JPG"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(random.bytes(size + 13 * number))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_shard_is_a_plain_tar_file_of_the_pictures(tmp_path: Path) -> None:
    source = pictures(tmp_path / "photos", 5)
    written = write_shards(source, tmp_path / "shards", shard_bytes=9000)
    assert (written.pictures, written.kept, written.damaged) == (5, 0, [])
    found = []
    for shard in sorted((tmp_path / "shards").glob("*.tar")):
        assert shard.stat().st_size <= 10240  # tar files are padded to that
        with tarfile.open(shard) as tar:
            for member in tar:
                assert (member.mtime, member.uid, member.gid, member.mode) == (0, 0, 0, 0o644)
                file = tar.extractfile(member)
                assert file is not None
                found.append((member.name, file.read()))
    files = list_pictures(source)
    assert found == [(f"{number:09}.jpg", file.read_bytes()) for number, file in enumerate(files)]


def test_the_manifest_holds_the_checksums_of_shards_and_pictures(tmp_path: Path) -> None:
    source, folder = pictures(tmp_path / "photos", 5), tmp_path / "shards"
    write_shards(source, folder, shard_bytes=9000)
    manifest = json.loads((folder / "shards.json").read_text("utf-8"))
    assert manifest["pictures"] == 5
    for row in manifest["shards"]:
        data = (folder / row["name"]).read_bytes()
        assert row["sha256"] == hashlib.sha256(data).hexdigest()
        index = json.loads((folder / f"{row['name']}.index.json").read_text("utf-8"))
        for file, start, size, digest in zip(
            index["files"], index["offsets"], index["sizes"], index["digests"], strict=True
        ):
            assert (source / file).read_bytes() == data[start : start + size]
            assert hashlib.sha256((source / file).read_bytes()).hexdigest() == digest


def test_the_bytes_do_not_depend_on_when_or_where(tmp_path: Path) -> None:
    source = pictures(tmp_path / "photos", 5)
    write_shards(source, tmp_path / "one", shard_bytes=9000)
    os.utime(list_pictures(source)[0], (1, 1))
    list_pictures(source)[1].chmod(0o600)
    (tmp_path / "elsewhere").mkdir()
    source.rename(tmp_path / "elsewhere" / "photos")
    write_shards(tmp_path / "elsewhere" / "photos", tmp_path / "two", shard_bytes=9000)
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_finished_shard_is_checked_and_kept_and_a_damaged_one_written_again(tmp_path: Path) -> None:
    source, folder = pictures(tmp_path / "photos", 5), tmp_path / "shards"
    shards = write_shards(source, folder, shard_bytes=9000).shards
    before = contents(folder)
    damaged = folder / "pictures-000001.tar"
    damaged.write_bytes(damaged.read_bytes().replace(b"a", b"b"))
    again = write_shards(source, folder, shard_bytes=9000)
    assert (again.kept, again.damaged) == (shards - 1, [damaged])
    assert contents(folder) == before


@pytest.mark.parametrize("key", ["offsets", "digests", "shard_bytes", "sha256"])
def test_an_index_that_somebody_has_edited_is_written_again(key: str, tmp_path: Path) -> None:
    source, folder = pictures(tmp_path / "photos", 5), tmp_path / "shards"
    write_shards(source, folder, shard_bytes=9000)
    before = contents(folder)
    file = folder / "pictures-000000.tar.index.json"
    index = json.loads(file.read_text("utf-8"))
    if key == "sha256":
        del index[key]
    else:
        index[key] = index[key] + 1 if key == "shard_bytes" else [index[key][-1], *index[key][1:]]
    file.write_text(json.dumps(index), "utf-8")
    again = write_shards(source, folder, shard_bytes=9000)
    assert again.damaged == [folder / "pictures-000000.tar"]
    assert contents(folder) == before


def test_a_picture_that_was_changed_after_it_was_packed_is_packed_again(tmp_path: Path) -> None:
    source, folder = pictures(tmp_path / "photos", 5), tmp_path / "shards"
    write_shards(source, folder, shard_bytes=9000)
    changed = list_pictures(source)[0]
    data = changed.read_bytes()
    changed.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert len(write_shards(source, folder, shard_bytes=9000).damaged) == 1
    write_shards(source, tmp_path / "fresh", shard_bytes=9000)
    assert contents(folder) == contents(tmp_path / "fresh")


def test_shards_of_other_pictures_are_never_replaced(tmp_path: Path) -> None:
    folder = tmp_path / "shards"
    write_shards(pictures(tmp_path / "photos", 5), folder, shard_bytes=9000)
    before = contents(folder)
    with pytest.raises(InputError, match="choose another folder or remove that one"):
        write_shards(tmp_path / "photos", folder, shard_bytes=90_000)
    with pytest.raises(InputError, match="choose another folder or remove that one"):
        write_shards(pictures(tmp_path / "others", 5, size=2990), folder, shard_bytes=9000)
    assert contents(folder) == before


def test_killed_up_to_ten_times_the_shards_are_those_of_an_uninterrupted_run(tmp_path: Path) -> None:
    source, whole, killed = pictures(tmp_path / "photos", 400), tmp_path / "whole", tmp_path / "killed"
    write_shards(source, whole, shard_bytes=10_000)
    killed.mkdir()
    command = [sys.executable, "-m", "splpaint", "data", "shard", str(source), "-o", str(killed)]
    command += ["--size-mb", "0.01"]
    kills = 0
    for number in range(10):
        before = set(killed.iterdir())
        with subprocess.Popen(command, stdout=subprocess.DEVNULL) as process:
            while set(killed.iterdir()) <= before and process.poll() is None:
                time.sleep(0.001)
            time.sleep(0.002 * number)  # not always at the same point
            process.send_signal(signal.SIGKILL)
        if process.returncode == 0:  # so fast a machine that it was done before
            break
        assert process.returncode == -signal.SIGKILL
        assert not (killed / "shards.json").exists()
        kills += 1
    assert kills >= 2
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert " of them there already: " in done.stdout
    assert contents(killed) == contents(whole)
