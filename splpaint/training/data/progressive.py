"""Samples that are shrunk at the beginning of a run: the same squares, seen coarsely first.

After Karras et al. 2018 ("Progressive Growing of GANs for Improved Quality, Stability, and Variation"), whose networks
grow, too; ours paint any size. Not in SPL.
"""

from __future__ import annotations

from torch.nn import functional as F

from splpaint.training.data.dataset import Sample

__all__ = ["shrink_samples"]


def shrink_samples(batch: Sample, side_px: int | None) -> Sample:
    """A batch at another size: images by area; a pixel is missing if it covers one that is.

    Args:
        batch: Samples of one size.
        side_px: Their new side; the pretext images shrink alike. None: as they are.
    """
    if side_px is None:
        return batch
    pretext_px = round(batch.pretext_image.shape[-1] * side_px / batch.image.shape[-1])
    return batch._replace(
        image=F.adaptive_avg_pool2d(batch.image, side_px),
        hole=F.adaptive_max_pool2d(batch.hole, side_px),
        pretext_image=F.adaptive_avg_pool2d(batch.pretext_image, pretext_px),
    )
