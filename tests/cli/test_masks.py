from __future__ import annotations

import re
from pathlib import Path
from subprocess import CompletedProcess

import numpy as np
import pytest
from PIL import Image

from splpaint.cli.terminal import SOURCE_HELP
from splpaint.images.mask_values import read_mask
from splpaint.masks.kinds.generators import GENERATORS
from splpaint.masks.kinds.irregular import irregular_mask
from tests.cli.commands import splpaint


def _masks(*arguments: str | Path | int) -> CompletedProcess[str]:
    return splpaint("masks", *arguments)


@pytest.fixture
def qd_imd(tmp_path: Path) -> Path:
    """Six masks as QD-IMD has them: black = hole, 1 bit."""
    folder = tmp_path / "qd_imd" / "test"
    folder.mkdir(parents=True)
    for index in range(6):
        hole = irregular_mask(seed=3, index=index, height=64, width=64)
        Image.fromarray(~hole).save(folder / f"{index:05}_test.png")
    return folder


def test_masks_are_made_counted_and_sorted(tmp_path: Path) -> None:
    made = _masks("make", "irregular", "--count", 12, "--seed", 7, "--side", 64, "-o", tmp_path / "set")
    assert made.returncode == 0, made.stderr
    assert made.stderr == ""
    counted = _masks("stats", tmp_path / "set", "--csv", tmp_path / "facts.csv")
    assert counted.returncode == 0, counted.stderr
    lines = counted.stdout.splitlines()
    assert lines[:-1] == made.stdout.splitlines()[:-1]
    assert [line.split()[-1] for line in lines[1:7]] == ["2"] * 6
    assert lines[7].startswith("12 masks; holes cover ")
    assert len((tmp_path / "facts.csv").read_text("utf-8").splitlines()) == 13
    binned = _masks("bin", tmp_path / "set", "-o", tmp_path / "binned", "--link")
    assert binned.returncode == 0, binned.stderr
    assert len(list((tmp_path / "binned" / "0.5-0.6").iterdir())) == 2
    again = _masks("make", "irregular", "--count", 12, "-o", tmp_path / "set")
    assert again.returncode == 2
    assert "expected a free name" in again.stderr


def test_the_polarity_of_a_collection_is_its_own_and_a_wrong_one_is_refused(
    qd_imd: Path, tmp_path: Path
) -> None:
    made = _masks("make", f"qd-imd:{qd_imd}", "--side", 32, "-o", tmp_path / "ours")
    assert made.returncode == 0, made.stderr
    expected = irregular_mask(seed=3, index=4, height=64, width=64)[1::2, 1::2]
    np.testing.assert_array_equal(read_mask(tmp_path / "ours" / "000004.png"), expected)
    for number in range(3, 6):  # leave small holes, which read as white-hole are large
        (qd_imd / f"{number:05}_test.png").unlink()
    refused = _masks("bin", qd_imd, "-o", tmp_path / "binned")
    assert refused.returncode == 2
    assert "say --polarity white-known" in refused.stderr
    assert not (tmp_path / "binned").exists()
    assert _masks("bin", qd_imd, "--polarity", "white-known", "-o", tmp_path / "binned").returncode == 0


def test_stats_warn_of_a_doubtful_polarity_and_a_collection_of_another_size(qd_imd: Path) -> None:
    for number in range(3, 6):
        (qd_imd / f"{number:05}_test.png").unlink()
    counted = _masks("stats", f"nvidia-test:{qd_imd}")
    assert counted.returncode == 0
    assert "warning: nvidia-test has 12000 masks, 3 are here" in counted.stderr
    assert "is the polarity right? See --polarity" in counted.stderr


def test_broken_files_are_listed_and_the_rest_is_done(qd_imd: Path, tmp_path: Path) -> None:
    (qd_imd / "00001_test.png").write_bytes((qd_imd / "00001_test.png").read_bytes()[:50])
    (qd_imd / "00002_test.png").write_text("no picture", "utf-8")
    for command in (("stats", f"qd-imd:{qd_imd}"), ("make", f"qd-imd:{qd_imd}", "-o", tmp_path / "set")):
        done = _masks(*command)
        assert done.returncode == 1
        assert "4 masks; holes cover" in done.stdout
        assert "00001_test.png" in done.stderr
        assert "00002_test.png" in done.stderr
        assert "error: 2 file(s) could not be read" in done.stderr


def test_a_contact_sheet_of_kinds_and_files(qd_imd: Path, tmp_path: Path) -> None:
    sheet = tmp_path / "sheet.png"
    shown = _masks("show", "thin", f"qd-imd:{qd_imd}", "--count", 3, "--side", 32, "-o", sheet)
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout == f"6 masks drawn to {sheet}\n"
    assert Image.open(sheet).size == (120 + 3 * 36, 4 + 2 * 36)
    assert _masks("show", "thin", "-o", sheet).returncode == 2
    assert _masks("show", "thin", "-o", tmp_path / "sheet.jpg").returncode == 2


def test_wrong_words_are_one_line_on_stderr_and_exit_code_2(tmp_path: Path) -> None:
    for arguments, message in (
        (
            ("make", "tin", "-o", tmp_path / "set"),
            "got 'tin', and no file or folder of that name is there; did you mean thin?",
        ),
        (("make", "thin", "-o", tmp_path / "set"), "say --count"),
        (
            ("make", "thin", "--count", 2, "--augment", "shear", "-o", tmp_path / "set"),
            "got 'shear'; choose one",
        ),
        (("make", "thin", "--count", 2, "--augment", "flipp", "-o", tmp_path / "set"), "did you mean flip?"),
        (("stats", "thin"), "expected mask files, got the kind thin"),
    ):
        done = _masks(*arguments)
        assert done.returncode == 2
        assert done.stderr.startswith("error: ")
        assert done.stderr.count("\n") == 1
        assert message in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_of_a_list_nothing_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert _masks("make", "box", "--count", 2, "--side", 32, "-o", tmp_path / "set").returncode == 0
    (tmp_path / "set" / "m.flist").write_text("000000.png\n000001.png\n")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "notes.txt").touch()
    monkeypatch.chdir(elsewhere)
    counted = _masks("stats", tmp_path / "set" / "m.flist")
    assert (counted.returncode, counted.stderr) == (0, "")
    assert "2 masks" in counted.stdout


def test_the_help_of_every_command_that_takes_masks_names_every_kind() -> None:
    named = re.search(r"A kind that is drawn \((.*?)\)", SOURCE_HELP)
    assert named is not None
    assert set(named[1].split(", ")) == set(GENERATORS)
