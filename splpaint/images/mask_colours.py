"""Masks in colour: strokes on a transparent ground, label images of annotation tools, marks on a ground.

The ground is what is transparent, or else the one colour that fills most of the border; everything else is the hole. A
pixel of a soft edge that mixes the two belongs to the nearer one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.errors import InputError
from splpaint.images.arrays import Pixels
from splpaint.notices import tell

__all__ = ["whiteness"]

_HUE = 48  # least distance between the channels of a colour; the noise of a JPEG stays below
_COLOURED_SHARE = 2e-4  # of the pixels
_NEAR = 40  # colours nearer than this are one, in levels
_BORDER_SHARE = 0.5
_SOLID_SHARE = 5e-3  # of the pixels, for a colour that is not merely the mixture of an edge
_MOST_SOLID = 16
_FEW_COLOURS_SHARE = 0.8  # of the pixels, in the most frequent colours; less in a photograph


def whiteness(colours: Pixels) -> Pixels:
    """Say how white each pixel of a mask is: above 127 is the hole.

    Args:
        colours: uint8 ``(H, W, 3)`` RGB or ``(H, W, 4)`` RGBA.

    Returns:
        uint8 ``(H, W)``: luminance times alpha for a mask in greys, 0 and 255 for one in colours.

    Raises:
        InputError: There are colours, but no ground that they stand on.
    """
    rgb = np.ascontiguousarray(colours[:, :, :3])
    alpha: Pixels | None = colours[:, :, 3] if colours.shape[2] == 4 else None
    if rgb.size == 0:
        return np.zeros(rgb.shape[:2], np.uint8)
    if alpha is not None and (alpha != alpha.flat[0]).any():
        visible = rgb[alpha > 0]
        if (visible == visible[0]).all():
            return _of_one_colour(alpha, visible[0])
        if _is_coloured(visible):
            tell("the mask is in colours on a transparent ground: all that is drawn is taken as missing")
            return _strokes(alpha)
    if _is_coloured(rgb.reshape(-1, 3)):
        return _on_a_ground(rgb)
    if rgb.max() == 1:
        return np.where(rgb.any(axis=2), np.uint8(1), np.uint8(0))  # refused as for grey masks
    luminance: Pixels = np.asarray(Image.fromarray(rgb).convert("L"))
    return luminance if alpha is None else np.rint(luminance * (alpha / 255.0)).astype(np.uint8)


class _Ground(NamedTuple):
    """The colour behind the marks, and how much of the border it fills."""

    colour: NDArray[np.float32]
    border_share: float


def _of_one_colour(alpha: Pixels, colour: Pixels) -> Pixels:
    # One colour and alpha: a drawing on nothing; or, if a dark colour fills the border, a ground with a gap.
    if colour.max() < 128 and float((_border(alpha) > 127).mean()) > _BORDER_SHARE:
        tell("the mask has one dark colour up to its border: its transparent part is taken as missing")
        return np.where(alpha < 128, np.uint8(255), np.uint8(0))
    tell("the mask has one colour and varying transparency: its opaque part is taken as missing")
    return _strokes(alpha)


def _strokes(alpha: Pixels) -> Pixels:
    # Strokes may be translucent: half of their own opacity is the edge.
    opaque = int(np.percentile(alpha[alpha > 0], 90))
    return np.where(2 * alpha.astype(np.int32) > opaque, np.uint8(255), np.uint8(0))


def _is_coloured(colours: Pixels) -> bool:
    # (N,3)
    spread = colours.max(axis=1).astype(np.int32) - colours.min(axis=1)
    return int(np.count_nonzero(spread >= _HUE)) > _COLOURED_SHARE * len(colours)


def _on_a_ground(rgb: Pixels) -> Pixels:
    bins = _bins(rgb)
    numbers, counts = np.unique(bins, return_counts=True)
    order = np.argsort(-counts)[:_MOST_SOLID]
    ground = _ground(rgb, bins)
    photograph = counts[order].sum() < _FEW_COLOURS_SHARE * bins.size
    if photograph or ground.border_share <= _BORDER_SHARE:
        what = "a photograph" if photograph else "several colours, none of which fills most of the border"
        raise InputError(
            f"a mask must be black and white, or marks on one ground, got {what}; make what is to be painted white and "
            "the rest black"
        )
    from_ground = _distance(rgb, ground.colour)
    from_marks = np.full_like(from_ground, np.inf)
    for number in numbers[order][counts[order] >= _SOLID_SHARE * bins.size]:
        colour = rgb[bins == number].mean(axis=0, dtype=np.float32)
        if float(np.abs(colour - ground.colour).max()) >= _NEAR:
            np.minimum(from_marks, _distance(rgb, colour), out=from_marks)
    tell("the mask is in colours on one ground: all but the ground is taken as missing")
    if not np.isfinite(from_marks).all():  # marks too small to tell their colour from that of their edges
        apart = from_ground[from_ground > _NEAR]
        from_marks = (np.percentile(apart, 90) if apart.size else np.inf) - from_ground
    return np.where(from_marks < from_ground, np.uint8(255), np.uint8(0))


def _ground(rgb: Pixels, bins: NDArray[np.int32]) -> _Ground:
    border = _border(rgb)
    numbers, counts = np.unique(_border(bins), return_counts=True)
    colour = border[_border(bins) == numbers[counts.argmax()]].mean(axis=0, dtype=np.float32)
    near = np.abs(border - colour).max(axis=1) < _NEAR
    return _Ground(colour, float(near.mean()))


def _border(pixels: NDArray[Any]) -> NDArray[Any]:
    # (H,W,...) => (N,...): its outermost pixels
    return np.concatenate([pixels[0], pixels[-1], pixels[1:-1, 0], pixels[1:-1, -1]])


def _bins(rgb: Pixels) -> NDArray[np.int32]:
    # uint8 (H,W,3) => (H,W): number of one of 16 x 16 x 16 cells
    cells = (rgb >> 4).astype(np.int32)
    return (cells[..., 0] << 8) | (cells[..., 1] << 4) | cells[..., 2]


def _distance(rgb: Pixels, colour: NDArray[np.float32]) -> NDArray[np.float32]:
    apart = rgb - colour
    distance: NDArray[np.float32] = np.sqrt((apart * apart).sum(axis=2, dtype=np.float32))
    return distance
