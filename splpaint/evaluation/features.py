"""The features of every pair, appended as they are found, beside the values: an evaluation that is stopped goes on.

``records-I-of-N/features-NETWORK.f32``: float32, little-endian, for each pair of the shard a row for the truth and one
for what each method painted.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from splpaint.errors import InputError

__all__ = ["FeatureFiles", "Features", "append_features", "remove_features"]

Features = NDArray[np.float32]

_FLOAT = np.dtype("<f4")
_PAIRS_AT_ONCE = 256


def _path(folder: Path, network: str) -> Path:
    """Where the features of a network lie in a folder of records."""
    return folder / f"features-{network.replace(':', '-')}.f32"


class FeatureWriter:
    """The open files of features of a shard."""

    def __init__(self, files: Mapping[str, BinaryIO]) -> None:
        self._files = files

    def write(self, features: Mapping[str, Features]) -> None:
        """Append those of one pair: network => (1 + methods, D)."""
        for network, file in self._files.items():
            file.write(features[network].astype(_FLOAT).tobytes())
            file.flush()


@contextmanager
def append_features(
    folder: Path, dimensions: Mapping[str, int], *, rows: int, done: int
) -> Iterator[FeatureWriter]:
    """Open the files of a shard for appending, cut after the pairs that are finished.

    Args:
        folder: Of its records.
        dimensions: Network => number of features.
        rows: Pictures of a pair: the truth and what each method painted.
        done: How many pairs are finished.

    Raises:
        InputError: Features of finished pairs are missing, or a file cannot be written.
    """
    with ExitStack() as files:
        yield FeatureWriter(
            {
                network: files.enter_context(_cut(_path(folder, network), done * rows * size * 4))
                for network, size in dimensions.items()
            }
        )


@contextmanager
def _cut(path: Path, length: int) -> Iterator[BinaryIO]:
    _require_length(path, length)
    try:
        with path.open("ab") as file:
            file.truncate(length)
            yield file
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); choose another folder") from error


def _require_length(path: Path, length: int) -> None:
    there = path.stat().st_size if path.exists() else 0
    if there < length:
        raise InputError(
            f"expected {length} bytes of features in {path}, got {there}; evaluate again with `overwrite=True`"
        )


def remove_features(folder: Path) -> None:
    """Drop the features of all networks, also of those that are no longer asked for, from a folder of records."""
    for path in folder.glob(_path(folder, "*").name):
        path.unlink()


class FeatureFiles:
    """The features of one network, of all shards.

    Args:
        folders: Of the records of shard 1, 2 ...
        network: Its name.
        shape: (P,R,D): pairs in all shards, pictures of each pair, features of each picture.

    Raises:
        InputError: A file is missing or too short.
    """

    def __init__(self, folders: Sequence[Path], network: str, shape: tuple[int, int, int]) -> None:
        self._pairs, *row = shape
        self._shards = []
        for place, folder in enumerate(folders):
            path, pairs = _path(folder, network), len(range(place, self._pairs, len(folders)))
            _require_length(path, pairs * row[0] * row[1] * 4)
            self._shards.append(np.memmap(path, _FLOAT, "r", shape=(pairs, *row)) if pairs else None)

    def chunks(self, row: int) -> Iterator[Features]:
        """Those of the truth (row 0) or of a method (from 1), (N,D) after each other in the manifest's order.

        Chunks do not depend on the number of shards, so that sums over them do not either.
        """
        for start in range(0, self._pairs, _PAIRS_AT_ONCE):
            numbers = range(start, min(start + _PAIRS_AT_ONCE, self._pairs))
            yield np.array([self._of(number, row) for number in numbers], np.float32)

    def _of(self, number: int, row: int) -> Features:
        shard = self._shards[number % len(self._shards)]
        assert shard is not None
        features: Features = shard[number // len(self._shards), row]
        return features
