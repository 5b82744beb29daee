from __future__ import annotations

from pathlib import Path

import pytest

from splpaint.errors import InputError
from splpaint.images.list_writing import write_list
from splpaint.images.listing import list_pictures


def test_a_list_is_read_as_it_was_written(tmp_path: Path) -> None:
    names = ["b, c.jpg", "Ünïcode ü.png", "a.webp"]
    for name in names:
        (tmp_path / name).touch()
    paths = [tmp_path / name for name in names]
    assert write_list(paths, tmp_path / "new" / "list.flist") == 3
    assert list_pictures(tmp_path / "new" / "list.flist") == paths


@pytest.mark.parametrize("name", ["two\nlines.png", "blank .png ", "no\udcffutf.png", "carriage.png\r"])
def test_a_name_that_a_list_cannot_hold_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="expected a path that fits on a line of a list"):
        write_list([name], tmp_path / "list.flist")
    assert list(tmp_path.iterdir()) == []


def test_a_list_is_only_replaced_when_asked(tmp_path: Path) -> None:
    write_list(["a.png"], tmp_path / "list.flist")
    with pytest.raises(InputError, match="exists already"):
        write_list(["b.png"], tmp_path / "list.flist")
    write_list(["b.png"], tmp_path / "list.flist", overwrite=True)
    assert (tmp_path / "list.flist").read_bytes() == b"b.png\n"
