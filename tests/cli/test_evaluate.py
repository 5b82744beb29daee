from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

from tests import dataset_samples as samples


def splpaint(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "splpaint", *arguments]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def test_an_evaluation_ends_with_its_means_its_manifest_and_its_report(tmp_path: Path) -> None:
    for number in range(2):
        samples.save(samples.photograph(number, 96, 80), tmp_path / "photos" / f"{number}.png")
    options = ("--seed", "7", "--side", "64", "--per-image", "2")
    made = splpaint(tmp_path, "pairs", "make", "--images", "photos", *options, "-o", "pairs.csv")
    assert made.returncode == 0, made.stderr
    baselines = ("--baseline", "telea", "--baseline", "navier-stokes")
    done = splpaint(tmp_path, "evaluate", "--pairs", "pairs.csv", *baselines, "--no-timing", "-o", "report")
    assert done.returncode == 0, done.stderr
    report = json.loads((tmp_path / "report" / "report.json").read_text("utf-8"))
    mean = report["groups"][0]["means"]["telea"]["psnr_hole"]["mean"]
    line = next(line for line in done.stdout.splitlines() if line.startswith("PSNR in hole"))
    assert line.split()[3] == f"{mean:.2f}"
    assert report["settings"]["manifest_sha256"] in done.stdout
    assert str(Path("report", "report.md")) in done.stdout.splitlines()[-1]
    for name in ("report.md", "report.tex", "values.csv"):
        assert (tmp_path / "report" / name).exists(), name
    merged = splpaint(tmp_path, "evaluate", "--merge", "report", "-o", "merged")
    assert merged.returncode == 0, merged.stderr
    shutil.rmtree(tmp_path / "report" / "records-1-of-1")
    again = splpaint(tmp_path, "evaluate", "--merge", "report", "-o", "merged")
    assert (again.returncode, again.stdout) == (2, "")
    assert "expected the records of shards in report, got none" in again.stderr
