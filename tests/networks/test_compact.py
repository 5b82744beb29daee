from __future__ import annotations

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from splpaint.errors import InputError
from splpaint.networks.build import build_generator
from splpaint.networks.config import CompactConfig
from tests.small_model import SMALL, small_generator


def test_compact_keeps_within_its_budget() -> None:
    generator = build_generator(CompactConfig())
    assert sum(p.numel() for p in generator.parameters()) <= 12_000_000
    with FlopCounterMode(display=False) as counter, torch.inference_mode():
        generator(torch.rand(1, 3, 256, 256), torch.zeros(1, 1, 256, 256))
    assert counter.get_total_flops() <= 30e9


@pytest.mark.numeric
def test_a_fresh_network_gives_its_first_fill() -> None:
    torch.manual_seed(0)
    image, hole = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    torch.testing.assert_close(build_generator(SMALL)(image, hole).painted, image)


def test_shapes_of_the_three_outputs() -> None:
    output = small_generator()(torch.rand(2, 3, 128, 64), torch.zeros(2, 1, 128, 64))
    assert output.painted.shape == (2, 3, 128, 64)
    assert output.layout.shape == (2, 16, 16, 8)
    assert output.prior.shape == (2, 12, 16, 8)


@pytest.mark.numeric
def test_a_size_that_the_network_does_not_take_is_refused_with_what_it_takes() -> None:
    for height, width in ((40, 64), (64, 8), (0, 16)):
        with pytest.raises(InputError, match=f"multiples of 16, at least 16, .* got {height} and {width};"):
            small_generator()(torch.zeros(1, 3, height, width), torch.zeros(1, 1, height, width))


def test_what_the_hole_holds_does_not_matter() -> None:
    generator = small_generator()
    torch.manual_seed(1)
    image, hole = torch.rand(1, 3, 64, 64), (torch.rand(1, 1, 64, 64) < 0.3).float()
    with torch.inference_mode():
        first, second = (
            generator(image, hole).painted,
            generator(image * (1 - hole) + 0.9 * hole, hole).painted,
        )
    torch.testing.assert_close(first, second, atol=1e-5, rtol=1e-5)


@pytest.mark.numeric
def test_the_layout_modulates_the_picture() -> None:
    generator = small_generator()
    image, hole = torch.rand(1, 3, 64, 64), torch.zeros(1, 1, 64, 64)
    hole[..., 16:48, 16:48] = 1
    with torch.inference_mode():
        layout = generator(image, hole).layout
        painted = [generator.image_generator(image, hole, each) for each in (layout, layout + 1)]
    assert (painted[0] - painted[1]).abs().max() > 1e-3


@pytest.mark.numeric
def test_pictures_of_a_batch_do_not_mix() -> None:
    generator = small_generator()
    torch.manual_seed(2)
    images, holes = torch.rand(3, 3, 64, 64), (torch.rand(3, 1, 64, 64) < 0.3).float()
    with torch.inference_mode():
        together = generator(images, holes).painted
        alone = torch.cat([generator(images[i : i + 1], holes[i : i + 1]).painted for i in range(3)])
    torch.testing.assert_close(together, alone, atol=1e-5, rtol=1e-5)
