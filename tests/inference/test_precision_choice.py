from __future__ import annotations

from pathlib import Path

import pytest

from splpaint import cpu
from splpaint.errors import InputError
from splpaint.inference import precision_choice
from splpaint.inference.engines import openvino_engine
from splpaint.inference.precision_choice import describe_auto, measure_precision
from splpaint.notices import PictureWarning

LIMITS = ("ONEDNN_MAX_CPU_ISA", "DNNL_MAX_CPU_ISA", "ATEN_CPU_CAPABILITY")


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A processor with AVX-512 BF16, and a cache of its own."""
    for limit in LIMITS:
        monkeypatch.delenv(limit, raising=False)
    _processor(monkeypatch, "avx2 avx512f avx512_bf16")
    monkeypatch.setenv("SPLPAINT_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def _processor(monkeypatch: pytest.MonkeyPatch, flags: str) -> None:
    monkeypatch.setattr(cpu, "_flags_of_the_processor", lambda: frozenset(flags.split()))


def _takes(monkeypatch: pytest.MonkeyPatch, fp32_ms: float, bf16_ms: float) -> None:
    monkeypatch.setattr(precision_choice, "_milliseconds", lambda _: (fp32_ms, bf16_ms))


def _auto() -> str:
    return openvino_engine._choose_precision("auto", core=None)


def test_auto_becomes_the_precision_that_was_measured_to_be_faster(monkeypatch: pytest.MonkeyPatch) -> None:
    assert _auto() == "fp32"
    _takes(monkeypatch, 30, 16)
    assert "fp32 30.0 ms, bf16 16.0 ms for 256x256 by compact; auto is bf16 here" in measure_precision()
    assert _auto() == "bf16"
    assert openvino_engine._choose_precision("auto", None, bf16_safe=False) == "fp32"
    _takes(monkeypatch, 30, 29)  # too little for what it costs
    measure_precision()
    assert _auto() == "fp32"


def test_the_choice_holds_for_this_processor_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    _takes(monkeypatch, 30, 16)
    measure_precision()
    monkeypatch.setenv("ONEDNN_MAX_CPU_ISA", "AVX2")
    assert _auto() == "fp32"
    monkeypatch.delenv("ONEDNN_MAX_CPU_ISA")
    _processor(monkeypatch, "avx2 avx512f avx512_bf16 amx_bf16 amx_tile")
    assert _auto() == "bf16"
    _processor(monkeypatch, "avx2 avx512f")
    assert _auto() == "fp32"
    assert "nothing to choose" in measure_precision()


@pytest.mark.parametrize("content", ["", "{", "[]", "[" * 100_000, '{"a": 1}'])
def test_a_damaged_choice_is_none_and_told(
    content: str, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache.mkdir()
    (cache / "precision.json").write_text(content)
    with pytest.warns(PictureWarning, match="precision.json must hold what was measured, got a damaged file"):
        assert _auto() == "fp32"
    assert "delete it, or let splpaint doctor measure again" in describe_auto()
    _takes(monkeypatch, 30, 16)
    measure_precision()
    assert _auto() == "bf16"


def test_it_is_said_what_auto_is_and_how_to_take_it_back(
    cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert describe_auto().startswith("auto is fp32, not measured; ")
    _takes(monkeypatch, 30, 16)
    measure_precision()
    assert describe_auto() == f"auto is bf16, as measured; delete precision.json in {cache} to take that back"
    (cache / "precision.json").unlink()
    assert _auto() == "fp32"
    _processor(monkeypatch, "avx2")
    assert describe_auto() == "auto is fp32: the processor does not multiply bfloat16"
    _processor(monkeypatch, "avx2 avx512f avx512_bf16 amx_bf16 amx_tile")
    assert describe_auto() == "auto is bf16, as on every processor with AMX"


def test_where_nothing_can_be_kept_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    _takes(monkeypatch, 30, 16)
    monkeypatch.setenv("SPLPAINT_CACHE", "")
    assert "not kept" in measure_precision()
    monkeypatch.setenv("SPLPAINT_CACHE", "/dev/null/cache")
    with pytest.raises(InputError, match="set SPLPAINT_CACHE to a folder"):
        measure_precision()
