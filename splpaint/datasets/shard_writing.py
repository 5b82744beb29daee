"""Packing pictures into tar shards as WebDataset reads them: the same bytes from the same files, always.

Beside each shard lies its index (``shard_index.py``) with the SHA-256 of the shard and of every picture;
``shards.json``, written last, lists the shards. A run that was stopped, even killed, continues where it was: an index
is written before its shard, and both get their names only when whole, so a shard that has its name is finished.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from splpaint.atomic_files import atomic_path, remove_leftovers, write_atomic
from splpaint.datasets.shard_index import INDEX_SUFFIX, SHARDS_FILE
from splpaint.errors import InputError
from splpaint.images import list_pictures

__all__ = ["WrittenShards", "write_shards"]


class WrittenShards(NamedTuple):
    """What the folder holds.

    Attributes:
        pictures: Number of pictures.
        shards: Number of shards.
        kept: Number of shards that were there already, and whole.
        damaged: Shards that were there, but not as recorded, or whose pictures have changed since; they were written
            again.
    """

    pictures: int
    shards: int
    kept: int
    damaged: list[Path]


class _Plan(NamedTuple):
    shard: Path
    pictures: list[Path]
    names: list[str]
    sizes: list[int]


def write_shards(
    source: Path, folder: Path, *, shard_bytes: int, on_pictures: Callable[[int], object] = lambda count: None
) -> WrittenShards:
    """Pack the pictures of a folder or list, in its order and unchanged, into shards.

    Args:
        source: A folder of pictures or a list file, as ``list_pictures`` reads it.
        folder: For shards; made if missing. Finished shards there are checked and kept.
        shard_bytes: Largest size of a shard; a picture that is larger has a shard to itself.
        on_pictures: Called with how many more pictures are done.

    Raises:
        InputError: A picture cannot be read or changes while it is packed, or the folder holds shards of other
            pictures or sizes.
    """
    plans = list(_plan(list_pictures(source), folder, shard_bytes))
    root = source if source.is_dir() else source.parent
    kept, damaged, rows = 0, [], []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shards = [plan.shard for plan in plans]
        remove_leftovers([folder / SHARDS_FILE, *shards, *map(_index_file, shards)])
        _refuse_others(folder, plans)
        for plan in plans:
            index = _finished(plan, root)
            if index is not None and _is_as_recorded(plan, index):
                kept += 1
            else:
                damaged += [plan.shard] if index is not None else []
                index = _write(plan, root)
            row = {"name": plan.shard.name, "shard_bytes": index["shard_bytes"], "sha256": index["sha256"]}
            rows.append(row | {"pictures": len(plan.pictures)})
            on_pictures(len(plan.pictures))
    except OSError as error:
        raise InputError(f"{folder} cannot be written ({error}); choose another place") from error
    pictures = sum(len(plan.pictures) for plan in plans)
    _write_json(folder / SHARDS_FILE, {"pictures": pictures, "shards": rows})
    return WrittenShards(pictures, len(plans), kept, damaged)


def _plan(pictures: Sequence[Path], folder: Path, shard_bytes: int) -> Iterator[_Plan]:
    """Decide which picture goes where: a function of their order and sizes, so that every run plans the same."""
    shards = 0

    def shard() -> _Plan:
        return _Plan(folder / f"pictures-{shards:06}.tar", [], [], [])

    plan, filled = shard(), 2 * tarfile.BLOCKSIZE
    for number, picture in enumerate(pictures):
        size = _size(picture)
        needed = tarfile.BLOCKSIZE * (1 + -(-size // tarfile.BLOCKSIZE))
        if plan.pictures and filled + needed > shard_bytes:
            yield plan
            shards += 1
            plan, filled = shard(), 2 * tarfile.BLOCKSIZE
        plan.pictures.append(picture)
        # A number, since WebDataset takes what follows the first dot of a name for its kind.
        plan.names.append(f"{number:09}{picture.suffix.lower()}")
        plan.sizes.append(size)
        filled += needed
    yield plan


def _size(picture: Path) -> int:
    try:
        return picture.stat().st_size
    except OSError as error:
        raise InputError(f"{picture} cannot be read ({error.strerror}); mend it or leave it out") from error


def _refuse_others(folder: Path, plans: Sequence[_Plan]) -> None:
    planned = {plan.shard.name for plan in plans}
    for shard in sorted(folder.glob("pictures-*.tar")):
        if shard.name not in planned:
            raise _others(shard)


def _others(shard: Path) -> InputError:
    return InputError(
        f"expected an empty folder or shards of these pictures and this `shard_bytes`, got {shard}, which is none of "
        "them; choose another folder or remove that one"
    )


def _finished(plan: _Plan, root: Path) -> dict[str, Any] | None:
    """The index of a shard that is there; None if it has still to be written."""
    if not plan.shard.exists():
        return None
    try:
        index: dict[str, Any] = json.loads(_index_file(plan.shard).read_bytes())
        if all(index[key] == value for key, value in _record(plan, root).items()):
            return index
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass
    raise _others(plan.shard)


def _is_as_recorded(plan: _Plan, index: dict[str, Any]) -> bool:
    """Whether shard, index and pictures agree; only pictures younger than the shard are read."""
    if _sha256(plan.shard) != index.get("sha256") or index.get("shard_bytes") != plan.shard.stat().st_size:
        return False
    packed_ns = plan.shard.stat().st_mtime_ns
    try:
        with plan.shard.open("rb") as shard:
            for picture, offset, size, digest in zip(
                plan.pictures, index["offsets"], plan.sizes, index["digests"], strict=True
            ):
                shard.seek(offset)
                packed = shard.read(size)
                if hashlib.sha256(packed).hexdigest() != digest:
                    return False
                if picture.stat().st_mtime_ns > packed_ns and picture.read_bytes() != packed:
                    return False
    except (KeyError, TypeError, ValueError, OverflowError):  # an edited index
        return False
    return True


def _record(plan: _Plan, root: Path) -> dict[str, Any]:
    """The part of an index that is known before the shard is written."""
    files = [os.path.relpath(picture, root) for picture in plan.pictures]
    return {"files": [Path(file).as_posix() for file in files], "names": plan.names, "sizes": plan.sizes}


def _write(plan: _Plan, root: Path) -> dict[str, Any]:
    offsets, digests = [], []
    with atomic_path(plan.shard) as part:
        with tarfile.open(part, mode="w", format=tarfile.USTAR_FORMAT) as tar:
            for picture, name, size in zip(plan.pictures, plan.names, plan.sizes, strict=True):
                data = _read(picture, size)
                member = tarfile.TarInfo(name)  # without owner, from 1970, mode 644
                member.size = size
                offsets.append(tar.offset + tarfile.BLOCKSIZE)
                digests.append(hashlib.sha256(data).hexdigest())
                tar.addfile(member, io.BytesIO(data))
        shard = {"shard_bytes": part.stat().st_size, "sha256": _sha256(part)}
        index = shard | _record(plan, root) | {"offsets": offsets, "digests": digests}
        _write_json(_index_file(plan.shard), index)
    return index


def _read(picture: Path, size: int) -> bytes:
    try:
        data = picture.read_bytes()
    except OSError as error:
        raise InputError(f"{picture} cannot be read ({error.strerror}); mend it or leave it out") from error
    if len(data) != size:
        raise InputError(
            f"expected {picture} to stay as it is, {size} bytes, got {len(data)}; start again when nobody writes there"
        )
    return data


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _index_file(shard: Path) -> Path:
    return shard.with_name(shard.name + INDEX_SUFFIX)


def _write_json(file: Path, values: dict[str, Any]) -> None:
    write_atomic(file, (json.dumps(values) + "\n").encode())
