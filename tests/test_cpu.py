"""What the processor can is asked in one place, and limits to its instruction sets are heeded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from splpaint import cpu
from splpaint.errors import InputError
from splpaint.inference.engines import openvino_engine
from splpaint.model_folder import BUNDLED
from splpaint.training.arithmetic import choose_arithmetic
from splpaint.training.recipes.recipe import load_recipe

SAPPHIRE_RAPIDS = "sse4_1 avx avx2 avx512f avx512_bf16 amx_tile amx_bf16"
VARIABLES = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY")
LIMITS = [
    ("", 5),
    ("ONEDNN_MAX_CPU_ISA=SSE41", 0),
    ("ONEDNN_MAX_CPU_ISA=AVX", 1),
    ("ONEDNN_MAX_CPU_ISA=AVX2", 2),
    ("ONEDNN_MAX_CPU_ISA=avx2_vnni_2", 2),
    ("ONEDNN_MAX_CPU_ISA=AVX512_CORE", 3),
    ("ONEDNN_MAX_CPU_ISA=AVX512_CORE_BF16", 4),
    ("ONEDNN_MAX_CPU_ISA=AVX10_1_512", 4),
    ("ONEDNN_MAX_CPU_ISA=AVX512_CORE_AMX", 5),
    ("ONEDNN_MAX_CPU_ISA=AVX10_1_512_AMX_FP16", 5),
    ("ONEDNN_MAX_CPU_ISA=ALL", 5),
    ("ONEDNN_MAX_CPU_ISA=nonsense", 5),
    ("DNNL_MAX_CPU_ISA=AVX2", 2),
    ("ONEDNN_MAX_CPU_ISA=AVX512_CORE DNNL_MAX_CPU_ISA=AVX2", 3),
    ("ATEN_CPU_CAPABILITY=default", 1),
    ("ATEN_CPU_CAPABILITY=avx2", 2),
    ("ATEN_CPU_CAPABILITY=avx512", 5),
    ("ATEN_CPU_CAPABILITY=avx2 ONEDNN_MAX_CPU_ISA=AVX512_CORE", 2),
]


def limited(limits: str) -> dict[str, str]:
    """This process's environment with these limits and no others."""
    environment = {name: value for name, value in os.environ.items() if name not in VARIABLES}
    return environment | dict(limit.split("=") for limit in limits.split())


@pytest.mark.parametrize(("limits", "families"), LIMITS)
def test_flags_and_bf16_by_itself_end_at_the_limit(
    limits: str, families: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = load_recipe("compact", ["data.images=x", "run.out=x", "run.device=cpu"])
    monkeypatch.setattr(Path, "read_text", lambda *_, **__: f"processor : 0\nflags\t\t: {SAPPHIRE_RAPIDS}\n")
    monkeypatch.setattr(os, "environ", limited(limits))
    left = ["avx", "avx2", "avx512f", "avx512_bf16", "amx_tile amx_bf16"][:families]
    assert cpu.cpu_flags() == {"sse4_1", *" ".join(left).split()}
    assert openvino_engine._choose_precision("auto", core=None) == ("bf16" if families == 5 else "fp32")
    assert choose_arithmetic(config.run).precision == ("bf16" if families >= 4 else "fp32")


def test_the_doctor_tells_of_limits() -> None:
    code = "from splpaint.inference.diagnosis import _processor; print(_processor())"
    command = [sys.executable, "-c", code]
    for limits in ("ONEDNN_MAX_CPU_ISA=SSE41 ATEN_CPU_CAPABILITY=avx2", ""):
        done = subprocess.run(command, env=limited(limits), capture_output=True, text=True, check=True)
        said = done.stdout.strip().split("; ")
        assert said[2:] == [f"limited by {limit}" for limit in limits.split()]
        assert ("avx2" in said[1]) == ("avx2" in cpu._flags_of_the_processor() and not limits)


@pytest.mark.skipif("avx2" not in cpu._flags_of_the_processor(), reason="a processor without AVX2")
def test_openvino_computes_as_the_limit_says() -> None:
    code = (
        "from pathlib import Path\n"
        "from splpaint.inference.engines.openvino_engine import OpenVINOEngine\n"
        f"engine = OpenVINOEngine(Path({str(BUNDLED['compact'] / 'model.onnx')!r}), precision='fp32')\n"
        "for node in engine._network.get_runtime_model().get_ops():\n"
        "    print(node.rt_info['layerType'].astype(str), node.rt_info['primitiveType'].astype(str))\n"
    )
    for isa, wanted in (("AVX2", "avx2"), ("SSE41", "sse42")):
        done = subprocess.run(
            [sys.executable, "-c", code],
            env=limited(f"ONEDNN_MAX_CPU_ISA={isa}"),
            capture_output=True,
            text=True,
            check=True,
        )
        convolutions = [line.split()[1] for line in done.stdout.splitlines() if "onvolution" in line]
        assert convolutions
        assert not any("avx512" in kind or "amx" in kind for kind in convolutions)
        assert any(wanted in kind for kind in convolutions)


def test_what_a_processor_without_avx_cannot_run_is_refused_in_our_words() -> None:
    code = (
        "import numpy as np\n"
        "from splpaint import load_inpainter\n"
        "hole = np.zeros((64, 64), bool)\n"
        "hole[20:30, 20:30] = True\n"
        "load_inpainter('compact')(np.zeros((64, 64, 3), np.uint8), hole)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=limited("ONEDNN_MAX_CPU_ISA=SSE41"), capture_output=True, text=True
    )
    assert "ModelError" in done.stderr.splitlines()[-1]
    assert "the processor has no AVX (limited by ONEDNN_MAX_CPU_ISA=SSE41)" in done.stderr.splitlines()[-1]


def test_bf16_that_a_limit_bars_is_refused_by_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    class Core:
        def get_property(self, device: str, key: str) -> list[str]:
            return ["FP32", "BF16"]  # as OpenVINO says whatever the limit

    monkeypatch.setattr(os, "environ", limited("ONEDNN_MAX_CPU_ISA=AVX2"))
    with pytest.raises(InputError, match="AVX-512, got the limit ONEDNN_MAX_CPU_ISA=AVX2; lift it"):
        openvino_engine._choose_precision("bf16", Core())
    monkeypatch.setattr(os, "environ", limited("ONEDNN_MAX_CPU_ISA=AVX512_CORE"))
    assert openvino_engine._choose_precision("bf16", Core()) == "bf16"
