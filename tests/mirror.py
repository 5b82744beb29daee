"""A mirror of the hub on loopback, which has a small stand-in for the file of ``lama``."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

from splpaint.inference.models import KNOWN, Contract
from tests.foreign_model import write_foreign
from tests.web_server import Served, serving

PATH = "/Carve/LaMa-ONNX/resolve/c3c0c9e468934d62e79c329e35d82dd09ff8c444/lama_fp32.onnx"


@contextlib.contextmanager
def mirroring(folder: Path, contract: Contract, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Run the mirror; models and cache are kept in the folder."""
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setenv("SPLPAINT_MODELS", str(folder / "models"))
    monkeypatch.setenv("SPLPAINT_CACHE", str(folder / "cache"))
    with serving(write_foreign(folder / "published.onnx", contract).read_bytes()) as served:
        monkeypatch.setenv("HF_ENDPOINT", f"{served.url}/")
        _, size_bytes, sha256 = served.remote()
        lama = KNOWN["lama"]._replace(contract=contract, size_bytes=size_bytes, sha256=sha256)
        monkeypatch.setitem(KNOWN, "lama", lama)
        yield served
