"""Training samples: photographs and masks, each sample a pure function of (seed, index)."""

from __future__ import annotations

from splpaint.training.data.dataset import InpaintingDataset, Sample
from splpaint.training.data.loader import training_batches
from splpaint.training.data.progressive import shrink_samples
from splpaint.training.data.resident import ResidentSamples
from splpaint.training.data.unreadable import UnreadableLog

__all__ = [
    "InpaintingDataset",
    "ResidentSamples",
    "Sample",
    "UnreadableLog",
    "shrink_samples",
    "training_batches",
]
