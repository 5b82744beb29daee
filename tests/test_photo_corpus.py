"""scripts/photo_corpus.py, offline: a package built here, and an apt-get that gives just this one."""

from __future__ import annotations

import csv
import hashlib
import os
import shutil
import struct
import subprocess
import sys
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPT = Path(__file__).parents[1] / "scripts" / "photo_corpus.py"
COLUMNS = ("file", "split", "tier", "package", "path_in_package", "sha256")

needs_dpkg = pytest.mark.skipif(shutil.which("dpkg-deb") is None, reason="dpkg-deb builds the packages")

Gather = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def debs(tmp_path: Path) -> Path:
    """A folder with one package, pictures_1_all.deb: two plain files and a container."""
    root = tmp_path / "root"
    files = {
        "usr/share/one.jpg": b"one",
        "usr/share/two.jpg": b"two",
        "usr/share/more.rcc": _container({"plain.webp": b"plain", "packed.webp": b"packed" * 50}),
        "usr/share/broken.rcc": b"no container at all, though long enough",
        "DEBIAN/control": b"Package: pictures\nVersion: 1\nArchitecture: all\nMaintainer: A <a@example.org>\n"
        b"Description: pictures\n",
    }
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    folder = tmp_path / "debs"
    folder.mkdir()
    deb = folder / "pictures_1_all.deb"
    build = ["dpkg-deb", "--root-owner-group", "-Znone", "--build", str(root), str(deb)]
    subprocess.run(build, check=True, capture_output=True)
    return folder


