"""Whether torch can compile networks for a device."""

from __future__ import annotations

import shutil
import sysconfig
from importlib.util import find_spec
from pathlib import Path

__all__ = ["can_compile"]


def can_compile(device: str) -> bool:
    """Whether it is an NVIDIA GPU and all is there that Triton needs."""
    # Triton builds its launchers with a C compiler, against Python's headers.
    headers = Path(sysconfig.get_path("include"), "Python.h").is_file()
    compiler = any(shutil.which(name) for name in ("cc", "gcc", "clang"))
    return device.startswith("cuda") and headers and compiler and find_spec("triton") is not None
