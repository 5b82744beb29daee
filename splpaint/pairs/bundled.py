"""The pairs that the repository carries in ``benchmarks/bundled``; an installed package does not hold them."""

from __future__ import annotations

from pathlib import Path

from splpaint.errors import InputError, did_you_mean

__all__ = ["BUNDLED", "find_bundled", "find_manifest"]

BUNDLED = {"bundled-256": "pairs-256.csv", "bundled-512": "pairs-512.csv"}
"""Name -> manifest."""

_IN_CLONE = Path("benchmarks", "bundled")
_CLONES = (Path(__file__).parents[2], Path())  # the clone that the package runs from; the working folder


def find_bundled(name: str) -> Path:
    """Find one of the bundled manifests: beside the package in a clone, else in the working folder.

    Args:
        name: A key of ``BUNDLED``.

    Raises:
        InputError: There is none by that name, or no clone.
    """
    if name not in BUNDLED:
        raise InputError(f"expected one of {', '.join(BUNDLED)}, got {name!r}{did_you_mean(name, BUNDLED)}")
    for clone in _CLONES:
        if (manifest := clone / _IN_CLONE / BUNDLED[name]).is_file():
            return manifest
    raise InputError(
        f"expected {name} in the folder {_IN_CLONE.as_posix()} of a clone of splpaint's repository, got an "
        "installed package, which does not hold it; run this in the clone"
    )


def find_manifest(name_or_path: str | Path) -> Path:
    """A bundled manifest by its name, or any by its path.

    Raises:
        InputError: It is a bundled one's name, and there is no clone.
    """
    path = Path(name_or_path)
    return find_bundled(str(path)) if str(path) in BUNDLED and not path.exists() else path
