from __future__ import annotations

import time

import pytest

from splpaint.training.display import Display


def test_where_there_is_no_terminal_a_line_says_how_far_a_run_is(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    with Display(1000, 200, start_s=90.0) as display:
        for images_seen in range(210, 330, 10):
            clock[0] += 10.0
            display.step(images_seen, lambda: {"total": 0.5})
    lines = [line for line in capsys.readouterr().out.splitlines() if line.startswith(("2", "3"))]
    assert lines == [
        "210 of 1,000 images, total 0.5000, 1.0 images/s, 0:13:10 left",
        "270 of 1,000 images, total 0.5000, 1.0 images/s, 0:12:10 left",
    ]
