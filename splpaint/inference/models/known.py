"""Other people's models that are known by name: their contracts, and where their files come from.

Contracts and checksums were read in what the publishers and their users have written; none of the files was run here.
``splpaint models add`` proves a contract before it accepts a file.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

from splpaint.errors import InputError
from splpaint.inference.models.contracts import Contract

if TYPE_CHECKING:
    from splpaint.downloads import RemoteFile

__all__ = ["KNOWN", "KnownModel", "known_by_sha256"]

_HUB = "https://huggingface.co"


class KnownModel(NamedTuple):
    """A model of other people.

    Attributes:
        title: What it is, in a few words.
        good_for: What to choose it for, as its publishers and users say.
        contract: What it takes and gives.
        licence: Of the weights, as their publisher says it.
        origin: Where the file is, or the project whose network a user exports.
        size_bytes: The file's size; None: there is no file of one size.
        sha256: The file's; None: it is not known.
    """

    title: str
    good_for: str
    contract: Contract
    licence: str
    origin: str
    size_bytes: int | None = None
    sha256: str | None = None

    def remote_file(self) -> RemoteFile:
        """The file where it is downloaded from: its origin, or the mirror of the hub that ``HF_ENDPOINT`` names.

        Raises:
            InputError: ``HF_ENDPOINT`` is no address.
        """
        from splpaint.downloads import RemoteFile  # which takes a while, and painting does not need

        assert self.size_bytes is not None
        assert self.sha256 is not None
        hub = os.environ.get("HF_ENDPOINT", "").rstrip("/") or _HUB
        if not hub.startswith(("https://", "http://")):
            raise InputError(
                f"HF_ENDPOINT must be an address such as {_HUB}, got {hub!r}; correct or unset it"
            )
        return RemoteFile(self.origin.replace(_HUB, hub, 1), self.size_bytes, self.sha256)


_LARGE = "large holes and repeating structures: facades, fences, water"
_FACES = "portraits"
_QUICK = "small and middling holes, sooner than LaMa"
_SCENES = "large holes in landscapes and streets"
_COMICS = "comics and line art"

_LAMA = Contract(
    inputs=("image", "mask"),
    output="output",
    image_range="0..1",
    hole_value=1,
    known_value=0,
    hole_holds="anything",
    output_range="0..255",
    composited=True,
    size_multiple=512,
    bf16_safe=True,  # fp16 is not: it overflows to black
)
# The hole of MI-GAN's files is filled before they resize the picture, so that nothing of it seeps out.
_MIGAN = Contract(
    inputs=("image", "mask"),
    dtype="uint8",
    image_range="0..255",
    hole_value=0,
    known_value=255,
    hole_holds="mean",
    output_range="0..255",
    composited=True,
    size_multiple=512,
)
_AOT = Contract(
    inputs=("image", "mask"),
    image_range="-1..1",
    hole_value=1,
    known_value=0,
    hole_holds="one",
    output_range="-1..1",
    composited=False,
    size_multiple=8,
)

KNOWN: dict[str, KnownModel] = {
    "lama": KnownModel(
        "big-LaMa, fixed at 512 x 512",
        _LARGE,
        _LAMA,
        "Apache-2.0, as its card says; trained on Places pictures, which are for research",
        f"{_HUB}/Carve/LaMa-ONNX/resolve/c3c0c9e468934d62e79c329e35d82dd09ff8c444/lama_fp32.onnx",
        208_044_816,
        "1faef5301d78db7dda502fe59966957ec4b79dd64e16f03ed96913c7a4eb68d6",
    ),
    "lama-int8": KnownModel(
        "big-LaMa, quantised, fixed at 512 x 512",
        _LARGE,
        # Known pixels come back as near as 8 bits are.
        _LAMA.model_copy(update={"channel_order": "BGR", "composited": False, "bf16_safe": False}),
        "Apache-2.0; trained on Places pictures, which are for research",
        f"{_HUB}/opencv/inpainting_lama/resolve/main/inpainting_lama_2025jan.onnx",
        92_591_623,
        "7df918ac3921d3daf0aae1d219776cf0dc4e4935f035af81841b40adcf74fdf2",
    ),
    "lama-dynamic": KnownModel(
        "big-LaMa for any size",
        _LARGE,
        _LAMA.model_copy(
            update={
                "inputs": ("input",),
                "hole_holds": "zero",
                "output_range": "0..1",
                "composited": False,
                "size_multiple": 32,
            }
        ),
        "Apache-2.0; trained on Places pictures, which are for research",
        f"{_HUB}/g-ronimo/lama/resolve/418036c6b541e526cdbb0bead1ec3a87dabede53/lama_fp16.onnx",
        106_559_381,
        "1fa042eaf30a6660b9190f0a1512d27bdceff90fab172af295303cdf2905e516",
    ),
    "lama-manga": KnownModel(
        "LaMa for manga, any size",
        _COMICS,
        _LAMA.model_copy(update={"output": "inpainted", "output_range": "0..1", "size_multiple": 8}),
        "Apache-2.0",
        f"{_HUB}/ogkalu/lama-manga-onnx-dynamic/resolve/ee4ed4a8447b6730fc41d34f90876b6c48af925a"
        "/lama-manga-dynamic.onnx",
        206_291_843,
        "de31ffa5ba26916b8ea35319f6c12151ff9654d4261bccf0583a69bb095315f9",
    ),
    "lama-dilated": KnownModel(
        "LaMa-Dilated, trained on faces, fixed at 512 x 512",
        _FACES,
        _LAMA.model_copy(update={"output": None, "output_range": "0..1", "bf16_safe": False}),
        "other: read its card",
        f"{_HUB}/qualcomm/LaMa-Dilated/resolve/ab898502c9bd764a50eb2719a309694b43eae658/LaMa-Dilated.onnx",
        182_781_794,
        "6f9e1d401eb67a63fb1be6c0cf3283d800bf4c20656028f96b044fedc382d762",
    ),
    "migan": KnownModel(
        "MI-GAN, fed 512 x 512",
        _QUICK,
        _MIGAN,
        "MIT; its teacher, CoModGAN, was not for commercial use",
        f"{_HUB}/andraniksargsyan/migan/resolve/406830d0fa60666da0071c342ad2fbc8f30c5c64/migan.onnx",
        29_546_882,
        "593eba0b7e04730f1b61c0a3cbca68d97d8d6a7ff5c6a44a7b9d7fcd880fc5ae",
    ),
    "migan-pipeline": KnownModel(
        "MI-GAN with its own cropping, any size",
        _QUICK,
        _MIGAN.model_copy(update={"output": "result", "composited": False, "size_multiple": 1}),
        "MIT; its teacher, CoModGAN, was not for commercial use",
        f"{_HUB}/andraniksargsyan/migan/resolve/406830d0fa60666da0071c342ad2fbc8f30c5c64/migan_pipeline_v2.onnx",
        28_079_181,
        "6f1f3530a1a2324b19752018ce756088b07973cda8d7d890034ace5c8a48c40b",
    ),
    "migan-network": KnownModel(
        "MI-GAN's network alone, exported by you, fixed at 512 x 512",
        _QUICK,
        Contract(
            inputs=("input",),
            image_range="-1..1",
            hole_value=-0.5,
            known_value=0.5,
            mask_first=True,
            hole_holds="zero",
            output_range="-1..1",
            composited=False,
            size_multiple=512,
        ),
        "MIT; its teacher, CoModGAN, was not for commercial use",
        "https://github.com/Picsart-AI-Research/MI-GAN",
    ),
    "aot-gan": KnownModel(
        "AOT-GAN for Places2, exported by you, any size",
        _SCENES,
        _AOT,
        "Apache-2.0",
        "https://github.com/researchmm/AOT-GAN-for-Inpainting",
    ),
    "aot-manga": KnownModel(
        "AOT for manga, any size from 128 pixels",
        _COMICS,
        _AOT.model_copy(update={"hole_holds": "zero", "size_multiple": 128}),
        "unknown",
        f"{_HUB}/ogkalu/aot-inpainting/resolve/42ffc84ff1bd46dd95f1c5a41e83ee7e98f39189/aot.onnx",
        23_068_213,
        "ffd39ed8e2a275869d3b49180d030f0d8b8b9c2c20ed0e099ecd207201f0eada",
    ),
}
"""By name. A name without a checksum lends its contract alone."""


def known_by_sha256(sha256: str) -> str | None:
    """The name of the known model whose file has this checksum."""
    return next((name for name, model in KNOWN.items() if model.sha256 == sha256), None)
