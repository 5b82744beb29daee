"""What commands share: options, progress, what is printed."""

from __future__ import annotations

from splpaint.cli.terminal.batch import (
    batch_progress,
    describe_kept,
    say_aside,
    stop_between_pictures,
    stop_once,
)
from splpaint.cli.terminal.mask_options import (
    MOST_SIDE_PX,
    SOURCE_HELP,
    SOURCE_WORDS,
    AnyRatio,
    PolarityOption,
    open_source,
    photo_mask,
    require_files,
)
from splpaint.cli.terminal.paint_settings import (
    DeviceOption,
    ModelChoice,
    ModelOption,
    PaintSettings,
    PrecisionOption,
)
from splpaint.cli.terminal.paths import OUTPUT, parse_path, parse_text, present_spelling
from splpaint.cli.terminal.progress_bar import (
    INTERRUPTED,
    crop_progress,
    download_progress,
    each,
    on_interruption,
    progress,
    stage_progress,
    warn,
)
from splpaint.cli.terminal.stdout import PIPE, close_stdout, say, say_table, write_stdout
from splpaint.cli.terminal.wording import OPTIONS, in_options

__all__ = [
    "INTERRUPTED",
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
    "batch_progress",
    "close_stdout",
    "crop_progress",
    "describe_kept",
    "download_progress",
    "each",
    "in_options",
    "on_interruption",
    "open_source",
    "parse_path",
    "parse_text",
    "photo_mask",
    "present_spelling",
    "progress",
    "require_files",
    "say",
    "say_aside",
    "say_table",
    "stage_progress",
    "stop_between_pictures",
    "stop_once",
    "warn",
    "write_stdout",
]
