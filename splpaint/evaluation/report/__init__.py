"""Reports: what an evaluation found, for programs, people and papers."""

from __future__ import annotations

from splpaint.evaluation.report.writing import write_report

__all__ = ["write_report"]
