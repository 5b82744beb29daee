"""The models: which there are, and where."""

from __future__ import annotations

from splpaint.inference.models.catalogue import BUNDLED, ModelFiles, find_model

__all__ = ["BUNDLED", "ModelFiles", "find_model"]
