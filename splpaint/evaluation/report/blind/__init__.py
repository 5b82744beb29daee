"""Preference tests in which viewers do not know which method painted what: the sheet, the answers, and their count."""

from __future__ import annotations

from splpaint.evaluation.report.blind.counting import (
    PREFERENCES_FILE,
    preference_table,
    write_preferences,
)
from splpaint.evaluation.report.blind.key import KEY_FILE
from splpaint.evaluation.report.blind.preferences import Preferences
from splpaint.evaluation.report.blind.sheet import ANSWERS_FILE, SHEET_FOLDER, write_blind_sheet

__all__ = [
    "ANSWERS_FILE",
    "KEY_FILE",
    "PREFERENCES_FILE",
    "SHEET_FOLDER",
    "Preferences",
    "preference_table",
    "write_blind_sheet",
    "write_preferences",
]
