from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from splpaint.errors import InputError, SplpaintError
from splpaint.evaluation import BaselineMethod, CallableMethod, evaluate, write_report, write_timing
from splpaint.evaluation.records import RecordFile
from splpaint.images import Hole, Pixels
from splpaint.metrics import psnr_in_hole
from splpaint.pairs import iterate_manifest, load_pair, pair_names
from splpaint.shares import WHOLE, Share
from tests.evaluation.conftest import GREY, MEAN, grey

METHODS = [MEAN, GREY]


def report_of(pairs: Path, output: Path) -> bytes:
    evaluate(pairs, METHODS, output=output)
    write_report([output], output)
    return (output / "report.json").read_bytes()


def test_every_pair_is_measured_as_its_metrics_say(pairs: Path, tmp_path: Path) -> None:
    report = json.loads(report_of(pairs, tmp_path / "report"))
    records = list(iterate_manifest(pairs))
    assert [pair["number"] for pair in report["pairs"]] == list(range(1, 16))
    assert [pair["name"] for pair in report["pairs"]] == pair_names(pairs)
    for pair, record in zip(report["pairs"], records, strict=True):
        image, hole = load_pair(record, pairs.parent)
        wanted = psnr_in_hole(grey(image, hole), image, hole)
        assert pair["values"]["grey"]["psnr_hole"] == pytest.approx(wanted, abs=1e-9)
        assert (pair["bin"], pair["ratio"], pair["mask"]) == (record.bin, record.ratio, "irregular")


def test_means_and_comparisons_are_those_of_the_pairs(pairs: Path, tmp_path: Path) -> None:
    report = json.loads(report_of(pairs, tmp_path / "report"))
    values = {
        method: np.array([pair["values"][method]["psnr_hole"] for pair in report["pairs"]])
        for method in ("mean colour", "grey")
    }
    everything = report["groups"][0]
    for method, numbers in values.items():
        assert everything["means"][method]["psnr_hole"]["mean"] == pytest.approx(numbers.mean(), rel=1e-5)
    found = next(each for each in everything["comparisons"] if each["measure"] == "psnr_hole")
    difference = values["mean colour"] - values["grey"]
    assert found["difference"] == pytest.approx(difference.mean(), rel=1e-4)
    assert found["won"] == pytest.approx((difference > 0).mean(), rel=1e-5)
    assert found["low"] < found["difference"] < found["high"]
    bins = [group for group in report["groups"] if group["by"] == "bin"]
    assert sum(group["pairs"] for group in bins) == 15


def test_shards_merge_to_the_very_report_of_one_process(pairs: Path, tmp_path: Path) -> None:
    whole = report_of(pairs, tmp_path / "whole")
    for part, folder in ((3, "a"), (1, "b"), (2, "a")):
        evaluate(pairs, METHODS, output=tmp_path / folder, share=Share(part, 3))
    write_report([tmp_path / "a", tmp_path / "b"], tmp_path / "merged")
    assert (tmp_path / "merged" / "report.json").read_bytes() == whole


def test_times_of_a_shard_go_into_the_merged_report(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, METHODS, output=tmp_path / "shards")
    write_timing(pairs, METHODS, tmp_path / "shards" / "timing.json")
    write_timing(pairs, METHODS[:1], tmp_path / "merged" / "timing.json")  # of an older report
    write_report([tmp_path / "shards"], tmp_path / "merged")
    assert (tmp_path / "merged" / "timing.json").read_bytes() == (
        tmp_path / "shards" / "timing.json"
    ).read_bytes()
    assert "cores; Python" in (tmp_path / "merged" / "report.html").read_text("utf-8")


def test_missing_and_unfinished_shards_are_named(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, METHODS, output=tmp_path, share=Share(1, 2))
    with pytest.raises(InputError, match="got none of 2/2"):
        write_report([tmp_path], tmp_path)
    evaluate(pairs, METHODS, output=tmp_path, share=Share(2, 2))
    file = RecordFile(tmp_path, Share(2, 2)).path
    file.write_text("".join(file.read_text("utf-8").splitlines(keepends=True)[:-1]), "utf-8")
    with pytest.raises(InputError, match=r"expected 7 pairs .*got 6"):
        write_report([tmp_path], tmp_path)


def test_shards_of_another_evaluation_are_refused(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, METHODS, output=tmp_path / "a", share=Share(1, 2))
    evaluate(pairs, [GREY], output=tmp_path / "b", share=Share(2, 2))
    with pytest.raises(InputError, match="settings differ"):
        write_report([tmp_path / "a", tmp_path / "b"], tmp_path)


