"""Torch => ONNX with dynamic height and width, weights stored in fp16, parity checked."""

from __future__ import annotations
