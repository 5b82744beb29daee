"""What lies in picture files, found by walking their structure, before a decoder takes it on trust."""

from __future__ import annotations

from splpaint.images.containers.png import is_png, sound_png
from splpaint.images.containers.tiff import is_tiff, require_sound_tiff

__all__ = ["is_png", "is_tiff", "require_sound_tiff", "sound_png"]
