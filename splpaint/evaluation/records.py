"""The values of every pair, a line each, written as they are found: an evaluation that is stopped continues there.

``records-I-of-N/values.jsonl`` in the folder of a report: the first line holds the settings, every other one a pair.
Several shards may be written to one folder, or to several that are merged.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple, TextIO

from pydantic import BaseModel, ConfigDict, ValidationError

from splpaint.errors import InputError
from splpaint.shares import Share

__all__ = ["PairResult", "RecordFile", "Settings", "find_records", "in_order"]

_FOLDER = re.compile(r"records-(\d+)-of-(\d+)")
_VALUES = "values.jsonl"
Values = Mapping[str, Mapping[str, float]]


class Settings(BaseModel):
    """What has an influence on the values of an evaluation: the same settings give the same values.

    Attributes:
        manifest_sha256: The manifest's checksum.
        pairs: Its number of pairs.
        protocol: What the protocol is called and how it defines itself.
        measures: The names of what is measured of each pair.
        sets: The names of what is measured of all pairs together.
        features: Networks whose features are kept for that => how many features each finds.
        weights: Names of measures => the weights of their network.
        methods: Each method's name, and what it says of itself.
        left_out: Measures of the protocol that could not be computed, and why.
        versions: Of packages.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    manifest_sha256: str
    pairs: int
    protocol: dict[str, str]
    measures: list[str]
    sets: list[str] = []
    features: dict[str, int] = {}
    weights: dict[str, str] = {}
    methods: dict[str, dict[str, str | bool]]
    left_out: dict[str, str]
    versions: dict[str, str]


class PairResult(NamedTuple):
    """The values of one pair.

    Attributes:
        number: The pair's place in the manifest, from 1.
        name: Its name.
        image: Its picture, as the manifest names it.
        image_sha256: Checksum of the picture's file.
        mask: Kind of its mask.
        bin: Label of the hole's ratio; empty if it lies in none.
        ratio: The hole's share of the pixels, in [0,1].
        values: Method => measure => value; NaN: not defined for this pair; infinite: painted exactly as the truth is.
    """

    number: int
    name: str
    image: str
    image_sha256: str
    mask: str
    bin: str
    ratio: float
    values: Values

    def line(self, settings: Settings) -> str:
        """One line of JSON: values as a table, a row per method and a column per measure."""
        table = [
            [_plain(self.values[method][name]) for name in settings.measures] for method in settings.methods
        ]
        return json.dumps(self._replace(values=table)._asdict(), ensure_ascii=False)  # type: ignore[arg-type]

    @classmethod
    def parse(cls, line: str, settings: Settings) -> PairResult:
        """The reverse of ``line``.

        Raises:
            ValueError: It is another text.
        """
        fields = json.loads(line)
        values = {
            method: dict(zip(settings.measures, map(float, row), strict=True))
            for method, row in zip(settings.methods, fields["values"], strict=True)
        }
        return cls(**(fields | {"values": values}))


def _plain(value: float) -> float | str:
    # JSON has no NaN and no infinity.
    return value if abs(value) < float("inf") else str(value)


