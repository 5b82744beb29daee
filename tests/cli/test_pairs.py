from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from PIL import Image

import splpaint
from splpaint.datasets.shard_writing import write_shards
from splpaint.images.list_writing import write_list
from splpaint.images.listing import list_pictures
from splpaint.masks.kinds.irregular import irregular_mask
from splpaint.masks.ratios import RATIO_BINS
from splpaint.pairs.pairing import PairRecord, load_pair, read_manifest
from tests.cli import commands


def _pairs(*arguments: str | Path | int) -> CompletedProcess[str]:
    return commands.splpaint("pairs", *arguments)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    folder = tmp_path / "photos"
    folder.mkdir()
    for seed in range(6):
        levels = np.random.default_rng(seed).integers(0, 256, (40, 50 + seed, 3), dtype=np.uint8)
        Image.fromarray(levels).save(folder / f"{seed}.png")
    return folder


def test_make_writes_a_manifest_that_check_finds_as_recorded(photos: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "new" / "pairs.csv"
    made = _pairs("make", "--images", photos, "--seed", 7, "--side", 32, "--per-image", 2, "-o", manifest)
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""  # no progress bar: this is no terminal
    lines = made.stdout.splitlines()
    assert lines[0] == "12 pairs of 6 pictures; holes by share of the picture:"
    assert [line.split() for line in lines[1:7]] == [[label, "2"] for label in RATIO_BINS]
    sha256 = f"manifest SHA-256: {hashlib.sha256(manifest.read_bytes()).hexdigest()}"
    assert lines[7:] == [f"written to {manifest}", sha256]
    assert {pair.mask_width for pair in read_manifest(manifest)} == {32}

    checked = _pairs("check", manifest)
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout == f"{manifest}: 12 pairs, all as recorded\n{sha256}\n"


@pytest.mark.parametrize("how", [("--per-image", 2), ("--per-bin", 1)])
def test_several_kinds_of_masks_are_paired_as_one_after_the_other(
    photos: Path, tmp_path: Path, how: tuple[str, int]
) -> None:
    def make(*kinds: str) -> list[PairRecord]:
        manifest = tmp_path / f"{'-'.join(kinds)}.csv"
        masks = [word for kind in kinds for word in ("--masks", kind)]
        made = _pairs("make", "--images", photos, "--seed", 7, "--side", 64, *how, *masks, "-o", manifest)
        assert made.returncode == 0, made.stderr
        assert made.stdout.startswith(f"{12 * len(kinds) if how[1] == 2 else 6 * len(kinds)} pairs ")
        return read_manifest(manifest)

    assert make("irregular", "mixed") == [*make("irregular"), *make("mixed")]


def test_check_lists_what_differs_and_exits_with_1(photos: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "pairs.csv"
    assert _pairs("make", "--images", photos, "--seed", 7, "--side", 16, "-o", manifest).returncode == 0
    (photos / "2.png").unlink()
    checked = _pairs("check", manifest)
    assert checked.returncode == 1
    assert checked.stdout.splitlines() == [
        "pair 3: picture photos/2.png is missing",
        f"{manifest}: 1 difference(s) in 6 pairs",
        f"manifest SHA-256: {hashlib.sha256(manifest.read_bytes()).hexdigest()}",
    ]


def test_make_pairs_a_list_of_pictures_with_a_folder_of_masks(photos: Path, tmp_path: Path) -> None:
    (tmp_path / "list.txt").write_text("photos/4.png\nphotos/1.png\n", "utf-8")
    (tmp_path / "masks").mkdir()
    Image.fromarray(np.arange(1600).reshape(40, 40) < 1000).save(tmp_path / "masks" / "most.png")
    manifest = tmp_path / "pairs.csv"
    sources = ("--images", tmp_path / "list.txt", "--masks", tmp_path / "masks")
    made = _pairs("make", *sources, "--seed", 0, "--out", manifest)
    assert made.returncode == 0, made.stderr
    assert "other      2\n" in made.stdout
    pairs = read_manifest(manifest)
    assert [pair.image for pair in pairs] == ["photos/4.png", "photos/1.png"]
    assert {str(pair.mask) for pair in pairs} == {"masks/most.png"}


def test_shards_are_paired_and_imported_as_the_folder_that_they_were_made_from(
    photos: Path, tmp_path: Path
) -> None:
    write_shards(photos, tmp_path / "shards", shard_bytes=20_000)
    Image.fromarray(irregular_mask(seed=0, index=3, height=40, width=40)).save(tmp_path / "mask.png")
    (tmp_path / "masks.flist").write_text("mask.png\n", "utf-8")
    np.save(tmp_path / "index.npy", np.zeros(6, np.int64))
    lists = ("--masks", tmp_path / "masks.flist", "--index", tmp_path / "index.npy")
    for command in (("make", "--seed", 7), ("import", *lists)):
        pairs = []
        for images in (photos, tmp_path / "shards"):
            manifest = tmp_path / f"{command[0]}-{images.name}.csv"
            made = _pairs(*command, "--images", images, "-o", manifest)
            assert made.returncode == 0, made.stderr
            assert _pairs("check", manifest).returncode == 0
            pairs.append([pair._replace(image="") for pair in read_manifest(manifest)])
        assert pairs[0] == pairs[1]


def test_a_manifest_is_replaced_only_with_overwrite(photos: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "pairs.csv"
    manifest.write_text("mine", "utf-8")
    options = ("make", "--images", photos, "--masks", "box", "--seed", 1, "--side", 16, "-o", manifest)
    refused = _pairs(*options)
    assert refused.returncode == 2
    assert "choose another name or pass --overwrite" in refused.stderr
    assert manifest.read_text("utf-8") == "mine"
    assert _pairs(*options, "--overwrite").returncode == 0
    assert {str(pair.mask) for pair in read_manifest(manifest)} == {"box"}


def test_wrong_input_is_one_line_on_stderr_and_exit_code_2(photos: Path, tmp_path: Path) -> None:
    out = ("--seed", 0, "-o", tmp_path / "pairs.csv")
    for arguments, message in (
        (("make", "--images", tmp_path / "gone", *out), "which is not there"),
        (("make", "--images", "https://host/a.tar", *out), "tar shards on a disk, got https://host/a.tar;"),
        (("make", "--images", photos, "--masks", "cracks", *out), "or a list, got 'cracks'"),
        (("check", photos / "0.png"), "expected a manifest"),
    ):
        done = _pairs(*arguments)
        assert done.returncode == 2
        assert done.stdout == ""
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1
        assert message in done.stderr
    assert not (tmp_path / "pairs.csv").exists()


def test_the_published_form_goes_out_and_comes_back(photos: Path, tmp_path: Path) -> None:
    for index in range(6):
        mask = tmp_path / "masks" / f"{index}.png"
        mask.parent.mkdir(exist_ok=True)
        Image.fromarray(~irregular_mask(seed=0, index=index, height=40, width=40)).save(mask)
    first, folder, second = tmp_path / "first.csv", tmp_path / "published", tmp_path / "second.csv"
    known = ("--masks", tmp_path / "masks", "--polarity", "white-known", "--side", 40)
    made = _pairs("make", "--images", photos, *known, "--match", "published", "--seed", 5, "-o", first)
    assert made.returncode == 0, made.stderr
    assert _pairs("check", first).returncode == 0

    exported = _pairs("export", first, "-o", folder)
    assert exported.returncode == 0, exported.stderr
    assert exported.stdout.startswith("6 pairs written to ")
    lists = ("--images", folder / "images.flist", "--masks", folder / "masks.flist")
    imported = _pairs("import", *lists, "--index", folder / "mask_index.npy", "--side", 40, "-o", second)
    assert imported.returncode == 0, imported.stderr
    assert [(p.image, p.ratio) for p in read_manifest(first)] == [
        (p.image, p.ratio) for p in read_manifest(second)
    ]


def test_export_gives_the_published_index_of_a_seed(photos: Path, tmp_path: Path) -> None:
    masks = tmp_path / "masks"
    masks.mkdir()
    for index in range(12):
        Image.fromarray(irregular_mask(seed=0, index=index, height=40, width=40)).save(masks / f"{index}.png")
    manifest, folder = tmp_path / "pairs.csv", tmp_path / "published"
    options = ("--match", "published", "--seed", 2021, "--masks", masks, "--side", 40)
    assert _pairs("make", "--images", photos, *options, "-o", manifest).returncode == 0
    exported = _pairs("export", manifest, "--masks", masks, "-o", folder)
    assert exported.returncode == 0, exported.stderr
    index = np.load(folder / "mask_index.npy")
    assert index.tolist() == np.random.RandomState(2021).choice(12, 6).tolist()
    assert list_pictures(folder / "masks.flist") == list_pictures(masks)
    (tmp_path / "others").mkdir()
    (masks / "0.png").rename(tmp_path / "others" / "0.png")
    refused = _pairs("export", manifest, "--masks", tmp_path / "others", "-o", tmp_path / "other")
    assert refused.returncode == 2
    assert "among the 1 of --masks, got masks/" in refused.stderr


def test_pairs_per_bin_and_mask_sets(photos: Path, tmp_path: Path) -> None:
    manifest = tmp_path / "pairs.csv"
    common = ("make", "--images", photos, "--seed", 1, "--side", 32, "-o", manifest)
    made = _pairs(*common, "--per-bin", 2, "--mask-set", "2/3")
    assert made.returncode == 0, made.stderr
    assert [line.split()[1] for line in made.stdout.splitlines()[1:7]] == ["2"] * 6
    for options, message in (
        (("--per-bin", 1, "--per-image", 2), "--per-image or --per-bin, got both"),
        (("--mask-set", "4/3"), "--mask-set must be one of 1/N to N/N, got '4/3'"),
        (
            ("--match", "published"),
            "expected mask files, since the published form has a list of them, got irregular masks",
        ),
        (("--match", "published", "--per-bin", 1), "expected --match published alone"),
        (("--match", "published", "--masks", "thin", "--masks", "box"), "expected --match published alone"),
        (("--masks", "thin", "--masks", "thin"), "expected different --masks, got thin, thin"),
    ):
        refused = _pairs(*common, "--overwrite", *options)
        assert refused.returncode == 2
        assert message in refused.stderr
    assert len(read_manifest(manifest)) == 12


@pytest.mark.parametrize(
    "prepared", [("--view", "whole", "--resize", "bilinear", "--side", 32), ("--view", "native")]
)
def test_a_preparation_is_made_checked_exported_with_a_word_and_imported(
    prepared: tuple[str | int, ...], photos: Path, tmp_path: Path
) -> None:
    first, folder, second = tmp_path / "first.csv", tmp_path / "published", tmp_path / "second.csv"
    made = _pairs("make", "--images", photos, "--masks", "thick", "--seed", 5, *prepared, "-o", first)
    assert made.returncode == 0, made.stderr
    assert _pairs("check", first).returncode == 0
    exported = _pairs("export", first, "-o", folder)
    assert exported.returncode == 0, exported.stderr
    options = exported.stdout.splitlines()[-1].partition("are prepared: import them with ")[2]
    assert options.split() == [str(each) for each in prepared]
    lists = ("--images", folder / "images.flist", "--masks", folder / "masks.flist")
    index = ("--index", folder / "mask_index.npy")
    assert _pairs("import", *lists, *index, *options.split(), "-o", second).returncode == 0
    for one, other in zip(read_manifest(first), read_manifest(second), strict=True):
        assert (one.view, one.resize, one.ratio) == (other.view, other.resize, other.ratio)
        for mine, theirs in zip(load_pair(one, tmp_path), load_pair(other, tmp_path), strict=True):
            np.testing.assert_array_equal(mine, theirs)


def test_a_preparation_that_there_is_not_is_refused(photos: Path, tmp_path: Path) -> None:
    common = ("make", "--images", photos, "--seed", 1, "-o", tmp_path / "pairs.csv")
    for options, message in (
        (("--view", "hole"), "a view from centre, whole, native, got 'hole'; did you mean whole?"),
        (("--resize", "cubic"), "from area, bilinear, bicubic, lanczos, got 'cubic'; did you mean bicubic?"),
        (
            ("--view", "native", "--side", 64),
            "with the view native, which keeps every pixel, got 64; leave it",
        ),
    ):
        refused = _pairs(*common, *options)
        assert refused.returncode == 2
        assert message in refused.stderr


def test_render_writes_what_other_programs_read(photos: Path, tmp_path: Path) -> None:
    manifest, folder = tmp_path / "pairs.csv", tmp_path / "rendered"
    options = ("--masks", "box", "--seed", 3, "--view", "native", "-o", manifest)
    assert _pairs("make", "--images", photos, *options).returncode == 0
    done = _pairs("render", manifest, "--polarity", "white-known", "--fill", "black", "-o", folder)
    assert done.returncode == 0, done.stderr
    told = f"6 pairs rendered to {folder}; save what a model paints by the names of the images\n"
    assert (done.stdout, done.stderr) == (told, "")
    image, hole = load_pair(read_manifest(manifest)[4], tmp_path)
    known = np.asarray(Image.open(folder / "masks" / "4.png")) > 127
    np.testing.assert_array_equal(known, ~hole)
    damaged = np.asarray(Image.open(folder / "damaged" / "4.png"))
    np.testing.assert_array_equal(damaged, np.where(hole[:, :, None], 0, image))
    refused = _pairs("render", manifest, "--layout", "lama", "-o", folder)
    assert refused.returncode == 2
    assert "rendering.json with other contents; choose another folder" in refused.stderr


def test_import_takes_mask_files_of_every_source_and_no_others(photos: Path, tmp_path: Path) -> None:
    masks = tmp_path / "masks"
    masks.mkdir()
    for index in range(2):
        Image.fromarray(irregular_mask(seed=0, index=index, height=40, width=40)).save(masks / f"{index}.png")
    write_list(list_pictures(masks), tmp_path / "masks.flist")
    np.save(tmp_path / "index.npy", np.array([1, 0, 0, 1, 1, 0]))
    common = ("import", "--images", photos, "--index", tmp_path / "index.npy", "-o", tmp_path / "pairs.csv")
    for source in (masks, tmp_path / "masks.flist", f"folder:{masks}", f"nvidia-test:{masks}"):
        done = _pairs(*common, "--masks", source, "--overwrite")
        assert done.returncode == 0, done.stderr
        assert [str(pair.mask)[-5] for pair in read_manifest(tmp_path / "pairs.csv")] == list("100110")
    assert "nvidia-test has 12000 masks, 2 are here" in done.stderr
    refused = _pairs(*common, "--masks", "thin", "--overwrite")
    assert refused.returncode == 2
    assert "expected mask files, since the published form has a list of them, got thin" in refused.stderr


def test_bundled_says_which_pairs_the_repository_carries_and_where() -> None:
    done = _pairs("bundled")
    assert done.returncode == 0, done.stderr
    (manifest,) = re.findall(r"^bundled-256: (.*)$", done.stdout, re.MULTILINE)
    assert "480 pairs of 48 photographs at 256 x 256\n" in done.stdout
    assert "470 pairs of 47 photographs at 512 x 512\n" in done.stdout
    assert f"manifest SHA-256: {hashlib.sha256(Path(manifest).read_bytes()).hexdigest()}\n" in done.stdout
    assert done.stdout.endswith("SOURCES.csv\n")


def test_bundled_says_where_the_pairs_are_when_the_package_was_installed_without_them(tmp_path: Path) -> None:
    (tmp_path / "splpaint").symlink_to(Path(splpaint.__file__).parent, target_is_directory=True)
    done = subprocess.run(
        [sys.executable, "-m", "splpaint", "pairs", "bundled"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(tmp_path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "benchmarks/bundled of a clone of splpaint's repository" in done.stderr
