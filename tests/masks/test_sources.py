from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import Hole
from splpaint.masks.collections import ParameterNames
from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.masks.origin import Frame, Mask, MaskOrigin
from splpaint.masks.polarity import Polarity
from splpaint.masks.sets import make_set
from splpaint.masks.sheet import some_masks
from splpaint.masks.sources import DrawnMasks, MaskFiles, open_masks
from splpaint.notices import PictureWarning
from splpaint.pairs.pairing import make_pairs


@pytest.fixture
def folder(holes: list[Hole], tmp_path: Path) -> Path:
    (tmp_path / "masks").mkdir()
    for number, hole in enumerate(holes):
        Image.fromarray(hole).save(tmp_path / "masks" / f"{number}.png")
    return tmp_path / "masks"


def test_white_is_the_hole_or_what_is_known_as_is_said(folder: Path, holes: list[Hole]) -> None:
    for polarity, expected in ((Polarity.WHITE_HOLE, holes[1]), (Polarity.WHITE_KNOWN, ~holes[1])):
        source = open_masks(f"{folder}", polarity=polarity, any_ratio=True)
        assert isinstance(source, MaskFiles)
        np.testing.assert_array_equal(source.mask(1, seed=0, frame=Frame.square(64)).hole, expected)


def test_a_frame_takes_the_central_square_of_a_file_or_the_whole(tmp_path: Path) -> None:
    hole = irregular_mask(seed=0, index=4, height=60, width=90)
    Image.fromarray(hole).save(tmp_path / "wide.png")
    source = MaskFiles([tmp_path / "wide.png"])
    for frame, expected in (
        (None, hole),
        (Frame.square(30), hole[1::2, 16:75:2]),
        (Frame(45, 30, whole=True), hole[1::2, 1::2]),
        (Frame(30, 30, whole=True), hole[1::2, 1::3]),
        (Frame(180, 120, whole=True), np.kron(hole, np.ones((2, 2), bool))),
    ):
        np.testing.assert_array_equal(source.mask(0, seed=0, frame=frame).hole, expected)


def test_drawn_masks_are_drawn_at_the_size_of_the_frame() -> None:
    drawn = open_masks("irregular").mask(3, seed=5, frame=Frame(90, 60, whole=True)).hole
    np.testing.assert_array_equal(drawn, irregular_mask(seed=5, index=3, height=60, width=90))


@pytest.mark.parametrize("name", ["nvidia-train", "qd-imd"])
def test_a_collection_knows_its_polarity(name: str, folder: Path, holes: list[Hole]) -> None:
    source = open_masks(f"{name}:{folder}", any_ratio=True)
    assert isinstance(source, MaskFiles)
    assert source.polarity == Polarity.WHITE_KNOWN
    with pytest.raises(InputError, match=f"expected white-known, the polarity of {name}, got `polarity="):
        open_masks(f"{name}:{folder}", polarity=Polarity.WHITE_HOLE)
    nvidia = open_masks(f"nvidia-test:{folder}")
    assert isinstance(nvidia, MaskFiles)
    assert nvidia.polarity == Polarity.WHITE_HOLE


def test_masks_read_the_wrong_way_round_are_refused_with_the_flag_that_helps(tmp_path: Path) -> None:
    for number in range(3):
        mostly_white = ~irregular_mask(seed=0, index=6 * number, height=64, width=64)
        Image.fromarray(mostly_white).save(tmp_path / f"{number}.png")
    message = r"at most 65% .* got 9\d\.\d% .* read as white-hole .* say `polarity=white-known`, or `any_ratio=True`"
    with pytest.raises(InputError, match=message):
        open_masks(str(tmp_path))
    assert isinstance(open_masks(str(tmp_path), any_ratio=True), MaskFiles)
    assert isinstance(open_masks(str(tmp_path), polarity=Polarity.WHITE_KNOWN), MaskFiles)
    assert isinstance(open_masks(f"qd-imd:{tmp_path}"), MaskFiles)
    with pytest.raises(InputError, match=r"say \S+ alone with `polarity=white-known`, or `any_ratio=True`"):
        open_masks(f"nvidia-test:{tmp_path}")


def test_a_set_of_every_ratio_bin_read_the_wrong_way_round_is_refused_and_one_of_the_last_bin_is_not(
    tmp_path: Path,
) -> None:
    for index in range(12):
        hole = irregular_mask(seed=0, index=index, height=64, width=64)
        for folder in ("all", "last") if index % 6 == 5 else ("all",):
            (tmp_path / folder).mkdir(exist_ok=True)
            Image.fromarray(hole).save(tmp_path / folder / f"{index}.png")
    assert isinstance(open_masks(str(tmp_path / "all")), MaskFiles)
    assert isinstance(open_masks(str(tmp_path / "last")), MaskFiles)
    with pytest.raises(InputError, match="say `polarity=white-hole`"):
        open_masks(str(tmp_path / "all"), polarity=Polarity.WHITE_KNOWN)


