"""The plan of a batch: which photos of a folder, each with which mask, written to where."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from splpaint.errors import InputError
from splpaint.images import count_others, format_counts, list_pictures
from splpaint.inference.batch_names import ALSO_PAINTED, NamedMasks, target_names
from splpaint.inference.photo_mask import MaskBytes, MaskFile, NoMask, PhotoMask
from splpaint.shares import WHOLE, Share

__all__ = ["Job", "others_in", "plan_batch"]


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
    avoid: MaskFile | MaskBytes | None = None


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
        output: The folder to write to: subfolders, names and suffixes as in ``photos``, where ``target_names`` does
            not change them.
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
    found = [path for path in list_pictures(photos, also=ALSO_PAINTED) if not _inside(path, apart)]
    if not found:
        raise InputError(f"expected pictures in {photos}, got only masks and outputs; check the paths")
    names = [_name(path, photos) for path in found]
    masks, avoided = _by_name(mask), _by_name(avoid or NoMask(), optional=True)
    jobs = [
        _job(path, name, masks, avoided, output / target)
        for path, name, target in zip(found, names, target_names(names, format), strict=True)
    ]
    if all(job.trouble for job in jobs):
        raise InputError(f"expected masks for {photos}, got none: {jobs[0].photo}: {jobs[0].trouble}")
    for each in (masks, avoided):
        if isinstance(each, _Folder):
            each.tell_of_unused()
    mine = jobs[shard.part - 1 :: shard.parts]
    if not mine:
        raise InputError(
            f"`shard={shard.part}/{shard.parts}` must hold pictures, got {len(jobs)} in all; use fewer shards"
        )
    return mine


def others_in(photos: Path) -> str:
    """The files of a folder that ``plan_batch`` does not take for photos, "2 .pdf, 1 .txt", without hidden ones."""
    others = count_others(photos, list_pictures(photos, also=ALSO_PAINTED))
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
    return any(path.resolve().is_relative_to(folder) for folder in folders)


class _Folder:
    """The masks of a folder, for photos by their paths in theirs."""

    def __init__(self, folder: Path, *, optional: bool) -> None:
        self._folder = folder
        names = [_name(path, folder) for path in list_pictures(folder, also=ALSO_PAINTED)]
        self._masks = NamedMasks(str(folder), names, optional=optional)
        self.tell_of_unused = self._masks.tell_of_unused

    def of(self, name: PurePosixPath) -> tuple[PhotoMask, str]:
        """The mask of a photo, or why there is none."""
        mask, trouble = self._masks.of(name)
        return (MaskFile(self._folder / mask) if mask else NoMask()), trouble


def _by_name(mask: PhotoMask, *, optional: bool = False) -> _Folder | PhotoMask:
    if isinstance(mask, MaskFile) and mask.path.is_dir():
        return _Folder(mask.path, optional=optional)
    return mask


def _name(path: Path, folder: Path) -> PurePosixPath:
    return PurePosixPath(path.relative_to(folder).as_posix())


def _job(
    photo: Path, name: PurePosixPath, masks: _Folder | PhotoMask, avoided: _Folder | PhotoMask, target: Path
) -> Job:
    mask, trouble = masks.of(name) if isinstance(masks, _Folder) else (masks, "")
    avoid, second = avoided.of(name) if isinstance(avoided, _Folder) else (avoided, "")
    return Job(photo, mask, target, trouble or second, avoid if isinstance(avoid, MaskFile) else None)
