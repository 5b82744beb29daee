from __future__ import annotations

from pathlib import Path

import pytest

from splpaint.datasets.picture import PictureSource
from splpaint.datasets.shard_writing import write_shards
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


def files(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in list_pictures(folder)]


def pattern(shards: Path) -> str:
    return f"pictures-{{000000..{len(list(shards.glob('*.tar'))) - 1:06}}}.tar"


def read_all(source: PictureSource) -> list[bytes]:
    return [source.read(number).data for number in range(len(source))]
