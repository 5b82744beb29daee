"""One thread per test and no deadlines: small tensors gain nothing from more, and machines do other work besides.

What takes long to make is made once for the whole run.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import NamedTuple

import pytest
from hypothesis import settings

from tests.made_once import made_once

settings.register_profile("splpaint", deadline=None)
settings.load_profile("splpaint")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["SPLPAINT_CACHE"] = ""  # no test leaves anything in the home folder, or finds anything there
os.environ["SPLPAINT_MODELS"] = os.devnull
# A shell has its background jobs ignore Ctrl-C, which commands that are interrupted here would inherit.
signal.signal(signal.SIGINT, signal.default_int_handler)


class ExportedModel(NamedTuple):
    """A model folder, and how far its ONNX was from torch when it was exported."""

    folder: Path
    difference: float


@pytest.fixture(scope="session")
def small_model(tmp_path_factory: pytest.TempPathFactory) -> ExportedModel:
    """A small ``compact`` with random weights, in fp16, exported; not to be changed."""

    def make(folder: Path) -> ExportedModel:
        from splpaint.networks.export import write_model
        from tests.small_model import SMALL, small_generator

        return ExportedModel(folder, write_model(folder, small_generator(), SMALL, name="small", half=True))

    return made_once(tmp_path_factory, "small", make)


@pytest.fixture(scope="session")
def published_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkpoint as SPL's authors publish them, with the weights of the oracles."""

    def make(folder: Path) -> Path:
        import torch

        from tests.oracle_weights import published_checkpoint

        torch.save(published_checkpoint(), folder / "places2.pt")
        return folder / "places2.pt"

    return made_once(tmp_path_factory, "published", make)
