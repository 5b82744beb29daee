"""What a figure was measured on: printed by every benchmark before its figures."""

from __future__ import annotations

import platform
from pathlib import Path

from splpaint.cpu import cpu_flags, cpu_limits, usable_cores
from splpaint.versions import package_version


def describe(*packages: str) -> str:
    """One line: processor, its instruction sets, their limits, cores, Python and the versions of ``packages``."""
    versions = [f"{name} {package_version(name)}" for name in ("splpaint", *packages)]
    limits = "".join(f", {name}={value}" for name, value in cpu_limits().items())
    cores = f"{usable_cores()} cores{limits}"
    return f"{processor()}, {cores}; Python {platform.python_version()}, {', '.join(versions)}"


def processor() -> str:
    """The processor's name and those of its usable instruction sets that matter to networks."""
    try:
        text = Path("/proc/cpuinfo").read_text("utf-8", errors="replace")
    except OSError:
        return platform.processor() or platform.machine()
    fields = dict(line.split(":", 1) for line in text.splitlines() if ":" in line)
    fields = {name.strip(): value.strip() for name, value in fields.items()}
    known = [name for name in ("avx2", "avx512f", "avx512_bf16", "amx_bf16") if name in cpu_flags()]
    return f"{fields.get('model name', platform.machine())} ({' '.join(known)})"
