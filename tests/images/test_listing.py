from __future__ import annotations

import os
import unicodedata
from pathlib import Path

import pytest

from splpaint.errors import InputError
from splpaint.images.listing import count_others, format_counts, list_pictures
from splpaint.images.names import PICTURE_SUFFIXES

ACCENT = "Été/Zoë.JPG"


def _touch(folder: Path, *names: str) -> None:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()  # nothing is decoded, so nothing needs to be in it


def _names(folder: Path, source: Path | None = None) -> list[str]:
    return [path.relative_to(folder).as_posix() for path in list_pictures(source or folder)]


def test_a_folder_is_searched_with_its_subfolders_and_sorted(tmp_path: Path) -> None:
    _touch(tmp_path, "b.png", "a/z.jpg", "a.jpg", "c/d/e.webp", "B.TIFF", "notes.txt", "a/film.mp4", "jpg")
    assert _names(tmp_path) == ["B.TIFF", "a.jpg", "a/z.jpg", "b.png", "c/d/e.webp"]


def test_hidden_files_and_folders_are_skipped_but_a_hidden_folder_can_be_asked_for(tmp_path: Path) -> None:
    _touch(tmp_path, "a.png", ".b.png", ".thumbnails/c.png", "d/._e.jpg")
    assert _names(tmp_path) == ["a.png"]
    assert _names(tmp_path, tmp_path / ".thumbnails") == [".thumbnails/c.png"]


@pytest.mark.parametrize("suffix", PICTURE_SUFFIXES)
def test_every_suffix_is_found_in_small_letters_and_capitals(suffix: str, tmp_path: Path) -> None:
    _touch(tmp_path, f"a{suffix}", f"b{suffix.upper()}")
    assert len(list_pictures(tmp_path)) == 2


def test_a_list_keeps_its_order_and_skips_blank_lines(tmp_path: Path) -> None:
    _touch(tmp_path, "photos/b.png", "photos/a.png", "Käse 1.jpg", "elsewhere/no-suffix")
    absolute = tmp_path / "elsewhere" / "no-suffix"
    lines = ["photos/b.png", "", f"  {absolute} ", "./photos/../Käse 1.jpg", "photos/a.png", "", ""]
    (tmp_path / "list.txt").write_bytes("\r\n".join(lines).encode())
    expected = ["photos/b.png", "elsewhere/no-suffix", "Käse 1.jpg", "photos/a.png"]
    assert _names(tmp_path, tmp_path / "list.txt") == expected


def test_paths_of_a_list_count_from_the_list_and_not_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _touch(tmp_path, "photos/a.png", "elsewhere/b.png")
    (tmp_path / "photos" / "list.txt").write_text("a.png\n", "utf-8")
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert list_pictures(Path("../photos/list.txt")) == [Path("../photos/a.png")]


def test_a_byte_order_mark_is_no_part_of_the_first_path(tmp_path: Path) -> None:
    _touch(tmp_path, "a.png")
    (tmp_path / "list.txt").write_text("a.png\n", "utf-8-sig")
    assert _names(tmp_path, tmp_path / "list.txt") == ["a.png"]


def test_a_source_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"expected a folder or a list file, got .*nowhere.*check the path"):
        list_pictures(tmp_path / "nowhere")


def test_a_folder_without_pictures_is_refused_with_what_was_looked_for(tmp_path: Path) -> None:
    _touch(tmp_path, "notes.txt", "a.gif")
    with pytest.raises(InputError, match=r"0 pictures found in .* \(looked for \.png \.jpg"):
        list_pictures(tmp_path)


def test_what_is_left_out_of_a_folder_is_counted_by_kind(tmp_path: Path) -> None:
    _touch(tmp_path, "a.png", "sub/b.JPG", "c.gif", "sub/d.GIF", "notes.txt", "photo", ".e.png", ".f/g.png")
    (tmp_path / "linked").symlink_to(tmp_path / "sub")
    found = count_others(tmp_path, list_pictures(tmp_path))
    assert found == {".gif": 2, ".txt": 1, "without suffix": 1, "hidden": 2, "linked folder": 1}
    assert format_counts(found) == "2 .gif, 2 hidden, 1 .txt, 1 linked folder, 1 without suffix"
    assert count_others(tmp_path, [tmp_path / "a.png"])[".jpg"] == 1
    assert count_others(tmp_path / ".f", list_pictures(tmp_path / ".f")) == {}


