"""What a run shows of itself: sheets of validation pairs, its history, curves; nothing here needs torch."""

from __future__ import annotations

from splpaint.training.report.curves import draw_curves
from splpaint.training.report.feature_colours import principal_colours
from splpaint.training.report.history import BEST_BY, LOG_FILE, History, read_history, say_validation, sum_up
from splpaint.training.report.sheet import SheetRow, draw_sheet

__all__ = [
    "BEST_BY",
    "LOG_FILE",
    "History",
    "SheetRow",
    "draw_curves",
    "draw_sheet",
    "principal_colours",
    "read_history",
    "say_validation",
    "sum_up",
]
