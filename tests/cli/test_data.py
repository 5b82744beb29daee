from __future__ import annotations

import json
from pathlib import Path
from subprocess import CompletedProcess

from splpaint.images.listing import list_pictures
from tests import dataset_samples as samples
from tests.cli.commands import splpaint


def _data(*arguments: str | Path, cwd: Path | None = None) -> CompletedProcess[str]:
    return splpaint("data", *arguments, cwd=cwd)


def test_a_sound_dataset_is_prepared_with_exit_code_0(tmp_path: Path) -> None:
    done = _data("prepare", "celeba", samples.celeba(tmp_path / "celeba"), "-o", tmp_path / "lists")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == [
        *(
            f"{part}: 3 pictures, listed in {tmp_path / 'lists' / part}.flist"
            for part in ("train", "val", "test")
        ),
        "shorter sides: 128-255 px: 9",
        "smallest 178x218, largest 178x218",
        "look-alikes: 0 pictures in 0 groups",
        "other files, left out: 1 .txt",
    ]
    assert done.stderr.splitlines()[0] == "warning: train should have 162770 pictures, 3 are here"
    assert len(list_pictures(tmp_path / "lists" / "test.flist")) == 3
    again = _data("prepare", "celeba", tmp_path / "celeba", "-o", tmp_path / "lists")
    assert again.returncode == 2
    assert "choose another name or pass --overwrite" in again.stderr


def test_broken_pictures_are_listed_with_exit_code_1(tmp_path: Path) -> None:
    good, bad = samples.odd_pictures(tmp_path / "photos")
    done = _data("prepare", "folder", tmp_path / "photos", "-o", tmp_path / "lists")
    assert done.returncode == 1
    assert done.stdout.startswith(f"pictures: {len(good)} of {len(good) + len(bad)} pictures, listed in ")
    assert done.stdout.endswith("other files, left out: 1 .txt\n")
    summary = json.loads((tmp_path / "lists" / "summary.json").read_text("utf-8"))
    assert summary["left_out"] == {".txt": 1}
    assert all(file.name in done.stderr for file in bad)
    assert done.stderr.splitlines()[-1].startswith(
        f"error: {len(bad)} pictures are missing or cannot be read: "
    )


def test_of_many_broken_pictures_ten_are_told_a_line_each(tmp_path: Path) -> None:
    samples.save(samples.photograph(0), tmp_path / "photos" / "good.png")
    for number in range(12):
        (tmp_path / "photos" / f"{number:02}\n.png").touch()
    done = _data("prepare", "folder", tmp_path / "photos", "-o", tmp_path / "lists")
    *reasons, last = done.stderr.splitlines()
    assert len(reasons) == 10
    assert last.startswith("error: 12 pictures are missing or cannot be read (2 more than above): ")


def test_a_list_is_written_in_either_spelling(tmp_path: Path) -> None:
    good, bad = samples.odd_pictures(tmp_path / "photos")
    ours = _data("flist", tmp_path / "photos", "-o", tmp_path / "ours.flist")
    published = _data("flist", "--path", tmp_path / "photos", "--output", tmp_path / "theirs.flist")
    assert (ours.returncode, published.returncode) == (0, 0), ours.stderr + published.stderr
    assert ours.stdout.splitlines() == [
        f"{len(good) + len(bad)} pictures written to {tmp_path / 'ours.flist'}",
        "left out by their names: 1 .txt",
    ]
    assert (tmp_path / "ours.flist").read_bytes() == (tmp_path / "theirs.flist").read_bytes()
    assert list_pictures(tmp_path / "ours.flist") == list_pictures(tmp_path / "photos")


def test_pictures_are_packed_into_shards_and_finished_ones_kept(tmp_path: Path) -> None:
    good, bad = samples.odd_pictures(tmp_path / "photos")
    count = f"{len(good) + len(bad)} pictures in 1 shards"
    for known in ("", ", 1 of them there already"):
        done = _data("shard", tmp_path / "photos", "-o", tmp_path / "shards")
        assert done.returncode == 0, done.stderr
        assert done.stdout == f"{count}{known}: {tmp_path / 'shards'}\n"
    other = _data("shard", tmp_path / "photos", "-o", tmp_path / "shards", "--size-mb", "0.01")
    assert other.returncode == 2
    assert "choose another folder or remove that one" in other.stderr


def test_wrong_input_is_one_line_on_stderr_and_exit_code_2(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for arguments, message in (
        (("prepare", "imagenet", tmp_path), "got 'imagenet'; choose one"),
        (("prepare", "paris", tmp_path), "none of what was looked for"),
        (("flist", tmp_path / "empty", "-o", tmp_path / "a"), "got 0 pictures found in "),
        (("flist", tmp_path), "expected one PATH and --output LIST"),
        (
            ("flist", tmp_path, "--path", tmp_path, "-o", tmp_path / "a"),
            "expected one PATH and --output LIST",
        ),
    ):
        done = _data(*arguments, cwd=tmp_path)
        assert done.returncode == 2
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1
        assert message in done.stderr


def test_a_missing_part_is_told(tmp_path: Path) -> None:
    samples.save(samples.photograph(0), tmp_path / "paris_eval" / "a.png")
    done = _data("prepare", "paris", tmp_path, "-o", tmp_path / "lists")
    assert done.returncode == 0
    assert "warning: train is not here, 14900 pictures are missing (looked for paris_train" in done.stderr


def test_an_output_below_a_file_is_refused_before_anything_is_done(tmp_path: Path) -> None:
    samples.save(samples.photograph(0), tmp_path / "photos" / "a.png")
    (tmp_path / "f").write_text("a file", "utf-8")
    for arguments in (
        ("data", "prepare", "folder", "photos", "-o", "f/x"),
        ("data", "flist", "photos", "-o", "f/x.flist"),
        ("data", "shard", "photos", "-o", "f/x"),
        ("masks", "make", "box", "--count", "2", "-o", "f/x"),
        ("masks", "show", "box", "-o", "f/x.png"),
        ("pairs", "make", "--images", "photos", "--seed", "1", "-o", "f/x.csv"),
    ):
        done = splpaint(*arguments, cwd=tmp_path)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
        assert done.stderr.startswith("error: ")


def test_packing_a_folder_tells_what_it_leaves_out(tmp_path: Path) -> None:
    good, bad = samples.odd_pictures(tmp_path / "photos")
    done = _data("shard", tmp_path / "photos", "-o", tmp_path / "shards")
    assert done.stdout == f"{len(good) + len(bad)} pictures in 1 shards: {tmp_path / 'shards'}\n"
    assert done.stderr == "warning: left out by their names: 1 .txt\n"
