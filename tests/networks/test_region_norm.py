from __future__ import annotations

import pytest
import torch
from torch import Tensor

from splpaint.networks.region_norm import EPS, HoleRegionNorm, normalise_regions


def literal_region_norm(x: Tensor, region: Tensor) -> Tensor:
    """The published formulation: fill with the region's mean, instance-normalise, scale, keep the region."""
    rows = []
    for one, keep in zip(x, region, strict=True):
        inside = keep.expand_as(one) > 0
        area = float(keep.sum())
        total = torch.where(inside, one, torch.zeros((), dtype=one.dtype)).sum(dim=(1, 2))
        mean = (total / max(area, 1.0))[:, None, None]
        filled = torch.where(inside, one, mean)
        centre = filled.mean(dim=(1, 2), keepdim=True)
        variance = filled.var(dim=(1, 2), keepdim=True, unbiased=False)
        normalised = (filled - centre) / torch.sqrt(variance + EPS) * (max(area, 1.0) / keep.numel()) ** 0.5
        rows.append(torch.where(inside, normalised, torch.zeros((), dtype=one.dtype)))
    return torch.stack(rows)


@pytest.mark.numeric
def test_an_even_map_gives_exactly_nothing_in_float32() -> None:
    x = torch.full((1, 2, 48, 48), 0.3) * torch.tensor([1.0, 1000.0])[:, None, None]
    for region in (torch.ones(1, 1, 48, 48), torch.zeros(1, 1, 48, 48)):
        assert bool((normalise_regions(x, region) == 0).all())  # rounding over sqrt(1e-5) would show


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_masked_moments_equal_the_published_formulation(share: float) -> None:
    torch.manual_seed(0)
    x = torch.randn(3, 5, 16, 24, dtype=torch.float64) * 4 + 2
    region = (torch.rand(3, 1, 16, 24) < share).double()
    wanted = literal_region_norm(x, region) + literal_region_norm(x, 1 - region)
    torch.testing.assert_close(normalise_regions(x, region), wanted)


def test_both_shifts_are_added_everywhere_and_scales_in_their_region() -> None:
    norm = HoleRegionNorm(1).double()
    with torch.no_grad():
        norm.foreground_gamma.fill_(1.0)
        norm.foreground_beta.fill_(0.25)
        norm.background_beta.fill_(0.5)
    x = torch.randn(1, 1, 8, 8, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    hole = torch.zeros(1, 1, 32, 32, dtype=torch.float64)
    hole[..., :16] = 1
    small = torch.zeros(1, 1, 8, 8, dtype=torch.float64)
    small[..., :4] = 1
    wanted = 2 * literal_region_norm(x, small) + literal_region_norm(x, 1 - small) + 0.75
    torch.testing.assert_close(norm(x, hole), wanted)
