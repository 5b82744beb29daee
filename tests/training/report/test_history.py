from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from splpaint.errors import InputError
from splpaint.training.report import draw_curves, read_history, sum_up


def row(step: int, **values: float) -> dict[str, float]:
    return {"step": step, "images": 16 * step, "seconds": 0.5 * step, **values}


def write(run: Path, rows: list[dict[str, float]], end: str = "\n") -> Path:
    run.mkdir()
    (run / "log.jsonl").write_text("\n".join(map(json.dumps, rows)) + end, "utf-8")
    return run


def test_a_history_is_what_was_written(tmp_path: Path) -> None:
    rows = [row(20, total=1.5), row(40, total=1.25), row(40, val_psnr_in_hole=20.0)]
    assert read_history(write(tmp_path / "run", rows)) == rows


def test_a_line_cut_short_at_the_end_is_left_out_and_one_in_the_middle_refused(tmp_path: Path) -> None:
    rows = [row(20, total=1.0), row(40, total=2.0)]
    assert len(read_history(write(tmp_path / "end", rows, end='\n{"step": 60, "ima'))) == 2
    broken = write(tmp_path / "middle", rows, end='\n{"step": 60, "ima\n{"step": 80}\n')
    with pytest.raises(
        InputError, match=r"line 3 of .* must be a JSON object with step, images, seconds, got"
    ):
        read_history(broken)


def test_a_folder_without_a_log_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"a run's folder holds log\.jsonl .* found none in"):
        read_history(tmp_path)


def test_a_run_is_summed_up_with_its_last_and_its_best_validation() -> None:
    def validation(psnr: float) -> dict[str, float]:
        return {"val_psnr_in_hole": psnr, "val_psnr_in_hole (0.1,0.2]": psnr + 1, "val_mae_in_hole": 9.0}

    rows = [row(20, total=1.0), row(20, **validation(21.0)), row(40, total=0.5), row(40, **validation(20.0))]
    assert sum_up(rows) == [
        "step 40, 640 images in 0.01 hours",
        "losses: total 0.5",
        "last validation: PSNR in the hole 20.00 dB; by the hole's share: (0.1,0.2] 21.00",
        "the best, after 320 images: PSNR in the hole 21.00 dB; by the hole's share: (0.1,0.2] 22.00",
    ]


def test_curves_are_a_picture_that_shows_the_values() -> None:
    def drawn(total: float) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        rows = [row(20 * n, total=total / n, hole=0.1) for n in range(1, 900)]
        rows += [row(18000, **{"val_psnr_in_hole": 20.0, "val_psnr_in_hole (0.1,0.2]": 24.0})]
        with Image.open(io.BytesIO(draw_curves(rows, "a run"))) as picture:
            assert picture.format == "PNG"
            return np.asarray(picture.convert("RGB"))

    first, again, other = drawn(1.0), drawn(1.0), drawn(7.0)
    assert (first == again).all()
    assert first.shape == other.shape
    assert (first != other).any()


def test_an_empty_history_is_not_drawn() -> None:
    with pytest.raises(InputError, match="at least one step"):
        draw_curves([], "a run")
