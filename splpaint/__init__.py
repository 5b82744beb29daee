"""splpaint restores the missing parts of pictures (SPL, Zhang et al., IJCAI 2021)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from splpaint.versions import __version__

if TYPE_CHECKING:
    from splpaint.inference import Inpainter, load_inpainter

__all__ = ["Inpainter", "__version__", "load_inpainter"]


def __getattr__(name: str) -> object:
    # Importing the package stays free: the engine and its libraries load when a name that needs them is used.
    if name in {"Inpainter", "load_inpainter"}:
        from splpaint.inference import inpainter

        return getattr(inpainter, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
