"""A contract that a network keeps is proved; one that it does not keep is refused, and the right one named."""

from __future__ import annotations

from itertools import permutations, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from splpaint.errors import ModelError
from splpaint.inference.admission.proof import Run, proof_inputs, prove
from splpaint.inference.engines.openvino_engine import OpenVINOEngine
from splpaint.inference.models import KNOWN, Contract, find_model
from tests.foreign_model import write_foreign

RANGES = ("0..1", "0..255", "-1..1")
SMALL = {
    name: known.contract.model_copy(
        update={"working_size_px": 64, "size_multiple": min(64, known.contract.size_multiple)}
    )
    for name, known in KNOWN.items()
}
LAMA, MIGAN = SMALL["lama"], SMALL["migan"]


def _turned(contract: Contract) -> Contract:
    return contract.model_copy(
        update={"hole_value": contract.known_value, "known_value": contract.hole_value}
    )


def _network(folder: Path, contract: Contract) -> Run:
    return OpenVINOEngine(write_foreign(folder / "a.onnx", contract), contract, precision="fp32").run


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("changes", [{}, {"layout": "NHWC"}, {"channel_order": "BGR"}])
def test_every_known_contract_is_proved_on_a_network_that_keeps_it(
    tmp_path: Path, name: str, changes: dict[str, str]
) -> None:
    contract = SMALL[name].model_copy(update=changes)
    found = prove(_network(tmp_path, contract), contract, "a.onnx")
    assert found.influence < 1 / 255
    assert not contract.composited or found.known_off < 1 / 255


def test_a_real_network_paints_the_boxes_as_well_as_the_proof_expects() -> None:
    files = find_model("compact")
    found = prove(OpenVINOEngine(files.onnx, precision="fp32").run, files.contract, "compact")
    assert found.hole_off < 0.02
    assert found.influence == 0


@pytest.mark.slow
def test_a_real_network_tells_every_wrong_contract_from_its_own() -> None:
    files = find_model("compact")
    right, run = files.contract, OpenVINOEngine(files.onnx, precision="fp32").run
    for image, output, turned in product(RANGES, RANGES, (False, True)):
        wrong = right.model_copy(update={"image_range": image, "output_range": output})
        wrong = _turned(wrong) if turned else wrong
        if wrong != right:
            named = ["hole_value 1 and known_value 0"] if turned else []
            named += ["image_range 0..1"] if image != "0..1" else []
            named += ["output_range 0..1"] if output != "0..1" else []
            with pytest.raises(ModelError) as refused:
                prove(run, wrong, "compact")
            told = (
                str(refused.value).partition("it fits with ")[2].partition(" (the mask")[0].partition(":")[0]
            )
            assert sorted(told.split(", ")) == sorted(named), str(refused.value)


# The stand-in is linear: of one range in and the same out, any is as good as another.
@pytest.mark.parametrize(("image", "output"), list(permutations(RANGES, 2)))
def test_wrong_ranges_and_polarity_are_refused_and_the_right_ones_named(
    tmp_path: Path, image: str, output: str
) -> None:
    right = LAMA.model_copy(update={"image_range": image, "output_range": output})
    run = _network(tmp_path, right)
    for other_image, other_output, turned in product(RANGES, RANGES, (False, True)):
        wrong = right.model_copy(update={"image_range": other_image, "output_range": other_output})
        wrong = _turned(wrong) if turned else wrong
        if wrong == right:
            continue
        named = ["hole_value 1 and known_value 0"] if turned else []
        named += [f"image_range {image}"] if other_image != image else []
        named += [f"output_range {output}"] if other_output != output else []
        with pytest.raises(ModelError) as refused:
            prove(run, wrong, "a.onnx")
        told = str(refused.value).partition("it fits with ")[2]
        assert all(part in told for part in named), str(refused.value)
        assert told.count("_range") == sum("_range" in part for part in named), str(refused.value)
        assert ("wrong way round" in told) == turned


@pytest.mark.parametrize(
    ("right", "wrong", "message"),
    [
        (
            LAMA,
            {"output_range": "0..1"},
            r"output lies in 0\.\.255, the contract says 0\.\.1; .*it fits with output_range 0\.\.255: correct",
        ),
        (
            LAMA.model_copy(update={"output_range": "0..1"}),
            {"output_range": "0..255"},
            r"lies in 0\.\.1, the",
        ),
        (
            SMALL["lama-dynamic"],
            {"composited": True},
            r"known pixels come back up to .* fits with composited",
        ),
        (
            SMALL["lama-dynamic"],
            {"hole_holds": "anything"},
            r"what the hole holds changes the painting by up to",
        ),
        (MIGAN.model_copy(update={"hole_holds": "anything"}), None, "wrong way round"),
        (LAMA.model_copy(update={"composited": False}), None, "wrong way round"),
    ],
)
def test_what_is_wrong_is_told(
    tmp_path: Path, right: Contract, wrong: dict[str, Any] | None, message: str
) -> None:
    claimed = _turned(right) if wrong is None else right.model_copy(update=wrong)
    run = _network(tmp_path, right)
    prove(run, right, "a.onnx")
    with pytest.raises(ModelError, match=rf"a\.onnx must keep its contract, got: .*{message}"):
        prove(run, claimed, "a.onnx")


def test_a_mask_in_the_wrong_channel_is_found(tmp_path: Path) -> None:
    right = LAMA.model_copy(update={"inputs": ("input",), "mask_first": True})
    with pytest.raises(ModelError, match="fits with mask_first True"):
        prove(_network(tmp_path, right), right.model_copy(update={"mask_first": False}), "a.onnx")


def test_a_network_that_fits_no_contract_is_refused_without_naming_one() -> None:
    def noise(inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        return np.random.default_rng().random((1, 3, 64, 64), np.float32) * 255

    with pytest.raises(ModelError, match=r"off, the contract says composited;.*; correct the contract$"):
        prove(noise, LAMA, "a.onnx")


def test_looking_for_the_contract_that_fits_runs_the_network_once_for_each_input(tmp_path: Path) -> None:
    network, fed = _network(tmp_path, LAMA), []

    def run(inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        fed.append(b"".join(part.tobytes() for part in inputs.values()))
        return network(inputs)

    with pytest.raises(ModelError, match="it fits with"):
        prove(run, _turned(LAMA.model_copy(update={"image_range": "-1..1"})), "a.onnx")
    assert len(fed) == len(set(fed)) == 2 * 2 * 3  # what the hole holds, polarity, range


def test_a_range_beyond_all_is_told_in_numbers() -> None:
    def twice_scaled(inputs: dict[str, NDArray[Any]]) -> NDArray[Any]:
        return np.asarray(inputs["image"] * 255 * 255)

    with pytest.raises(ModelError, match=r"output lies in 0\.\.6\.502e\+04, the contract says 0\.\.255"):
        prove(twice_scaled, LAMA, "a.onnx")


@pytest.mark.parametrize("name", KNOWN)
def test_the_picture_spans_black_to_white_and_has_a_size_that_the_network_takes(name: str) -> None:
    contract = KNOWN[name].contract
    picture, damaged, hole = proof_inputs(contract)
    side = picture.shape[2]
    assert side % contract.size_multiple == 0
    assert side == contract.working_size_px if contract.fixed_size else side <= contract.working_size_px
    assert (picture.min(), picture.max()) == (0, 1)
    assert 0.03 < hole.mean() < 0.06
    np.testing.assert_array_equal(np.where(hole > 0, 0, damaged), np.where(hole > 0, 0, picture))
