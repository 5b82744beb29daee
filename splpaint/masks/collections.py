"""Published collections of masks, read in our convention: which colour means a hole is stated, never guessed.

Sources: Liu et al. 2018 (NVIDIA), whose test masks are white where the hole is and whose training masks are
the other way round; and QD-IMD, the Quick Draw Irregular Mask Dataset, black where the hole is.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from splpaint.errors import InputError
from splpaint.images import Pixels, mask_levels, open_picture, upright
from splpaint.masks.polarity import Polarity
from splpaint.notices import collected, tell

__all__ = [
    "COLLECTIONS",
    "LARGEST_MEAN",
    "PYTHON_NAMES",
    "Collection",
    "ParameterNames",
    "is_photograph",
    "require_plausible",
]

LARGEST_MEAN = 0.65
"""Of a set's hole ratios: irregular masks from 1 to 60 % have 30 % on average, read the wrong way round 70 %."""

_MOST_GREY = 0.2  # of a set's pixels; JPEG and soft edges leave far less

_NEARLY_ALL = 0.75  # no set of masks has larger holes often

_OFTEN = 0.05

_SAMPLE = 64


class ParameterNames(NamedTuple):
    """What a caller's user calls the parameters that say what masks are like, for messages.

    Attributes:
        polarity: The name of the polarity.
        any_ratio: What accepts holes of any size.
        source: What has to be given before the polarity.
    """

    polarity: str = "polarity"
    any_ratio: str = "any_ratio=True"
    source: str = ""

    def to_say(self, polarity: Polarity) -> str:
        """What states this polarity."""
        return f"{self.source}`{self.polarity}={polarity}`"


PYTHON_NAMES = ParameterNames()


class Collection(NamedTuple):
    """What is known of a published set of masks; None = not known or free.

    Attributes:
        polarity: What white means in it.
        files: How many it has.
    """

    polarity: Polarity | None
    files: int | None


COLLECTIONS: dict[str, Collection] = {
    "folder": Collection(None, None),
    "nvidia-test": Collection(Polarity.WHITE_HOLE, 12_000),
    "nvidia-train": Collection(Polarity.WHITE_KNOWN, None),
    "qd-imd": Collection(Polarity.WHITE_KNOWN, None),
}
"""Name -> what is known of it; ``folder`` is the user's own."""


def is_photograph(*levels: Pixels) -> bool:
    """Whether what should be masks (uint8 (H,W) each) has so many shades of grey that it must be photographs."""
    shares = [np.count_nonzero((each > 32) & (each < 223)) / each.size for each in levels]
    return bool(np.mean(shares) > _MOST_GREY)


def require_plausible(
    files: Sequence[Path],
    polarity: Polarity,
    *,
    any_ratio: bool = False,
    names: ParameterNames = PYTHON_NAMES,
) -> None:
    """Refuse what cannot be masks, and a set that looks as if white and black were mixed up.

    Up to 64 files, evenly spaced, are read; those that cannot be read are reported where all are read.

    Raises:
        InputError: They are photographs; or, unless ``any_ratio``, their holes cover more than 65 % on average. A
            ``PictureWarning`` tells of single masks that look the other way round.
    """
    step = max(1, len(files) // _SAMPLE)
    sample = [each for path in files[::step][:_SAMPLE] if (each := _levels(path)) is not None]
    if not sample:
        return
    if is_photograph(*sample):
        raise InputError(
            f"expected masks, black and white, got pictures full of greys in {files[0].parent}; are pictures and masks "
            "mixed up? Make real masks black and white first"
        )
    white = np.array([(each > 127).mean() for each in sample])
    ratios = white if polarity == Polarity.WHITE_HOLE else 1 - white
    if any_ratio:
        return
    mean, many = float(ratios.mean()), int((ratios > _NEARLY_ALL).sum())
    if mean > LARGEST_MEAN:
        other = polarity.other
        raise InputError(
            f"expected holes of at most {LARGEST_MEAN:.0%} of the picture on average, got {mean:.1%} when "
            f"the masks are read as {polarity} ({1 - mean:.1%} as {other}; {len(ratios)} of {len(files)} files "
            f"in {files[0].parent}); say {names.to_say(other)}, or `{names.any_ratio}` if such large holes "
            "are meant"
        )
    if many > _OFTEN * len(ratios):
        tell(
            f"{many} of {len(ratios)} masks looked at in {files[0].parent} cover more than {_NEARLY_ALL:.0%}: are some "
            "the other way round?"
        )


def _levels(path: Path) -> Pixels | None:
    with collected():  # what is odd about single files is reported where all are read
        try:
            picture = upright(open_picture(path))
        except InputError:
            return None
        try:
            return mask_levels(picture)
        except InputError:  # colours without a ground: brightness tells whether it is a photograph
            return np.asarray(picture.convert("L"))
