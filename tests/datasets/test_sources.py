"""The same pictures, byte for byte, from a folder, a list, shards here, shards far away, and a saved dataset."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from splpaint.datasets.sources import open_pictures
from splpaint.errors import InputError, MissingExtraError
from splpaint.images.list_writing import write_list
from splpaint.images.listing import list_pictures
from tests.datasets.conftest import files, pattern, read_all


def test_a_folder_a_list_and_shards_give_the_same(folder: Path, shards: Path, tmp_path: Path) -> None:
    write_list(list_pictures(folder), tmp_path / "photos.flist")
    for text in (folder, tmp_path / "photos.flist", shards, f"{shards}/{pattern(shards)}"):
        source = open_pictures(text)
        assert source.sequential is None
        assert read_all(source) == files(folder)
        assert [source.read(number).data for number in (5, 0, 3)] == [files(folder)[n] for n in (5, 0, 3)]


def test_what_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "datasets", None)
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(MissingExtraError, match=r"module datasets.*\[hub\]"):
        open_pictures("hf:somebody/pictures")
    with pytest.raises(MissingExtraError, match=r"module fsspec.*\[train\]"):
        open_pictures("https://example.org/a.tar")
    monkeypatch.undo()
    monkeypatch.setitem(sys.modules, "gcsfs", None)
    with pytest.raises(InputError, match=r"gcsfs.*; install that"):
        open_pictures("gs://nobody/a.tar")
    with pytest.raises(InputError, match="check the address"):
        open_pictures("nonsense://nobody/a.tar")
