"""Texture for holes too thick for the network: copied from the picture itself, where the painting says what belongs.

The network's painting of a thick hole has the right colours at the right places, but no texture. Here the hole is
filled such that every patch of it looks like some patch of the known surroundings (Wexler et al. 2007, "Space-Time
Completion of Video", sec. 3), from coarse to fine. The coarsest level starts from the painting, and its patches are
chosen by likeness to the painting, too. Each finer level starts from the choice of the one before and improves it by
looking where the neighbours found theirs, and at random (PatchMatch: Barnes et al. 2009, sec. 3.2). A patch may be
brightened or darkened a little, so that skies have no seams (after Darabi et al. 2012, "Image Melding", sec. 3.1).
What is chosen at the finest level searched is copied at full resolution.

The same picture and hole give the same result: random numbers come from a fixed seed.
"""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.images import Deep, Hole, Pixels

__all__ = ["continue_texture"]

_Level = TypeVar("_Level", np.uint8, np.uint16)
_Floats = NDArray[np.float32]
_Whole = NDArray[np.int64]

_SIDE = 7  # of a patch
_COARSEST_PX = 28  # about how thick the hole is at the coarsest scale
_FINEST_PX = 400  # longer side of the finest scale searched, at most
_ROUNDS = (8, 5, 3, 2)  # from the coarsest scale on; the last for all that follow
_HEEDING = 2  # so many of the coarsest scales heed the painting
_PAINTING_WEIGHT = 0.5
_PAINTING_BLUR_PX = 4
_SHIFT = 0.02  # most that a patch is brightened or darkened, of the range
_LEAST_SOURCES = 64
_PAIRS_AT_ONCE = 20_000_000
_ROWS_AT_ONCE = 128
_TAPS = (-1.0, -0.5, 0.0, 0.5, 1.0)  # in pixels of the finest scale searched
_GAP = 0.12  # most that the copy is corrected along the border, of the range
_GAP_CELLS = 1024
_GAP_FADING = 0.8  # each time that the distance to the border doubles
_WINDOW = np.exp(-0.5 * ((np.arange(_SIDE) - _SIDE // 2) / 1.5) ** 2).astype(np.float32)


def continue_texture(
    image: NDArray[_Level], hole: Hole, painted: NDArray[_Level], *, thickness_px: int
) -> NDArray[_Level]:
    """Fill a thick hole with texture of the picture's own, along the lines of a smooth painting.

    Args:
        image: uint8 or uint16 ``(H, W, 3)``; what lies inside the hole has no influence.
        hole: bool ``(H, W)``, True = missing.
        painted: Like ``image``; the painting of the hole.
        thickness_px: Side of the largest square in the hole.

    Returns:
        A new array like ``painted``; the painting itself where too little is known to copy from.
    """
    smooth = np.where(hole[..., None], painted, image)
    random = np.random.RandomState(0)
    coarsest, *finer_sizes = _sizes(hole.shape, thickness_px)
    scale = _Scale(_reduced(smooth, *coarsest), _touched(hole, *coarsest))
    if len(scale.sources) < _LEAST_SOURCES:
        return painted.copy()
    guide: _Floats | None = _blurred(scale.picture)
    choice = scale.refine(scale.nearest(scale.patches(guide), random), guide, random, rounds=_ROUNDS[0])
    for number, size in enumerate(finer_sizes, start=1):
        finer = _Scale(_reduced(smooth, *size), _touched(hole, *size))
        guide = _blurred(finer.picture) if number < _HEEDING else None
        rounds = _ROUNDS[min(number, len(_ROUNDS) - 1)]
        choice = finer.refine(finer.inherit(scale, choice), guide, random, rounds=rounds)
        scale = finer
    return _copied(image, hole, painted, scale, choice)


class _Choice(NamedTuple):
    """For every patch that touches the hole, a known patch.

    Attributes:
        sources: (N,) their numbers; patch (y, x), by its upper left pixel, is number y * columns of patches + x.
        shifts: (N,3) what is added to their colours.
        errors: (N,) how far they are from what they stand for.
    """

    sources: _Whole
    shifts: _Floats
    errors: _Floats


class _Patches(NamedTuple):
    """All patches of a scale as rows, and their mean colours."""

    rows: _Floats
    means: _Floats


class _Scale:
    """The picture at one size, as filled so far.

    Attributes:
        picture: (H,W,3) in [0,1].
        shape: How many patches there are, down and across.
        sources: Numbers of the patches that are wholly known, rising.
        targets: Numbers of the others, rising.
        place: (patches,) number => place in ``targets``, or -1.
    """

    def __init__(self, picture: _Floats, missing: Hole) -> None:
        self.picture = picture
        self._missing = missing
        touched = np.lib.stride_tricks.sliding_window_view(missing, (_SIDE, _SIDE)).any(axis=(2, 3))
        self.shape = touched.shape
        self.sources = np.flatnonzero(~touched)
        self.targets = np.flatnonzero(touched)
        self.place = np.full(touched.size, -1)
        self.place[self.targets] = np.arange(len(self.targets))

    def patches(self, guide: _Floats | None) -> _Patches:
        """Patches of the picture, with those of a guide (H,W,3) behind."""
        views = np.lib.stride_tricks.sliding_window_view(self.picture, (_SIDE, _SIDE), axis=(0, 1))
        rows = views.reshape(self.place.size, -1)
        means = rows.reshape(len(rows), 3, -1).mean(axis=2)
        if guide is not None:
            views = np.lib.stride_tricks.sliding_window_view(guide, (_SIDE, _SIDE), axis=(0, 1))
            rows = np.concatenate([rows, _PAINTING_WEIGHT * views.reshape(self.place.size, -1)], axis=1)
        return _Patches(rows, means)

    def nearest(self, patches: _Patches, random: np.random.RandomState) -> _Choice:
        """The most alike known patch of all, or of as many as can be compared in time."""
        sources = self.sources
        most = max(_LEAST_SOURCES, _PAIRS_AT_ONCE // len(self.targets))
        if len(sources) > most:
            sources = sources[np.sort(random.permutation(len(sources))[:most])]
        rows = patches.rows[sources]
        squares = (rows * rows).sum(axis=1)
        nearest = (squares - 2 * patches.rows[self.targets] @ rows.T).argmin(axis=1)
        return self._choose(patches, sources[nearest])

    def refine(
        self, choice: _Choice, guide: _Floats | None, random: np.random.RandomState, *, rounds: int
    ) -> _Choice:
        """Fill the hole with what is chosen, choose anew by what it is filled with, and so on."""
        self._vote(choice)
        for _ in range(rounds):
            choice = self._search(choice.sources, self.patches(guide), random)
            self._vote(choice)
        return choice

    def _search(self, sources: _Whole, patches: _Patches, random: np.random.RandomState) -> _Choice:
        """One round: what the neighbours have, moved along, then random places, nearer and nearer."""
        down, across = self.shape
        rows, columns = np.divmod(self.targets, across)
        sources = sources.copy()
        errors = self._errors(patches, np.arange(len(sources)), sources)

        def attempt(y: _Whole, x: _Whole) -> None:
            inside = np.flatnonzero((y >= 0) & (y < down) & (x >= 0) & (x < across))
            number = y[inside] * across + x[inside]
            known = self.place[number] < 0
            asked, number = inside[known], number[known]
            found = self._errors(patches, asked, number)
            better = found < errors[asked]
            sources[asked[better]], errors[asked[better]] = number[better], found[better]

        for step in (4, 2, 1):
            for dy, dx in ((step, 0), (-step, 0), (0, step), (0, -step)):
                y, x = np.clip(rows + dy, 0, down - 1), np.clip(columns + dx, 0, across - 1)
                place = self.place[y * across + x]
                theirs = np.where(place < 0, sources, sources[place])  # a neighbour that is known has none
                attempt(theirs // across + rows - y, theirs % across + columns - x)
        radius = max(self.shape) // 4
        for _ in range(4):
            moves = ((2 * random.random_sample((2, len(sources))) - 1) * (radius + 1)).astype(np.int64)
            attempt(sources // across + moves[0], sources % across + moves[1])
            radius = max(2, radius // 3)
        return self._choose(patches, sources)

    def _vote(self, choice: _Choice) -> None:
        """Fill the hole: every pixel is the mean of what the patches over it hold there, good ones counting more."""
        across = self.shape[1]
        weights = np.exp(-choice.errors / (2 * np.quantile(choice.errors, 0.75) + 1e-6)) + np.float32(1e-6)
        y, x = np.divmod(self.targets, across)
        from_y, from_x = np.divmod(choice.sources, across)
        total = np.zeros_like(self.picture)
        weight = np.zeros(self.picture.shape[:2], np.float32)
        for i in range(_SIDE):
            for j in range(_SIDE):
                each = weights * (_WINDOW[i] * _WINDOW[j])
                colours = self.picture[from_y + i, from_x + j] + choice.shifts
                total[y + i, x + j] += each[:, None] * colours
                weight[y + i, x + j] += each
        self.picture[self._missing] = np.clip(total[self._missing] / weight[self._missing][:, None], 0, 1)

    def inherit(self, coarser: _Scale, choice: _Choice) -> _Choice:
        """The choice of a coarser scale, as places of this one."""
        down, across = self.shape
        down_before, across_before = coarser.shape
        rows, columns = np.divmod(self.targets, across)
        y = np.minimum(rows * coarser.picture.shape[0] // self.picture.shape[0], down_before - 1)
        x = np.minimum(columns * coarser.picture.shape[1] // self.picture.shape[1], across_before - 1)
        place = coarser.place[y * across_before + x]
        place = np.where(place < 0, 0, place)
        before = choice.sources[place]
        factor = self.picture.shape[0] / coarser.picture.shape[0]
        y = np.clip(rows + np.rint(factor * (before // across_before - y)).astype(np.int64), 0, down - 1)
        x = np.clip(columns + np.rint(factor * (before % across_before - x)).astype(np.int64), 0, across - 1)
        # Rounding may lead onto the hole: then to the next known patch.
        next_known = np.minimum(np.searchsorted(self.sources, y * across + x), len(self.sources) - 1)
        return _Choice(self.sources[next_known], choice.shifts[place], choice.errors[place])

    def _choose(self, patches: _Patches, sources: _Whole) -> _Choice:
        gaps = patches.means[self.targets] - patches.means[sources]
        errors = self._errors(patches, np.arange(len(sources)), sources)
        return _Choice(sources, np.clip(gaps, -_SHIFT, _SHIFT), errors)

    def _errors(self, patches: _Patches, asked: _Whole, sources: _Whole) -> _Floats:
        # Squared distances of target patches, by their place, to sources shifted as far as that helps.
        targets = self.targets[asked]
        apart = patches.rows[sources]
        apart -= patches.rows[targets]
        gaps = patches.means[targets] - patches.means[sources]
        shifts = np.clip(gaps, -_SHIFT, _SHIFT)
        errors: _Floats = np.einsum("ij,ij->i", apart, apart)
        errors -= _SIDE * _SIDE * (shifts * (2 * gaps - shifts)).sum(axis=1)
        return errors


def _sizes(shape: tuple[int, ...], thickness_px: int) -> list[tuple[int, int]]:
    """Heights and widths of the scales, each twice the one before."""
    finest = min(1.0, _FINEST_PX / max(shape))
    halvings = max(0, int(np.ceil(np.log2(thickness_px * finest / _COARSEST_PX))))
    shrinks = [finest / 2**k for k in range(halvings, -1, -1)]
    return [(max(_SIDE, round(shape[0] * s)), max(_SIDE, round(shape[1] * s))) for s in shrinks]


def _reduced(image: NDArray[_Level], height: int, width: int) -> _Floats:
    full = np.float32(np.iinfo(image.dtype).max)
    return _resized(image, (width, height), Image.Resampling.BOX) / full


def _blurred(picture: _Floats) -> _Floats:
    height, width = picture.shape[:2]
    small = (max(1, width // _PAINTING_BLUR_PX), max(1, height // _PAINTING_BLUR_PX))
    return _resized(_resized(picture, small, Image.Resampling.BOX), (width, height), Image.Resampling.BICUBIC)


def _resized(
    picture: NDArray[np.generic], size: tuple[int, int], resampling: Image.Resampling
) -> _Floats:  # (H,W,3) => (height,width,3) for size (width, height)
    planes = (Image.fromarray(np.ascontiguousarray(picture[..., c], np.float32)) for c in range(3))
    return np.stack([np.asarray(plane.resize(size, resampling)) for plane in planes], axis=2)


def _touched(hole: Hole, height: int, width: int) -> Hole:
    share = Image.fromarray(hole.astype(np.float32)).resize((width, height), Image.Resampling.BOX)
    touched: Hole = np.asarray(share) > 0
    return touched


class _Copy:
    """What is chosen at the finest scale searched, at full resolution."""

    def __init__(self, image: Pixels | Deep, hole: Hole, scale: _Scale, choice: _Choice) -> None:
        self._image = image
        self._hole = hole
        self._scale = scale
        self._shifts = choice.shifts * np.float32(np.iinfo(image.dtype).max)
        self._factors = tuple(
            full / small for full, small in zip(hole.shape, scale.picture.shape, strict=False)
        )
        theirs, ours = (np.divmod(numbers, scale.shape[1]) for numbers in (choice.sources, scale.targets))
        self._moves = tuple(
            np.rint(factor * (there - here)).astype(np.int64)
            for factor, there, here in zip(self._factors, theirs, ours, strict=True)
        )

    def colours(self, rows: _Whole, columns: _Whole) -> tuple[_Floats, NDArray[np.bool_]]:
        """(N,3) what the patches over these pixels hold, nearer ones counting more; (N,) where there are any."""
        height, width = self._hole.shape
        down, across = self._scale.shape
        total = np.zeros((len(rows), 3), np.float32)
        weight = np.zeros(len(rows), np.float32)
        for tap_y in _TAPS:
            y = ((rows + 0.5) / self._factors[0] + tap_y).astype(np.int64) - _SIDE // 2
            y = np.clip(y, 0, down - 1)
            for tap_x in _TAPS:
                x = ((columns + 0.5) / self._factors[1] + tap_x).astype(np.int64) - _SIDE // 2
                place = self._scale.place[y * across + np.clip(x, 0, across - 1)]
                from_y, from_x = rows + self._moves[0][place], columns + self._moves[1][place]
                usable = (place >= 0) & (from_y >= 0) & (from_y < height) & (from_x >= 0) & (from_x < width)
                from_y, from_x = from_y * usable, from_x * usable
                usable &= ~self._hole[from_y, from_x]
                each = usable * np.float32(np.exp(-(tap_x * tap_x + tap_y * tap_y)))
                total += each[:, None] * (self._image[from_y, from_x] + self._shifts[place])
                weight += each
        found = weight > 0
        total[found] /= weight[found, None]
        return total, found

    def gaps(self) -> _Floats:
        """(h,w,3) how much brighter the surroundings are than the copy along the border, spread over the hole."""
        height, width = self._hole.shape
        cell = -(-max(height, width) // _GAP_CELLS)
        total = np.zeros((-(-height // cell), -(-width // cell), 4), np.float32)
        for top in range(0, height, _ROWS_AT_ONCE):
            rows, columns = np.nonzero(_beside(self._hole, top, top + _ROWS_AT_ONCE))
            rows += top
            colours, found = self.colours(rows, columns)
            rows, columns = rows[found], columns[found]
            limit = np.float32(np.iinfo(self._image.dtype).max) * _GAP
            gap = np.clip(self._image[rows, columns] - colours[found], -limit, limit)
            np.add.at(
                total, (rows // cell, columns // cell), np.pad(gap, ((0, 0), (0, 1)), constant_values=1)
            )
        return _spread(total)


def _copied(
    image: NDArray[_Level], hole: Hole, painted: NDArray[_Level], scale: _Scale, choice: _Choice
) -> NDArray[_Level]:
    """Fill the hole, in strips of rows."""
    result = painted.copy()
    copy = _Copy(image, hole, scale, choice)
    gaps = [Image.fromarray(np.ascontiguousarray(plane)) for plane in copy.gaps().transpose(2, 0, 1)]
    height, width = hole.shape
    for top in range(0, height, _ROWS_AT_ONCE):
        bottom = min(top + _ROWS_AT_ONCE, height)
        rows, columns = np.nonzero(hole[top:bottom])
        if not len(rows):
            continue
        colours, found = copy.colours(rows + top, columns)
        box = (0, top / height * gaps[0].height, gaps[0].width, bottom / height * gaps[0].height)
        for channel, gap in enumerate(gaps):
            strip = np.asarray(gap.resize((width, bottom - top), Image.Resampling.BILINEAR, box))
            colours[:, channel] += strip[rows, columns]
        levels = np.clip(np.rint(colours[found]), 0, np.iinfo(image.dtype).max)
        result[rows[found] + top, columns[found]] = levels.astype(image.dtype)
    return result


def _beside(hole: Hole, top: int, bottom: int) -> Hole:
    # Known pixels of these rows with a missing one next to them, above or below.
    above = max(top - 1, 0)
    rows = hole[above : bottom + 1]
    near = rows.copy()
    near[1:] |= rows[:-1]
    near[:-1] |= rows[1:]
    near[:, 1:] |= rows[:, :-1]
    near[:, :-1] |= rows[:, 1:]
    near &= ~rows
    return near[top - above : bottom - above]


def _spread(total: _Floats) -> _Floats:
    """Sums and counts (h,w,4) of scattered values => (h,w,3) that fade with the distance (pull and push)."""
    height, width = total.shape[:2]
    counts = total[..., 3:]
    values: _Floats = np.divide(total[..., :3], np.maximum(counts, 1), dtype=np.float32)
    share = np.minimum(counts, np.float32(1))
    if max(height, width) == 1:
        return values
    even = np.pad(np.concatenate([values, share], axis=2), ((0, height % 2), (0, width % 2), (0, 0)))
    coarse = _spread(even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2])
    coarse = _resized(coarse, (even.shape[1], even.shape[0]), Image.Resampling.BILINEAR)[:height, :width]
    values += (1 - share) * coarse * np.float32(_GAP_FADING)
    return values
