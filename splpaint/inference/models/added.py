"""The models that a user has added, each in a folder of its own.

They lie in ``SPLPAINT_MODELS`` if that is set; otherwise in ``splpaint/models`` in ``$XDG_DATA_HOME`` or
``~/.local/share``, on macOS in ``~/Library/Application Support``, on Windows in ``%LOCALAPPDATA%``.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from splpaint.errors import ModelError, did_you_mean
from splpaint.model_folder import CONTRACT_FILE

__all__ = ["added_models", "added_models_folder", "remove_added", "require_name"]

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


def added_models_folder() -> Path:
    """The folder of added models, which need not be there yet.

    Raises:
        ModelError: There is no home folder.
    """
    if asked := os.environ.get("SPLPAINT_MODELS"):
        return Path(asked)
    try:
        return _data_folder() / "splpaint" / "models"
    except RuntimeError as error:
        raise ModelError("models need a home folder, got none; set SPLPAINT_MODELS to a folder") from error


def added_models() -> dict[str, Path]:
    """Name => folder of the models that are added."""
    try:
        folders = sorted(added_models_folder().iterdir())
    except (OSError, ModelError):  # none was added yet, or there is no place for them
        return {}
    return {
        folder.name: folder
        for folder in folders
        if _NAME.fullmatch(folder.name) and (folder / CONTRACT_FILE).is_file()
    }


def remove_added(name: str) -> Path:
    """Remove an added model.

    Returns:
        The folder that it had.

    Raises:
        ModelError: None of this name was added.
    """
    there = added_models()
    if name not in there:
        raise ModelError(
            f"a model to remove must be one that was added, {', '.join(there) or 'of which there are none'}, got "
            f"{name[:80]!r}{did_you_mean(name, there) if there else ''}"
        )
    try:
        shutil.rmtree(there[name])
    except OSError as error:
        raise ModelError(
            f"{there[name]} cannot be removed ({error.strerror or error}); remove it by hand"
        ) from error
    return there[name]


def require_name(name: str) -> None:
    """Refuse a name that no folder should have, with a ``ModelError``."""
    if not _NAME.fullmatch(name):
        raise ModelError(
            "a model's name must be up to 64 small letters, digits, points, dashes and underscores, the first a letter "
            f"or digit, got {name[:80]!r}; pass another `name`"
        )


def _data_folder() -> Path:
    home = Path.home()
    if sys.platform == "darwin":
        return home / "Library" / "Application Support"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData" / "Local")
    return Path(os.environ.get("XDG_DATA_HOME") or home / ".local" / "share")
