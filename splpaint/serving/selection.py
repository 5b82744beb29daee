"""The mask of a thing from a box around it or a rough stroke over it: GrabCut (Rother et al. 2004), through OpenCV.

It runs on the surroundings of what is marked, reduced. The edge that it finds is then led along the edges of the
picture at its own size by a guided filter (He et al. 2010), in the band in which a reduced pixel may err.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from splpaint.errors import InputError
from splpaint.images import Hole, Pixels
from splpaint.inference import HoleBox

__all__ = ["select"]

_REDUCED_PX = 400
_ROUNDS = 4
# Of the extent of what is marked: how far around a stroke the thing may be.
_REACH = 0.5
_LEAST_REACH_PX = 12
_BAND = 1.5  # reduced pixels on each side of the edge
_STRIP_PIXELS = 1 << 21
_HALF = 128  # of 255
_EVENNESS = 1e-3  # variance of the guide, of 1, below which the filter smooths


def select(image: Pixels, *, box: HoleBox | None = None, stroke: Hole | None = None) -> Hole:
    """Find the thing that a box holds or a stroke roughly covers.

    Args:
        image: uint8 ``(H, W, 3)`` RGB.
        box: Around the thing; what lies outside is not it.
        stroke: bool ``(H, W)``, True = roughly the thing: its middle is, and what lies near may be.

    Returns:
        bool ``(H, W)``, True = the thing; what is marked, if nothing tells the thing from what surrounds it.

    Raises:
        InputError: There is neither box nor stroke, the stroke marks nothing (inside the box), or the box does not lie
            inside.
    """
    if box is None and stroke is None:
        raise InputError(
            "something must say where the thing is, got neither box nor stroke; give one of them"
        )
    inside = np.ones(image.shape[:2], np.bool_)
    if box is not None:
        inside[:] = False
        box.mark(inside)
    marked = inside if stroke is None else inside & stroke
    if not marked.any():
        raise InputError(
            "stroke must mark something white (inside the box), got one that marks nothing; paint over the thing"
        )
    view, size = _view(marked)
    small = np.asarray(cv2.resize(image[view], size, interpolation=cv2.INTER_AREA), np.uint8)
    stroked = _covered(marked[view], size) > 0
    labels = _labels(stroked, _covered(inside[view], size) >= _HALF, is_box=stroke is None)
    found = _grab_cut(small, labels)
    if not found.any():
        return marked
    selected = np.zeros_like(marked)
    selected[view] = _refined(image[view], small, found) & inside[view]
    return selected


def _view(marked: Hole) -> tuple[tuple[slice, slice], tuple[int, int]]:
    # What is looked at, a window of the picture, and the width and height to which it is reduced.
    rows, columns = (np.flatnonzero(marked.any(axis=axis)) for axis in (1, 0))
    around = 3 * _reach_px(max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1) // 2
    tall, wide = (slice(max(0, line[0] - around), line[-1] + 1 + around) for line in (rows, columns))
    height, width = marked[tall, wide].shape
    scale = max(1.0, max(height, width) / _REDUCED_PX)
    return (tall, wide), (max(1, round(width / scale)), max(1, round(height / scale)))


def _reach_px(extent_px: int) -> int:
    return max(_LEAST_REACH_PX, round(_REACH * extent_px))


def _covered(marked: Hole, size: tuple[int, int]) -> Pixels:
    # bool (H,W) => uint8 (h,w): which share of each reduced pixel is marked, of 255
    return np.asarray(Image.fromarray(marked).convert("L").resize(size, Image.Resampling.BOX))


def _labels(marked: Hole, inside: Hole, *, is_box: bool) -> NDArray[np.uint8]:
    if is_box:
        return np.where(inside, np.uint8(cv2.GC_PR_FGD), np.uint8(cv2.GC_BGD))
    rows, columns = (np.flatnonzero(marked.any(axis=axis)) for axis in (1, 0))
    reach = _reach_px(max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1)
    away = cv2.distanceTransform((~marked).astype(np.uint8), cv2.DIST_L2, 3)
    depth = cv2.distanceTransform(np.pad(marked, 1).astype(np.uint8), cv2.DIST_L2, 3)[1:-1, 1:-1]
    labels = np.where(away <= reach, np.uint8(cv2.GC_PR_BGD), np.uint8(cv2.GC_BGD))
    labels[marked] = cv2.GC_PR_FGD
    labels[depth >= 0.5 * depth.max()] = cv2.GC_FGD
    labels[~inside] = cv2.GC_BGD
    return labels


def _grab_cut(image: Pixels, labels: NDArray[np.uint8]) -> Hole:
    things = np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD))
    if things.all() or not things.any():  # nothing is known of the ground, or of the thing
        return np.zeros(labels.shape, np.bool_)
    cv2.setRNGSeed(0)
    ground, thing = np.zeros((1, 65)), np.zeros((1, 65))
    cut, _, _ = cv2.grabCut(image, labels.copy(), (0, 0, 0, 0), ground, thing, _ROUNDS, cv2.GC_INIT_WITH_MASK)
    return _touching(np.isin(cut, (cv2.GC_FGD, cv2.GC_PR_FGD)), things)


def _touching(found: Hole, marked: Hole) -> Hole:
    # What hangs together with what is marked; the rest only looks like it.
    _, parts = cv2.connectedComponents(found.astype(np.uint8))
    touching: Hole = found & np.isin(parts, np.unique(np.asarray(parts)[marked & found]))
    return touching


def _refined(image: Pixels, small: Pixels, found: Hole) -> Hole:
    # (h,w) => (H,W), strip by strip, so that floats of a large picture do not take gigabytes
    height, width = image.shape[:2]
    tall, wide = found.shape
    if found.shape == (height, width):
        return found
    line, share = _line(small, found), Image.fromarray(found.astype(np.float32))
    radius = max(2, round(_BAND * height / tall))
    rows = max(4 * radius, _STRIP_PIXELS // width)
    refined = np.empty((height, width), np.bool_)
    for top in range(0, height, rows):
        low, high = max(0, top - 2 * radius), min(height, top + rows + 2 * radius)
        box = (0, low * tall / height, wide, high * tall / height)
        smooth = np.asarray(share.resize((width, high - low), Image.Resampling.BILINEAR, box=box))
        guide = cv2.transform(image[low:high].astype(np.float32) / 255, line)
        refined[top : top + rows] = _guided(np.asarray(guide), smooth, radius)[top - low : top - low + rows]
    return refined


def _guided(guide: NDArray[np.float32], share: NDArray[np.float32], radius: int) -> Hole:
    # In the band around the edge by the filter, elsewhere as found.
    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(values, (2 * radius + 1, 2 * radius + 1)))

    mean_guide, mean_share = mean(guide), mean(share)
    slope = (mean(guide * share) - mean_guide * mean_share) / (
        mean(guide * guide) - mean_guide**2 + _EVENNESS
    )
    guided = mean(slope) * guide + mean(mean_share - slope * mean_guide)
    certain = (mean_share < 0.02) | (mean_share > 0.98)
    return np.where(certain, share, guided) > 0.5


def _line(image: Pixels, found: Hole) -> NDArray[np.float32]:
    # (1,3): the line of colours that leads from the ground's mean to the thing's.
    away = image[found].mean(axis=0) - image[~found].mean(axis=0) if not found.all() else np.zeros(3)
    length = float(np.linalg.norm(away))
    return (away / length if length > 1 else np.full(3, 3**-0.5))[None].astype(np.float32)