def test_an_evaluation_goes_on_where_it_was_cut(pairs: Path, tmp_path: Path) -> None:
    whole = report_of(pairs, tmp_path / "whole")
    file = RecordFile(tmp_path / "whole", WHOLE).path
    content = file.read_bytes()
    for place in (10, len(content) // 2, len(content) - 1):
        file.write_bytes(content[:place])
        assert report_of(pairs, tmp_path / "whole") == whole
        assert file.read_bytes() == content


def test_progress_tells_of_pairs_that_are_there_of_those_to_measure_and_of_pictures(
    pairs: Path, tmp_path: Path
) -> None:
    told: list[tuple[str, int, int]] = []

    def tell(stage: str, done: int, total: int) -> None:
        told.append((stage, done, total))

    assert evaluate(pairs, METHODS, output=tmp_path, pictures=6, on_progress=tell) == 15
    measured = [("measuring", done, 15) for done in range(16)]
    pictures = [("painting pictures", done, 6) for done in range(7)]
    assert told == measured + pictures
    told.clear()
    file = RecordFile(tmp_path, WHOLE).path
    file.write_text("".join(file.read_text("utf-8").splitlines(keepends=True)[:-2]), "utf-8")
    evaluate(pairs, METHODS, output=tmp_path, pictures=6, on_progress=tell)
    assert told == [*measured[13:], ("painting pictures", 0, 0)]


def test_other_settings_do_not_go_on(pairs: Path, tmp_path: Path) -> None:
    report_of(pairs, tmp_path)
    with pytest.raises(InputError, match=r"another methods.*`overwrite=True`"):
        evaluate(pairs, [GREY], output=tmp_path)
    evaluate(pairs, [GREY], output=tmp_path, overwrite=True)
    assert list(RecordFile(tmp_path, WHOLE).settings().methods) == ["grey"]


def test_damaged_records_are_named_by_their_line(pairs: Path, tmp_path: Path) -> None:
    report_of(pairs, tmp_path)
    file = RecordFile(tmp_path, WHOLE).path
    lines = file.read_text("utf-8").splitlines(keepends=True)
    file.write_text("".join([*lines[:4], lines[5], lines[4], *lines[6:]]), "utf-8")
    with pytest.raises(InputError, match=r"line 5: .*pair 5 instead of 4"):
        write_report([tmp_path], tmp_path)


def test_pairs_that_were_painted_as_the_truth_are_named_and_not_in_the_mean(
    pairs: Path, tmp_path: Path
) -> None:
    records = list(iterate_manifest(pairs))
    truths = [load_pair(record, pairs.parent) for record in records[:2]]

    def paint(image: Pixels, hole: Hole) -> Pixels:
        known = any((image == truth).all() and (hole == its).all() for truth, its in truths)
        return image if known else grey(image, hole)

    evaluate(pairs, [CallableMethod("cheat", paint), GREY], output=tmp_path)
    summary = write_report([tmp_path], tmp_path)
    assert summary.identical == {"cheat": [1, 2]}
    mean = summary.groups[0].means["cheat"]["psnr_hole"]
    assert (mean.count, mean.identical) == (13, 2)
    assert mean.mean is not None
    assert np.isfinite(mean.mean)
    text = (tmp_path / "report.json").read_text("utf-8")
    assert "Infinity" not in text
    assert "NaN" not in text


@pytest.mark.parametrize(
    ("painted", "named"),
    [
        (np.zeros((64, 64), np.uint8), r"uint8 \(64, 64\)"),
        (np.full((64, 64, 3), np.nan), "float64"),
        (np.full((64, 64, 3), 255.0), "float64"),
        (np.zeros((64, 64, 3), np.uint16), "uint16"),
    ],
)
def test_what_a_callable_paints_is_checked(
    pairs: Path, tmp_path: Path, painted: np.ndarray, named: str
) -> None:
    with pytest.raises(InputError, match=f"odd must paint uint8.*{named}"):
        evaluate(pairs, [CallableMethod("odd", lambda image, hole: painted)], output=tmp_path)


def test_a_callable_cannot_change_what_others_see(pairs: Path, tmp_path: Path) -> None:
    def spoil(image: Pixels, hole: Hole) -> Pixels:
        image[:] = 0
        hole[:] = True
        return image

    evaluate(pairs, [CallableMethod("spoiler", spoil), GREY], output=tmp_path / "a")
    evaluate(pairs, [GREY], output=tmp_path / "b")
    after, alone = (list(RecordFile(tmp_path / name, WHOLE).results()) for name in "ab")
    assert [each.values["grey"] for each in after] == [each.values["grey"] for each in alone]


def test_methods_of_one_name_are_refused(pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="different names, got grey, grey"):
        evaluate(pairs, [GREY, GREY], output=tmp_path)


def test_an_unknown_baseline_is_answered_with_the_known_ones(pairs: Path, tmp_path: Path) -> None:
    with pytest.raises(
        SplpaintError, match=r"biharmonic, navier-stokes, patchmatch, telea.*did you mean telea"
    ):
        evaluate(pairs, [BaselineMethod("teleas")], output=tmp_path)


def test_a_killed_evaluation_gives_the_same_report_when_it_is_run_again(pairs: Path, tmp_path: Path) -> None:
    baselines = ("telea", "navier-stokes", "biharmonic")
    command = [sys.executable, "-m", "splpaint", "evaluate", "--no-deep", "--pairs", str(pairs)]
    command += [word for name in baselines for word in ("--baseline", name)]
    subprocess.run([*command, "-o", str(tmp_path / "whole")], check=True, capture_output=True)
    killed = subprocess.Popen([*command, "-o", str(tmp_path / "cut")], stdout=subprocess.DEVNULL)
    file = RecordFile(tmp_path / "cut", WHOLE).path
    while not (file.exists() and file.read_bytes().count(b"\n") > 2) and killed.poll() is None:
        time.sleep(0.01)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert not (tmp_path / "cut" / "report.json").exists()
    subprocess.run([*command, "-o", str(tmp_path / "cut")], check=True, capture_output=True)
    reports = [(tmp_path / name / "report.json").read_bytes() for name in ("whole", "cut")]
    assert reports[0] == reports[1]


def test_some_measures_of_a_protocol_are_measured_alone(pairs: Path, tmp_path: Path) -> None:
    evaluate(pairs, [GREY], measures=["psnr_hole"], output=tmp_path)
    summary = write_report([tmp_path], tmp_path)
    assert [measure.name for measure in summary.measures] == ["psnr_hole"]
    assert list(summary.groups[0].means["grey"]) == ["psnr_hole"]
    with pytest.raises(InputError, match=r"measures of clean, .*got 'psnr_whole'"):
        evaluate(pairs, [GREY], measures=["psnr_whole"], output=tmp_path)
