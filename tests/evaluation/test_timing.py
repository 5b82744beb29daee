from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

from splpaint.evaluation import BaselineMethod, CallableMethod, Method, ResultsMethod, write_timing
from splpaint.images import Hole, Pixels


def slow(image: Pixels, hole: Hole) -> Pixels:
    time.sleep(0.05)
    return image


def test_methods_are_timed_one_picture_at_a_time(pairs: Path, tmp_path: Path) -> None:
    here = CallableMethod("closure", lambda image, hole: slow(image, hole))
    methods: list[Method] = [
        CallableMethod("slow", slow),
        here,
        BaselineMethod("telea"),
        ResultsMethod("theirs", tmp_path),
    ]
    write_timing(pairs, methods, tmp_path / "timing.json")
    found = json.loads((tmp_path / "timing.json").read_text("utf-8"))
    assert list(found["methods"]) == ["slow", "closure", "telea"]
    for name in ("slow", "closure"):
        assert 0.05 <= found["methods"][name]["seconds"] <= found["methods"][name]["slowest_seconds"]
        assert found["methods"][name]["pairs"] == 14  # the first one is not counted
    assert found["methods"]["telea"]["seconds"] < 0.05
    assert found["methods"]["closure"]["peak_mb"] is None
    assert 20 < found["methods"]["telea"]["peak_mb"] < 2000
    assert "cores" in found["machine"]


def test_a_program_from_stdin_is_timed_in_its_own_process(pairs: Path, tmp_path: Path) -> None:
    program = (
        "from pathlib import Path\nfrom splpaint.evaluation import BaselineMethod, write_timing\n"
        f"write_timing(Path({str(pairs)!r}), [BaselineMethod('telea')], Path({str(tmp_path / 'timing.json')!r}))\n"
    )
    subprocess.run([sys.executable], input=program, text=True, check=True, capture_output=True, timeout=100)
    found = json.loads((tmp_path / "timing.json").read_text("utf-8"))
    assert found["methods"]["telea"]["peak_mb"] is None
