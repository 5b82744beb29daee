"""A folder of pictures that another method painted for the pairs of a manifest.

Matched by name, never by order: published comparisons that pair sorted lists have compared other pictures than they
meant. What does not fit is refused and named.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from splpaint.errors import InputError
from splpaint.images import Hole, Pixels, as_seen, list_pictures, open_picture
from splpaint.pairs import pair_names

__all__ = ["ResultsFolder"]

_NAMES_TOLD = 3
_LAMA_ENDING = "_mask000"  # LaMa calls results as its masks
_LOOKED_AT_PX = 4  # one pixel in so many rows and columns tells one scene from another
_LEAST_LIKENESS = 0.6
_LEAST_DIFFERENCE = 12.0
_MOST_EXACT = 0.5
_LEAST_DETAIL_PX = 64


class ResultsFolder:
    """The pictures of a folder, by the names of the pairs.

    Args:
        folder: Holds one picture of 8 bits for each pair, of any format and at any depth of subfolders, called as the
            pair; and no other pictures.
        pairs: The manifest.

    Raises:
        InputError: A picture is missing, surplus or there twice, or the manifest cannot be read.
    """

    def __init__(self, folder: Path, pairs: Path) -> None:
        if not folder.is_dir():
            raise InputError(f"expected a folder of results, got {folder}; check the path")
        self._folder = folder
        self._files: dict[str, Path] = {}
        wanted = dict.fromkeys(map(as_seen, pair_names(pairs)))
        for file in list_pictures(folder):
            name = as_seen(file.relative_to(folder).with_suffix("").as_posix())
            if name not in wanted:
                name = name.removesuffix(_LAMA_ENDING)
            if name in self._files:
                raise InputError(
                    f"expected one result for {name}, got {self._files[name]} and {file}; remove one"
                )
            self._files[name] = file
        self._refuse("no picture for", [name for name in wanted if name not in self._files], len(wanted))
        self._refuse(
            "a picture of no pair:", [name for name in self._files if name not in wanted], len(wanted)
        )

    def _refuse(self, what: str, names: list[str], pairs: int) -> None:
        if names:
            told = ", ".join(names[:_NAMES_TOLD])
            more = f" and {len(names) - _NAMES_TOLD} more" if len(names) > _NAMES_TOLD else ""
            raise InputError(
                f"expected one picture for each of {pairs} pairs in {self._folder}, got {what} {told}{more}; name "
                "results as `splpaint pairs render` names the pairs"
            )

    def read(self, name: str, image: Pixels, hole: Hole) -> Pixels:
        """Read the result of a pair.

        Args:
            name: The pair's.
            image: uint8 (H,W,3), the truth.
            hole: bool (H,W), True = missing.

        Returns:
            uint8 (H,W,3).

        Raises:
            InputError: The picture cannot be read, has another size, more than 8 bits or transparency, shows
                something else than the pair outside the hole, or was painted into another hole.
        """
        file = self._files[as_seen(name)]
        picture = open_picture(file)
        height, width = hole.shape
        if picture.size != (width, height):
            raise InputError(
                f"expected a result of {width}x{height} for {name}, got {picture.width}x{picture.height} in {file}; "
                "save what the method painted at the size of the pair"
            )
        if picture.has_transparency_data or picture.mode not in {"RGB", "L", "P"}:
            raise InputError(
                f"expected an RGB or grey result, got mode {picture.mode} in {file}; save it without transparency"
            )
        painted = np.asarray(picture.convert("RGB"))
        _require_same_scene(painted, image, hole, file)
        _require_same_hole(painted, image, hole, file)
        return painted


def _require_same_scene(painted: Pixels, image: Pixels, hole: Hole, file: Path) -> None:
    """Refuse a picture whose known pixels are those of another one: its name was mixed up, or its colours."""
    grid = (slice(None, None, _LOOKED_AT_PX),) * 2
    known, shown = (pixels[grid][~hole[grid]].astype(np.float32).mean(axis=1) for pixels in (image, painted))
    if not known.size or float(np.abs(known - shown).mean()) < _LEAST_DIFFERENCE:
        return
    spread = float(known.std() * shown.std())
    likeness = float(np.mean((known - known.mean()) * (shown - shown.mean()))) / spread if spread else 0.0
    if likeness < _LEAST_LIKENESS:
        raise InputError(
            f"expected the known part of the picture to look as it does in the pair, got another picture in {file} "
            f"(correlation {likeness:.2f}); check its name and that it is in RGB"
        )


def _require_same_hole(painted: Pixels, image: Pixels, hole: Hole, file: Path) -> None:
    """Refuse what was painted into another hole of the same photograph: in this one it shows the truth.

    Only pixels that differ from their left neighbours tell: a method may well hit a plain ground exactly.
    """
    exact = (painted == image).all(axis=2)
    if exact[~hole].all():
        return
    detail = hole[:, 1:] & (image[:, 1:] != image[:, :-1]).any(axis=2)
    if np.count_nonzero(detail) >= _LEAST_DETAIL_PX and exact[:, 1:][detail].mean() > _MOST_EXACT:
        raise InputError(
            f"expected the hole to be painted, got the photograph itself there and changes elsewhere in {file}; check "
            "its name: it looks like the result of another hole"
        )
