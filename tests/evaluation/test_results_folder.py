from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.evaluation import ResultsMethod, evaluate
from splpaint.evaluation.records import RecordFile
from splpaint.pairs import iterate_manifest, load_pair, pair_names
from splpaint.shares import WHOLE
from tests.evaluation.conftest import GREY, grey


@pytest.fixture
def results(pairs: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "results"
    folder.mkdir()
    for name, record in zip(pair_names(pairs), iterate_manifest(pairs), strict=True):
        Image.fromarray(grey(*load_pair(record, pairs.parent))).save(folder / f"{name}.png")
    return folder


def run(pairs: Path, folder: Path, output: Path) -> None:
    evaluate(pairs, [ResultsMethod("theirs", folder)], output=output)


def test_results_have_the_values_of_the_method_that_painted_them(
    pairs: Path, results: Path, tmp_path: Path
) -> None:
    evaluate(pairs, [ResultsMethod("theirs", results), GREY], output=tmp_path / "report")
    found = list(RecordFile(tmp_path / "report", WHOLE).results())
    assert len(found) == 15
    for result in found:
        assert str(result.values["theirs"]) == str(result.values["grey"])


def test_results_may_be_called_as_lama_calls_them(pairs: Path, results: Path, tmp_path: Path) -> None:
    for file in list(results.iterdir()):
        file.rename(file.with_name(f"{file.stem}_mask000.png"))
    run(pairs, results, tmp_path / "report")
    assert len(list(RecordFile(tmp_path / "report", WHOLE).results())) == 15


def test_a_missing_picture_is_named(pairs: Path, results: Path, tmp_path: Path) -> None:
    name = pair_names(pairs)[3]
    (results / f"{name}.png").unlink()
    with pytest.raises(InputError, match=f"no picture for {name}"):
        run(pairs, results, tmp_path / "report")


def test_a_surplus_picture_is_named(pairs: Path, results: Path, tmp_path: Path) -> None:
    shutil.copy(results / f"{pair_names(pairs)[0]}.png", results / "zebra.png")
    with pytest.raises(InputError, match="no pair: zebra"):
        run(pairs, results, tmp_path / "report")


def test_two_pictures_of_one_name_are_refused(pairs: Path, results: Path, tmp_path: Path) -> None:
    name = pair_names(pairs)[0]
    Image.open(results / f"{name}.png").save(results / f"{name}.webp")
    with pytest.raises(InputError, match=rf"one result for {name}.*\.png.*\.webp"):
        run(pairs, results, tmp_path / "report")


def test_a_picture_of_another_size_is_named(pairs: Path, results: Path, tmp_path: Path) -> None:
    file = results / f"{pair_names(pairs)[2]}.png"
    Image.open(file).resize((65, 64)).save(file)
    with pytest.raises(InputError, match=rf"64x64 .*got 65x64 in .*{file.name}"):
        run(pairs, results, tmp_path / "report")


def test_a_picture_of_16_bits_is_named(pairs: Path, results: Path, tmp_path: Path) -> None:
    file = results / f"{pair_names(pairs)[2]}.png"
    Image.fromarray(np.zeros((64, 64), np.uint16)).save(file)
    with pytest.raises(InputError, match=rf"{file.name}.*16"):
        run(pairs, results, tmp_path / "report")


def test_a_picture_with_transparency_is_named(pairs: Path, results: Path, tmp_path: Path) -> None:
    file = results / f"{pair_names(pairs)[2]}.png"
    Image.open(file).convert("RGBA").save(file)
    with pytest.raises(InputError, match=rf"RGBA in .*{file.name}"):
        run(pairs, results, tmp_path / "report")


def test_swapped_names_are_found_by_what_the_pictures_show(
    pairs: Path, results: Path, tmp_path: Path
) -> None:
    first, other = (results / f"{pair_names(pairs)[place]}.png" for place in (0, 3))
    content = first.read_bytes()
    first.write_bytes(other.read_bytes())
    other.write_bytes(content)
    with pytest.raises(InputError, match=f"got another picture in .*{first.name}"):
        run(pairs, results, tmp_path / "report")


def test_swapped_names_of_one_photograph_are_found_by_where_it_was_painted(
    pairs: Path, results: Path, tmp_path: Path
) -> None:
    records = list(iterate_manifest(pairs))
    assert records[0].image == records[1].image
    images, holes = zip(*(load_pair(record, pairs.parent) for record in records[:2]), strict=True)
    assert np.mean(holes[0] & ~holes[1]) / np.mean(holes[0]) > 0.6
    file = results / f"{pair_names(pairs)[0]}.png"
    shutil.copy(results / f"{pair_names(pairs)[1]}.png", file)
    with pytest.raises(InputError, match=f"changes elsewhere in .*{file.name}"):
        run(pairs, results, tmp_path / "report")
    Image.fromarray(images[0]).save(file)  # a perfect result, however, is one
    run(pairs, results, tmp_path / "report")


def test_results_that_changed_known_pixels_a_little_are_accepted(
    pairs: Path, results: Path, tmp_path: Path
) -> None:
    for file in results.iterdir():
        levels = np.asarray(Image.open(file)).astype(np.int16)
        noise = np.random.default_rng(1).integers(-20, 21, levels.shape)
        Image.fromarray((levels + noise).clip(0, 255).astype(np.uint8)).save(file)
    run(pairs, results, tmp_path / "report")
    assert len(list(RecordFile(tmp_path / "report", WHOLE).results())) == 15
