"""Reports: what an evaluation found, for programs, people and papers."""

from __future__ import annotations

from splpaint.evaluation.report.terminal_table import remarks, summary_table
from splpaint.evaluation.report.writing import write_report

__all__ = ["remarks", "summary_table", "write_report"]
