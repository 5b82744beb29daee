from __future__ import annotations

from pathlib import Path

import pytest

from splpaint.masks.origin import MaskOrigin


@pytest.mark.parametrize("path", ["a/b.png", "white-known:x.png", "object:x", "box", "C:/masks/1.png"])
@pytest.mark.parametrize("kind", ["white-hole", "white-known", "object"])
def test_a_cell_of_a_manifest_keeps_kind_and_path_apart(kind: str, path: str) -> None:
    found = MaskOrigin.parse(str(MaskOrigin(kind, path)))
    assert found.kind == kind
    assert Path(found.path or "") == Path(path)
    assert found.polarity == (None if kind == "object" else kind)
    assert found.group == ("object" if kind == "object" else "files")
