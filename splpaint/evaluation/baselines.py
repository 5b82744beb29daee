"""Classical inpainting by OpenCV, as Painters: (image, hole) => painted.

Image uint8 (H,W,3) RGB, hole bool (H,W) with True = missing, painted uint8 (H,W,3) equal to the image
outside the hole.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

__all__ = ["BASELINES", "Painter", "navier_stokes", "telea"]

Painter = Callable[[NDArray[np.uint8], NDArray[np.bool_]], NDArray[np.uint8]]

_RADIUS_PX = 5.0


def telea(image: NDArray[np.uint8], hole: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Telea 2004, "An Image Inpainting Technique Based on the Fast Marching Method"; radius 5 px."""
    import cv2

    return _inpaint(image, hole, cv2.INPAINT_TELEA)


def navier_stokes(image: NDArray[np.uint8], hole: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Bertalmio et al. 2001, "Navier-Stokes, Fluid Dynamics, and Image and Video Inpainting"; radius 5 px."""
    import cv2

    return _inpaint(image, hole, cv2.INPAINT_NS)


BASELINES: dict[str, Painter] = {"telea": telea, "navier-stokes": navier_stokes}


def _inpaint(image: NDArray[np.uint8], hole: NDArray[np.bool_], method: int) -> NDArray[np.uint8]:
    import cv2

    return np.asarray(cv2.inpaint(image, hole.astype(np.uint8) * 255, _RADIUS_PX, method), dtype=np.uint8)
