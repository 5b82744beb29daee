"""The processor that this process may use: cores, instruction sets, and limits on them.

``ONEDNN_MAX_CPU_ISA`` limits oneDNN, in OpenVINO and in torch, and ``ATEN_CPU_CAPABILITY`` torch's own loops: a machine
then computes like an older one. Whatever is chosen by the processor's abilities heeds these limits.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

__all__ = [
    "Family",
    "allows",
    "cpu_flags",
    "cpu_limits",
    "has_amx_bf16",
    "lacks_avx",
    "multiplies_bf16",
    "usable_cores",
]

Family = Literal["avx", "avx2", "avx512", "avx512_bf16", "amx"]
"""A family of instruction sets, each built on the ones before; Linux's flags start with these names."""

_FAMILIES: tuple[Family, ...] = ("avx", "avx2", "avx512", "avx512_bf16", "amx")
_ATEN_FAMILIES = {"default": 1, "avx2": 2}  # with avx512, the highest it knows, torch uses AMX, too


def usable_cores() -> int:
    """How many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def cpu_flags() -> frozenset[str]:
    """The instruction sets by Linux's names, without families that a limit bars; empty if the system tells none."""
    barred = tuple(family for family in _FAMILIES if not allows(family))
    return frozenset(flag for flag in _flags_of_the_processor() if not flag.startswith(barred))


def has_amx_bf16() -> bool:
    """Whether the processor multiplies matrices of bfloat16 in tiles (AMX)."""
    return {"amx_tile", "amx_bf16"} <= cpu_flags()


def multiplies_bf16() -> bool:
    """Whether the processor multiplies bfloat16, in vectors or in tiles, instead of converting it first."""
    return "avx512_bf16" in cpu_flags() or has_amx_bf16()


def lacks_avx() -> bool:
    """Whether it is an x86 processor without AVX (older than 2011), or limited like one."""
    flags = cpu_flags()
    return bool(flags) and "avx" not in flags


def cpu_limits() -> dict[str, str]:
    """The environment's limits on instruction sets, by the names of the variables."""
    onednn = (
        "ONEDNN_MAX_CPU_ISA" if os.environ.get("ONEDNN_MAX_CPU_ISA") else "DNNL_MAX_CPU_ISA"
    )  # as oneDNN reads them
    return {name: value for name in (onednn, "ATEN_CPU_CAPABILITY") if (value := os.environ.get(name))}


def allows(family: Family) -> bool:
    """Whether no limit bars a family, whether the processor has it or not."""
    allowed = len(_FAMILIES)
    for name, value in cpu_limits().items():
        families = _ATEN_FAMILIES.get(value, allowed) if name.startswith("ATEN") else _onednn_families(value)
        allowed = min(allowed, families)
    return _FAMILIES.index(family) < allowed


def _onednn_families(isa: str) -> int:
    # Its names say the highest: SSE41, AVX, AVX2_VNNI, AVX512_CORE_BF16, AVX512_CORE_AMX ... It ignores others.
    isa = isa.upper()
    if isa in {"SSE41", "AVX"}:
        return int(isa == "AVX")
    if isa.startswith("AVX2"):
        return 2
    if isa.startswith(("AVX512", "AVX10")) and "AMX" not in isa:
        return 4 if isa.startswith("AVX10") or "BF16" in isa or "FP16" in isa else 3
    return len(_FAMILIES)


def _flags_of_the_processor() -> frozenset[str]:
    try:
        lines = Path("/proc/cpuinfo").read_text("utf-8", errors="replace").splitlines()
    except OSError:
        return frozenset()
    told = (line.partition(":") for line in lines)
    return frozenset(next((value for name, _, value in told if name.strip() == "flags"), "").split())
