from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnx
import pytest

from splpaint.cpu import allows
from splpaint.errors import InputError, ModelError
from splpaint.images.arrays import Planes
from splpaint.inference.engines import openvino_engine
from splpaint.inference.engines.engine import Engine
from splpaint.inference.engines.openvino_engine import OpenVINOEngine, import_openvino
from splpaint.precision import Precision
from tests.stand_in_model import write_stand_in


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_stand_in(tmp_path_factory.mktemp("models") / "model") / "model.onnx"


@pytest.fixture(scope="module")
def engine(network: Path) -> OpenVINOEngine:
    return OpenVINOEngine(network, precision="fp32")


def _picture(seed: int, height: int = 64, width: int = 128) -> tuple[Planes, Planes]:
    draw = np.random.default_rng(seed)
    hole = (draw.random((1, 1, height, width)) < 0.3).astype(np.float32)
    return draw.random((1, 3, height, width), np.float32), hole


def _mean_filled(planes: Planes, hole: Planes) -> Planes:
    known = 1 - hole
    mean = (planes * known).sum((2, 3), keepdims=True) / known.sum((2, 3), keepdims=True)
    filled: Planes = planes * known + mean * hole
    return filled


@pytest.mark.numeric
def test_it_runs_the_network_at_any_size(engine: OpenVINOEngine) -> None:
    for height, width in [(64, 64), (64, 256), (192, 128), (64, 64)]:
        planes, hole = _picture(height, height, width)
        painted = engine(planes, hole)
        assert painted.dtype == np.float32
        np.testing.assert_allclose(painted, _mean_filled(planes, hole), atol=1e-5)


def test_it_is_an_engine_that_says_what_it_is(engine: OpenVINOEngine) -> None:
    as_engine: Engine = engine
    assert (as_engine.name, as_engine.precision) == ("OpenVINO CPU", "fp32")


@pytest.mark.numeric
def test_fp32_and_bf16_really_run_as_such(network: Path) -> None:
    capabilities = import_openvino().Core().get_property("CPU", "OPTIMIZATION_CAPABILITIES")
    kinds: dict[Precision, str] = {"fp32": "f32"}
    if "BF16" in capabilities and allows("avx512"):
        kinds["bf16"] = "bf16"
    for precision, kind in kinds.items():
        compiled = OpenVINOEngine(network, precision=precision)
        assert compiled.precision == precision
        assert compiled._network.get_property("INFERENCE_PRECISION_HINT").to_string() == kind


@pytest.mark.parametrize(
    ("flags", "precision"),
    [
        ("flags : fpu avx512_bf16", "fp32"),
        ("flags : fpu amx_tile", "fp32"),
        ("flags : amx_bf16 amx_tile", "bf16"),
    ],
)
def test_auto_means_bf16_with_amx_tiles_only(
    flags: str, precision: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for limit in ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY"):
        monkeypatch.delenv(limit, raising=False)
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: flags)
    assert openvino_engine._choose_precision("auto", core=None) == precision


def test_auto_means_fp32_where_the_cpu_does_not_tell(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*_: object, **__: object) -> str:
        raise FileNotFoundError

    monkeypatch.setattr(Path, "read_text", missing)
    assert openvino_engine._choose_precision("auto", core=None) == "fp32"


def test_bf16_is_refused_on_a_cpu_without_it() -> None:
    class Core:
        def get_property(self, device: str, key: str) -> list[str]:
            return ["FP32", "INT8"]

    with pytest.raises(InputError, match=r"bf16 needs a CPU with bfloat16.*use auto or fp32"):
        openvino_engine._choose_precision("bf16", Core())


def test_an_unknown_precision_is_answered_with_the_known_ones(network: Path) -> None:
    with pytest.raises(InputError, match="one of auto, fp32, bf16, got 'fp64'"):
        OpenVINOEngine(network, precision="fp64")  # type: ignore[arg-type]


