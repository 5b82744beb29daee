from __future__ import annotations

import json
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
