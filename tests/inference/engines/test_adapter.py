"""Networks of every known contract, and of some others, paint what they paint by hand."""

from __future__ import annotations

import numpy as np
import pytest

from splpaint.errors import ModelError
from splpaint.images.arrays import Planes
from splpaint.inference.engines.adapter import Adapter
from splpaint.inference.models.contracts import OURS, Contract, bounds_of
from splpaint.inference.models.known import KNOWN

PLANES: Planes = np.random.default_rng(0).random((1, 3, 6, 8), np.float32)
HOLE: Planes = np.zeros((1, 1, 6, 8), np.float32)
HOLE[..., 2:4, 3:6] = 1
INSIDE = np.broadcast_to(HOLE > 0, PLANES.shape)


def _inputs(contract: Contract) -> tuple[Planes, Planes]:
    """What the network gets, in (B,C,H,W), RGB: image and mask."""
    fed = Adapter(contract, "a.onnx").inputs(PLANES, HOLE)
    parts = [part.transpose(0, 3, 1, 2) if contract.layout == "NHWC" else part for part in fed.values()]
    if len(parts) == 1:
        whole = parts[0]
        parts = [whole[:, 1:], whole[:, :1]] if contract.mask_first else [whole[:, :3], whole[:, 3:]]
    image, mask = parts
    return (image[:, ::-1] if contract.channel_order == "BGR" else image), mask


def test_our_own_networks_get_the_very_numbers() -> None:
    fed = Adapter(OURS, "a.onnx").inputs(PLANES, HOLE)
    assert list(fed) == ["image", "hole"]
    np.testing.assert_array_equal(fed["image"], PLANES)
    np.testing.assert_array_equal(fed["hole"], HOLE)
    np.testing.assert_array_equal(Adapter(OURS, "a.onnx").planes(PLANES, PLANES.shape), PLANES)


@pytest.mark.parametrize("name", KNOWN)
@pytest.mark.parametrize("changes", [{}, {"layout": "NHWC"}, {"channel_order": "BGR"}])
def test_a_network_gets_what_its_contract_says(name: str, changes: dict[str, str]) -> None:
    contract = KNOWN[name].contract.model_copy(update=changes)
    image, mask = _inputs(contract)
    assert image.dtype == mask.dtype == np.dtype(contract.dtype)
    np.testing.assert_array_equal(mask, np.where(HOLE > 0, contract.hole_value, contract.known_value))
    black, white = bounds_of(contract.image_range)
    expected = PLANES * (white - black) + black
    known = np.broadcast_to(HOLE == 0, PLANES.shape)
    rounding = 0.5001 if contract.dtype == "uint8" else 1e-5
    np.testing.assert_allclose(image[known], expected[known], atol=rounding)


@pytest.mark.parametrize(("holds", "value"), [("zero", 0.0), ("one", 1.0)])
def test_the_hole_holds_a_number_of_the_network_s(holds: str, value: float) -> None:
    image, _ = _inputs(KNOWN["aot-gan"].contract.model_copy(update={"hole_holds": holds}))
    assert (image[INSIDE] == value).all()


def test_the_hole_holds_the_mean_of_what_is_known() -> None:
    image, _ = _inputs(KNOWN["aot-gan"].contract.model_copy(update={"hole_holds": "mean"}))
    for channel in range(3):
        mean = (2 * PLANES[:, channel : channel + 1] - 1)[HOLE == 0].mean()
        np.testing.assert_allclose(image[:, channel : channel + 1][HOLE > 0], mean, atol=1e-6)


@pytest.mark.parametrize(("values", "grey"), [("0..1", 0.25), ("0..255", 63.75), ("-1..1", -0.5)])
@pytest.mark.parametrize("changes", [{}, {"layout": "NHWC"}])
def test_what_a_network_gives_is_read_in_its_range(values: str, grey: float, changes: dict[str, str]) -> None:
    contract = KNOWN["lama"].contract.model_copy(update={"output_range": values} | changes)
    given = np.full((1, 6, 8, 3) if changes else (1, 3, 6, 8), grey, np.float32)
    np.testing.assert_allclose(Adapter(contract, "a.onnx").planes(given, PLANES.shape), 0.25)


def test_bytes_and_bgr_are_read_and_overshoot_is_clipped() -> None:
    contract = KNOWN["migan"].contract.model_copy(update={"channel_order": "BGR"})
    given = np.zeros((1, 3, 6, 8), np.uint8)
    given[:, 2] = 255
    planes = Adapter(contract, "a.onnx").planes(given, PLANES.shape)
    np.testing.assert_array_equal(planes[:, 0], 1)
    np.testing.assert_array_equal(planes[:, 1:], 0)
    over = Adapter(OURS, "a.onnx").planes(PLANES * 3 - 1, PLANES.shape)
    assert (over.min(), over.max()) == (0, 1)


def test_another_shape_and_values_that_are_not_finite_are_refused() -> None:
    adapter = Adapter(KNOWN["lama"].contract, "a.onnx")
    for shape in [(1, 3, 3, 4), (1, 1, 6, 8), (1, 6, 8, 3), (3, 6, 8)]:
        with pytest.raises(ModelError, match=r"a\.onnx must paint 3 channels of 8x6"):
            adapter.planes(np.zeros(shape, np.float32), PLANES.shape)
    for value in (np.nan, np.inf):
        with pytest.raises(ModelError, match=r"a\.onnx must paint finite values"):
            adapter.planes(np.full(PLANES.shape, value, np.float32), PLANES.shape)
