"""Summaries made by hand, and values read back from a report, for what its tables must say."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np

from splpaint.evaluation import Summary
from splpaint.evaluation.records import Settings
from splpaint.evaluation.summary import Group, Mean, MeasureFact, SetValue

PSNR = MeasureFact(name="psnr_hole", unit="dB", better="higher", definition="Higher.")
SSIM = MeasureFact(name="ssim", unit="", better="higher", definition="Higher.")
SHARPNESS = MeasureFact(name="sharpness", unit="", better="one", definition="Nearest to one.")


def means_of(
    values: dict[str, float | None],
    measure: MeasureFact,
    interval: tuple[float | None, float | None] = (None, None),
) -> dict[str, dict[str, Mean]]:
    """Means by method and measure."""
    low, high = interval
    return {
        method: {measure.name: Mean(mean=value, low=low, high=high, count=1, identical=0)}
        for method, value in values.items()
    }


def summary_of(
    values: dict[str, float | None],
    measure: MeasureFact,
    *,
    interval: tuple[float | None, float | None] = (None, None),
    left_out: dict[str, str] | None = None,
) -> Summary:
    """A summary of one pair."""
    settings = Settings(
        manifest_sha256="0" * 64,
        pairs=1,
        protocol={"name": "clean", "definition": "How.", "source": "Where"},
        measures=[measure.name],
        methods={method: {} for method in values},
        left_out=left_out or {},
        versions={"splpaint": "1"},
    )
    everything = Group(
        by="all", label="", pairs=1, photographs=1, means=means_of(values, measure, interval), comparisons=[]
    )
    return Summary(settings=settings, measures=[measure], groups=[everything], identical={})


def with_fid(summary: Summary, values: dict[str, float]) -> Summary:
    """The summary with the FID of each method, of few pairs."""
    sets = [
        SetValue(name="fid", method=method, value=value, count=3000, flag="few pairs")
        for method, value in values.items()
    ]
    fact = MeasureFact(name="fid", unit="", better="lower", definition="Of 2,048 features.")
    return summary.model_copy(update={"set_measures": [fact], "sets": sets})


def mean_in_csv(report: Path, method: str, measure: str, bin_label: str | None = None) -> float:
    """The mean over ``values.csv`` without infinite and undefined values."""
    with (report / "values.csv").open(encoding="utf-8", newline="") as file:
        values = [
            float(row["value"] or "nan")
            for row in csv.DictReader(file)
            if (row["method"], row["measure"]) == (method, measure) and bin_label in (None, row["bin"])
        ]
    return float(np.mean([value for value in values if np.isfinite(value)]))
