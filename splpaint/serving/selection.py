"""The mask of a thing from a box around it or a rough stroke over it: GrabCut (Rother et al. 2004), through OpenCV.

It runs on a reduced picture. The edge it finds is then led along the edges of the picture at its own size by a guided
filter (He et al. 2010), in the band in which a reduced pixel may err.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.errors import InputError
from splpaint.images import CropBox, Hole, Pixels, fit_hole
from splpaint.inference import HoleBox

__all__ = ["select"]

_REDUCED_PX = 512
_ROUNDS = 5
_BAND = 1.5  # reduced pixels on each side of the edge
_EVENNESS = 1e-3  # variance of grey, of 1, below which the filter smooths


def select(image: Pixels, *, box: HoleBox | None = None, stroke: Hole | None = None) -> Hole:
    """Find the thing that a box holds or a stroke roughly covers.

    Args:
        image: uint8 ``(H, W, 3)`` RGB.
        box: Around the thing; what lies outside is not it.
        stroke: bool ``(H, W)``, True = roughly the thing: most of what lies beneath is, and what lies near may be.

    Returns:
        bool ``(H, W)``, True = the thing; what is marked, if nothing tells the thing from what surrounds it.

    Raises:
        InputError: There is neither box nor stroke, the stroke marks nothing, or the box does not lie inside.
    """
    marked = np.zeros(image.shape[:2], np.bool_)
    if box is not None:
        box.mark(marked)
    if stroke is not None:
        if not stroke.any():
            raise InputError(
                "stroke must mark something white, got one that marks nothing; paint over the thing"
            )
        marked = marked & stroke if box is not None and (marked & stroke).any() else stroke
    if box is None and stroke is None:
        raise InputError(
            "something must say where the thing is, got neither box nor stroke; give one of them"
        )
    height, width = image.shape[:2]
    scale = max(1.0, max(height, width) / _REDUCED_PX)
    tall, wide = max(1, round(height / scale)), max(1, round(width / scale))
    small = np.asarray(Image.fromarray(image).resize((wide, tall), Image.Resampling.BOX))
    labels = _labels(marked, box, wide, tall, stroked=stroke is not None)
    found = _grab_cut(small, labels)
    if not found.any():
        return marked
    return _refine(image, found, scale) if scale > 1 else found


def _labels(marked: Hole, box: HoleBox | None, wide: int, tall: int, *, stroked: bool) -> NDArray[np.uint8]:
    # OpenCV's labels: 0 and 1 surely ground and thing, 2 and 3 perhaps.
    height, width = marked.shape
    reduced = fit_hole(marked, CropBox(0, 0, width, height), wide, tall)
    if not stroked:
        return np.where(reduced, np.uint8(3), np.uint8(0))
    import cv2

    extent = max(8, round(0.5 * float(np.sqrt(np.count_nonzero(reduced)))))
    near = cv2.dilate(reduced.astype(np.uint8), _disc(extent)) > 0
    core = cv2.erode(reduced.astype(np.uint8), _disc(max(1, extent // 4))) > 0
    labels = np.where(near, np.uint8(2), np.uint8(0))
    labels[reduced] = 3
    labels[core] = 1
    if box is not None:
        outside = np.ones((height, width), np.bool_)
        box.mark(inside := np.zeros_like(outside))
        labels[~fit_hole(inside, CropBox(0, 0, width, height), wide, tall)] = 0
    return labels


def _grab_cut(image: Pixels, labels: NDArray[np.uint8]) -> Hole:
    import cv2

    if not ((labels == 0) | (labels == 2)).any() or not ((labels == 1) | (labels == 3)).any():
        return (labels & 1).astype(np.bool_)
    cv2.setRNGSeed(0)
    ground, thing = np.zeros((1, 65)), np.zeros((1, 65))
    cut, _, _ = cv2.grabCut(image, labels.copy(), (0, 0, 0, 0), ground, thing, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    found: Hole = np.isin(cut, (cv2.GC_FGD, cv2.GC_PR_FGD))
    return found


def _refine(image: Pixels, found: Hole, scale: float) -> Hole:
    # (h,w) => (H,W): in the band around the edge by a guided filter, elsewhere as found.
    import cv2

    height, width = image.shape[:2]
    band = max(2, round(_BAND * scale))
    coarse = cv2.resize(found.astype(np.float32), (width, height), interpolation=cv2.INTER_LINEAR)
    rows, columns = np.flatnonzero(coarse.any(axis=1)), np.flatnonzero(coarse.any(axis=0))
    top, bottom = max(0, rows[0] - 2 * band), min(height, rows[-1] + 1 + 2 * band)
    left, right = max(0, columns[0] - 2 * band), min(width, columns[-1] + 1 + 2 * band)
    window = (slice(top, bottom), slice(left, right))
    grey = cv2.cvtColor(image[window], cv2.COLOR_RGB2GRAY).astype(np.float32) / 255
    share = coarse[window]
    side = (2 * band + 1, 2 * band + 1)
    mean_grey, mean_share = cv2.blur(grey, side), cv2.blur(share, side)
    slope = (cv2.blur(grey * share, side) - mean_grey * mean_share) / (
        cv2.blur(grey * grey, side) - mean_grey**2 + _EVENNESS
    )
    offset = mean_share - slope * mean_grey
    refined = cv2.blur(slope, side) * grey + cv2.blur(offset, side)
    uncertain = (mean_share > 0.02) & (mean_share < 0.98)
    whole = coarse > 0.5
    whole[window] = np.where(uncertain, refined > 0.5, share > 0.5)
    return whole


def _disc(radius: int) -> NDArray[np.uint8]:
    import cv2

    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * radius + 1, 2 * radius + 1)))
