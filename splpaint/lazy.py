"""Public names of a package that load their module only when they are asked for (PEP 562)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module

from splpaint.errors import MissingExtraError

__all__ = ["lazy_names"]


def lazy_names(
    package: str, names: Mapping[str, tuple[str, ...]], *, extra: str | None = None
) -> Callable[[str], object]:
    """Make the ``__getattr__`` of a package.

    Args:
        package: Its ``__name__``.
        names: Module in the package => the public names that it defines.
        extra: The optional install that brings what the modules import; they raise ``MissingExtraError`` without it.
    """
    modules = {name: module for module, defined in names.items() for name in defined}

    def get(name: str) -> object:
        if name not in modules:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        try:
            return getattr(import_module(f"{package}.{modules[name]}"), name)
        except ModuleNotFoundError as error:
            if extra is None:
                raise
            raise MissingExtraError(f"{package}.{name}", extra, str(error.name)) from error

    return get