@pytest.mark.numeric
def test_many_threads_get_each_their_own_answer(engine: OpenVINOEngine) -> None:
    pictures = [_picture(seed, 64 * (1 + seed % 3), 64) for seed in range(48)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda picture: engine(*picture), pictures))
    for answer, picture in zip(answers, pictures, strict=True):
        np.testing.assert_allclose(answer, _mean_filled(*picture), atol=1e-5)


@pytest.mark.numeric
def test_made_for_many_at_once_it_paints_the_same(network: Path, engine: OpenVINOEngine) -> None:
    many = OpenVINOEngine(network, precision="fp32", many_at_once=True)
    pictures = [_picture(seed) for seed in range(12)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda picture: many(*picture), pictures))
    for answer, picture in zip(answers, pictures, strict=True):
        np.testing.assert_allclose(answer, engine(*picture), atol=1e-6)


def test_the_first_calls_may_come_at_once(network: Path) -> None:
    code = (
        "import faulthandler, threading\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from splpaint.inference.engines.openvino_engine import OpenVINOEngine\n"
        "faulthandler.dump_traceback_later(40, exit=True)\n"
        f"engine = OpenVINOEngine(Path({str(network)!r}), precision='fp32')\n"
        "planes, hole = np.zeros((1, 3, 64, 64), np.float32), np.zeros((1, 1, 64, 64), np.float32)\n"
        "threads = [threading.Thread(target=engine, args=(planes, hole)) for _ in range(8)]\n"
        "[thread.start() for thread in threads]\n"
        "[thread.join() for thread in threads]\n"
    )
    for _ in range(5):
        subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


