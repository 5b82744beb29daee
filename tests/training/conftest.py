from __future__ import annotations

from pathlib import Path

import pytest

from tests.tiny_run import write_photographs


@pytest.fixture
def photographs(tmp_path: Path) -> Path:
    return write_photographs(tmp_path / "photographs")
