"""Which mask belongs to a picture, and what its output is called: by names alone, wherever the files lie.

So every shard, every rerun and every machine finds the same.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from pathlib import PurePosixPath

from splpaint.errors import InputError
from splpaint.images import as_seen, format_of_suffix, suffix_for
from splpaint.notices import tell

__all__ = ["ALSO_PAINTED", "NamedMasks", "target_names"]

ALSO_PAINTED = (".gif", ".apng")
"""Suffixes of what is painted if it holds one picture, and refused if it is animated."""

_NAMES_TOLD = 3


class NamedMasks:
    """The masks of a folder.

    Args:
        folder: What messages call it.
        names: The masks' paths in it.
        optional: Whether pictures may lack one.
    """

    def __init__(self, folder: str, names: Iterable[PurePosixPath], *, optional: bool = False) -> None:
        self._folder = folder
        self._optional = optional
        self._by_name: dict[str, list[PurePosixPath]] = defaultdict(list)
        for name in names:
            self._by_name[as_seen(str(name.with_suffix("")))].append(name)
        self._unused = {name: None for names in self._by_name.values() for name in names}

    def of(self, name: PurePosixPath) -> tuple[PurePosixPath | None, str]:
        """The mask of a picture that has this path in its folder; without one, why there is none."""
        for key in (str(name), str(name.with_suffix(""))):
            found = self._by_name.get(as_seen(key), [])
            same = [mask for mask in found if as_seen(mask.name) == as_seen(name.name)]
            if len(found) == 1 or len(same) == 1:
                mask = (same or found)[0]
                self._unused.pop(mask, None)
                return mask, ""
            for mask in found:
                self._unused.pop(mask, None)
            if found:
                return None, f"{len(found)} masks: {', '.join(mask.name for mask in found)}; keep one"
        return None, "" if self._optional else f"no mask {name.with_suffix('')}.* in {self._folder}"

    def tell_of_unused(self) -> None:
        """Tell which masks belong to none of the pictures that were asked for."""
        names = [str(name) for name in self._unused]
        if names:
            more = f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else ""
            tell(f"masks of no picture in {self._folder}: {', '.join(names[:_NAMES_TOLD])}{more}")


def target_names(names: Sequence[PurePosixPath], format: str | None = None) -> list[PurePosixPath]:
    """What the outputs are called, as paths in their folder, in the order of the pictures.

    Args:
        names: The pictures' paths in theirs.
        format: The format to write; None: each picture's own. A suffix that cannot be written becomes ``.png``; where
            two pictures would then be one file, the suffix is added to the whole name (``a.ppm.png``).

    Raises:
        InputError: Two pictures would still be one file, or there is no such format.
    """
    wanted = suffix_for(format) if format else None
    plain = [name.with_suffix(_suffix_of(name, wanted)) for name in names]
    sharing = Counter(plain)
    targets = [
        target if name == target or sharing[target] == 1 else name.with_name(name.name + target.suffix)
        for name, target in zip(names, plain, strict=True)
    ]
    twice = [str(target) for target, count in Counter(targets).items() if count > 1]
    if twice:
        raise InputError(
            f"each picture must get a file of its own, got two for {', '.join(twice[:_NAMES_TOLD])}; rename one"
        )
    return targets


def _suffix_of(name: PurePosixPath, wanted: str | None) -> str:
    if wanted is None:
        return name.suffix if format_of_suffix(name.suffix) else ".png"
    same = format_of_suffix(name.suffix) is format_of_suffix(wanted)
    return name.suffix if same else wanted
