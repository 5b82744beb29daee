"""Gather the photograph corpus from ordinary Debian packages, without installing them.

    python scripts/photo_corpus.py OUT [--split train,val,test] [--tier free,share-alike,copyleft]

The list beside this script (photo_corpus.csv) names each photograph: package, path inside the package,
licence, tier, split and the SHA-256 of the file. A package's version may be superseded: the SHA-256 decides.
Photographs go to OUT/<split>/<file>; OUT/manifest.csv lists those that are there. What is there already is
verified and not fetched again; what fails is reported and the rest continues. Exit code: 0 all there,
1 something missing, 2 wrong usage.

Needs Python >= 3.11, apt-get and dpkg-deb (Debian or a derivative); about 400 MB of packages are downloaded.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import os
import shutil
import struct
import subprocess
import sys
import tarfile
import tempfile
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache, partial
from pathlib import Path

LIST = Path(__file__).with_suffix(".csv")
SPLITS = ("train", "val", "test")
TIERS = ("free", "share-alike", "copyleft")

Row = dict[str, str]


class CorpusError(Exception):
    """A package, container or photograph could not be had; the message says why."""


def main(arguments: list[str] | None = None) -> int:
    """Gather the photographs asked for; returns the exit code."""
    options = _parse(arguments)
    with options.list.open(newline="", encoding="utf-8") as file:
        rows: list[Row] = list(csv.DictReader(file))
    asked = [row for row in rows if row["split"] in options.split and row["tier"] in options.tier]
    absent = [row for row in asked if not _is_there(row, options.out)]
    print(
        f"{len(asked)} photographs asked for, {len(asked) - len(absent)} already in {options.out}", flush=True
    )

    failures = gather(absent, options.out, options.debs)

    there = [row for row in rows if _is_there(row, options.out)]
    _write_manifest(there, list(rows[0]), options.out)
    for name, reason in failures.items():
        print(f"missing: {name}: {reason}", file=sys.stderr)
    print(f"{len(asked) - len(failures)} of {len(asked)} photographs asked for are in {options.out}")
    return 1 if failures else 0


def gather(rows: list[Row], out: Path, debs: Path | None) -> dict[str, str]:
    """Write the photographs of ``rows`` to ``out``, package by package.

    Args:
        rows: Rows of the list.
        out: The corpus folder.
        debs: Where packages are kept between runs; None: a temporary folder, each package deleted when read.

    Returns:
        File name -> reason, for each photograph that could not be had.
    """
    by_package: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_package[row["package"]].append(row)

    failures: dict[str, str] = {}
    with tempfile.TemporaryDirectory(prefix="photo-corpus-") as temporary:
        folder = debs or Path(temporary)
        folder.mkdir(parents=True, exist_ok=True)
        for number, (package, wanted) in enumerate(sorted(by_package.items()), start=1):
            print(f"[{number}/{len(by_package)}] {package}: {len(wanted)} photographs ...", flush=True)
            try:
                deb = _package_file(package, folder)
                found = _read_wanted(deb, {row["path_in_package"] for row in wanted})
            except CorpusError as error:
                failures.update({row["file"]: str(error) for row in wanted})
                continue
            failures.update(_save(wanted, found, out))
            if debs is None:
                deb.unlink()
    return failures


def _save(rows: list[Row], found: dict[str, bytes | CorpusError], out: Path) -> dict[str, str]:
    failures: dict[str, str] = {}
    for row in rows:
        content = found.get(
            row["path_in_package"], CorpusError(f"{row['package']} has no {row['path_in_package']}")
        )
        if isinstance(content, CorpusError):
            failures[row["file"]] = str(content)
        elif (got := hashlib.sha256(content).hexdigest()) != row["sha256"]:
            failures[row["file"]] = (
                f"expected SHA-256 {row['sha256']}, got {got} (another version of the package?)"
            )
        else:
            _write_atomically(_place(row, out), content)
    return failures


# --- packages


def _package_file(package: str, folder: Path) -> Path:
    """The .deb of ``package`` in ``folder``, downloaded by apt-get where it is not there yet."""
    if found := _newest_deb(package, folder):
        return found
    first = _run_apt(["download", package], folder)
    if first is not None:
        # A fresh or old package index does not know the file; only root may refresh it.
        if reason := _update_index():
            raise CorpusError(f"{package} was not downloaded ({first}) and apt-get update failed ({reason})")
        if reason := _run_apt(["download", package], folder):
            raise CorpusError(f"{package} was not downloaded: {reason}")
    if found := _newest_deb(package, folder):
        return found
    raise CorpusError(f"apt-get download left no {package}_*.deb in {folder}")


def _newest_deb(package: str, folder: Path) -> Path | None:
    return max(folder.glob(f"{package}_*.deb"), key=lambda path: path.stat().st_mtime, default=None)


@cache
def _update_index() -> str | None:
    return _run_apt(["update"], Path.cwd())


def _run_apt(arguments: list[str], folder: Path) -> str | None:
    """Run apt-get in ``folder``; None when it succeeds, else the last thing it said."""
    if shutil.which("apt-get") is None:
        return "apt-get is not installed; run this on Debian or a derivative"
    # As root, apt would hand the download to a user that may not write here, and warn about it.
    command = ["apt-get", "-q", "-o", "APT::Sandbox::User=root", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode == 0:
        return None
    return (done.stderr.strip() or done.stdout.strip() or f"exit code {done.returncode}").splitlines()[-1]


def _read_wanted(deb: Path, wanted: set[str]) -> dict[str, bytes | CorpusError]:
    """Read the wanted paths of one package; ``x.rcc!/y`` is file y inside the Qt resource container x."""
    inside: dict[str, set[str]] = defaultdict(set)
    for path in wanted:
        outer, _, inner = path.partition("!/")
        inside[outer].add(inner)

    found: dict[str, bytes | CorpusError] = {}
    for outer, content in _members(deb, set(inside)):
        if inside[outer] == {""}:
            found[outer] = content
            continue
        try:
            files = list_resources(content)
        except (CorpusError, struct.error, UnicodeDecodeError) as error:
            found.update({f"{outer}!/{inner}": CorpusError(f"{outer}: {error}") for inner in inside[outer]})
            continue
        for inner in inside[outer] & set(files):
            try:
                found[f"{outer}!/{inner}"] = files[inner]()
            except (CorpusError, struct.error, zlib.error) as error:
                found[f"{outer}!/{inner}"] = CorpusError(f"{outer}!/{inner}: {error}")
    return found


def _members(deb: Path, wanted: set[str]) -> Iterator[tuple[str, bytes]]:
    """Yield (path, content) of the wanted files of a package, streamed: nothing else is unpacked to disk."""
    if shutil.which("dpkg-deb") is None:
        raise CorpusError("dpkg-deb is not installed; run this on Debian or a derivative")
    with subprocess.Popen(
        ["dpkg-deb", "--fsys-tarfile", str(deb)], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as unpacking:
        assert unpacking.stdout is not None
        assert unpacking.stderr is not None
        try:
            with tarfile.open(fileobj=unpacking.stdout, mode="r|") as archive:
                for member in archive:
                    path = member.name.removeprefix("./")
                    if path in wanted and (content := archive.extractfile(member)):
                        yield path, content.read()
        except tarfile.TarError as error:
            said = unpacking.stderr.read().decode(errors="replace").strip()
            raise CorpusError(f"{deb.name} is not a readable package: {said or error}") from error


# --- Qt resource containers (.rcc)

_COMPRESSED_ZLIB, _DIRECTORY, _COMPRESSED_ZSTD = 1, 2, 4


def list_resources(container: bytes) -> dict[str, Callable[[], bytes]]:
    """Map each path in a Qt resource container to a function that reads its content.

    Layout (Qt, ``rcc --binary``), big-endian: "qres", uint32 version, offsets of the tree, the data and the
    names; tree entries of 14 bytes (22 from version 2, with a time), entry 0 being the root folder.

    Raises:
        CorpusError: If it is not such a container. ``struct.error`` where it is cut short.
    """
    magic, version, tree, data, names = struct.unpack_from(">4s4I", container)
    if magic != b"qres":
        raise CorpusError(f"expected a Qt resource container (magic qres), got {magic!r}")
    entry_bytes = 14 if version < 2 else 22
    files: dict[str, Callable[[], bytes]] = {}

    def walk(first: int, count: int, folder: str) -> None:
        for index in range(first, first + count):
            at = tree + index * entry_bytes
            name_at, flags = struct.unpack_from(">IH", container, at)
            (characters,) = struct.unpack_from(">H", container, names + name_at)
            name_from = names + name_at + 6  # after the length and a hash of the name
            path = folder + container[name_from : name_from + 2 * characters].decode("utf-16-be")
            if flags & _DIRECTORY:
                children, first_child = struct.unpack_from(">II", container, at + 6)
                if first_child <= index:
                    raise CorpusError("a folder of the container holds itself")
                walk(first_child, children, path + "/")
            else:
                (data_at,) = struct.unpack_from(">I", container, at + 10)  # after 2 + 2 bytes of locale
                files[path] = partial(_resource, container, data + data_at, flags)

    children, first_child = struct.unpack_from(">II", container, tree + 6)
    walk(first_child, children, "")
    return files


def _resource(container: bytes, offset: int, flags: int) -> bytes:
    (length,) = struct.unpack_from(">I", container, offset)
    content = container[offset + 4 : offset + 4 + length]
    if flags & _COMPRESSED_ZSTD:
        raise CorpusError("is compressed with zstd, which this script does not read")
    # qCompress puts the uncompressed size, 4 bytes, before the zlib stream.
    return zlib.decompress(content[4:]) if flags & _COMPRESSED_ZLIB else content


# --- the corpus folder


def _place(row: Row, out: Path) -> Path:
    return out / row["split"] / row["file"]


def _is_there(row: Row, out: Path) -> bool:
    place = _place(row, out)
    return place.is_file() and hashlib.sha256(place.read_bytes()).hexdigest() == row["sha256"]


def _write_manifest(rows: list[Row], columns: list[str], out: Path) -> None:
    lines = [columns, *([row[column] for column in columns] for row in rows)]
    with tempfile.TemporaryFile("w+", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows(lines)
        file.seek(0)
        _write_atomically(out / "manifest.csv", file.read().encode())


def _write_atomically(path: Path, content: bytes) -> None:
    """Write under a temporary name, then rename: an interrupted run leaves no half photograph."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    temporary.write_bytes(content)
    temporary.replace(path)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description="Gather the photograph corpus from ordinary Debian packages."
    )
    parser.add_argument("out", type=Path, metavar="OUT", help="corpus folder")
    parser.add_argument("--split", type=_choice(SPLITS), default=SPLITS, help="default: train,val,test")
    parser.add_argument(
        "--tier", type=_choice(TIERS), default=TIERS, help="default: free,share-alike,copyleft"
    )
    parser.add_argument(
        "--debs", type=Path, metavar="FOLDER", help="keep downloaded packages here, use those there"
    )
    parser.add_argument("--list", type=Path, metavar="CSV", default=LIST, help="another list of photographs")
    return parser.parse_args(arguments)


def _choice(known: tuple[str, ...]) -> Callable[[str], tuple[str, ...]]:
    def parse(text: str) -> tuple[str, ...]:
        names = tuple(text.split(","))
        if unknown := sorted(set(names) - set(known)):
            raise argparse.ArgumentTypeError(f"expected some of {','.join(known)}, got {','.join(unknown)}")
        return names

    return parse


if __name__ == "__main__":
    sys.exit(main())
