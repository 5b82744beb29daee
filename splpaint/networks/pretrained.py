"""Model folders by huggingface_hub's ways: ``from_pretrained``, ``save_pretrained`` and ``push_to_hub``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from huggingface_hub import ModelCard, ModelHubMixin, snapshot_download
from torch import Tensor, nn

from splpaint.model_folder import CHECKSUMS_FILE, CONFIG_FILE, WEIGHTS_FILE, read_description
from splpaint.networks.checkpoints import load_model, stored_in_fp16
from splpaint.networks.config import GeneratorConfig
from splpaint.networks.export import write_model
from splpaint.networks.spl import SPL, SPLOutput

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
    def _from_pretrained(cls, *, model_id: str, **download: Any) -> PretrainedSPL:
        """Read a folder, or download what torch needs of a model first; in eval mode.

        Raises:
            ModelError: It is no model folder, or damaged.
        """
        folder = Path(model_id)
        if not folder.is_dir():
            files = [CONFIG_FILE, WEIGHTS_FILE, CHECKSUMS_FILE]
            folder = Path(snapshot_download(model_id, allow_patterns=files, **download))
        spl, sizes = load_model(folder)
        return cls(spl, sizes, read_description(folder).name, in_fp16=stored_in_fp16(folder)).eval()
