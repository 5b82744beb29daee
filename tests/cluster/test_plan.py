"""Plans of folders, of prefixes of a store, and of lists of pairs: which picture, which mask, which output."""

from __future__ import annotations

from pathlib import Path

import pytest

from splpaint.cluster.plan import Picture, Plan, plan_pictures
from splpaint.cluster.storage import write_file
from splpaint.errors import InputError
from splpaint.notices import PictureWarning


def _touch(place: str, *names: str) -> None:
    for name in names:
        write_file(f"{place}/{name}", b"")


def _as_paths(plan: Plan, place: str) -> list[Picture]:
    return [Picture(*(text.replace(f"{place}/", "") for text in picture)) for picture in plan.pictures]


def test_a_store_is_planned_as_a_folder_is(bucket: str, tmp_path: Path) -> None:
    names = [
        "in/b.jpg",
        "in/a.PNG",
        "in/sub/c.ppm",
        "in/sub/c.png",
        "in/notes.txt",
        "in/.hidden/d.png",
        "in/d.gif",
    ]
    names += [
        "in/out/old.png",
        "masks/a.png",
        "masks/b.jpg.png",
        "masks/sub/c.bmp",
        "masks/z.png",
        "avoid/b.png",
    ]
    plans = []
    for place in (f"{bucket}/plan", str(tmp_path)):
        _touch(place, *names)
        with pytest.warns(PictureWarning, match=r"masks of no picture in .*masks: z.png"):
            plan = plan_pictures(f"{place}/in", f"{place}/masks", f"{place}/in/out", avoid=f"{place}/avoid")
        assert (plan.output, plan.others) == (f"{place}/in/out", "1 .txt")
        plans.append(_as_paths(plan, place))
    assert plans[0] == plans[1]
    assert plans[0][0] == Picture("in/a.PNG", "masks/a.png", "a.PNG")
    assert plans[0][1] == Picture("in/b.jpg", "masks/b.jpg.png", "b.jpg", avoid="avoid/b.png")
    assert plans[0][2] == Picture(
        "in/d.gif",
        "",
        "d.png",
        "no mask d.* in masks".replace("masks", f"{tmp_path}/masks").replace(f"{tmp_path}/", ""),
    )
    assert [picture.output for picture in plans[0][3:]] == ["sub/c.png", "sub/c.ppm.png"]


def test_one_mask_on_this_machine_serves_a_whole_store(bucket: str, tmp_path: Path) -> None:
    _touch(f"{bucket}/one", "a.png")
    (tmp_path / "mask.png").write_bytes(b"mask")
    plan = plan_pictures(f"{bucket}/one", str(tmp_path / "mask.png"), f"{bucket}/out")
    assert plan.pictures[0].mask == str(tmp_path / "mask.png")
    assert plan.shared == {str(tmp_path / "mask.png"): b"mask"}


def test_a_list_names_pictures_anywhere(tmp_path: Path) -> None:
    listing = tmp_path / "pairs.csv"
    listing.write_text("mask,note,input\nm/a.png,x,a.jpg\nalpha,,sub/b.ppm\n,,c.png\n", "utf-8-sig")
    assert _as_paths(plan_pictures(str(listing), None, str(tmp_path / "out")), str(tmp_path)) == [
        Picture("a.jpg", "m/a.png", "a.jpg"),
        Picture("sub/b.ppm", "alpha", "sub/b.png"),
        Picture("c.png", "", "c.png"),
    ]
    listing.write_text("input,mask,output\ns3://one/a.jpg,/masks/a.png,x/1.webp\n")
    assert plan_pictures(str(listing), None, "s3://two/out/") == Plan(
        [Picture("s3://one/a.jpg", "/masks/a.png", "x/1.webp")], "s3://two/out", {}
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("picture,mask\na.png,b.png\n", "line 1: expected the columns input and mask"),
        ("input,mask\n", "expected pairs in .*, got 0"),
        ("input,mask\na.png\n", "line 2: expected a picture and a mask"),
        ("input,mask\n/data/a.png,m.png\n", "line 2: expected input to be .*; or add a column output"),
        (
            "input,mask,output\na.png,m.png,../b.png\n",
            "line 2: expected output to be a path in the output folder",
        ),
        ("input,mask,output\na.png,m.png,x.png\nb.png,m.png,x.png\n", "got 2 for .*x.png"),
        ("input,mask,output\nout/a.png,m.png,a.png\n", "a.png is one of the inputs"),
    ],
)
def test_lists_that_cannot_be_painted_are_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "pairs.csv").write_text(text)
    with pytest.raises(InputError, match=message):
        plan_pictures(str(tmp_path / "pairs.csv"), None, str(tmp_path / "out"))


@pytest.mark.parametrize(
    ("photos", "mask", "output", "message"),
    [
        ("in", "masks", "s3://bucket/out", "both be folders or both lie in a store"),
        ("s3://bucket/none", "alpha", "s3://bucket/out", "got 0 pictures found"),
        ("s3://bucket/refused", "masks", "s3://bucket/out", "must lie in one, too, or be one file"),
        ("s3://bucket/refused", "alpha", "s3://bucket/refused", "another prefix than the input"),
        ("s3://elsewhere/in", "alpha", "s3://elsewhere/out", "got 0 pictures|cannot be read"),
        ("ftp://host/in", "alpha", "ftp://host/out", "expected a folder, or one of s3://"),
        ("pairs.csv", "alpha", "out", "names the masks itself"),
        (__file__, "alpha", "out", "got the file .*; leave `cluster` out for one picture"),
    ],
)
def test_places_that_do_not_go_together_are_refused(
    bucket: str, photos: str, mask: str, output: str, message: str
) -> None:
    _touch(f"{bucket}/refused", "a.png")
    with pytest.raises(InputError, match=message):
        plan_pictures(photos, mask, output)