def test_a_folder_without_pictures_is_refused_with_what_is_there_instead(tmp_path: Path) -> None:
    _touch(tmp_path, *(f"{number}.{'abcdefg'[number]}" for number in range(7)), "h.a")
    with pytest.raises(InputError, match=r"there are 2 \.a, 1 \.b, 1 \.c, 1 \.d, 1 \.e, 2 others\); check"):
        list_pictures(tmp_path)
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="there are no files"):
        list_pictures(tmp_path / "empty")


@pytest.mark.parametrize("source", ["shards", "shards/p-{000000..000002}.tar", "hf:a/b", "https://a.b/c.tar"])
def test_where_pictures_are_wanted_as_files_shards_and_the_like_are_told_from_typing_errors(
    source: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _touch(tmp_path, "shards/p-000000.tar", "shards/shards.json")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match="give the folder or list that was packed"):
        list_pictures(Path(source))


def test_an_empty_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("\n \n", "utf-8")
    with pytest.raises(InputError, match=r"0 pictures found in .*every line is blank"):
        list_pictures(tmp_path / "list.txt")


def test_a_missing_file_of_a_list_is_named_with_its_line(tmp_path: Path) -> None:
    _touch(tmp_path, "a.png")
    (tmp_path / "list.txt").write_text("a.png\n\nb.png\n", "utf-8")
    with pytest.raises(InputError, match=r"list\.txt, line 3: .*'b\.png', which is not there"):
        list_pictures(tmp_path / "list.txt")


def test_a_file_named_twice_in_a_list_is_refused_with_both_lines(tmp_path: Path) -> None:
    _touch(tmp_path, "a.png", "b.png")
    (tmp_path / "list.txt").write_text("a.png\nb.png\n./a.png\n", "utf-8")
    with pytest.raises(InputError, match=r"line 3: expected each picture once.*first in line 1"):
        list_pictures(tmp_path / "list.txt")


def test_a_picture_in_place_of_a_list_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(InputError, match="put pictures into a folder"):
        list_pictures(tmp_path / "a.jpg")


def test_a_subfolder_that_may_not_be_read_is_refused_and_not_skipped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _touch(tmp_path, "a.png", "locked/b.png")
    scandir = os.scandir

    def refusing(path: str) -> object:
        if Path(path).name == "locked":
            raise PermissionError(13, "Permission denied", path)
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refusing)  # for the superuser nothing is locked
    with pytest.raises(InputError, match=r"cannot be read .*Permission denied.*locked"):
        list_pictures(tmp_path)


@pytest.mark.parametrize(
    "listed", [ACCENT, unicodedata.normalize("NFD", ACCENT), ACCENT.replace("JPG", "jpg")]
)
def test_a_list_finds_names_that_look_like_its_own(tmp_path: Path, listed: str) -> None:
    file = tmp_path / unicodedata.normalize("NFD", ACCENT)
    file.parent.mkdir()
    file.touch()
    (tmp_path / "a.flist").write_text(f"{listed}\n", "utf-8")
    assert list_pictures(tmp_path / "a.flist") == [file]
    (tmp_path / "a.flist").write_text(f"{listed}\n{ACCENT}\n", "utf-8")
    with pytest.raises(InputError, match="line 2: expected each picture once"):
        list_pictures(tmp_path / "a.flist")


def test_a_name_that_two_files_look_like_is_a_missing_one(tmp_path: Path) -> None:
    for name in ("a.jpg", "a.JPG"):
        (tmp_path / name).touch()
    if len(list(tmp_path.iterdir())) == 1:
        pytest.skip("this file system takes both for one")
    (tmp_path / "a.flist").write_text("a.Jpg\n", "utf-8")
    with pytest.raises(InputError, match="line 1: expected a picture file"):
        list_pictures(tmp_path / "a.flist")
    (tmp_path / "a.flist").write_text("a.JPG\na.jpg\n", "utf-8")
    assert list_pictures(tmp_path / "a.flist") == [tmp_path / "a.JPG", tmp_path / "a.jpg"]