@pytest.mark.skipif(not hasattr(signal, "SIGCHLD"), reason="no signals of children")
@pytest.mark.parametrize("end", ["engines.pop(0); engines.pop()", "in_a_thread(engines.clear)"])
def test_a_process_whose_engines_came_and_went_outlives_the_end_of_a_child(network: Path, end: str) -> None:
    code = (
        "import gc, signal, subprocess, threading, time\n"
        "from pathlib import Path\n"
        "from splpaint.inference.engines import OpenVINOEngine\n"
        "def in_a_thread(act):\n"
        "    thread = threading.Thread(target=act)\n"
        "    thread.start()\n"
        "    thread.join()\n"
        f"engines = [OpenVINOEngine(Path({str(network)!r})) for _ in range(2)]\n"
        f"{end}\n"
        "gc.collect()\n"
        "told = []\n"
        "signal.signal(signal.SIGCHLD, lambda *_: told.append('a child ended'))\n"
        "child = subprocess.Popen(['sleep', '0.1'])\n"
        "while not told: time.sleep(0.01)\n"
        "child.wait()\n"
        "print(*told)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120)
    assert (done.returncode, done.stdout, done.stderr) == (0, "a child ended\n", "")


def test_an_answer_stays_as_it_is_after_the_next_call(engine: OpenVINOEngine) -> None:
    answer = engine(*_picture(1))
    kept = answer.copy()
    engine(*_picture(2))
    np.testing.assert_array_equal(answer, kept)


@pytest.mark.parametrize("keep", [1, 10, 100, 300])
def test_a_damaged_network_is_refused_in_silence(
    network: Path, keep: int, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    damaged = tmp_path / "model.onnx"
    damaged.write_bytes(network.read_bytes()[:keep])
    with pytest.raises(ModelError, match="damaged or other"):
        OpenVINOEngine(damaged)
    assert capfd.readouterr() == ("", "")


def test_a_network_for_something_else_is_refused(network: Path, tmp_path: Path) -> None:
    model = onnx.load(network)
    model.graph.node[-1].output[0] = model.graph.output[0].name = "label"
    onnx.save(model, tmp_path / "model.onnx")
    with pytest.raises(ModelError, match=r"output painted, got .*'label'"):
        OpenVINOEngine(tmp_path / "model.onnx")


def test_values_that_are_not_finite_are_an_error(network: Path, tmp_path: Path) -> None:
    model = onnx.load(network)
    model.graph.node[-1].CopyFrom(onnx.helper.make_node("Log", ["zero_or_less"], ["painted"]))
    model.graph.node.insert(8, onnx.helper.make_node("Sub", ["whole", "one"], ["zero_or_less"]))
    onnx.save(model, tmp_path / "model.onnx")
    with pytest.raises(ModelError, match="finite"):
        OpenVINOEngine(tmp_path / "model.onnx", precision="fp32")(*_picture(0))


def test_openvino_comes_without_telemetry_and_without_torch(network: Path, tmp_path: Path) -> None:
    code = (
        "import sys, socket\n"
        "def refuse(*_): raise AssertionError('network')\n"
        "socket.socket.connect = refuse\n"
        "from pathlib import Path\n"
        "from splpaint.inference.engines.openvino_engine import OpenVINOEngine\n"
        "assert 'openvino' not in sys.modules\n"
        f"OpenVINOEngine(Path({str(network)!r}))\n"
        "import openvino\n"
        f"assert openvino.convert_model({str(network)!r}).outputs\n"
        "assert not [name for name in sys.modules if name.startswith(('openvino_telemetry', 'torch'))]\n"
    )
    environment = os.environ | {"HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []  # telemetry would leave a folder ~/intel


def _network(
    path: Path, nodes: list[onnx.NodeProto], *, side: str | int = "S", channels: int = 3, kind: int = 1
) -> Path:
    image = onnx.helper.make_tensor_value_info("image", kind, [1, channels, side, side])
    hole = onnx.helper.make_tensor_value_info("hole", kind, [1, 1, side, side])
    painted = onnx.helper.make_tensor_value_info("painted", kind, None)
    two = onnx.numpy_helper.from_array(np.array([1, 1, 0.5, 0.5], np.float32), "half")
    sixty = onnx.numpy_helper.from_array(np.array([1, 3, 60, 60], np.int64), "sixty")
    graph = onnx.helper.make_graph(nodes, "g", [image, hole], [painted], [two, sixty])
    onnx.save(
        onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", 17)], ir_version=9), path
    )
    return path


SAME = onnx.helper.make_node("Mul", ["image", "hole"], ["painted"])


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"side": 64}, r"any height and width, its input image \(1, 3, H, W\), got \[1,3,64,64\]"),
        ({"channels": 4}, r"its input image \(1, 3, H, W\), got \[1,4,\?,\?\]"),
        ({"kind": onnx.TensorProto.DOUBLE}, "must take float32, its input image is f64"),
    ],
)
def test_networks_for_other_inputs_are_refused(tmp_path: Path, options: dict[str, int], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        OpenVINOEngine(_network(tmp_path / "a.onnx", [SAME], **options), precision="fp32")


@pytest.mark.parametrize(
    ("node", "message"),
    [
        (
            onnx.helper.make_node("Resize", ["image", "", "half"], ["painted"]),
            r"got the shape \(1, 3, 32, 64\)",
        ),
        (
            onnx.helper.make_node("Identity", ["hole"], ["painted"]),
            r"3 channels of 128x64, .* \(1, 1, 64, 128\)",
        ),
        (
            onnx.helper.make_node("Reshape", ["image", "sixty"], ["painted"]),
            "must run here on pictures of 128x64, got from",
        ),
    ],
)
def test_networks_that_give_another_size_or_none_are_refused(
    tmp_path: Path, node: onnx.NodeProto, message: str
) -> None:
    unused = onnx.helper.make_node("Identity", ["hole" if "image" in node.input else "image"], ["ignored"])
    engine = OpenVINOEngine(_network(tmp_path / "a.onnx", [node, unused]), precision="fp32")
    with pytest.raises(ModelError, match=message):
        engine(*_picture(0))


def test_operations_that_openvino_does_not_know_are_refused(tmp_path: Path) -> None:
    node = onnx.helper.make_node("Unheard", ["image", "hole"], ["painted"], domain="example.org")
    with pytest.raises(ModelError, match=r"a\.onnx must"):
        OpenVINOEngine(_network(tmp_path / "a.onnx", [node]), precision="fp32")
