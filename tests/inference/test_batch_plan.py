from __future__ import annotations

import unicodedata
from pathlib import Path
from typing import Literal

import pytest

from splpaint.errors import InputError
from splpaint.inference.batch_plan import Job, plan_batch
from splpaint.inference.photo_mask import MaskFile, NoMask, PhotoMask, Transparency
from splpaint.notices import PictureWarning
from splpaint.shares import Share


def _touch(folder: Path, *names: str) -> Path:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    return folder


def _targets(jobs: list[Job], output: Path) -> list[str]:
    return [job.target.relative_to(output).as_posix() for job in jobs]


def _masks(jobs: list[Job], folder: Path) -> list[str]:
    return [
        job.mask.path.relative_to(folder).as_posix() if isinstance(job.mask, MaskFile) else "" for job in jobs
    ]


def test_folders_are_mirrored_and_masks_matched_by_name(tmp_path: Path) -> None:
    photos = _touch(tmp_path / "in", "b.jpg", "a.PNG", "sub/deep/c.webp", "sub/a.tif", "text.txt")
    masks = _touch(tmp_path / "masks", "a.png", "b.jpg", "sub/deep/c.bmp", "sub/a.png", "c.png")
    with pytest.warns(PictureWarning, match=r"masks of no picture in .*masks: c\.png$"):
        jobs = plan_batch(photos, MaskFile(masks), tmp_path / "out")
    assert _targets(jobs, tmp_path / "out") == ["a.PNG", "b.jpg", "sub/a.tif", "sub/deep/c.webp"]
    assert _masks(jobs, masks) == ["a.png", "b.jpg", "sub/a.png", "sub/deep/c.bmp"]
    assert not any(job.trouble for job in jobs)


@pytest.mark.parametrize("form", ["NFC", "NFD"])
def test_masks_match_as_people_see_names(tmp_path: Path, form: Literal["NFC", "NFD"]) -> None:
    other: Literal["NFC", "NFD"] = "NFD" if form == "NFC" else "NFC"
    photos = _touch(
        tmp_path / "in", *(unicodedata.normalize(form, name) for name in ("Été/é.JPG", "b.Tif", "c.jpg"))
    )
    named = [
        unicodedata.normalize(other, name) for name in ("Été/é.png", "b.tif.PNG", "c.JPG", "c.png", "B.png")
    ]
    masks = _touch(tmp_path / "masks", *named)
    with pytest.warns(PictureWarning, match=r"masks of no picture in .*: c\.png, B\.png$|: B\.png, c\.png$"):
        jobs = plan_batch(photos, MaskFile(masks), tmp_path / "out")
    assert [job.trouble for job in jobs] == ["", "", ""]
    assert set(_masks(jobs, masks)) == set(named[:3])


def test_missing_and_ambiguous_masks_are_told(tmp_path: Path) -> None:
    photos = _touch(tmp_path / "in", "a.jpg", "b.jpg", "c.jpg", "c.png", "d.jpg")
    masks = _touch(tmp_path / "masks", "a.png", "a.bmp", "c.png", "c.jpg.png", "d.jpg", "d.png")
    with pytest.warns(PictureWarning, match=r"masks of no picture in .*: d\.png$"):
        jobs = plan_batch(photos, MaskFile(masks), tmp_path / "out")
    assert _masks(jobs, masks) == ["", "", "c.jpg.png", "c.png", "d.jpg"]
    assert jobs[0].trouble == "2 masks: a.bmp, a.png; keep one"
    assert jobs[1].trouble.startswith("no mask b.* in ")


def test_masks_of_what_is_avoided_are_matched_by_name_too_and_need_not_be_there(tmp_path: Path) -> None:
    photos = _touch(tmp_path / "in", "a.jpg", "b.jpg", "c.jpg", "avoid/a.png", "avoid/c.bmp", "avoid/c.png")
    avoid = _touch(photos / "avoid", "d.png")
    with pytest.warns(PictureWarning, match=r"masks of no picture in .*avoid: d\.png$"):
        jobs = plan_batch(photos, NoMask(), tmp_path / "out", avoid=MaskFile(avoid))
    assert [job.avoid for job in jobs] == [MaskFile(avoid / "a.png"), None, None]
    assert [job.trouble for job in jobs] == ["", "", "2 masks: c.bmp, c.png; keep one"]
    jobs = plan_batch(photos, NoMask(), tmp_path / "out", avoid=MaskFile(avoid / "a.png"))
    assert {job.avoid for job in jobs} == {MaskFile(avoid / "a.png")}


