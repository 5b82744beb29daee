"""The networks of the paper and our own; torch is loaded when one is asked for, the configuration needs none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from splpaint.lazy import lazy_names

if TYPE_CHECKING:
    from splpaint.networks.build import build_generator
    from splpaint.networks.checkpoints import load_model, read_torch_file, save_model, stored_in_fp16
    from splpaint.networks.compilation import can_compile
    from splpaint.networks.config import GeneratorConfig, PretextConfig, SPLConfig
    from splpaint.networks.discriminator import PatchDiscriminator
    from splpaint.networks.export import (
        network_to_export,
        painting_network,
        require_no_model,
        to_onnx,
        write_model,
    )
    from splpaint.networks.layers import at_least_float32
    from splpaint.networks.pretext import PretextNetwork, load_efficientnet_lite0, load_pretext
    from splpaint.networks.pretrained import PretrainedSPL, write_card
    from splpaint.networks.published import generator_table, read_published
    from splpaint.networks.spl import SPLOutput

__all__ = [
    "GeneratorConfig",
    "PatchDiscriminator",
    "PretextConfig",
    "PretextNetwork",
    "PretrainedSPL",
    "SPLConfig",
    "SPLOutput",
    "at_least_float32",
    "build_generator",
    "can_compile",
    "generator_table",
    "load_efficientnet_lite0",
    "load_model",
    "load_pretext",
    "network_to_export",
    "painting_network",
    "read_published",
    "read_torch_file",
    "require_no_model",
    "save_model",
    "stored_in_fp16",
    "to_onnx",
    "write_card",
    "write_model",
]
__getattr__ = lazy_names(
    __name__,
    {
        "build": ("build_generator",),
        "checkpoints": (
            "load_model",
            "read_torch_file",
            "save_model",
            "stored_in_fp16",
        ),
        "compilation": ("can_compile",),
        "config": (
            "GeneratorConfig",
            "PretextConfig",
            "SPLConfig",
        ),
        "discriminator": ("PatchDiscriminator",),
        "export": (
            "network_to_export",
            "painting_network",
            "require_no_model",
            "to_onnx",
            "write_model",
        ),
        "layers": ("at_least_float32",),
        "pretext": (
            "PretextNetwork",
            "load_efficientnet_lite0",
            "load_pretext",
        ),
        "pretrained": (
            "PretrainedSPL",
            "write_card",
        ),
        "published": (
            "generator_table",
            "read_published",
        ),
        "spl": ("SPLOutput",),
    },
    extra="train",
)
