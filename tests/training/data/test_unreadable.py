"""A picture that cannot be decoded is named, replaced by the next one of the stream, and counted."""

from __future__ import annotations

from pathlib import Path

import pytest

from splpaint.datasets.shard_writing import write_shards
from splpaint.datasets.sources import open_pictures
from splpaint.errors import InputError
from splpaint.masks.sources import open_masks
from splpaint.training.data.dataset import InpaintingDataset
from splpaint.training.data.loader import training_batches
from splpaint.training.data.unreadable import UnreadableLog
from tests import dataset_samples as samples

COUNT = 200


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two hundred pictures, of which two cannot be decoded."""
    for number in range(COUNT):
        samples.save(samples.photograph(number, 16, 16), tmp_path / "photos" / f"{number:03}.png")
    for number in (50, 51):
        (tmp_path / "photos" / f"{number:03}.png").write_bytes(b"\x89PNG\r\n\x1a\n of no use")
    return tmp_path / "photos"


def dataset(text: str) -> InpaintingDataset:
    return InpaintingDataset(
        open_pictures(text),
        size_px=16,
        pretext_size_px=16,
        view="whole",
        short_side_px=(16, 16),
        masks=open_masks("box"),
        mask_sizes_px=(16,),
        seed=0,
        shuffle_buffer=30,
        cache=False,
    )


def epoch(text: str, workers: int = 0) -> tuple[list[str], list[str]]:
    """Names of the samples of an epoch, and what could not be decoded."""
    names: list[str] = []
    unreadable: list[str] = []
    batches = training_batches(dataset(text), batch_size=8, start=0, stop=COUNT, workers=workers)
    for batch in batches:
        names += batch.name
        unreadable += [line for text in batch.unreadable for line in text.splitlines()]
    return names, unreadable


def test_the_next_picture_of_the_stream_takes_its_place(folder: Path, tmp_path: Path) -> None:
    write_shards(folder, tmp_path / "shards", shard_bytes=40_000)
    last = len(list((tmp_path / "shards").glob("*.tar"))) - 1
    url = f"file://{tmp_path / 'shards'}/pictures-{{000000..{last:06}}}.tar"
    for text, bad in ((str(folder), "photos/05{}.png"), (url, "00000005{}.png")):
        names, unreadable = epoch(text)
        assert epoch(text, workers=2) == (names, unreadable)
        assert len(names) == COUNT
        assert len(set(names)) == COUNT - 2
        paths = sorted(line.partition("\t")[0] for line in unreadable)
        assert [path[-len(bad) + 1 :] for path in paths] == [bad.format(0), bad.format(1)]
        stream = dataset(text)
        for place in range(COUNT - 1):
            if names[place] == names[place + 1]:
                assert stream[place].unreadable
                assert not stream[place + 1].unreadable


def test_more_than_one_percent_stops_loading(tmp_path: Path) -> None:
    for number in range(5):
        samples.save(samples.photograph(number), tmp_path / f"{number}.png").write_bytes(b"no picture")
    with pytest.raises(InputError, match=r"at most 0 \(1 %\) of 5 pictures that cannot be decoded, got 2"):
        dataset(str(tmp_path))[0]


def test_the_log_names_each_picture_once_also_when_resumed(tmp_path: Path) -> None:
    log = UnreadableLog(tmp_path, 300, resume=False)
    log.add(["", "a.jpg\tcut short\nb.jpg\tempty", ""])
    log.add(["a.jpg\tcut short"])
    log = UnreadableLog(tmp_path, 300, resume=True)
    log.add(["b.jpg\tempty", "c.jpg\tno picture"])
    lines = ["a.jpg\tcut short", "b.jpg\tempty", "c.jpg\tno picture"]
    assert (tmp_path / "unreadable.txt").read_text("utf-8").splitlines() == lines
    with pytest.raises(InputError, match=r"at most 3 \(1 %\) of 300 .* got 4 so far \(a.jpg; b.jpg; c.jpg"):
        log.add(["d.jpg\tno picture"])
    UnreadableLog(tmp_path, 300, resume=False)
    assert not (tmp_path / "unreadable.txt").exists()