@pytest.mark.parametrize(
    ("avoid", "message"),
    [
        ("in", "masks must lie in another folder"),
        ("out", "another folder than that of the masks"),
        ("none", "not there"),
    ],
)
def test_a_wrong_place_of_what_is_avoided_is_refused(tmp_path: Path, avoid: str, message: str) -> None:
    _touch(tmp_path, "in/a.png", "out/a.png")
    with pytest.raises(InputError, match=message):
        plan_batch(tmp_path / "in", NoMask(), tmp_path / "out", avoid=MaskFile(tmp_path / avoid))


def test_one_mask_alpha_and_boxes_serve_all(tmp_path: Path) -> None:
    photos = _touch(tmp_path / "in", "a.jpg", "b.jpg", "mask.png")
    given: list[PhotoMask] = [MaskFile(photos / "mask.png"), Transparency(), NoMask()]
    for mask in given:
        jobs = plan_batch(photos, mask, tmp_path / "out")
        assert {job.mask for job in jobs} == {mask}
        assert len(jobs) == (2 if isinstance(mask, MaskFile) else 3)  # the mask itself is no photograph


@pytest.mark.parametrize(
    ("names", "format", "targets"),
    [
        (["a.jpg", "a.png"], None, ["a.jpg", "a.png"]),
        (["a.jpg", "a.png"], "png", ["a.jpg.png", "a.png"]),
        (["a.jpg", "a.png"], "webp", ["a.jpg.webp", "a.png.webp"]),
        (["a.jpg", "b.png"], "tiff", ["a.tiff", "b.tiff"]),
        (["a.jpeg", "b.JPG"], "jpg", ["a.jpeg", "b.JPG"]),
        (["a.png", "a.ppm"], None, ["a.png", "a.ppm.png"]),
        (["a.ppm", "a.tga"], None, ["a.ppm.png", "a.tga.png"]),
        (["a.ppm", "x/a.png"], None, ["a.png", "x/a.png"]),
    ],
)
def test_no_two_pictures_share_an_output(
    tmp_path: Path, names: list[str], format: str | None, targets: list[str]
) -> None:
    photos = _touch(tmp_path / "in", *names)
    assert (
        _targets(plan_batch(photos, NoMask(), tmp_path / "out", format=format), tmp_path / "out") == targets
    )


@pytest.mark.parametrize("count", [1, 2, 3, 7])
def test_shards_partition_the_folder(tmp_path: Path, count: int) -> None:
    photos = _touch(tmp_path / "in", *[f"{number % 3}/{number}.png" for number in range(20)])
    whole = plan_batch(photos, NoMask(), tmp_path / "out")
    parts = [plan_batch(photos, NoMask(), tmp_path / "out", shard=Share(i + 1, count)) for i in range(count)]
    assert sorted(job for part in parts for job in part) == sorted(whole)
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


def test_outputs_and_masks_inside_the_input_are_not_read_again(tmp_path: Path) -> None:
    photos = _touch(tmp_path / "in", "a.png", "out/a.png", "masks/a.png", "sub/b.png")
    masks = _touch(photos / "masks", "sub/b.png")
    jobs = plan_batch(photos, MaskFile(masks), photos / "out")
    assert _targets(jobs, photos / "out") == ["a.png", "sub/b.png"]


def test_an_output_around_the_input_is_no_hindrance(tmp_path: Path) -> None:
    photos = _touch(tmp_path / "in", "a.png")
    assert _targets(plan_batch(photos, NoMask(), tmp_path), tmp_path) == ["a.png"]


@pytest.mark.parametrize(
    ("mask", "output", "message"),
    [
        ("masks", "in", "another folder than the input"),
        ("in", "out", "masks must lie in another folder"),
        ("masks", "masks", "another folder than that of the masks"),
        ("none", "out", "which is not there"),
        ("masks", "file", "must be a folder"),
        ("other", "out", "expected masks for .*no mask a"),
        ("empty", "out", "0 pictures found"),
    ],
)
def test_what_cannot_begin_is_refused(tmp_path: Path, mask: str, output: str, message: str) -> None:
    _touch(tmp_path, "in/a.png", "masks/a.png", "other/b.png", "file", "empty/text")
    with pytest.raises(InputError, match=message):
        plan_batch(tmp_path / "in", MaskFile(tmp_path / mask), tmp_path / output)


def test_a_folder_without_pictures_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 pictures found"):
        plan_batch(_touch(tmp_path / "in", "a.txt"), NoMask(), tmp_path / "out")
    with pytest.raises(InputError, match="only masks and outputs"):
        plan_batch(_touch(tmp_path / "in", "out/a.png"), NoMask(), tmp_path / "in" / "out")
    with pytest.raises(InputError, match="use fewer shards"):
        plan_batch(_touch(tmp_path / "one", "a.png"), NoMask(), tmp_path / "out", shard=Share(2, 2))
