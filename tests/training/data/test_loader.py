"""Every sample once, the same for any number of workers, ranks and interruptions, from every kind of source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from splpaint.datasets.shard_writing import write_shards
from splpaint.datasets.sources import open_pictures
from splpaint.errors import InputError
from splpaint.masks.sources import open_masks
from splpaint.training.data.dataset import InpaintingDataset
from splpaint.training.data.loader import training_batches
from splpaint.training.data.order import rank_indices
from tests import dataset_samples as samples

COUNT = 10


@pytest.fixture
def texts(tmp_path: Path) -> dict[str, str]:
    """The same pictures by name of the kind of source."""
    folder, shards = tmp_path / "photos", tmp_path / "shards"
    for number in range(COUNT):
        samples.save(samples.photograph(number, 96, 80), folder / f"{number}.png")
    write_shards(folder, shards, shard_bytes=60_000)
    last = len(list(shards.glob("*.tar"))) - 1
    assert last >= 2
    return {
        "folder": str(folder),
        "shards": str(shards),
        "url": f"file://{shards}/pictures-{{000000..{last:06}}}.tar",
    }


def dataset(text: str, *, masks: str = "irregular", augmentations: tuple[str, ...] = ()) -> InpaintingDataset:
    return InpaintingDataset(
        open_pictures(text),
        size_px=64,
        pretext_size_px=64,
        view="whole",
        short_side_px=(64, 80),
        masks=open_masks(masks),
        mask_sizes_px=(64,),
        mask_augmentations=augmentations,
        seed=3,
        shuffle_buffer=4,
        cache=False,
    )


def flat(stream: InpaintingDataset, start: int, stop: int, **more: int) -> Iterator[tuple[str, bytes]]:
    """Names and pixels of the samples, one after the other."""
    for batch in training_batches(stream, start=start, stop=stop, **({"batch_size": 2, "workers": 0} | more)):
        for name, image, hole in zip(batch.name, batch.image, batch.hole, strict=True):
            yield name, torch.cat([image, hole]).numpy().tobytes()


def test_ranks_partition_the_stream() -> None:
    for start, stop, world_size in ((0, 24, 4), (5, 30, 3), (7, 8, 2), (0, 10, 1)):
        shares = [rank_indices(start, stop, rank=rank, world_size=world_size) for rank in range(world_size)]
        assert sorted(index for share in shares for index in share) == list(range(start, stop))
    with pytest.raises(InputError, match="expected a rank from 0 to 1"):
        rank_indices(0, 4, rank=2, world_size=2)


@pytest.mark.parametrize("kind", ["folder", "shards", "url"])
def test_workers_ranks_and_interruptions_change_nothing(kind: str, texts: dict[str, str]) -> None:
    stream = dataset(texts[kind])
    whole = list(flat(stream, 0, 24))
    assert list(flat(dataset(texts[kind]), 0, 24, workers=2)) == whole
    assert list(flat(dataset(texts[kind]), 7, 24)) == whole[7:]
    for rank in range(3):
        assert list(flat(stream, 6, 24, rank=rank, world_size=3)) == whole[6 + rank : 24 : 3]
    if kind != "url":
        assert [stream[index].name for index in (23, 4, 11)] == [whole[index][0] for index in (23, 4, 11)]


@pytest.mark.parametrize("kind", ["folder", "shards", "url"])
def test_every_epoch_holds_every_picture_once_in_another_order(kind: str, texts: dict[str, str]) -> None:
    names = [name for name, _ in flat(dataset(texts[kind]), 0, 3 * COUNT)]
    epochs = [tuple(names[start : start + COUNT]) for start in range(0, 3 * COUNT, COUNT)]
    assert all(len(set(epoch)) == COUNT for epoch in epochs)
    assert len(set(epochs)) == 3


def test_shards_on_disk_give_the_samples_of_the_folder(texts: dict[str, str]) -> None:
    folder, shards = (flat(dataset(texts[kind]), 0, 12) for kind in ("folder", "shards"))
    assert [pixels for _, pixels in folder] == [pixels for _, pixels in shards]


def test_every_kind_of_mask_and_every_augmentation_serves_training(
    texts: dict[str, str], tmp_path: Path
) -> None:
    white_known = samples.masks(tmp_path / "theirs", count=4, white_known=True)
    cut_out = samples.photograph(1).convert("RGBA")
    cut_out.putalpha(cut_out.getchannel("R").point(lambda level: 255 * (level > 127)))
    samples.save(cut_out, tmp_path / "cut-outs" / "a.png")
    for masks in ("strokes", "thick", "centre", f"object:{tmp_path / 'cut-outs'}", f"qd-imd:{white_known}"):
        for augmentations in ((), ("rotate", "translate", "crop", "dilate", "flip")):
            stream = dataset(texts["folder"], masks=masks, augmentations=augmentations)
            holes = [stream[index].hole for index in range(4)]
            assert all(0.005 < hole.mean() < 0.8 for hole in holes)
            assert all(set(hole.flatten().tolist()) == {0.0, 1.0} for hole in holes)
            assert torch.equal(holes[3], stream[3].hole)
    with pytest.raises(InputError, match="got 'shear'"):
        dataset(texts["folder"], augmentations=("shear",))


def test_a_mask_that_cannot_be_read_stops_loading_with_one_line(
    texts: dict[str, str], tmp_path: Path
) -> None:
    (tmp_path / "masks").mkdir()
    (tmp_path / "masks" / "a.png").write_text("no picture", "utf-8")
    for workers in (0, 1):
        with pytest.raises(InputError, match=r"a\.png") as caught:
            list(flat(dataset(texts["folder"], masks=str(tmp_path / "masks")), 0, 4, workers=workers))
        assert "\n" not in str(caught.value)
