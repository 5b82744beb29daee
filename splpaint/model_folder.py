"""A model's folder: ``config.json``, ``model.onnx``, ``model.safetensors`` and ``README.md``, its card.

Only the first two are needed to paint; torch reads the first and the third.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from splpaint.errors import ModelError

__all__ = [
    "CONFIG_FILE",
    "ONNX_FILE",
    "WEIGHTS_FILE",
    "ModelDescription",
    "read_description",
]

CONFIG_FILE = "config.json"
ONNX_FILE = "model.onnx"
WEIGHTS_FILE = "model.safetensors"


class ModelDescription(BaseModel):
    """What ``config.json`` says.

    Attributes:
        name: What the model calls itself.
        size_multiple: Height and width in pixels that the network takes are multiples of this.
        working_size_px: Side of the pictures that the network is made for.
        copied_texture: Whether thick holes are filled from the rest of the picture, since the network leaves them
            smooth.
        generator: The network's configuration, which belongs to ``networks/config.py``: here it only has to be there.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    name: str = Field(min_length=1)
    size_multiple: int = Field(ge=1, le=1024)
    working_size_px: int = Field(ge=16, le=8192)
    copied_texture: bool = False
    generator: dict[str, Any]

    @model_validator(mode="after")
    def _check_working_size(self) -> ModelDescription:
        if self.working_size_px % self.size_multiple:
            raise ValueError(
                f"working_size_px must be a multiple of size_multiple {self.size_multiple}, "
                f"got {self.working_size_px}"
            )
        return self

    def encoded(self) -> bytes:
        """The file's content."""
        return (json.dumps(self.model_dump(mode="json"), indent=2) + "\n").encode()


def read_description(folder: Path) -> ModelDescription:
    """Read a folder's ``config.json``.

    Raises:
        ModelError: It is missing, damaged, or does not describe a model.
    """
    path = folder / CONFIG_FILE
    try:
        return ModelDescription.model_validate(json.loads(path.read_text("utf-8")))
    except OSError as error:
        raise ModelError(
            f"a model folder holds {CONFIG_FILE}, got none that can be read: {path} ({error.strerror}); "
            "give the folder that holds it or reinstall splpaint"
        ) from error
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise ModelError(f"{path} must describe a model, got {problems}; export the model again") from error
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, nested without end
        raise ModelError(f"{path} must be a JSON file, got {error}; export the model again") from error
