"""Models by name or folder: what the engines and the painter need to know of one, read without torch.

A model folder holds ``config.json``, ``model.onnx``, ``model.safetensors`` and ``README.md``; only the first
two are needed to paint.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from splpaint.errors import ModelError

__all__ = ["BUNDLED", "ModelFiles", "find_model"]

_WEIGHTS = Path(__file__).resolve().parent.parent / "weights"
_CONFIG_FILE = "config.json"
_NETWORK_FILE = "model.onnx"

BUNDLED: dict[str, Path] = {"compact": _WEIGHTS / "compact"}


class ModelFiles(NamedTuple):
    """A model folder that has been looked through.

    Attributes:
        name: What the model calls itself.
        folder: Where it lies.
        onnx: Its network.
        size_multiple: Height and width in pixels that the network takes are multiples of this.
        working_size_px: Side of the pictures that the network is made for.
        copied_texture: Whether thick holes are filled with the picture's own texture along the network's painting.
    """

    name: str
    folder: Path
    onnx: Path
    size_multiple: int
    working_size_px: int
    copied_texture: bool


class _Config(BaseModel):
    # The generator's section belongs to networks/config.py: here it only has to be there.
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(min_length=1)
    size_multiple: int = Field(ge=1, le=1024)
    working_size_px: int = Field(ge=16, le=8192)
    copied_texture: bool = False
    generator: dict[str, Any]

    @model_validator(mode="after")
    def _check_working_size(self) -> _Config:
        if self.working_size_px % self.size_multiple:
            raise ValueError(
                f"working_size_px must be a multiple of size_multiple {self.size_multiple}, "
                f"got {self.working_size_px}"
            )
        return self


def find_model(name_or_folder: str | Path) -> ModelFiles:
    """Find a model by the name of a bundled one or by its folder.

    A bundled name comes first; for a folder of the same name write ``./NAME``.

    Raises:
        ModelError: No such name or folder, or a file of the model is missing or damaged.
    """
    folder = _folder_of(name_or_folder)
    config = _read_config(folder / _CONFIG_FILE)
    onnx = folder / _NETWORK_FILE
    if not onnx.is_file() or onnx.stat().st_size == 0:
        raise ModelError(
            f"a model folder holds {_NETWORK_FILE}, got a missing or empty {onnx}; export the model again or "
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


def _read_config(path: Path) -> _Config:
    try:
        return _Config.model_validate(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ModelError(
            f"a model folder holds {_CONFIG_FILE}, got none that can be read: {path} ({error.strerror}); "
            "give the folder that holds it or reinstall splpaint"
        ) from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ModelError(f"{path} must describe a model, got {problems}; export the model again") from error
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, nested without end
        raise ModelError(f"{path} must be a JSON file, got {error}; export the model again") from error
