"""Other people's models in our painter: what it promises holds for each contract."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import pytest
from numpy.typing import NDArray
from PIL import Image

from splpaint import load_inpainter
from splpaint.errors import InputError, ModelError
from splpaint.images.arrays import Hole
from splpaint.inference.diagnosis import _models
from splpaint.inference.engines import open_engine
from splpaint.inference.engines.openvino_engine import OpenVINOEngine
from splpaint.inference.models import Contract, find_model
from tests.foreign_model import SMALL, add_by_hand, painted_by_hand, write_foreign

LAMA = SMALL["lama"]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    for name, contract in SMALL.items():
        add_by_hand(folder / name, contract)
    return folder


@pytest.fixture
def added(models: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SPLPAINT_MODELS", str(models))
    return models


def _picture(
    height: int, width: int, kind: type[np.uint8 | np.uint16] = np.uint8
) -> tuple[NDArray[Any], Hole]:
    draw = np.random.default_rng(height)
    hole = np.zeros((height, width), np.bool_)
    hole[height // 4 : height // 2, width // 3 : width // 2] = True
    return draw.integers(0, np.iinfo(kind).max, (height, width, 3), kind, endpoint=True), hole


@pytest.mark.numeric
@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("changes", [{}, {"layout": "NHWC"}, {"channel_order": "BGR"}])
def test_an_engine_paints_what_the_network_paints_by_hand(
    tmp_path: Path, name: str, changes: dict[str, str]
) -> None:
    contract = SMALL[name].model_copy(update=changes)
    engine = OpenVINOEngine(write_foreign(tmp_path / "a.onnx", contract), contract, precision="fp32")
    planes = np.random.default_rng(1).random((1, 3, 64, 64), np.float32)
    hole = (np.random.default_rng(2).random((1, 1, 64, 64)) < 0.3).astype(np.float32)
    rounding = (
        0.0041 if contract.dtype == "uint8" else 1e-5
    )  # one level, and half a level of the inputs' mean
    np.testing.assert_allclose(engine(planes, hole), painted_by_hand(contract, planes, hole), atol=rounding)


@pytest.mark.numeric
def test_a_quantised_network_paints_to_within_its_steps(tmp_path: Path) -> None:
    contract = SMALL["lama-int8"]
    model = onnx.load(write_foreign(tmp_path / "a.onnx", contract))
    last = next(node for node in model.graph.node if node.output[0] == "output")
    taken, last.input[0] = last.input[0], "rounded"
    step = onnx.numpy_helper.from_array(np.array(1, np.float32), "step")
    zero = onnx.numpy_helper.from_array(np.array(0, np.uint8), "zero point")
    model.graph.initializer.extend([step, zero])
    place = list(model.graph.node).index(last)
    make = onnx.helper.make_node
    model.graph.node.insert(place, make("DequantizeLinear", ["levels", "step", "zero point"], ["rounded"]))
    model.graph.node.insert(place, make("QuantizeLinear", [taken, "step", "zero point"], ["levels"]))
    onnx.save(model, tmp_path / "a.onnx")
    planes = np.random.default_rng(1).random((1, 3, 64, 64), np.float32)
    hole = (np.random.default_rng(2).random((1, 1, 64, 64)) < 0.3).astype(np.float32)
    painted = OpenVINOEngine(tmp_path / "a.onnx", contract, precision="fp32")(planes, hole)
    np.testing.assert_allclose(painted, painted_by_hand(contract, planes, hole), atol=0.501 / 255)
    np.testing.assert_allclose(painted * 255, np.rint(painted * 255), atol=1e-4)


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("size", [(64, 64), (31, 47), (150, 201)])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16])
def test_known_pixels_and_16_bits_are_kept_at_any_size_whatever_the_hole_holds(
    added: Path,
    name: str,
    size: tuple[int, int],
    kind: type[np.uint8 | np.uint16],
) -> None:
    image, hole = _picture(*size, kind)
    painter = load_inpainter(name, precision="fp32").painter
    painted = painter(image, hole)
    assert painted.dtype == kind
    np.testing.assert_array_equal(painted[~hole], image[~hole])
    other = np.where(hole[:, :, None], np.iinfo(kind).max - image, image).astype(kind)
    np.testing.assert_array_equal(painter(other, hole), painted)
    assert (painted[hole] != image[hole]).any()


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize(
    ("mode", "format"), [("RGBA", "PNG"), ("I;16", "PNG"), ("I;16", "TIFF"), ("LA", "PNG")]
)
def test_files_keep_their_mode_alpha_and_depth(added: Path, name: str, mode: str, format: str) -> None:
    draw = np.random.default_rng(0)
    levels = (
        draw.integers(0, 65536, (53, 71), np.uint16)
        if mode == "I;16"
        else draw.integers(0, 256, (53, 71, len(mode)), np.uint8)
    )
    buffer = io.BytesIO()
    Image.fromarray(levels).save(buffer, format)
    hole = np.zeros((53, 71), np.bool_)
    hole[10:25, 30:50] = True
    painted = Image.open(io.BytesIO(load_inpainter(name, precision="fp32")(buffer.getvalue(), hole)))
    assert (painted.format, painted.mode) == (format, mode)
    found = np.asarray(painted)
    np.testing.assert_array_equal(found[~hole], levels[~hole])
    if mode in {"RGBA", "LA"}:
        np.testing.assert_array_equal(found[..., -1], levels[..., -1])


def test_crops_have_the_working_size_of_the_model(added: Path) -> None:
    files = find_model("lama")
    assert (files.name, files.size_multiple, files.working_size_px, files.foreign) == ("lama", 64, 64, True)
    assert not files.copied_texture
    assert files.contract == LAMA


def test_a_model_is_found_bundled_then_added_then_as_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPLPAINT_MODELS", str(tmp_path / "added"))
    monkeypatch.chdir(tmp_path)
    for name in ("compact", "lama"):
        add_by_hand(tmp_path / "added" / name, LAMA)
    folder = add_by_hand(tmp_path / "lama", LAMA)
    assert not find_model("compact").foreign
    assert find_model("lama").folder == tmp_path / "added" / "lama"
    assert find_model("./lama").folder == Path("lama")
    assert find_model("./lama").name == "lama"
    assert find_model(folder).folder == folder


def test_a_known_model_that_is_not_here_is_told_from_an_unknown_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SPLPAINT_MODELS", str(tmp_path / "none"))
    with pytest.raises(
        ModelError, match=r"one of compact or .*'lama', .* splpaint models get lama fetches it"
    ):
        find_model("lama")
    with pytest.raises(ModelError, match=r"'aot-gan', .* export it and run splpaint models add FILE"):
        find_model("aot-gan")
    add_by_hand(tmp_path / "none" / "mine", LAMA)
    with pytest.raises(ModelError, match=r"one of compact, mine or .*'lamer', .*check the name"):
        find_model("lamer")


def test_the_doctor_names_added_models_and_their_files(added: Path) -> None:
    told = dict(_models())
    assert told["model lama"] == str(added / "lama")
    assert "model compact" in told


def test_a_device_of_torch_and_an_unsafe_precision_are_refused(added: Path) -> None:
    with pytest.raises(InputError, match=r"device cuda runs models with model\.safetensors alone, got lama"):
        open_engine(find_model("lama"), device="cuda")
    with pytest.raises(InputError, match=r"precision must be auto or fp32, .*got bf16"):
        open_engine(find_model("migan"), precision="bf16")


def test_a_changed_contract_is_noticed_where_checksums_are(tmp_path: Path) -> None:
    folder = add_by_hand(tmp_path / "lama", LAMA)
    other = LAMA.model_copy(update={"hole_value": 0.0, "known_value": 1.0})
    (folder / "SHA256SUMS").write_text(f"{'0' * 64}  contract.json\n", "utf-8")
    (folder / "contract.json").write_bytes(other.encoded())
    with pytest.raises(ModelError, match=r"contract\.json must have the SHA-256 0000"):
        find_model(folder)


@pytest.mark.parametrize(
    ("contract", "message"),
    [
        (
            LAMA.model_copy(update={"inputs": ("img", "mask")}),
            r"inputs img and mask .* got \['image', 'mask'\]",
        ),
        (LAMA.model_copy(update={"output": "result"}), r"the output result, got .*\['output'\]"),
        (LAMA.model_copy(update={"inputs": ("mask", "image")}), r"input mask \(1, 3, 64, 64\), got"),
        (
            LAMA.model_copy(update={"layout": "NHWC"}),
            r"must take 64x64, its input image \(1, 64, 64, 3\), got",
        ),
        (
            LAMA.model_copy(update={"size_multiple": 8}),
            r"must take any height and width, .*\(1, 3, H, W\), got",
        ),
        (LAMA.model_copy(update={"working_size_px": 128, "size_multiple": 128}), r"must take 128x128"),
        (LAMA.model_copy(update={"dtype": "uint8"}), r"must take uint8, its input image is f32"),
        (LAMA.model_copy(update={"inputs": ("input",)}), r"inputs input and"),
    ],
)
def test_a_file_of_another_signature_is_refused(tmp_path: Path, contract: Contract, message: str) -> None:
    path = write_foreign(tmp_path / "a.onnx", LAMA)
    with pytest.raises(ModelError, match=message):
        OpenVINOEngine(path, contract, precision="fp32")


def test_a_compiled_network_from_the_cache_keeps_the_contract_or_is_refused(tmp_path: Path) -> None:
    path, cache = write_foreign(tmp_path / "a.onnx", LAMA), tmp_path / "cache"
    planes, hole = np.full((1, 3, 64, 64), 0.5, np.float32), np.zeros((1, 1, 64, 64), np.float32)
    first = OpenVINOEngine(path, LAMA, precision="fp32", cache=cache)(planes, hole)
    assert len(list(cache.iterdir())) == 1
    again = OpenVINOEngine(path, LAMA, precision="fp32", cache=cache)(planes, hole)
    np.testing.assert_array_equal(first, again)
    with pytest.raises(ModelError, match="the output result"):
        OpenVINOEngine(path, LAMA.model_copy(update={"output": "result"}), precision="fp32", cache=cache)


@pytest.mark.parametrize("place", ["../outside.bin", "absolute", "in/../../outside.bin"])
def test_weights_outside_the_model_s_folder_are_not_read(tmp_path: Path, place: str) -> None:
    folder = add_by_hand(tmp_path / "lama", LAMA)
    outside = tmp_path / "outside.bin"
    model = onnx.load(folder / "model.onnx")
    tensor = model.graph.initializer[0]
    outside.write_bytes(tensor.raw_data)
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value=str(outside) if place == "absolute" else place)
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    with pytest.raises(ModelError, match=r"model\.onnx must be an ONNX file"):
        load_inpainter(folder)


@pytest.mark.parametrize(("operation", "message"), [("Log", "finite"), ("GlobalAveragePool", "shape")])
def test_a_network_that_breaks_down_is_named_and_the_image_stays(
    tmp_path: Path, operation: str, message: str
) -> None:
    folder = add_by_hand(tmp_path / "lama", LAMA)
    model = onnx.load(folder / "model.onnx")
    broken = onnx.helper.make_node(operation, ["black ones" if operation == "Log" else "clipped"], ["broken"])
    nodes = model.graph.node
    place = next(i for i, node in enumerate(nodes) if node.output[0] == "scaled")
    nodes[place].input[0] = "broken"
    nodes.insert(place, broken)
    nodes.insert(place, onnx.helper.make_node("Sub", ["clipped", "two"], ["black ones"]))
    model.graph.initializer.append(onnx.numpy_helper.from_array(np.array(2, np.float32), "two"))
    del model.graph.output[0].type.tensor_type.shape.dim[:]
    model.graph.output[0].type.tensor_type.ClearField("shape")
    onnx.save(model, folder / "model.onnx")
    image, hole = _picture(64, 64)
    before = image.copy()
    with pytest.raises(ModelError, match=rf"lama/model\.onnx must .*{message}"):
        load_inpainter(folder, precision="fp32").painter(image, hole)
    np.testing.assert_array_equal(image, before)