@pytest.fixture
def gather(tmp_path: Path, debs: Path) -> Gather:
    """Run the script on rows (file, path in the package, content) into tmp_path/out."""
    programs = tmp_path / "bin"
    programs.mkdir()
    (programs / "apt-get").write_text(
        f"""#!/bin/sh
for last; do :; done
cp '{debs}'/"$last"_*.deb . 2>/dev/null || {{ echo 'E: offline' >&2; exit 100; }}
""",
        "utf-8",
    )
    (programs / "apt-get").chmod(0o755)
    environment = os.environ | {"PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}

    def run(
        *rows: tuple[str, str, bytes], options: tuple[str, ...] = (), package: str = "pictures", **cells: str
    ) -> subprocess.CompletedProcess[str]:
        with (tmp_path / "list.csv").open("a", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            if file.tell() == 0:
                writer.writerow(COLUMNS)
            split, tier = cells.get("split", "test"), cells.get("tier", "free")
            writer.writerows(
                (name, split, tier, package, path, hashlib.sha256(content).hexdigest())
                for name, path, content in rows
            )
        inputs = ("--debs", str(debs), "--list", str(tmp_path / "list.csv"))
        command = [sys.executable, str(SCRIPT), str(tmp_path / "out"), *inputs, *options]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    return run


def _container(files: dict[str, bytes]) -> bytes:
    """A Qt resource container, version 1, with the files in one folder "art"; the second one compressed."""
    names, data, leaves = b"", b"", b""

    def name(text: str) -> int:
        nonlocal names
        at = len(names)
        names += struct.pack(">HI", len(text), 0) + text.encode("utf-16-be")
        return at

    folder = struct.pack(">IHII", name("art"), 2, len(files), 2)
    for number, (text, content) in enumerate(files.items()):
        stored = struct.pack(">I", len(content)) + zlib.compress(content) if number else content
        leaves += struct.pack(">IHHHI", name(text), 1 if number else 0, 0, 0, len(data))
        data += struct.pack(">I", len(stored)) + stored
    tree = struct.pack(">IHII", 0, 2, 1, 1) + folder + leaves
    offsets = (20, 20 + len(tree), 20 + len(tree) + len(data))
    return struct.pack(">4s4I", b"qres", 1, *offsets) + tree + data + names


@needs_dpkg
def test_photographs_come_out_of_packages_and_of_containers_inside_them(
    gather: Gather, tmp_path: Path
) -> None:
    done = gather(
        ("1.jpg", "usr/share/one.jpg", b"one"),
        ("3.webp", "usr/share/more.rcc!/art/plain.webp", b"plain"),
        ("4.webp", "usr/share/more.rcc!/art/packed.webp", b"packed" * 50),
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "test" / "1.jpg").read_bytes() == b"one"
    assert (tmp_path / "out" / "test" / "3.webp").read_bytes() == b"plain"
    assert (tmp_path / "out" / "test" / "4.webp").read_bytes() == b"packed" * 50
    assert sorted(path.name for path in (tmp_path / "out" / "test").iterdir()) == [
        "1.jpg",
        "3.webp",
        "4.webp",
    ]
    assert (tmp_path / "out" / "manifest.csv").read_bytes() == (tmp_path / "list.csv").read_bytes()
    assert done.stdout.endswith(f"3 of 3 photographs asked for are in {tmp_path / 'out'}\n")


@needs_dpkg
def test_a_package_that_is_not_there_is_downloaded_and_kept_where_asked(
    gather: Gather, tmp_path: Path
) -> None:
    kept = tmp_path / "kept"
    done = gather(("1.jpg", "usr/share/one.jpg", b"one"), options=("--debs", str(kept)))
    assert done.returncode == 0, done.stderr
    assert [path.name for path in kept.iterdir()] == ["pictures_1_all.deb"]


@needs_dpkg
def test_only_the_splits_and_tiers_asked_for_are_gathered(gather: Gather, tmp_path: Path) -> None:
    gather(("1.jpg", "usr/share/one.jpg", b"one"), split="train", options=("--split", "val"))
    done = gather(("2.jpg", "usr/share/two.jpg", b"two"), tier="copyleft", options=("--tier", "copyleft"))
    assert done.returncode == 0, done.stderr
    assert [path.name for path in (tmp_path / "out").rglob("*.jpg")] == ["2.jpg"]


@needs_dpkg
def test_a_file_with_another_checksum_is_reported_and_not_written(gather: Gather, tmp_path: Path) -> None:
    done = gather(("1.jpg", "usr/share/one.jpg", b"another version"), ("2.jpg", "usr/share/two.jpg", b"two"))
    assert done.returncode == 1
    expected = hashlib.sha256(b"another version").hexdigest()
    assert f"missing: 1.jpg: expected SHA-256 {expected}, got " in done.stderr
    assert not (tmp_path / "out" / "test" / "1.jpg").exists()
    assert (tmp_path / "out" / "test" / "2.jpg").read_bytes() == b"two"
    assert "1 of 2 photographs asked for are in" in done.stdout
    assert "1.jpg" not in (tmp_path / "out" / "manifest.csv").read_text("utf-8")


@needs_dpkg
def test_what_is_there_is_verified_and_not_fetched_again(gather: Gather, tmp_path: Path, debs: Path) -> None:
    rows = (("1.jpg", "usr/share/one.jpg", b"one"), ("2.jpg", "usr/share/two.jpg", b"two"))
    assert gather(*rows).returncode == 0
    first, second = (tmp_path / "out" / "test" / name for name in ("1.jpg", "2.jpg"))
    second.write_bytes(b"damaged")
    before = first.stat()
    again = gather()
    assert again.returncode == 0, again.stderr
    assert "2 photographs asked for, 1 already in" in again.stdout
    assert "pictures: 1 photographs" in again.stdout
    assert second.read_bytes() == b"two"
    assert (first.stat().st_ino, first.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)

    (debs / "pictures_1_all.deb").unlink()
    assert gather().returncode == 0  # needs no package any more


@needs_dpkg
def test_a_failure_is_reported_and_the_rest_goes_on(gather: Gather, tmp_path: Path, debs: Path) -> None:
    (debs / "damaged_1_all.deb").write_bytes(b"not a package")
    gather(("a.jpg", "usr/share/a.jpg", b"a"), package="absent")
    gather(("b.jpg", "usr/share/b.jpg", b"b"), package="damaged")
    done = gather(
        ("1.jpg", "usr/share/one.jpg", b"one"),
        ("5.jpg", "usr/share/five.jpg", b"five"),
        ("6.webp", "usr/share/broken.rcc!/art/six.webp", b"six"),
        ("7.webp", "usr/share/more.rcc!/art/seven.webp", b"seven"),
    )
    assert done.returncode == 1
    reasons = dict(line.removeprefix("missing: ").split(": ", 1) for line in done.stderr.splitlines())
    assert "absent was not downloaded (E: offline)" in reasons["a.jpg"]
    assert "damaged_1_all.deb is not a readable package" in reasons["b.jpg"]
    assert reasons["5.jpg"] == "pictures has no usr/share/five.jpg"
    assert "expected a Qt resource container" in reasons["6.webp"]
    assert reasons["7.webp"] == "pictures has no usr/share/more.rcc!/art/seven.webp"
    assert (tmp_path / "out" / "test" / "1.jpg").read_bytes() == b"one"
    assert "1 of 6 photographs asked for" in done.stdout


@pytest.mark.parametrize(
    "options", [(), ("out", "--split", "test,exam"), ("out", "--tier", "paid"), ("out", "--unknown")]
)
def test_wrong_usage_ends_with_exit_code_2(options: tuple[str, ...]) -> None:
    done = subprocess.run([sys.executable, SCRIPT, *options], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "usage: photo_corpus.py" in done.stderr


def test_the_list_names_each_photograph_once_with_its_checksum_and_licence() -> None:
    with SCRIPT.with_suffix(".csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert len({(row["split"], row["file"]) for row in rows}) == len(rows) > 200
    assert len({row["sha256"] for row in rows}) == len(rows)
    assert {row["split"] for row in rows} == {"train", "val", "test"}
    assert {row["tier"] for row in rows} == {"free", "share-alike", "copyleft"}
    assert all(len(row["sha256"]) == 64 and row["license"] for row in rows)
