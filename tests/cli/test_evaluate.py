from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests import dataset_samples as samples
from tests.cli import commands

BASELINES = ("--baseline", "telea", "--baseline", "navier-stokes")
EVALUATE = ("evaluate", "--pairs", "pairs.csv", *BASELINES, "--no-timing")


def splpaint(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return commands.splpaint(*arguments, cwd=root)


def pairs_of(root: Path, per_image: int = 2) -> None:
    """Pairs of two photographs: pairs.csv."""
    for number in range(2):
        samples.save(samples.photograph(number, 96, 80), root / "photos" / f"{number}.png")
    options = ("--seed", "7", "--side", "64", "--per-image", str(per_image))
    made = splpaint(root, "pairs", "make", "--images", "photos", *options, "-o", "pairs.csv")
    assert made.returncode == 0, made.stderr


def test_an_evaluation_ends_with_its_means_its_manifest_and_its_report(tmp_path: Path) -> None:
    pairs_of(tmp_path)
    done = splpaint(tmp_path, *EVALUATE, "-o", "report")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    mean = report["groups"][0]["means"]["telea"]["psnr_hole"]["mean"]
    line = next(line for line in done.stdout.splitlines() if line.startswith("PSNR in hole"))
    assert line.split()[3] == f"{mean:.2f}"
    assert report["settings"]["manifest_sha256"] in done.stdout
    assert str(Path("report", "report.html")) in done.stdout.splitlines()[-1]
    for name in ("report.html", "report.md", "report.tex", "values.csv", "figure.png", "figure.pdf"):
        assert (tmp_path / "report" / name).exists(), name
    merged = splpaint(tmp_path, "evaluate", "--merge", "report", "-o", "merged")
    assert merged.returncode == 0, merged.stderr
    shutil.rmtree(tmp_path / "report" / "records-1-of-1")
    again = splpaint(tmp_path, "evaluate", "--merge", "report", "-o", "merged")
    assert (again.returncode, again.stdout) == (2, "")
    assert "expected the records of shards in report, got none" in again.stderr


def test_interrupted_it_keeps_what_was_measured_and_says_how_to_go_on(tmp_path: Path) -> None:
    pairs_of(tmp_path, per_image=500)
    running = subprocess.Popen(
        [sys.executable, "-m", "splpaint", *EVALUATE, "-o", "report"],
        cwd=tmp_path,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    folder, end_s = tmp_path / "report" / "records-1-of-1", time.monotonic() + 60
    while not any(file.stat().st_size for file in folder.glob("*.jsonl")) and time.monotonic() < end_s:
        time.sleep(0.01)
    running.send_signal(signal.SIGINT)
    _, complained = running.communicate(timeout=60)
    assert running.returncode == 130
    assert complained == ("interrupted: what was measured is kept; run the same command again to continue\n")
    assert any(file.stat().st_size for file in folder.glob("*.jsonl"))


def test_methods_are_timed_once_unless_they_are_measured_again(tmp_path: Path) -> None:
    pairs_of(tmp_path)
    command = ("evaluate", "--pairs", "pairs.csv", "--no-deep", "-o", "report")
    times = tmp_path / "report" / "timing.json"
    assert splpaint(tmp_path, *command, *BASELINES).returncode == 0
    first = times.stat().st_mtime_ns
    assert splpaint(tmp_path, *command, *BASELINES).returncode == 0
    assert times.stat().st_mtime_ns == first
    assert splpaint(tmp_path, *command, *BASELINES[:2], "--overwrite").returncode == 0
    assert list(json.loads(times.read_bytes())["methods"]) == ["telea"]
    assert splpaint(tmp_path, *command, *BASELINES, "--overwrite", "--no-timing").returncode == 0
    assert not times.exists()


def test_a_blind_sheet_is_written_answered_and_counted(tmp_path: Path) -> None:
    pairs_of(tmp_path)
    done = splpaint(tmp_path, *EVALUATE, "-o", "report", "--blind", "3", "--blind-seed", "5")
    assert done.returncode == 0, done.stderr
    answers = Path("report", "blind", "answers.csv")
    assert f"splpaint evaluate --answers {answers} -o report" in done.stdout
    key = json.loads((tmp_path / "report" / "blind-key.json").read_text("utf-8"))
    text = "pair,preferred\n"
    for pair in key["pairs"]:
        letter = next(letter for letter, methods in pair["letters"].items() if methods == ["telea"])
        text += f"{pair['pair']},{letter}\n"
    (tmp_path / answers).write_text(text, "utf-8")
    counted = splpaint(tmp_path, "evaluate", "--answers", str(answers), "-o", "report")
    assert counted.returncode == 0, counted.stderr
    assert "100 %" in next(line for line in counted.stdout.splitlines() if line.startswith("telea"))
    assert (tmp_path / "report" / "blind.md").exists()
    assert (
        json.loads((tmp_path / "report" / "blind.json").read_text("utf-8"))["methods"]["telea"]["votes"] == 3
    )


def test_a_blind_sheet_of_shards_is_that_of_one_run(tmp_path: Path) -> None:
    pairs_of(tmp_path)
    sheet = ("--blind", "3", "--protocol", "spl-2021")
    assert splpaint(tmp_path, *EVALUATE, *sheet, "-o", "whole").returncode == 0
    for part in ("1/2", "2/2"):
        shard = ("--protocol", "spl-2021", "--shard", part)
        assert splpaint(tmp_path, *EVALUATE, *shard, "-o", "shards").returncode == 0
    merge = ("evaluate", "--merge", "shards", "-o", "merged", "--pairs", "pairs.csv")
    merged = splpaint(tmp_path, *merge, *BASELINES, "--blind", "3")
    assert merged.returncode == 0, merged.stderr
    for name in ("report.json", "blind-key.json"):
        there = (tmp_path / folder / name for folder in ("whole", "merged"))
        assert len({file.read_bytes() for file in there}) == 1, name
    others = splpaint(tmp_path, *merge, "--baseline", "telea", "--baseline", "patchmatch", "--blind", "3")
    assert others.returncode == 2
    assert "got others; name those that the shards measured" in " ".join(others.stderr.split())


def test_blind_options_that_do_not_go_together_are_refused(tmp_path: Path) -> None:
    for arguments, message in (
        (("--answers", "a.csv", "--pairs", "pairs.csv"), "expected --answers, --key and --output alone"),
        (("--key", "key.json"), "a key without answers"),
        (("--answers", "a.csv"), "name the blind-key.json that was written with the sheet by --key"),
        ((*EVALUATE[1:], "--blind", "3", "--shard", "1/2"), "expected --shard or --blind, got both"),
        (("--merge", "report", "--blind", "3"), "with --blind and the --pairs and methods of the shards"),
        (("--merge", "report", *EVALUATE[1:]), "expected --merge and --output alone"),
    ):
        done = splpaint(tmp_path, "evaluate", *arguments, "-o", "report")
        assert (done.returncode, done.stdout) == (2, "")
        assert message in " ".join(done.stderr.split())
