"""A network with preprocessing, on pictures of any size, against NumPy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from splpaint.export.variants import Preprocessed


class Spy(nn.Module):
    """Gives back the negative, and keeps what it was given."""

    def forward(self, image: Tensor, hole: Tensor) -> Tensor:
        self.image, self.hole = image, hole
        return 1 - image


@pytest.mark.parametrize(("height", "width"), [(64, 48), (61, 83), (17, 5), (2, 33), (1, 16)])
def test_pictures_are_mirrored_to_multiples_and_known_pixels_kept(height: int, width: int) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 256, (2, height, width, 3), np.uint8)
    mask = rng.integers(0, 256, (2, height, width, 1), np.uint8)
    spy = Spy()
    painted = Preprocessed(spy, 16)(torch.from_numpy(image), torch.from_numpy(mask)).numpy()
    beyond = ((0, 0), (0, 0), (0, -height % 16), (0, -width % 16))
    for got, given in (
        (spy.image, image.astype(np.float32) / 255),
        (spy.hole, (mask > 127).astype(np.float32)),
    ):
        np.testing.assert_array_equal(got.numpy(), np.pad(given.transpose(0, 3, 1, 2), beyond, "reflect"))
    np.testing.assert_array_equal(painted, np.where(mask > 127, 255 - image, image))
