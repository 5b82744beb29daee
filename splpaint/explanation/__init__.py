"""What a model thinks that a damaged picture shows: its prior, beside the feature that the prior is a guess of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from splpaint.lazy import lazy_names

if TYPE_CHECKING:
    from splpaint.explanation.explaining import Explanation, explain

__all__ = ["Explanation", "explain"]
__getattr__ = lazy_names(__name__, {"explaining": ("Explanation", "explain")}, extra="train")
