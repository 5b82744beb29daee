"""Versions: the package's own, and those of installed packages."""

from __future__ import annotations

__all__ = ["__version__", "package_version"]

__version__ = "0.1.0"


def package_version(package: str) -> str:
    """The version of an installed package, or "not installed"."""
    from importlib.metadata import (  # here, so that importing the package is quick
        PackageNotFoundError,
        version,
    )

    try:
        return version(package)
    except PackageNotFoundError:
        return "not installed"