def test_messages_name_parameters_as_the_caller_s_user_knows_them(tmp_path: Path) -> None:
    Image.new("1", (32, 32), 1).save(tmp_path / "white.png")
    names = ParameterNames("data.mask_polarity", "data.mask_any_ratio=true")
    with pytest.raises(
        InputError, match=r"say `data\.mask_polarity=white-known`, or `data\.mask_any_ratio=true"
    ):
        open_masks(str(tmp_path), names=names)
    with pytest.raises(InputError, match=r"got `data\.mask_polarity=white-known`: thin masks are drawn"):
        open_masks("thin", polarity=Polarity.WHITE_KNOWN, names=names)


def test_drawn_masks_have_no_polarity_and_unknown_names_are_answered_with_the_known() -> None:
    assert open_masks("thin") == DrawnMasks("thin")
    with pytest.raises(InputError, match="expected no polarity, got `polarity=white-known`"):
        open_masks("thin", polarity=Polarity.WHITE_KNOWN)
    with pytest.raises(InputError, match=r"box, centre, half, .* qd-imd:FOLDER.* got 'tin'"):
        open_masks("tin")
    with pytest.raises(InputError, match=r"object:FOLDER.* got 'object:'"):
        open_masks("object:")
    with pytest.raises(InputError, match="gone, which is not there"):
        open_masks("object:gone")


def test_photographs_are_not_taken_for_masks(tmp_path: Path) -> None:
    rows, columns = np.mgrid[:48, :64]
    waves = np.uint8(127 + 60 * np.sin(rows / 7) + 60 * np.cos(columns / 5))
    for number in range(3):
        Image.fromarray(np.roll(waves, number, axis=1)).save(tmp_path / f"{number}.png")
    with pytest.raises(InputError, match="are pictures and masks mixed up"):
        open_masks(f"{tmp_path}", any_ratio=True)
    with pytest.raises(InputError, match="a photograph without transparency"):
        open_masks(f"object:{tmp_path}").mask(0, seed=0)


def test_masks_saved_as_jpeg_are_still_masks(holes: list[Hole], tmp_path: Path) -> None:
    for number, hole in enumerate(holes):
        Image.fromarray(hole).convert("L").save(tmp_path / f"{number}.jpg", quality=40)
    assert isinstance(open_masks(f"{tmp_path}"), MaskFiles)


def test_single_masks_of_the_other_polarity_are_told(holes: list[Hole], tmp_path: Path) -> None:
    small = [hole for hole in holes if hole.mean() < 0.25]
    for number in range(12):
        hole = small[number % len(small)]
        Image.fromarray(~hole if number % 3 == 0 else hole).save(tmp_path / f"{number:02}.png")
    with pytest.warns(PictureWarning, match=r"4 of 12 masks looked at in .* cover more than 75%"):
        open_masks(f"{tmp_path}")


class _Stripes:
    """A source that the package does not know: three masks, neither drawn by chance nor read."""

    kind = "stripes"
    count = 3
    files = ()

    def origin(self, number: int, *, seed: int) -> MaskOrigin:
        return MaskOrigin(self.kind)

    def mask(self, number: int, *, seed: int, frame: Frame | None = None) -> Mask:
        frame = frame or Frame.square(32)
        hole = np.zeros((frame.height, frame.width), np.bool_)
        hole[:, number :: number + 2] = True
        return Mask(self.origin(number, seed=seed), None, None, hole)


def test_a_new_kind_of_source_serves_everybody_who_takes_masks(tmp_path: Path) -> None:
    source = _Stripes()
    holes = [source.mask(number, seed=0, frame=Frame.square(32)).hole for number in range(3)]
    made = make_set(source, tmp_path / "set")
    assert [stats.ratio for stats in made.masks] == [hole.mean() for hole in holes]
    np.testing.assert_array_equal(some_masks(source, 9, seed=0, side_px=32), holes)
    Image.new("RGB", (40, 40)).save(tmp_path / "photo.png")
    pairs = list(make_pairs([tmp_path / "photo.png"], masks=source, seed=1, side_px=32, masks_per_image=3))
    assert {pair.ratio for pair in pairs} == {round(float(hole.mean()), 6) for hole in holes}
    assert {pair.mask for pair in pairs} == {MaskOrigin("stripes")}
