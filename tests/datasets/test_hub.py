"""Datasets of the Hugging Face Hub: saved to disk, or as their files lie there."""

from __future__ import annotations

from pathlib import Path

import pytest

from splpaint.datasets.sources import open_pictures
from splpaint.errors import InputError
from tests.datasets.conftest import files, read_all


def test_a_dataset_saved_to_disk_gives_the_same(folder: Path, tmp_path: Path) -> None:
    datasets = pytest.importorskip("datasets")
    rows = datasets.load_dataset(
        "imagefolder", data_dir=str(folder), split="train", cache_dir=str(tmp_path / "cache")
    )
    rows.save_to_disk(tmp_path / "plain")
    datasets.DatasetDict({"train": rows.select([1]), "val": rows}).save_to_disk(tmp_path / "split")
    assert read_all(open_pictures(f"hf:{tmp_path / 'plain'}")) == files(folder)
    assert read_all(open_pictures(f"hf:{tmp_path / 'split'}@val")) == files(folder)
    assert read_all(open_pictures(f"hf:{tmp_path / 'split'}")) == files(folder)[1:2]
    with pytest.raises(InputError, match=r"expected the split test in .*, got train, val; say .*@train"):
        open_pictures(f"hf:{tmp_path / 'split'}@test")
    with pytest.raises(InputError, match=r"expected the split val in .*, got train"):
        open_pictures(f"hf:{tmp_path / 'plain'}@val")


def test_the_files_of_a_dataset_as_they_lie_on_the_hub_give_the_same(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    datasets = pytest.importorskip("datasets")
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    rows = [{"picture": {"bytes": data, "path": "a.png"}, "label": 1} for data in files(folder)]
    kinds = datasets.Features({"label": datasets.Value("int64"), "picture": datasets.Image()})
    table = datasets.Dataset.from_list(rows, features=kinds)
    for part in range(2):
        (tmp_path / "parquet" / "data").mkdir(parents=True, exist_ok=True)
        table.shard(2, part).to_parquet(tmp_path / "parquet" / "data" / f"test-{part:05}-of-00002.parquet")
    for text in ("parquet", "parquet@test"):
        source = open_pictures(f"hf:{tmp_path / text}")
        assert read_all(source) == files(folder)
        assert source.read(2).name == f"hf:{tmp_path / 'parquet'}/2/a.png"
    assert read_all(open_pictures(f"hf:{folder}")) == files(folder)
    with pytest.raises(InputError, match=r"expected the split train in .*, got test"):
        open_pictures(f"hf:{tmp_path / 'parquet'}@train")


def test_shards_on_the_hub_are_urls_and_no_dataset(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr("splpaint.datasets.shards.remote_shards", asked.append)
    open_pictures("hf://datasets/somebody/pictures/{0..1}.tar")
    assert asked == [[f"hf://datasets/somebody/pictures/{number}.tar" for number in range(2)]]
