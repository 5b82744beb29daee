"""Comparing painters on the same pairs of pictures and masks, by protocols that have names."""

from __future__ import annotations

from splpaint.evaluation.baselines import BASELINES, Painter, telea
from splpaint.evaluation.measures import Measure, Sample
from splpaint.evaluation.methods import (
    BaselineMethod,
    CallableMethod,
    LoadedPair,
    Method,
    ModelMethod,
    ResultsMethod,
    parse_model,
)
from splpaint.evaluation.protocols import PROTOCOLS, Demand, Protocol, find_protocol
from splpaint.evaluation.report import remarks, summary_table, write_report
from splpaint.evaluation.report.blind import (
    ANSWERS_FILE,
    KEY_FILE,
    SHEET_FOLDER,
    preference_table,
    write_blind_sheet,
    write_preferences,
)
from splpaint.evaluation.run import evaluate
from splpaint.evaluation.summary import Summary
from splpaint.evaluation.timing import TIMING_FILE, write_timing

__all__ = [
    "ANSWERS_FILE",
    "BASELINES",
    "KEY_FILE",
    "PROTOCOLS",
    "SHEET_FOLDER",
    "TIMING_FILE",
    "BaselineMethod",
    "CallableMethod",
    "Demand",
    "LoadedPair",
    "Measure",
    "Method",
    "ModelMethod",
    "Painter",
    "Protocol",
    "ResultsMethod",
    "Sample",
    "Summary",
    "evaluate",
    "find_protocol",
    "parse_model",
    "preference_table",
    "remarks",
    "summary_table",
    "telea",
    "write_blind_sheet",
    "write_preferences",
    "write_report",
    "write_timing",
]
