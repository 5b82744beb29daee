from __future__ import annotations

import os
from pathlib import Path

import pytest

from splpaint.atomic_files import remove_leftovers, write_atomic
from splpaint.errors import InputError


@pytest.mark.parametrize("error", [KeyboardInterrupt, OSError(28, "No space left on device"), ValueError])
def test_an_interrupted_write_leaves_nothing_and_keeps_what_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: BaseException | type[BaseException]
) -> None:
    (tmp_path / "a.png").write_bytes(b"before")

    def fail(_: int) -> None:
        raise error

    monkeypatch.setattr(os, "fsync", fail)
    expected = InputError if isinstance(error, OSError) else error
    assert isinstance(expected, type)
    with pytest.raises(expected):
        write_atomic(tmp_path / "a.png", b"after")
    assert [path.name for path in tmp_path.iterdir()] == ["a.png"]
    assert (tmp_path / "a.png").read_bytes() == b"before"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path in [tmp_path / "file" / "a.png", tmp_path / ("x" * 300 + ".png")]:
        with pytest.raises(InputError, match="cannot be written"):
            write_atomic(path, b"")
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    write_atomic(tmp_path / "new" / "folder" / "a", b"whole")
    assert (tmp_path / "new" / "folder" / "a").read_bytes() == b"whole"


def test_a_new_file_has_the_usual_permissions(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a", b"")
    (tmp_path / "b").touch()
    assert (tmp_path / "a").stat().st_mode == (tmp_path / "b").stat().st_mode


def test_a_name_of_the_longest_kind_can_be_written(tmp_path: Path) -> None:
    write_atomic(tmp_path / ("x" * 251 + ".png"), b"whole")
    assert [path.read_bytes() for path in tmp_path.iterdir()] == [b"whole"]


def test_leftovers_of_killed_processes_are_removed_and_those_of_other_files_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as killed:  # what a SIGKILL between writing and renaming leaves

        def no_end(*_: object) -> None:
            raise ValueError

        killed.setattr(os, "fsync", no_end)
        killed.setattr(Path, "unlink", lambda *_, **__: None)
        for name in ["ours.png", "ours.png", "theirs.png"]:
            with pytest.raises(ValueError, match=r"^$"):
                write_atomic(tmp_path / name, b"half")
    (tmp_path / "notes.part").touch()
    assert len(list(tmp_path.iterdir())) == 4
    assert remove_leftovers([tmp_path / "ours.png", tmp_path / "none" / "a.png"]) == 2
    assert len(list(tmp_path.iterdir())) == 2
    assert remove_leftovers([tmp_path / "theirs.png"]) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["notes.part"]
