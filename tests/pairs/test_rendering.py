"""Pairs as picture files: the pixels and holes of the manifest, by the pairs' names, and nothing else beside them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import Pixels
from splpaint.masks.polarity import Polarity
from splpaint.pairs.names import pair_names
from splpaint.pairs.pairing import load_pair, make_pairs, read_manifest, write_manifest
from splpaint.pairs.rendering import RENDERING, render_pairs
from tests.pairs.conftest import photograph, save


def _files(folder: Path) -> set[str]:
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }


def _read(path: Path, mode: str) -> Pixels:
    with Image.open(path) as image:
        assert (image.format, image.mode) == ("PNG", mode)
        return np.asarray(image)


@pytest.mark.parametrize("view", ["centre", "native"])
@pytest.mark.parametrize(
    ("polarity", "fill", "colour"), [(None, "white", 255), (Polarity.WHITE_KNOWN, "#010203", (1, 2, 3))]
)
def test_rendered_files_are_the_images_masks_and_damaged_images_of_the_pairs(
    view: str,
    polarity: Polarity | None,
    fill: str,
    colour: int | tuple[int, int, int],
    photos: list[Path],
    tmp_path: Path,
) -> None:
    manifest, folder = tmp_path / "pairs.csv", tmp_path / "out" / "rendered"
    write_manifest(make_pairs(photos, seed=7, view=view, masks_per_image=2), manifest)
    calls: list[None] = []
    render_pairs(manifest, folder, polarity=polarity, fill=fill, on_pair=lambda: calls.append(None))
    names = pair_names(manifest)
    assert len(calls) == len(names) == 6
    parts = ("images", "masks", "damaged")
    assert _files(folder) == {RENDERING} | {f"{part}/{name}.png" for part in parts for name in names}
    for name, pair in zip(names, read_manifest(manifest), strict=True):
        image, hole = load_pair(pair, tmp_path)
        np.testing.assert_array_equal(_read(folder / "images" / f"{name}.png", "RGB"), image)
        white = _read(folder / "masks" / f"{name}.png", "L") == 255
        np.testing.assert_array_equal(white, ~hole if polarity else hole)
        assert set(np.unique(_read(folder / "masks" / f"{name}.png", "L"))) == {0, 255}
        damaged = _read(folder / "damaged" / f"{name}.png", "RGB")
        np.testing.assert_array_equal(damaged[~hole], image[~hole])
        assert (damaged[hole] == colour).all()


def test_lama_finds_an_image_for_each_mask(manifest: Path, tmp_path: Path) -> None:
    folder = tmp_path / "rendered"
    render_pairs(manifest, folder, layout="lama")
    # As LaMa's data set for evaluation does: masks by their names, and the images by those of the masks.
    masks = sorted(folder.glob("**/*mask*.png"))
    assert len(masks) == 6
    assert _files(folder) - {RENDERING} == {
        name for mask in masks for name in (mask.name, mask.name.rsplit("_mask", 1)[0] + ".png")
    }
    for name, pair in zip(pair_names(manifest), read_manifest(manifest), strict=True):
        image, hole = load_pair(pair, tmp_path)
        np.testing.assert_array_equal(_read(folder / f"{name}.png", "RGB"), image)
        np.testing.assert_array_equal(_read(folder / f"{name}_mask000.png", "L") > 0, hole)


def test_a_rendering_that_was_stopped_continues_and_ends_as_an_unbroken_one(
    manifest: Path, tmp_path: Path
) -> None:
    class StopError(Exception):
        pass

    def stop() -> None:
        raise StopError

    folder, unbroken = tmp_path / "rendered", tmp_path / "unbroken"
    render_pairs(manifest, unbroken)
    with pytest.raises(StopError):
        render_pairs(manifest, folder, on_pair=stop)
    (folder / "damaged" / f"{pair_names(manifest)[0]}.png").unlink()
    render_pairs(manifest, folder)
    assert _files(folder) == _files(unbroken)
    assert all((folder / file).read_bytes() == (unbroken / file).read_bytes() for file in _files(unbroken))
    after = {file: (folder / file).stat().st_mtime_ns for file in _files(folder)}
    render_pairs(manifest, folder)
    assert {file: (folder / file).stat().st_mtime_ns for file in _files(folder)} == after


def test_another_rendering_and_other_files_are_not_mixed_with_it(
    manifest: Path, photos: list[Path], tmp_path: Path
) -> None:
    folder = tmp_path / "rendered"
    render_pairs(manifest, folder)
    other = tmp_path / "other.csv"
    write_manifest(make_pairs(photos, seed=8, side_px=32), other)
    before = _files(folder)
    with pytest.raises(InputError, match=rf"got .*{RENDERING} with other contents; choose another folder"):
        render_pairs(other, folder)
    with pytest.raises(InputError, match="with other contents"):
        render_pairs(manifest, folder, fill="grey")
    assert _files(folder) == before
    with pytest.raises(
        InputError, match=r"expected an empty folder, got .*photos, which holds a\.png; choose"
    ):
        render_pairs(manifest, tmp_path / "photos")


def test_choices_that_there_are_not_are_refused_before_anything_is_written(
    manifest: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "rendered"
    with pytest.raises(InputError, match="a layout from folders, lama, got 'lame'; did you mean lama"):
        render_pairs(manifest, folder, layout="lame")
    for colour in ("whitish", "#ff", "#ffffff00"):
        with pytest.raises(InputError, match=f"a colour such as white, grey or #808080, got '{colour}'"):
            render_pairs(manifest, folder, fill=colour)
    with pytest.raises(InputError, match="with the layout lama, got white-known and white: LaMa takes"):
        render_pairs(manifest, folder, layout="lama", polarity=Polarity.WHITE_KNOWN)
    with pytest.raises(InputError, match="with the layout lama, got white-hole and grey"):
        render_pairs(manifest, folder, layout="lama", fill="grey")
    masked = tmp_path / "masked.csv"
    write_manifest(
        make_pairs([save(photograph(20, 20), tmp_path / "unmasked.png")], seed=0, side_px=16), masked
    )
    with pytest.raises(InputError, match="without 'mask', by which LaMa knows masks, got unmasked; rename"):
        render_pairs(masked, folder, layout="lama")
    assert not folder.exists()


def test_a_pair_that_is_not_as_recorded_stops_the_rendering(
    manifest: Path, photos: list[Path], tmp_path: Path
) -> None:
    photograph(40, 40, seed=9).save(photos[2])
    with pytest.raises(InputError, match=r"got: picture photos/d\.webp has SHA-256"):
        render_pairs(manifest, tmp_path / "rendered")
    assert not list((tmp_path / "rendered").rglob("d-*.png"))
