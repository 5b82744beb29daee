"""The mask of a thing from a box around it or a rough stroke over it: GrabCut (Rother et al. 2004), through OpenCV.

It runs on the surroundings of what is marked, reduced. The edge that it finds is then led along the edges of the
picture at its own size by a guided filter (He et al. 2010), in the band in which a reduced pixel may err.
"""

from __future__ import annotations

from typing import NamedTuple

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
_REACH = (
    0.5  # of the marked extent: how far around a stroke the thing may be, and what is looked at around a box
)
_LEAST_REACH_PX = 12
_BAND = 1.5  # reduced pixels on each side of the edge
_LINEAR = Image.Resampling.BILINEAR
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
    view = _view(marked)
    labels = view.reduced(_labels(marked[view.slices], inside[view.slices], stroked=stroke is not None))
    small = cv2.resize(image[view.slices], (labels.shape[1], labels.shape[0]), interpolation=cv2.INTER_AREA)
    found = _grab_cut(np.asarray(small), labels)
    if not found.any():
        return marked
    selected = np.zeros_like(marked)
    selected[view.slices] = _refined(image[view.slices], found, view.scale) & inside[view.slices]
    return selected


class _View(NamedTuple):
    """What is looked at: a window of the picture, and how many of its pixels make a reduced one."""

    slices: tuple[slice, slice]
    scale: float

    def reduced(self, labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
        height, width = labels.shape
        size = max(1, round(width / self.scale)), max(1, round(height / self.scale))
        return np.asarray(Image.fromarray(labels).resize(size, Image.Resampling.NEAREST))


def _view(marked: Hole) -> _View:
    rows, columns = (np.flatnonzero(marked.any(axis=axis)) for axis in (1, 0))
    reach = _reach_px(max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1)
    slices = tuple(
        slice(max(0, line[0] - 3 * reach // 2), line[-1] + 1 + 3 * reach // 2) for line in (rows, columns)
    )
    height, width = marked[slices].shape
    return _View((slices[0], slices[1]), max(1.0, max(height, width) / _REDUCED_PX))


def _reach_px(extent_px: int) -> int:
    return max(_LEAST_REACH_PX, round(_REACH * extent_px))


def _labels(marked: Hole, inside: Hole, *, stroked: bool) -> NDArray[np.uint8]:
    # OpenCV's labels: surely ground, perhaps thing ...
    if not stroked:
        return np.where(marked, np.uint8(cv2.GC_PR_FGD), np.uint8(cv2.GC_BGD))
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
    if things.all():  # nothing is known of the ground
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


def _refined(image: Pixels, found: Hole, scale: float) -> Hole:
    # (h,w) => (H,W): in the band around the edge by a guided filter, elsewhere as found.
    if scale == 1:
        return found
    height, width = image.shape[:2]
    share = np.asarray(Image.fromarray(found.astype(np.float32)).resize((width, height), _LINEAR))
    side = 2 * max(2, round(_BAND * scale)) + 1
    guide = _guide(image, share)

    def mean(values: NDArray[np.float32]) -> NDArray[np.float32]:
        return np.asarray(cv2.blur(values, (side, side)))

    mean_guide, mean_share = mean(guide), mean(share)
    slope = (mean(guide * share) - mean_guide * mean_share) / (
        mean(guide * guide) - mean_guide**2 + _EVENNESS
    )
    guided = mean(slope) * guide + mean(mean_share - slope * mean_guide)
    certain = (mean_share < 0.02) | (mean_share > 0.98)
    return np.where(certain, share, guided) > 0.5


def _guide(image: Pixels, share: NDArray[np.float32]) -> NDArray[np.float32]:
    # (H,W,3) => (H,W): along the line of colours that leads from the ground's mean to the thing's.
    away = np.array(cv2.mean(image, (share > 0.5).astype(np.uint8))[:3])
    away -= cv2.mean(image, (share <= 0.5).astype(np.uint8))[:3]
    length = float(np.linalg.norm(away))
    line = away / length if length > 1 else np.full(3, 3**-0.5)
    return np.asarray(cv2.transform(image.astype(np.float32) / 255, line[None].astype(np.float32)))
