"""Every rewrite computes what the plain layer does: exactly in float64, and no further off it in float32.

The truth is the plain layer in float64. How far float32 takes the plain layer off it is measured here; a rewrite may be
off by four times as much.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from splpaint.networks.build import build_generator
from splpaint.networks.config import SPLConfig
from splpaint.networks.layers import ResidualDenseBlock, ResidualDenseTrunk
from splpaint.networks.rewrites import rewritten
from splpaint.networks.rewrites.blockwise import BlockwiseConv
from splpaint.networks.spade import SPADE
from tests.small_model import small_generator

pytestmark = pytest.mark.numeric

SMALL_SPL = SPLConfig(
    channels=(8, 16, 32),
    trunk_dilations=(2, 2),
    spade_channels=16,
    learner_channels=(8, 16, 32, 32),
    dense_blocks=2,
    dense_growth=8,
    dense_depth=3,
    recover_blocks=1,
    prior_channels=10,
)


def _random(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def _small_spl() -> nn.Module:
    torch.manual_seed(0)
    return build_generator(SMALL_SPL).eval()


def _error(network: nn.Module, truth: Tensor, *inputs: Tensor) -> float:
    with torch.inference_mode():
        got = network(*inputs)
    return float((getattr(got, "painted", got) - truth).abs().max())


def _require_equal(plain: nn.Module, rewrite: Callable[[nn.Module], nn.Module], *inputs: Tensor) -> None:
    plain = plain.eval()
    exact = copy.deepcopy(plain).double()
    with torch.inference_mode():
        truth = exact(*inputs)
        truth = getattr(truth, "painted", truth)
    assert _error(rewrite(exact), truth, *inputs) < 1e-9
    float_inputs = [value.float() for value in inputs]
    own = _error(plain, truth, *float_inputs)
    assert _error(rewrite(plain), truth, *float_inputs) <= 4 * own + 1e-7


class _Holder(nn.Module):
    """A layer as a child, where ``rewritten`` looks for it."""

    def __init__(self, layer: nn.Module) -> None:
        super().__init__()
        self.layer = layer

    def forward(self, *inputs: Tensor) -> Tensor:
        result: Tensor = self.layer(*inputs)
        return result


@pytest.mark.parametrize("hidden", [None, 12])
def test_modulation(hidden: int | None) -> None:
    torch.manual_seed(0)
    spade = SPADE(8, 6, hidden_channels=hidden)
    _require_equal(_Holder(spade), rewritten, _random(2, 2, 8, 9, 7).float().double(), _random(3, 2, 6, 9, 7))


def test_dense_block_and_trunk() -> None:
    torch.manual_seed(0)
    x = _random(4, 2, 16, 9, 7).float().double()
    _require_equal(_Holder(ResidualDenseBlock(16, growth=4, depth=3)), rewritten, x)
    _require_equal(_Holder(ResidualDenseTrunk(16, blocks=3, growth=4, depth=2)), rewritten, x)


@pytest.mark.parametrize("size", [3, 7])
def test_blockwise_convolution(size: int) -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(5, 3, size, padding=size // 2, padding_mode="reflect")

    def rewrite(plain: nn.Module) -> nn.Module:
        assert isinstance(plain, nn.Conv2d)
        return BlockwiseConv(plain)

    _require_equal(conv, rewrite, _random(5, 2, 5, 12, 8).float().double())


@pytest.mark.parametrize("make", [small_generator, _small_spl])
def test_whole_networks(make: Callable[[], nn.Module]) -> None:
    draw = torch.Generator().manual_seed(6)
    image = torch.rand(2, 3, 64, 48, generator=draw, dtype=torch.float32).double()
    hole = (torch.rand(2, 1, 64, 48, generator=draw) < 0.3).double()
    _require_equal(make(), rewritten, image, hole)


def test_the_network_that_was_built_stays_as_it_is() -> None:
    generator = small_generator()
    before = copy.deepcopy(generator.state_dict())
    rewritten(generator)
    assert generator.state_dict().keys() == before.keys()
    assert all(value.requires_grad for value in generator.parameters())
