"""A model's folder: ``config.json``, ``model.onnx``, ``model.safetensors`` and ``README.md``, its card.

Only the first two are needed to paint; torch reads the first and the third. Other people's models have a
``contract.json`` in place of the first, and no third. ``SHA256SUMS`` holds the checksums of all these, as
``sha256sum -c`` reads them; if it is there, they are checked when they are loaded.
"""

from __future__ import annotations

import functools
import hashlib
import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from splpaint.errors import ModelError

__all__ = [
    "BUNDLED",
    "CHECKSUMS_FILE",
    "CONFIG_FILE",
    "CONTRACT_FILE",
    "ONNX_FILE",
    "WEIGHTS_FILE",
    "ModelDescription",
    "checksums_of",
    "file_sha256",
    "read_checksums",
    "read_description",
    "require_undamaged",
]

CONFIG_FILE = "config.json"
CONTRACT_FILE = "contract.json"
ONNX_FILE = "model.onnx"
WEIGHTS_FILE = "model.safetensors"
CHECKSUMS_FILE = "SHA256SUMS"

BUNDLED: dict[str, Path] = {"compact": Path(__file__).resolve().parent / "weights" / "compact"}
"""The models that come with the package, by their names."""

_IN_A_RUN = ("model", "latest")  # where training leaves models
_MOST_PROBLEMS = 5


class ModelDescription(BaseModel):
    """The content of ``config.json``.

    Attributes:
        name: The model's name.
        size_multiple: Height and width in pixels of the network's input are multiples of this.
        working_size_px: Side of the images that the network is made for.
        copied_texture: Whether thick holes are filled from the rest of the image, since the network leaves them smooth.
        generator: The network's configuration, which ``networks/config.py`` checks; here it only has to be there.
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
        ModelError: The folder is no model of ours; or the file is damaged or does not describe one.
    """
    path = folder / CONFIG_FILE
    try:
        return ModelDescription.model_validate(json.loads(path.read_text("utf-8")))
    except (FileNotFoundError, NotADirectoryError) as error:
        raise ModelError(_why_no_model(folder)) from error
    except OSError as error:
        raise ModelError(
            f"{path} must be readable, and is not ({error.strerror}); check its rights"
        ) from error
    except ValidationError as error:
        if inner := _model_of_run(folder):
            raise ModelError(
                f"expected a model folder, got {folder}, the folder of a training run; did you mean {inner}?"
            ) from error
        problems = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        more = "; ..." if len(problems) > _MOST_PROBLEMS else ""
        raise ModelError(
            f"{path} must describe a model of splpaint, got {'; '.join(problems[:_MOST_PROBLEMS])}{more}; "
            "export the model again, or give another folder if this is another program's"
        ) from error
    except (ValueError, RecursionError) as error:  # no UTF-8, no JSON, or nested too deeply
        raise ModelError(f"{path} must be a JSON file, got {error}; export the model again") from error


def _why_no_model(folder: Path) -> str:
    if folder in BUNDLED.values():
        return f"{folder} must hold a bundled model, and does not; reinstall splpaint"
    if not folder.is_dir():
        found = "which is a file" if folder.exists() else "which is not there"
        return f"expected a model folder or the name {' or '.join(BUNDLED)}, got {folder}, {found}; check the path"
    if (folder / CONTRACT_FILE).is_file():
        return (
            f"expected a model of splpaint with its weights for torch, got {folder}, a model of other people "
            f"({CONTRACT_FILE}), which only paints; choose another model"
        )
    inner = _model_of_run(folder)
    return (
        f"a model folder holds {CONFIG_FILE}, {WEIGHTS_FILE} (weights for torch) and {ONNX_FILE} (to paint), got "
        f"{folder} without {CONFIG_FILE}; "
        f"{f'did you mean {inner}?' if inner else 'give the folder that holds them, such as model in that of a run'}"
    )


def _model_of_run(folder: Path) -> Path | None:
    return next((folder / name for name in _IN_A_RUN if (folder / name / CONFIG_FILE).is_file()), None)


def checksums_of(folder: Path) -> bytes:
    """The content of ``SHA256SUMS`` for those files of a model that are there."""
    files = [folder / name for name in (CONFIG_FILE, CONTRACT_FILE, ONNX_FILE, WEIGHTS_FILE)]
    return "".join(f"{file_sha256(file)}  {file.name}\n" for file in files if file.is_file()).encode()


def read_checksums(folder: Path) -> dict[str, str]:
    """The SHA-256 that files should have, by their names; none without a ``SHA256SUMS``.

    Raises:
        ModelError: It cannot be read.
    """
    path = folder / CHECKSUMS_FILE
    try:
        if not path.exists():
            return {}
        rows = [line.split(maxsplit=1) for line in path.read_text("utf-8").splitlines() if line]
        return {name.removeprefix("*"): digits.lower() for digits, name in rows}
    except (OSError, ValueError) as error:
        raise ModelError(
            f"{path} must hold a checksum and a name in each line ({error}); get the model again, or remove it to do "
            "without"
        ) from error


def require_undamaged(folder: Path, *names: str) -> None:
    """Check files of a model against their checksums, if it has any.

    Raises:
        ModelError: A file has another checksum or is missing.
    """
    recorded = read_checksums(folder)
    for name in names:
        if name not in recorded:
            continue
        try:
            found = file_sha256(folder / name)
        except OSError as error:
            raise ModelError(f"{folder / name} must be there ({error}); get the model again") from error
        if found != recorded[name]:
            raise ModelError(
                f"{folder / name} must have the SHA-256 {recorded[name]:.16}..., as {CHECKSUMS_FILE} says, got "
                f"{found:.16}...: it is damaged or was changed; get the model again, or, if you changed it yourself, "
                f"remove {CHECKSUMS_FILE}"
            )


def file_sha256(path: Path) -> str:
    """A file's SHA-256; the file is read again only if its size or time has changed."""
    found = path.stat()
    return _sha256(path.resolve(), found.st_size, found.st_mtime_ns)


@functools.lru_cache(64)
def _sha256(path: Path, size: int, time_ns: int) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
