"""Model folders by huggingface_hub's ways: ``from_pretrained``, ``save_pretrained`` and ``push_to_hub``."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard, ModelHubMixin, snapshot_download
from huggingface_hub.errors import HfHubHTTPError
from torch import Tensor, nn

from splpaint.atomic_files import write_atomic
from splpaint.errors import DownloadError, ModelError
from splpaint.model_folder import BUNDLED, CHECKSUMS_FILE, CONFIG_FILE, WEIGHTS_FILE, read_description
from splpaint.networks.checkpoints import load_model, stored_in_fp16
from splpaint.networks.config import GeneratorConfig
from splpaint.networks.export import write_model
from splpaint.networks.spl import SPL, SPLOutput

_ON_THE_HUB = re.compile(r"\w[\w.-]*/\w[\w.-]*", re.ASCII)
_CARD_FILE = "README.md"
_CARD = Path(__file__).with_name("card.md").read_text("utf-8")


class PretrainedSPL(
    nn.Module,
    ModelHubMixin,
    library_name="splpaint",
    pipeline_tag="image-to-image",
    tags=["image-inpainting"],
    paper_url="https://arxiv.org/abs/2106.07220",
    model_card_template=_CARD,
):
    """A generator with what a model folder says of it.

    Args:
        spl: What ``build_generator(sizes)`` gives.
        sizes: Its configuration.
        title: The model's name.
        in_fp16: Save the weights in fp16, as they were.
    """

    def __init__(self, spl: SPL, sizes: GeneratorConfig, title: str, *, in_fp16: bool = False) -> None:
        super().__init__()
        self.spl = spl
        self.sizes = sizes
        self.title = title
        self.in_fp16 = in_fp16

    def forward(self, image: Tensor, hole: Tensor) -> SPLOutput:
        """(B,3,H,W) in [0,1], (B,1,H,W), 1 = missing => painted, layout and prior."""
        return self.spl(image, hole)

    def generate_model_card(self, *args: Any, **kwargs: Any) -> ModelCard:
        """Write the card, with gaps for what only its maker knows."""
        own = {
            name: getattr(self.sizes, name) for name in ("architecture", "size_multiple", "working_size_px")
        }
        return super().generate_model_card(*args, name=self.title, **own, **kwargs)

    def _save_pretrained(self, save_directory: Path) -> None:
        write_model(save_directory, self.spl, self.sizes, name=self.title, half=self.in_fp16)

    @classmethod
    def from_pretrained(cls, pretrained_model_name_or_path: str | Path, **download: Any) -> PretrainedSPL:
        """Load a bundled model by its name, a model folder, or OWNER/NAME from the hub; in eval mode.

        Args:
            pretrained_model_name_or_path: The model; for a folder that is called as a bundled one write ``./NAME``.
            download: Of the hub: ``revision``, ``token``, ``cache_dir``, ``force_download``, ``local_files_only``.

        Raises:
            ModelError: There is no such model, or it is damaged.
            DownloadError: The hub does not give it.
        """
        name = str(pretrained_model_name_or_path)
        folder = BUNDLED.get(name, Path(name))
        if not folder.is_dir():
            folder = _download(name, **download)
        spl, sizes = load_model(folder)
        return cls(spl, sizes, read_description(folder).name, in_fp16=stored_in_fp16(folder)).eval()


def _download(name: str, **options: Any) -> Path:
    if not _ON_THE_HUB.fullmatch(name):
        raise ModelError(
            f"expected the name {' or '.join(BUNDLED)}, a model folder, or OWNER/NAME of the Hugging Face hub, "
            f"got {name!r}, which is none of these; check the path"
        )
    try:
        needed = [CONFIG_FILE, WEIGHTS_FILE, CHECKSUMS_FILE]  # by torch
        return Path(snapshot_download(name, allow_patterns=needed, **options))
    except (HfHubHTTPError, OSError) as error:
        reason = next(iter(str(error).splitlines()), type(error).__name__)[:200]
        raise DownloadError(
            f"{name} is no model folder here, and the Hugging Face hub does not give it ({reason}); check the name, "
            "the rights (HF_TOKEN) and the connection"
        ) from error


def write_card(folder: Path, network: PretrainedSPL) -> None:
    """Write a model folder's ``README.md``, with gaps for what only its maker knows; one that is there stays."""
    if not (folder / _CARD_FILE).exists():
        write_atomic(folder / _CARD_FILE, network.generate_model_card().content.encode())
