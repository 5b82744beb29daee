"""Models by name or folder: what engines and painter need to know of a model, read without torch."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from splpaint.errors import ModelError
from splpaint.model_folder import CONFIG_FILE, ONNX_FILE, read_description, require_undamaged

__all__ = ["BUNDLED", "ModelFiles", "find_model"]

_WEIGHTS = Path(__file__).resolve().parents[2] / "weights"

BUNDLED: dict[str, Path] = {"compact": _WEIGHTS / "compact"}


class ModelFiles(NamedTuple):
    """A model folder.

    Attributes:
        name: The model's name.
        folder: The folder.
        onnx: The network's file.
        size_multiple: Height and width in pixels of the network's input are multiples of this.
        working_size_px: Side of the images that the network is made for.
        copied_texture: Whether thick holes are filled with the image's own texture besides the network's painting.
    """

    name: str
    folder: Path
    onnx: Path
    size_multiple: int
    working_size_px: int
    copied_texture: bool


def find_model(name_or_folder: str | Path) -> ModelFiles:
    """Find a model by the name of a bundled one or by its folder.

    A bundled name comes first; for a folder of the same name write ``./NAME``.

    Raises:
        ModelError: No such name or folder, or a file of the model is missing or damaged.
    """
    folder = _folder_of(name_or_folder)
    require_undamaged(folder, CONFIG_FILE, ONNX_FILE)
    config = read_description(folder)
    onnx = folder / ONNX_FILE
    if not onnx.is_file() or onnx.stat().st_size == 0:
        raise ModelError(
            f"a model folder holds {ONNX_FILE}, got a missing or empty {onnx}; export the model again or "
            "reinstall splpaint"
        )
    return ModelFiles(
        config.name,
        folder,
        onnx,
        size_multiple=config.size_multiple,
        working_size_px=config.working_size_px,
        copied_texture=config.copied_texture,
    )


def _folder_of(name_or_folder: str | Path) -> Path:
    if isinstance(name_or_folder, str) and name_or_folder in BUNDLED:
        return BUNDLED[name_or_folder]
    folder = Path(name_or_folder)
    try:
        if folder.is_dir():
            return folder
    except (OSError, ValueError):  # too long, a NUL in it: no folder, either
        pass
    raise ModelError(
        f"model must be one of {', '.join(sorted(BUNDLED))} or a model folder, "
        f"got {str(name_or_folder)[:200]!r}, which is neither; check the name or path"
    )
