from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from PIL import Image

from splpaint.evaluation import write_report
from splpaint.evaluation.pictures import Window
from splpaint.evaluation.records import PairResult
from splpaint.evaluation.report.figure import choose_rows, write_figure
from splpaint.evaluation.report.gallery import GalleryPair

SIDE_PX, GAP_PX = 64, 8


def shown(number: int, label: str, why: str, photograph: str = "") -> GalleryPair:
    result = PairResult(
        number, f"{number}", "", photograph or f"{number}", "box", label, 1 - number / 100, {"a": {}}
    )
    path = Path("none.webp")
    return GalleryPair(result, why, Window(0, 0, 1, 1), path, path, {"a": path})  # type: ignore[arg-type]


def numbers(gallery: list[GalleryPair]) -> list[int]:
    return [pair.result.number for pair in choose_rows(gallery)]


def test_bins_take_turns_and_typical_pairs_come_first() -> None:
    gallery = [
        *(shown(number, "few", "worst") for number in (1, 2)),
        *(shown(number, "few", "spread") for number in (3, 4)),
        *(shown(number, "many", "spread") for number in (5, 6, 7, 8, 9)),
        shown(10, "most", "best"),
    ]
    assert numbers(gallery) == [10, 6, 5, 4, 3, 1]  # smaller holes first


def test_a_photograph_is_not_shown_again_while_there_are_others() -> None:
    gallery = [
        shown(1, "few", "spread", "a"),
        shown(2, "many", "spread", "a"),
        shown(3, "many", "spread", "b"),
    ]
    gallery += [shown(number, "few", "spread", "a") for number in range(4, 12)]
    assert [number for number in numbers(gallery) if number < 5] == [4, 3, 2, 1]
    assert numbers(gallery[:3]) == [3, 2, 1]
    photographs = [shown(number, "few", "spread", "abc"[number % 3]) for number in range(1, 10)]
    assert sorted("abc"[number % 3] for number in numbers(photographs)) == list("aabbcc")


def test_rows_hold_the_pictures_of_the_report_to_the_pixel(report: Path) -> None:
    figure = np.asarray(Image.open(report / "figure.png"))
    index = json.loads((report / "pictures" / "index.json").read_text("utf-8"))
    height, width = figure.shape[:2]
    assert width == 5 * SIDE_PX + 4 * GAP_PX  # damaged, three methods, truth
    head = height - 6 * SIDE_PX - 5 * GAP_PX
    assert head > 12
    ratios = {pair["number"]: pair["ratio"] for pair in index["pairs"]}
    found = []
    for row in range(6):
        top = head + row * (SIDE_PX + GAP_PX)
        part = figure[top : top + SIDE_PX]
        number = next(
            number
            for number in ratios
            if np.array_equal(part[:, -SIDE_PX:], picture(report, number, "truth"))
            and np.array_equal(part[:, 72:136], picture(report, number, "1"))
        )
        for column, name in enumerate(("1", "2", "3"), start=1):
            left = column * (SIDE_PX + GAP_PX)
            assert np.array_equal(part[:, left : left + SIDE_PX], picture(report, number, name))
        known = picture(report, number, "damaged")[..., 3] == 255
        assert np.array_equal(part[:, :SIDE_PX][known], part[:, -SIDE_PX:][known])
        assert len(np.unique(part[:, :SIDE_PX][~known], axis=0)) == 1
        found.append(number)
    assert [ratios[number] for number in found] == sorted(ratios[number] for number in found)


def picture(report: Path, number: int, name: str) -> np.ndarray:
    return np.asarray(Image.open(report / "pictures" / str(number) / f"{name}.webp"))


def test_the_pdf_has_the_size_of_the_figure_and_no_date(report: Path, tmp_path: Path) -> None:
    pdf = (report / "figure.pdf").read_bytes()
    width, height = Image.open(report / "figure.png").size
    assert pdf.startswith(b"%PDF-")
    assert f"/Width {width}".encode() in pdf
    assert f"/Height {height}".encode() in pdf
    assert b"Date" not in pdf
    write_report([report], tmp_path)
    for name in ("figure.pdf", "figure.png"):
        assert (tmp_path / name).read_bytes() == (report / name).read_bytes()


def test_pictures_of_several_sizes_get_one_width(tmp_path: Path) -> None:
    pairs = []
    for number, size in ((1, (1024, 700)), (2, (100, 300))):
        path = tmp_path / f"{number}.webp"
        Image.new("RGBA", size, "red").save(path, lossless=True)
        pairs.append(shown(number, "few", "spread")._replace(truth=path, damaged=path, painted={"a": path}))
    write_figure(pairs, tmp_path)
    width, height = Image.open(tmp_path / "figure.png").size
    assert width == 3 * 512 + 2 * GAP_PX
    assert 0 < height - (350 + 1536 + GAP_PX) < 60


def test_a_report_without_pictures_has_no_figure(tmp_path: Path) -> None:
    for name in ("figure.png", "figure.pdf"):
        (tmp_path / name).write_bytes(b"of an older report")
    write_figure([], tmp_path)
    assert list(tmp_path.iterdir()) == []
