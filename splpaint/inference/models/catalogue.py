"""Models by name or folder: what engines and painter need to know of a model, read without torch."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from splpaint.errors import ModelError
from splpaint.inference.models.added import added_models
from splpaint.inference.models.contracts import OURS, Contract, read_contract
from splpaint.inference.models.known import KNOWN
from splpaint.model_folder import (
    BUNDLED,
    CONFIG_FILE,
    CONTRACT_FILE,
    ONNX_FILE,
    read_description,
    require_undamaged,
)

__all__ = ["ModelFiles", "find_folder", "find_model", "how_to_get"]


class ModelFiles(NamedTuple):
    """A model folder.

    Attributes:
        name: The model's name.
        folder: The folder.
        onnx: The network's file.
        contract: What the network takes and gives.
        foreign: Whether other people made it.
        copied_texture: Whether thick holes are filled with the image's own texture besides the network's painting.
    """

    name: str
    folder: Path
    onnx: Path
    contract: Contract = OURS
    foreign: bool = False
    copied_texture: bool = False

    @property
    def size_multiple(self) -> int:
        """Height and width in pixels of the network's input are multiples of this."""
        return self.contract.size_multiple

    @property
    def working_size_px(self) -> int:
        """Side of the images that the network is made for."""
        return self.contract.working_size_px


def find_model(name_or_folder: str | Path) -> ModelFiles:
    """Find a model by the name of a bundled or an added one, or by its folder.

    Bundled names come first, then added ones; for a folder of the same name write ``./NAME``.

    Raises:
        ModelError: No such name or folder, or a file of the model is missing or damaged.
    """
    folder = find_folder(name_or_folder)
    foreign = (folder / CONTRACT_FILE).is_file()
    require_undamaged(folder, CONTRACT_FILE if foreign else CONFIG_FILE, ONNX_FILE)
    files = _foreign(folder) if foreign else _own(folder)
    if not files.onnx.is_file() or files.onnx.stat().st_size == 0:
        raise ModelError(
            f"a model folder holds {ONNX_FILE}, got a missing or empty {files.onnx}; {_how_to_mend(files)}"
        )
    return files


def find_folder(name_or_folder: str | Path) -> Path:
    """Find a model's folder, whatever it holds, as ``find_model`` does.

    Raises:
        ModelError: No such name or folder.
    """
    added = added_models()
    if isinstance(name_or_folder, str) and name_or_folder in BUNDLED | added:
        return (added | BUNDLED)[name_or_folder]
    folder = Path(name_or_folder)
    try:
        if folder.is_dir():
            return folder
    except (OSError, ValueError):  # too long, a NUL in it: no folder, either
        pass
    name = str(name_or_folder)[:200]
    advice = (
        f"{name} is known, but not here: {how_to_get(name)}" if name in KNOWN else "check the name or path"
    )
    raise ModelError(
        f"model must be one of {', '.join(sorted(BUNDLED | added))} or a model folder, got {name!r}, which is neither; "
        f"{advice}"
    )


def how_to_get(name: str) -> str:
    """What a user does to have a known model that is not here."""
    if KNOWN[name].sha256:
        return f"splpaint models get {name} fetches it"
    return "export it and run splpaint models add FILE"


def _how_to_mend(files: ModelFiles) -> str:
    if files.folder in BUNDLED.values():
        return "reinstall splpaint"
    if files.foreign:
        return "add the model again"
    return "splpaint export writes a folder that has it, from one that has the weights"


def _own(folder: Path) -> ModelFiles:
    config = read_description(folder)
    sizes = {"size_multiple": config.size_multiple, "working_size_px": config.working_size_px}
    contract = OURS.model_copy(update=sizes)
    return ModelFiles(config.name, folder, folder / ONNX_FILE, contract, copied_texture=config.copied_texture)


def _foreign(folder: Path) -> ModelFiles:
    name = folder.resolve().name
    return ModelFiles(name, folder, folder / ONNX_FILE, read_contract(folder / CONTRACT_FILE), foreign=True)
