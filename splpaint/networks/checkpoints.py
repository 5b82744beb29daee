"""Model folders: ``model.safetensors`` and ``config.json``, read strictly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from pydantic import TypeAdapter, ValidationError
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save
from torch import nn

from splpaint.atomic_files import write_atomic
from splpaint.errors import ModelError
from splpaint.model_folder import (
    CHECKSUMS_FILE,
    CONFIG_FILE,
    WEIGHTS_FILE,
    ModelDescription,
    checksums_of,
    read_description,
    require_undamaged,
)
from splpaint.networks.build import build_generator
from splpaint.networks.config import GeneratorConfig
from splpaint.networks.spl import SPL

_MOST_NAMED = 5


def save_model(
    folder: Path,
    generator: nn.Module,
    config: GeneratorConfig,
    *,
    name: str,
    dtype: torch.dtype = torch.float32,
) -> None:
    """Write a generator's weights and configuration, each file whole or not at all, and their checksums.

    Args:
        folder: Made if missing.
        generator: What ``build_generator(config)`` gives.
        config: Its configuration.
        name: The model's name.
        dtype: Type of the stored weights.
    """
    tensors = {
        key: value.detach().cpu().to(dtype).contiguous() for key, value in generator.state_dict().items()
    }
    (folder / CHECKSUMS_FILE).unlink(
        missing_ok=True
    )  # they come last, so that they are never those of other files
    write_atomic(folder / WEIGHTS_FILE, save(tensors))
    description = ModelDescription(
        name=name,
        size_multiple=config.size_multiple,
        working_size_px=config.working_size_px,
        copied_texture=config.copied_texture,
        generator=config.model_dump(),
    )
    write_atomic(folder / CONFIG_FILE, description.encoded())
    write_atomic(folder / CHECKSUMS_FILE, checksums_of(folder))


def load_model(folder: Path) -> tuple[SPL, GeneratorConfig]:
    """Read a model folder; the generator comes back in float32 and eval mode.

    Raises:
        ModelError: A file is missing or damaged, or names and shapes of the weights differ from the
            configuration's.
    """
    try:
        require_undamaged(folder, CONFIG_FILE, WEIGHTS_FILE)
        description = read_description(folder)
        config: GeneratorConfig = TypeAdapter(GeneratorConfig).validate_python(description.generator)
        tensors = load_file(folder / WEIGHTS_FILE)
    except FileNotFoundError as error:
        raise ModelError(
            f"torch needs the weights of a model, {WEIGHTS_FILE}, got {folder} without; give a folder that has them"
        ) from error
    except SafetensorError as error:
        raise ModelError(f"{folder / WEIGHTS_FILE} is damaged ({error}); get it again") from error
    except ValidationError as error:
        raise ModelError(f"{folder / CONFIG_FILE} must describe a generator: {error}") from error
    generator = build_generator(config)
    load_weights(generator, tensors, source=str(folder / WEIGHTS_FILE))
    return generator.eval(), config


def read_torch_file(path: Path) -> Any:
    """Read a PyTorch file of tensors and plain values; code in it is not run.

    Raises:
        ModelError: It is missing, damaged, or holds something else.
    """
    if not path.is_file():
        raise ModelError(f"there must be a file of weights at {path}, found none; check the path")
    try:
        return torch.load(path, weights_only=True, map_location="cpu")
    except Exception as error:  # a damaged file makes the unpickler raise nearly anything
        raise ModelError(
            f"{path} must be a PyTorch file of tensors and plain values, got {_found_instead(path, error)}"
        ) from error


def _found_instead(path: Path, error: Exception) -> str:
    # Not in torch's words: these advise to load such files all the same.
    if "TorchScript" in str(error):
        return "a TorchScript program, which could run anything and is not loaded; get its weights alone"
    try:
        foreign = torch.serialization.get_unsafe_globals_in_checkpoint(path)
    except Exception:  # no such file, or one of old
        foreign = []
    if foreign:
        return (
            f"one that holds {', '.join(sorted(foreign)[:_MOST_NAMED])}, too, which could run anything and is not "
            "loaded; save the network's state_dict() alone"
        )
    return "another kind of file, or a damaged one; check the path, or get it again"


def stored_in_fp16(folder: Path) -> bool:
    """Whether a model folder holds its weights in half precision."""
    with safe_open(folder / WEIGHTS_FILE, framework="pt") as weights:
        return all(weights.get_slice(name).get_dtype() == "F16" for name in weights.keys())  # noqa: SIM118


def load_weights(generator: nn.Module, tensors: dict[str, torch.Tensor], *, source: str) -> None:
    """Copy weights into a generator; every name and shape must be there, and no other.

    Raises:
        ModelError: Lists what is missing, surplus or of another shape.
    """
    own = generator.state_dict()
    problems = [f"missing {key}" for key in own.keys() - tensors.keys()]
    problems += [f"surplus {key}" for key in tensors.keys() - own.keys()]
    problems += [
        f"{key} must be {tuple(own[key].shape)}, got {tuple(tensors[key].shape)}"
        for key in own.keys() & tensors.keys()
        if own[key].shape != tensors[key].shape
    ]
    if problems:
        raise ModelError(f"{source} does not fit the network: " + "; ".join(sorted(problems)))
    generator.load_state_dict({key: value.float() for key, value in tensors.items()})
