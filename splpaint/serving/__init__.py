"""A service: painting over HTTP, and a page. Needs the extra ``serve``."""

from __future__ import annotations

from splpaint.serving.server import serve
from splpaint.serving.settings import Limits, ServeSettings

__all__ = ["Limits", "ServeSettings", "serve"]
