"""What commands share: options, progress, what is printed."""

from __future__ import annotations

from splpaint.cli.terminal.mask_options import (
    MOST_SIDE_PX,
    SOURCE_HELP,
    SOURCE_WORDS,
    AnyRatio,
    PolarityOption,
    open_source,
    require_files,
)
from splpaint.cli.terminal.paint_settings import (
    DeviceOption,
    ModelChoice,
    ModelOption,
    PaintSettings,
    PrecisionOption,
)
from splpaint.cli.terminal.paths import OUTPUT, path_given, present_spelling, text_given
from splpaint.cli.terminal.progress_bar import crops_shown, each, progress, warn
from splpaint.cli.terminal.stdout import PIPE, close_stdout, say, write_stdout
from splpaint.cli.terminal.wording import OPTIONS, in_options

__all__ = [
    "MOST_SIDE_PX",
    "OPTIONS",
    "OUTPUT",
    "PIPE",
    "SOURCE_HELP",
    "SOURCE_WORDS",
    "AnyRatio",
    "DeviceOption",
    "ModelChoice",
    "ModelOption",
    "PaintSettings",
    "PolarityOption",
    "PrecisionOption",
    "close_stdout",
    "crops_shown",
    "each",
    "in_options",
    "open_source",
    "path_given",
    "present_spelling",
    "progress",
    "require_files",
    "say",
    "text_given",
    "warn",
    "write_stdout",
]
