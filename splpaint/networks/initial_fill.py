"""What the hole holds before the network looks at the image.

The paper paints it white. ``compact`` starts from a smooth interpolation instead, the pull-push algorithm
(Gortler et al. 1996, "The Lumigraph", sec. 3.4), relaxed towards the harmonic fill by the Chebyshev semi-iterative
method (Golub & Varga 1961): it learns what that lacks, and spends no training on the colours of the surroundings.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

_RADIUS = 0.95  # spectral radius of a step of Jacobi's that the sweeps are made for: what is coarser, coarser levels do


def paint_white(image: Tensor, hole: Tensor) -> Tensor:
    """(B,3,H,W) image, (B,1,H,W) hole => (B,3,H,W) with 1.0 in the hole."""
    return image * (1 - hole) + hole


def pull_push(image: Tensor, hole: Tensor, levels: int, sweeps: int = 0) -> Tensor:
    """Fill the hole by averages of ever larger surroundings, and relax these towards the harmonic fill.

    Args:
        image: (B,3,H,W); H and W multiples of ``2**levels``.
        hole: (B,1,H,W), 1 = missing; what the image holds there is ignored.
        levels: Halvings; what is still empty after them takes the mean of the known pixels (0.5 if there is
            none).
        sweeps: Steps at each level.

    Returns:
        (B,3,H,W), equal to ``image`` outside the hole.
    """
    weight = 1 - hole
    colour = image * weight
    pyramid: list[tuple[Tensor, Tensor]] = [(colour, weight)]
    for _ in range(levels):  # pull: known colours, weighted by how much of each cell is known
        colour, weight = F.avg_pool2d(colour, 2), F.avg_pool2d(weight, 2)
        pyramid.append((colour, weight))

    known = weight.mean(dim=(2, 3), keepdim=True)
    mean = colour.mean(dim=(2, 3), keepdim=True) / known.clamp(min=1e-6)
    filled = mean + 0.5 * (known <= 0)
    for level, (colour, weight) in enumerate(
        reversed(pyramid)
    ):  # push: empty cells take the coarser level's colour
        if level:
            filled = F.interpolate(filled, scale_factor=2.0, mode="bilinear", align_corners=False)
        # A cell with any known pixel trusts its own colour; only the finest level is all or nothing.
        trust = (weight * 4).clamp(max=1.0)
        filled = colour / weight.clamp(min=1e-6) * trust + filled * (1 - trust)
        if sweeps:
            filled = _relaxed(filled, (weight <= 0).to(filled.dtype), sweeps)
    return filled


def _relaxed(filled: Tensor, empty: Tensor, sweeps: int) -> Tensor:
    """Bring empty cells nearer to the mean of their four neighbours, by the Chebyshev semi-iterative method."""
    kept, before = filled * (1 - empty), filled
    for omega in _chebyshev(sweeps):
        # Sums, not a convolution: OpenVINO computes those in bf16 where it may, and all that comes before in float32.
        wide = F.pad(filled, (1, 1, 1, 1), mode="replicate")
        across = wide[..., 1:-1, :-2] + wide[..., 1:-1, 2:]
        along = wide[..., :-2, 1:-1] + wide[..., 2:, 1:-1]
        filled, before = kept + empty * (omega / 4 * (across + along) + (1 - omega) * before), filled
    return filled


def _chebyshev(sweeps: int) -> list[float]:
    """The method's factors, one a sweep."""
    omegas = [1.0]
    while len(omegas) < sweeps:
        omegas.append(1 / (1 - _RADIUS**2 * (omegas[-1] / 4 if len(omegas) > 1 else 0.5)))
    return omegas
