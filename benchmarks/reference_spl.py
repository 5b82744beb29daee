"""The published generator as literally as its description: what ``paint_speed.py`` measures ours by.

``paint`` takes a state dict by the authors' names and does one thing after another: filled copies for region
normalisation, two convolutions for scale and shift, explicit padding. It passes the oracles
(tests/networks/test_spl.py).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

Weights = dict[str, Tensor]


def paint(weights: Weights, image: Tensor, hole: Tensor) -> tuple[Tensor, Tensor]:
    """(B,3,H,W) image, (B,1,H,W) hole => (B,3,H,W) raw prediction and (B,152,H/4,W/4) prior."""
    damaged = image * (1 - hole) + hole
    layout, prior = learn_semantics(weights, damaged, hole)

    x = F.pad(damaged, (3, 3, 3, 3), mode="reflect")
    x = F.relu(given_region_norm(weights, "encoder_in1", conv(weights, "encoder_conv1", x), hole))
    x = conv(weights, "encoder_conv2", x, stride=2, padding=1)
    x = F.relu(given_region_norm(weights, "encoder_in2", x, hole))
    x = conv(weights, "encoder_conv3", x, stride=2, padding=1)
    x = F.relu(given_region_norm(weights, "encoder_in3", x, hole))

    for i in range(8):
        block = f"middle.{i}.conv_block"
        y = F.relu(spade(weights, f"{block}.0", x, layout))
        y = conv(weights, f"{block}.3", F.pad(y, (2, 2, 2, 2), mode="reflect"), dilation=2)
        y = F.relu(spade(weights, f"{block}.4", y, layout))
        x = x + conv(weights, f"{block}.7", F.pad(y, (1, 1, 1, 1), mode="reflect"))

    x = F.pixel_shuffle(conv(weights, "decoder.0", x, padding=1), 2)
    x = F.relu(found_region_norm(weights, "decoder.2.sa", x))
    x = F.pixel_shuffle(conv(weights, "decoder.4", x, padding=1), 2)
    x = F.relu(found_region_norm(weights, "decoder.6.sa", x))
    x = conv(weights, "decoder.9", F.pad(x, (3, 3, 3, 3), mode="reflect"))
    return (torch.tanh(x) + 1) / 2, prior


def learn_semantics(weights: Weights, damaged: Tensor, hole: Tensor) -> tuple[Tensor, Tensor]:
    """Layout (B,256,H/4,W/4) and prior (B,152,H/4,W/4)."""
    x = F.interpolate(torch.cat([damaged, hole], dim=1), scale_factor=2, mode="nearest")
    x = F.leaky_relu(conv(weights, "encoder_conv1_sm", F.pad(x, (3, 3, 3, 3), mode="reflect")), 0.1)
    for i in (2, 3, 4):
        x = F.leaky_relu(conv(weights, f"encoder_conv{i}_sm", x, stride=2, padding=1), 0.1)
    s = x
    x = conv(weights, "encoder_sm_out", s, padding=1)
    outputs = []
    for i in range(16):
        y = x
        for j in range(6):
            y = torch.cat([y, F.relu(conv(weights, f"rdbs.{i}.layers.{j}.conv", y, padding=1))], dim=1)
        x = x + conv(weights, f"rdbs.{i}.lff", y)
        outputs.append(x)
    fused = conv(weights, "gff.0", torch.cat(outputs, dim=1))
    x = conv(weights, "gff.1", fused, padding=1) + s
    for i in range(4):
        block = f"feature_recon.{i}.conv_block"
        y = F.relu(conv(weights, f"{block}.1", F.pad(x, (1, 1, 1, 1), mode="reflect")))
        x = x + conv(weights, f"{block}.4", F.pad(y, (1, 1, 1, 1), mode="reflect"))
    return x, conv(weights, "feature_mapping", x)


def conv(weights: Weights, name: str, x: Tensor, **options: int) -> Tensor:
    """Convolution by the weights of a name."""
    return F.conv2d(x, weights[f"{name}.weight"], weights.get(f"{name}.bias"), **options)


def spade(weights: Weights, name: str, x: Tensor, layout: Tensor) -> Tensor:
    """Spatially adaptive normalisation."""
    layout = F.interpolate(layout, size=x.shape[2:], mode="nearest")
    hidden = F.relu(conv(weights, f"{name}.mlp_shared.0", layout, padding=1))
    gamma = conv(weights, f"{name}.mlp_gamma", hidden, padding=1)
    beta = conv(weights, f"{name}.mlp_beta", hidden, padding=1)
    return F.instance_norm(x) * (1 + gamma) + beta


def normalise_filled(x: Tensor, region: Tensor) -> Tensor:
    """Fill outside the region with its mean, normalise the filled map, scale by the region's share."""
    area = region.sum(dim=(2, 3), keepdim=True)
    area = torch.where(area == 0, torch.ones_like(area), area)
    mean = (x * region).sum(dim=(2, 3), keepdim=True) / area
    filled = x * region + (1 - region) * mean
    return F.instance_norm(filled) * torch.sqrt(area / (x.shape[2] * x.shape[3]))


def given_region_norm(weights: Weights, name: str, x: Tensor, hole: Tensor) -> Tensor:
    """RN-B."""
    hole = F.interpolate(hole, size=x.shape[2:], mode="nearest")
    part = {key: weights[f"{name}.{key}"][None, :, None, None] for key in RN_B}
    normalised = normalise_filled(x, hole) + normalise_filled(x, 1 - hole)
    foreground = normalised * (1 + part["foreground_gamma"]) * hole + part["foreground_beta"]
    background = normalised * (1 + part["background_gamma"]) * (1 - hole) + part["background_beta"]
    return foreground + background


RN_B = ("foreground_gamma", "foreground_beta", "background_gamma", "background_beta")


def found_region_norm(weights: Weights, name: str, x: Tensor) -> Tensor:
    """RN-L."""
    pooled = torch.cat([x.mean(dim=1, keepdim=True), x.max(dim=1, keepdim=True).values], dim=1)
    importance = torch.sigmoid(conv(weights, f"{name}.conv1", pooled, padding=3))
    region = (importance >= 0.8).to(x.dtype).detach()
    normalised = normalise_filled(x, region) + normalise_filled(x, 1 - region)
    gamma = conv(weights, f"{name}.gamma_conv", importance, padding=3)
    beta = conv(weights, f"{name}.beta_conv", importance, padding=3)
    return normalised * (1 + gamma) + beta
