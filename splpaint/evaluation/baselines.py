"""Classical inpainting as Painters: (image, hole) => painted.

Image uint8 (H,W,3) RGB, hole bool (H,W) with True = missing, painted uint8 (H,W,3) equal to the image
outside the hole.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from splpaint.errors import MissingExtraError
from splpaint.images import Hole, Pixels, composite

__all__ = ["BASELINES", "PACKAGES", "Painter", "biharmonic", "navier_stokes", "patch_match", "telea"]

Painter = Callable[[Pixels, Hole], Pixels]

_RADIUS_PX = 5.0
_PATCH_RADIUS_PX = 5


def telea(image: Pixels, hole: Hole) -> Pixels:
    """Telea 2004, "An Image Inpainting Technique Based on the Fast Marching Method"; OpenCV, radius 5 px."""
    return _inpaint(image, hole, "INPAINT_TELEA")


def navier_stokes(image: Pixels, hole: Hole) -> Pixels:
    """Bertalmio et al. 2001, "Navier-Stokes, Fluid Dynamics, and Image and Video Inpainting"; OpenCV, radius 5 px."""
    return _inpaint(image, hole, "INPAINT_NS")


def biharmonic(image: Pixels, hole: Hole) -> Pixels:
    """Damelin & Hoang 2018, "On Surface Completion and Image Inpainting by Biharmonic Functions"; scikit-image."""
    try:
        from skimage.restoration import inpaint_biharmonic
    except ModuleNotFoundError as error:
        raise MissingExtraError("biharmonic", "eval", "scikit-image") from error
    smooth = inpaint_biharmonic(image, hole, channel_axis=-1, split_into_regions=True)
    levels = np.rint(np.clip(smooth, 0, 1) * 255).astype(np.uint8)
    return composite(levels, image, hole)


def patch_match(image: Pixels, hole: Hole) -> Pixels:
    """Barnes et al. 2009, "PatchMatch"; PyPatchMatch on the whole picture, ``patch_size`` 5."""
    import patchmatch

    painted = patchmatch.inpaint(image, hole, patch_size=_PATCH_RADIUS_PX)
    return composite(np.asarray(painted, dtype=np.uint8), image, hole)


BASELINES: dict[str, Painter] = {
    "biharmonic": biharmonic,
    "navier-stokes": navier_stokes,
    "patchmatch": patch_match,
    "telea": telea,
}

PACKAGES = {
    "biharmonic": "scikit-image",
    "navier-stokes": "opencv-python-headless",
    "patchmatch": "PyPatchMatch",
    "telea": "opencv-python-headless",
}
"""The package whose version belongs to a baseline's figures."""


def _inpaint(image: Pixels, hole: Hole, method: str) -> Pixels:
    try:
        import cv2
    except ModuleNotFoundError as error:
        raise MissingExtraError("a baseline of OpenCV", "eval", "opencv-python-headless") from error
    painted = cv2.inpaint(image, hole.astype(np.uint8) * 255, _RADIUS_PX, getattr(cv2, method))
    return np.asarray(painted, dtype=np.uint8)
