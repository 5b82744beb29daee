"""The plan of a batch: which photos of a folder, each with which mask, written to where."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from splpaint.errors import InputError
from splpaint.images import (
    as_seen,
    count_others,
    format_counts,
    format_of_suffix,
    list_pictures,
    suffix_for,
)
from splpaint.inference.photo_mask import MaskFile, NoMask, PhotoMask
from splpaint.notices import tell
from splpaint.shares import WHOLE, Share

__all__ = ["Job", "others_in", "plan_batch"]

# Painted if they hold one picture; refused if they are animated.
_ALSO = (".gif", ".apng")

_NAMES_TOLD = 3


class Job(NamedTuple):
    """One photo of a batch.

    Attributes:
        photo: Its file.
        mask: Its mask.
        target: The file to write.
        trouble: Why it cannot be painted (no mask, two masks); empty if it can.
        avoid: Marks where nothing is copied from; None: it may be from everywhere.
    """

    photo: Path
    mask: PhotoMask
    target: Path
    trouble: str = ""
    avoid: MaskFile | None = None


def plan_batch(
    photos: Path,
    mask: PhotoMask,
    output: Path,
    *,
    avoid: MaskFile | None = None,
    format: str | None = None,
    shard: Share = WHOLE,
) -> list[Job]:
    """List the jobs; nothing is opened or written.

    Args:
        photos: A folder; the pictures in it and its subfolders, sorted by path, GIFs among them. What
            lies in ``output`` or in a folder of masks is left out.
        mask: A folder whose subfolders mirror those of ``photos``: a photo's mask has its name, or its name with
            another suffix, as people see names (``images/names.py``). Or one mask for all.
        output: The folder to write to: subfolders, names and suffixes as in ``photos``. A suffix that cannot
            be written becomes ``.png``; where two pictures would then be one file, the suffix is added to the
            whole name (``a.ppm.png``).
        avoid: Masks that mark where nothing is copied from, in a folder as ``mask`` or one for all; a photo need not
            have one.
        format: The format to write; None: each photo's own.
        shard: Which part of the list; other machines take the others.

    Raises:
        InputError: A folder is missing or holds no pictures, none of them has a mask, the output folder is
            that of the photos or of masks, or this shard is empty.
    """
    places = [each.path for each in (mask, avoid) if isinstance(each, MaskFile)]
    _require_apart(photos, places, output)
    apart = [place.resolve() for place in (output, *places)]
    apart = [place for place in apart if place.is_relative_to(photos.resolve())]
    found = [path for path in list_pictures(photos, also=_ALSO) if not _inside(path.resolve(), apart)]
    if not found:
        raise InputError(f"expected pictures in {photos}, got only masks and outputs; check the paths")
    targets = _targets([path.relative_to(photos) for path in found], format)
    masks, avoided = _by_name(mask), _by_name(avoid or NoMask(), optional=True)
    jobs = [
        _job(path, path.relative_to(photos), masks, avoided, output / targets[number])
        for number, path in enumerate(found)
    ]
    if all(job.trouble for job in jobs):
        raise InputError(f"expected masks for {photos}, got none: {jobs[0].photo}: {jobs[0].trouble}")
    for each in (masks, avoided):
        if isinstance(each, _Masks):
            each.tell_of_unused()
    mine = jobs[shard.part - 1 :: shard.parts]
    if not mine:
        raise InputError(
            f"`shard={shard.part}/{shard.parts}` must hold pictures, got {len(jobs)} in all; use fewer shards"
        )
    return mine


def others_in(photos: Path) -> str:
    """The files of a folder that ``plan_batch`` does not take for photos, "2 .pdf, 1 .txt", without hidden ones."""
    others = count_others(photos, list_pictures(photos, also=_ALSO))
    del others["hidden"]
    return format_counts(others)


def _require_apart(photos: Path, places: Sequence[Path], output: Path) -> None:
    if output.exists() and not output.is_dir():
        raise InputError(f"the output of a folder must be a folder, got {output}; choose another name")
    if output.resolve() == photos.resolve():
        raise InputError(f"the output must be another folder than the input, got {output}; choose another")
    for masks in places:
        if not masks.exists():
            raise InputError(f"expected a folder of masks or a mask, got {masks}, which is not there")
        if masks.resolve() == photos.resolve():
            raise InputError(f"the masks must lie in another folder than the pictures, got {masks} for both")
        if masks.resolve() == output.resolve():
            raise InputError(f"the output must be another folder than that of the masks, got {output}")


def _inside(path: Path, folders: list[Path]) -> bool:
    return any(path.is_relative_to(folder) for folder in folders)


def _targets(names: list[Path], format: str | None) -> list[Path]:
    # From the names alone, so that every shard and every rerun finds the same.
    wanted = suffix_for(format) if format else None
    plain = [name.with_suffix(_suffix_of(name, wanted)) for name in names]
    sharing = defaultdict(list)
    for name, target in zip(names, plain, strict=True):
        sharing[target].append(name)
    targets = [
        target if name == target or len(sharing[target]) == 1 else name.with_name(name.name + target.suffix)
        for name, target in zip(names, plain, strict=True)
    ]
    twice = [str(target) for target, count in Counter(targets).items() if count > 1]
    if twice:
        raise InputError(
            f"each picture must get a file of its own, got two for {', '.join(twice)}; rename one"
        )
    return targets


def _suffix_of(name: Path, wanted: str | None) -> str:
    if wanted is None:
        return name.suffix if format_of_suffix(name.suffix) else ".png"
    same = format_of_suffix(name.suffix) is format_of_suffix(wanted)
    return name.suffix if same else wanted


def _by_name(mask: PhotoMask, *, optional: bool = False) -> _Masks | PhotoMask:
    return _Masks(mask.path, optional) if isinstance(mask, MaskFile) and mask.path.is_dir() else mask


class _Masks:
    """The masks of a folder, by subfolder and name; if they are optional, photos may lack one."""

    def __init__(self, folder: Path, optional: bool) -> None:
        self.folder = folder
        self._optional = optional
        self._by_name: dict[str, list[Path]] = defaultdict(list)
        for path in list_pictures(folder, also=_ALSO):
            relative = PurePosixPath(path.relative_to(folder).as_posix())
            self._by_name[as_seen(str(relative.with_suffix("")))].append(path)
        self._unused = {path: None for paths in self._by_name.values() for path in paths}

    def of(self, relative: Path) -> tuple[PhotoMask, str]:
        """The mask of a photo, or why there is none."""
        name = PurePosixPath(relative.as_posix())
        for key in (str(name), str(name.with_suffix(""))):
            found = self._by_name.get(as_seen(key), [])
            same = [path for path in found if as_seen(path.name) == as_seen(name.name)]
            if len(found) == 1 or len(same) == 1:
                mask = (same or found)[0]
                self._unused.pop(mask, None)
                return MaskFile(mask), ""
            for path in found:
                self._unused.pop(path, None)
            if found:
                return NoMask(), f"{len(found)} masks: {', '.join(path.name for path in found)}; keep one"
        return NoMask(), "" if self._optional else f"no mask {name.with_suffix('')}.* in {self.folder}"

    def tell_of_unused(self) -> None:
        """Tell which masks belong to none of the photos."""
        names = [path.relative_to(self.folder).as_posix() for path in self._unused]
        if names:
            more = f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else ""
            tell(f"masks of no picture in {self.folder}: {', '.join(names[:_NAMES_TOLD])}{more}")


def _job(
    photo: Path, relative: Path, masks: _Masks | PhotoMask, avoided: _Masks | PhotoMask, target: Path
) -> Job:
    mask, trouble = masks.of(relative) if isinstance(masks, _Masks) else (masks, "")
    avoid, second = avoided.of(relative) if isinstance(avoided, _Masks) else (avoided, "")
    return Job(photo, mask, target, trouble or second, avoid if isinstance(avoid, MaskFile) else None)
