"""One thread per test and no deadlines: small tensors gain nothing from more, and machines do other work besides."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("splpaint", deadline=None)
settings.load_profile("splpaint")
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["SPLPAINT_CACHE"] = ""  # no test leaves anything in the home folder


@pytest.fixture(autouse=True)
def _signals_as_they_were() -> Iterator[None]:
    # torch's DataLoader leaves a Python handler for SIGCHLD behind. In a process that uses OpenVINO, too, a child
    # that ended then killed it with SIGSEGV out of a sleep (si_code SI_KERNEL), every time; without the handler
    # never. Presumably the handler's frame finds no room on a signal stack; which one was not found out.
    if not hasattr(signal, "SIGCHLD"):
        yield
        return
    before = signal.getsignal(signal.SIGCHLD)
    yield
    if signal.getsignal(signal.SIGCHLD) is not before:
        signal.signal(signal.SIGCHLD, before)
