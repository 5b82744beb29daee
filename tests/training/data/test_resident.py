"""Samples made on the device show what the loading processes' samples show, for every batch size and start."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from splpaint.datasets.picture import FilePictures
from splpaint.errors import InputError
from splpaint.masks.sources import MaskFiles, MaskSource, open_masks
from splpaint.training.config import SampleView
from splpaint.training.data import resident_photographs
from splpaint.training.data.dataset import InpaintingDataset, Sample
from splpaint.training.data.loader import training_batches
from splpaint.training.data.resident import ResidentSamples
from splpaint.training.data.resident_masks import MaskBank
from splpaint.training.processes import Processes
from tests import dataset_samples as samples

CPU = torch.device("cpu")
LEVEL = 1 / 255


@pytest.fixture
def photographs(tmp_path: Path) -> list[Path]:
    """Of all shapes, one of them a JPEG that is decoded at half its size for crops."""
    sizes = ((160, 120), (131, 208), (96, 96), (250, 100))
    folder = tmp_path / "photographs"
    files = [
        samples.save(samples.photograph(number, *size), folder / f"{number}.png")
        for number, size in enumerate(sizes)
    ]
    return [*files, samples.save(samples.photograph(9, 700, 501), folder / "large.jpg")]


def stream(
    pictures: Sequence[Path],
    view: SampleView,
    *,
    colour: float = 0.0,
    masks: MaskSource | None = None,
    short_side_px: tuple[int, int] = (64, 100),
    sizes_px: tuple[int, int] = (64, 96),
) -> InpaintingDataset:
    return InpaintingDataset(
        FilePictures(list(pictures)),
        size_px=sizes_px[0],
        pretext_size_px=sizes_px[1],
        view=view,
        short_side_px=short_side_px,
        masks=masks or open_masks("irregular"),
        mask_sizes_px=(64, 128),
        mask_augmentations=("rotate",),
        colour=colour,
        seed=5,
        cache=view == "crop",
    )


def resident(dataset: InpaintingDataset, *, masks: int = 100) -> ResidentSamples:
    return ResidentSamples(dataset, Processes("cpu"), masks=masks, say=lambda line: None)


def together(made: ResidentSamples, *, batch_size: int, start: int, stop: int) -> Sample:
    batches = list(made.batches(batch_size=batch_size, start=start, stop=stop, workers=0))
    assert {len(batch.image) for batch in batches[:-1]} <= {batch_size}
    image, hole, pretext_image = (torch.cat(each) for each in list(zip(*batches, strict=True))[:3])
    return Sample(image, hole, pretext_image, [name for batch in batches for name in batch.name])  # type: ignore[arg-type]


def loaded(dataset: InpaintingDataset, count: int) -> Sample:
    (batch,) = training_batches(dataset, batch_size=count, start=0, stop=count, workers=0)
    return batch


def differences(one: Sample, other: Sample) -> torch.Tensor:
    """Of every picture, the largest difference in levels of 255."""
    pairs = ((one.image, other.image), (one.pretext_image, other.pretext_image))
    return torch.cat([(ours - theirs).abs().flatten(1).amax(dim=1) for ours, theirs in pairs]) / LEVEL


@pytest.mark.parametrize("view", ["crop", "whole", "centre"])
def test_a_sample_shows_what_the_loading_processes_show(view: SampleView, photographs: list[Path]) -> None:
    dataset = stream(photographs, view)
    wanted, got = loaded(dataset, 24), together(resident(dataset), batch_size=7, start=0, stop=24)
    assert list(got.name) == list(wanted.name)
    assert torch.equal(got.hole, wanted.hole)
    # Of the loading processes, "crop" rounds twice (where it enlarges with weights that sum to 1.25 without their
    # signs), the others once; we do not.
    assert float(differences(got, wanted).max()) < (0.5 * 1.25 + 0.5 if view == "crop" else 0.5) + 0.01


def test_crops_that_grow_are_near_pillows(photographs: list[Path]) -> None:
    dataset = stream(photographs[:3], "crop", short_side_px=(300, 400))
    wanted, got = loaded(dataset, 24), together(resident(dataset), batch_size=24, start=0, stop=24)
    assert float((got.image - wanted.image).abs().mean()) < 0.5 * LEVEL
    assert (
        float(differences(got, wanted).max()) < 6
    )  # Pillow cuts what overshoots between its two passes, too


@pytest.mark.parametrize(("size_px", "finished"), [(64, False), (24, True)])
def test_whole_views_keep_their_results_or_what_those_are_made_of(
    size_px: int, finished: bool, photographs: list[Path]
) -> None:
    dataset = stream(photographs[:1], "whole", sizes_px=(size_px, 4 * size_px), masks=open_masks("box"))
    made = resident(dataset)
    assert made._photographs.finished == finished
    kept = len(made._photographs.buffer) - 2 * 160
    assert kept == 3 * ((24 * 24 + 96 * 96) if finished else 160 * 120)


@pytest.mark.parametrize("view", ["crop", "whole"])
def test_samples_depend_on_their_index_alone(view: SampleView, photographs: list[Path]) -> None:
    dataset = stream(photographs, view, colour=0.7)
    made = resident(dataset, masks=8)
    whole = together(made, batch_size=30, start=0, stop=30)
    parts = together(made, batch_size=4, start=17, stop=30)
    again = together(resident(dataset, masks=8), batch_size=1, start=17, stop=30)
    for name in ("image", "hole", "pretext_image"):
        assert torch.equal(getattr(parts, name), getattr(whole, name)[17:])
        assert torch.equal(getattr(again, name), getattr(whole, name)[17:])


def test_colours_change_as_in_the_loading_processes(photographs: list[Path]) -> None:
    plain, changed = (stream(photographs, "crop", colour=strength) for strength in (0.0, 0.8))
    wanted, got = loaded(changed, 12), together(resident(changed), batch_size=5, start=0, stop=12)
    assert float((got.image - wanted.image).abs().mean()) < 0.5 * LEVEL
    assert float(differences(loaded(plain, 12), wanted).min()) > 3
    assert torch.equal(got.hole, loaded(plain, 12).hole)


def test_masks_come_again_each_once_a_round(photographs: list[Path]) -> None:
    draws = stream(photographs, "crop").draws
    bank = MaskBank(draws, 150, CPU, indices=range(600), workers=0)
    assert [bank.number(index) for index in range(150)] == list(range(150))
    rounds = [[bank.number(index) for index in range(first, first + 150)] for first in (150, 300)]
    assert rounds[0] != rounds[1]
    assert all(Counter(each) == Counter(range(150)) for each in rounds)
    bank.fetch(rounds[0][:9])
    for number, hole in zip(rounds[0][:9], bank.holes(torch.tensor(rounds[0][:9])), strict=True):
        np.testing.assert_array_equal(hole[0].numpy(), draws.hole(number, draws(number)))


def test_a_run_that_goes_on_draws_the_masks_that_it_needs(photographs: list[Path]) -> None:
    bank = MaskBank(stream(photographs, "crop").draws, 64 * 40, CPU, indices=range(9000, 9100), workers=0)
    wanted = [bank.number(index) for index in range(9000, 9100)]
    bank.fetch(wanted)
    assert len(bank._there) <= 3


def test_other_processes_draw_the_same_masks(photographs: list[Path], tmp_path: Path) -> None:
    samples.masks(tmp_path / "masks", count=4, side_px=90)
    files = MaskFiles(sorted((tmp_path / "masks").iterdir()))
    draws = stream(photographs, "crop", masks=files).draws
    here, there = (MaskBank(draws, 70, CPU, indices=range(70), workers=workers) for workers in (0, 1))
    for bank in (here, there):
        bank.fetch(range(70))
        bank.close()
    assert torch.equal(here._bits, there._bits)
    assert here.holes(torch.arange(70)).mean() > 0.05


def test_an_empty_mask_file_is_refused_by_name(photographs: list[Path], tmp_path: Path) -> None:
    Image.new("1", (32, 32)).save(tmp_path / "empty.png")
    dataset = stream(photographs, "crop", masks=MaskFiles([tmp_path / "empty.png"]))
    for workers in (0, 1):
        with pytest.raises(InputError, match=r"expected a hole, got the empty mask .*empty\.png"):
            next(resident(dataset).batches(batch_size=1, start=0, stop=1, workers=workers))


def test_the_next_photograph_takes_the_place_of_one_that_cannot_be_decoded(tmp_path: Path) -> None:
    files = [samples.save(samples.photograph(n, 70, 70), tmp_path / f"{n:03}.png") for n in range(100)]
    files[50].write_bytes(b"\x89PNG\r\n\x1a\n of no use")
    dataset = stream(files, "crop", masks=open_masks("box"))
    made = resident(dataset)
    (line,) = made.unreadable
    assert line.startswith(f"{files[50]}\t")
    wanted, got = loaded(dataset, 100), together(made, batch_size=50, start=0, stop=100)
    assert list(got.name) == list(wanted.name)
    files[51].write_bytes(b"")
    files[52].write_bytes(b"GIF89a")
    made = resident(stream(files, "crop"))
    assert len(made.unreadable) == 3


def test_what_does_not_fit_is_refused_before_it_is_decoded(
    photographs: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []
    dataset = stream(photographs, "crop")
    ResidentSamples(dataset, Processes("cpu"), masks=10, say=told.append)
    assert told[0].startswith("5 photographs need 0.00 GB on cpu, masks 0.00 GB; ")
    monkeypatch.setattr(resident_photographs, "free_bytes", lambda device: 1_000_000)
    monkeypatch.delattr(resident_photographs, "_decode_share")
    with pytest.raises(
        InputError, match=r"expected .* that fit cpu, got 0\.10 GB of them and 0\.00 GB free; pass"
    ):
        ResidentSamples(dataset, Processes("cpu"), masks=200_000, say=told.append)