class RecordFile:
    """The records of one shard.

    Args:
        folder: Of the report.
        share: Which pairs it holds: I, I + N, I + 2 N ... of the manifest.
    """

    def __init__(self, folder: Path, share: Share) -> None:
        self.path = folder / f"records-{share.part}-of-{share.parts}" / _VALUES
        self.share = share

    @classmethod
    def all_in(cls, folder: Path) -> list[RecordFile]:
        """The records of all shards in the folder of a report."""
        names = [_FOLDER.fullmatch(path.parent.name) for path in sorted(folder.glob(f"*/{_VALUES}"))]
        return [cls(folder, Share(int(name[1]), int(name[2]))) for name in names if name]

    def settings(self) -> Settings:
        """Read the first line.

        Raises:
            InputError: It cannot be read.
        """
        try:
            with self.path.open(encoding="utf-8") as file:
                return Settings.model_validate_json(file.readline())
        except (OSError, UnicodeDecodeError, ValidationError) as error:
            raise self._damaged("settings", 1, error) from error

    def results(self) -> Iterator[PairResult]:
        """Read the pairs, in the manifest's order.

        Raises:
            InputError: A line is damaged.
        """
        settings = self.settings()
        with self.path.open(encoding="utf-8", newline="\n") as file:
            file.readline()
            for number, line in enumerate(file):
                try:
                    result = PairResult.parse(line, settings)
                    if result.number != self.number_of(number):
                        raise ValueError(f"pair {result.number} instead of {self.number_of(number)}")
                except (ValueError, KeyError, TypeError) as error:
                    raise self._damaged("the values of a pair", number + 2, error) from error
                yield result

    def number_of(self, place: int) -> int:
        """The number in the manifest, from 1, of the shard's pair number ``place``, from 0."""
        return place * self.share.parts + self.share.part

    @contextmanager
    def appending(self, settings: Settings) -> Iterator[tuple[TextIO, int]]:
        """Open for appending.

        Yields:
            The file, and how many pairs are there already.

        Raises:
            InputError: It holds records of other settings, or cannot be read or written.
        """
        done = 0
        if self.path.exists() and self._drop_half_a_line():
            if differences := self._differences(settings):
                raise InputError(
                    f"expected {self.path.parent.parent} to be new or to hold values of the same settings, got "
                    f"another {', '.join(differences)}; choose another folder or pass `overwrite=True`"
                )
            done = sum(1 for _ in self.results())
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("a", encoding="utf-8", newline="\n") as file:
                if not file.tell():
                    file.write(settings.model_dump_json() + "\n")
                yield file, done
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise InputError(
                f"{self.path} cannot be written ({error.strerror}); choose another folder"
            ) from error

    def _differences(self, settings: Settings) -> list[str]:
        there, here = self.settings().model_dump(), settings.model_dump()
        return [name.replace("_sha256", "") for name in there if there[name] != here[name]]

    def _drop_half_a_line(self) -> int:
        """What a killed process wrote last may lack its end; gives the bytes that are left."""
        with self.path.open("rb+") as file:
            end = 0
            for line in file:
                if line.endswith(b"\n"):
                    end += len(line)
            file.truncate(end)
        return end

    def _damaged(self, what: str, line: int, error: Exception) -> InputError:
        return InputError(
            f"{self.path}, line {line}: expected {what}, got another text ({error}); evaluate again with "
            "`overwrite=True`"
        )


def find_records(folders: Sequence[Path]) -> list[RecordFile]:
    """The records of all shards of one evaluation, in order.

    Args:
        folders: Of reports; a shard may lie in any of them, each in one only.

    Raises:
        InputError: Shards are missing, there twice, of different evaluations, or not finished.
    """
    files = [file for folder in folders for file in RecordFile.all_in(folder)]
    if not files:
        raise InputError(
            f"expected the records of shards in {', '.join(map(str, folders))}, got none; check the paths"
        )
    first = files[0]
    for file in files:
        if file.share.parts != first.share.parts or file._differences(first.settings()):
            raise InputError(
                f"expected shards of one evaluation, got {first.path} and {file.path}, whose settings differ; "
                "keep those of one"
            )
    found = {file.share.part: file for file in files}
    if len(found) < len(files):
        raise InputError(
            f"expected each shard once, got {len(files)} files of {len(found)}; keep one of each"
        )
    if missing := [
        f"{part}/{first.share.parts}" for part in range(1, first.share.parts + 1) if part not in found
    ]:
        raise InputError(f"expected every shard, got none of {', '.join(missing)}; evaluate these, too")
    for file in files:
        there = sum(1 for _ in file.results())
        wanted = len(range(file.share.part - 1, first.settings().pairs, first.share.parts))
        if there != wanted:
            raise InputError(f"expected {wanted} pairs in {file.path}, got {there}; finish this shard first")
    return [found[part] for part in sorted(found)]


def in_order(files: Sequence[RecordFile]) -> Iterator[PairResult]:
    """The pairs of all shards in the manifest's order.

    Args:
        files: From ``find_records``.
    """
    shards = [file.results() for file in files]
    for results in zip_longest(*shards):
        yield from (result for result in results if result is not None)
