"""What a training costs on 1 to 64 GPUs: from the arithmetic and the gradients of a step, by assumptions it prints.

Counted here: the arithmetic of a step for each image, and the bytes of gradients that processes average in each step.
On a GPU, ``train_step.py --device cuda`` measures the images a second that ``--images-per-s`` takes; without it, they
are assumed to be a share of the peak.

    python benchmarks/scale.py data/photos/train --recipe places2 data.masks=irregular
    python benchmarks/scale.py data/photos/train --recipe places2 data.masks=irregular --images-per-s 180
"""

from __future__ import annotations

import argparse
from pathlib import Path

from train_step import flops_per_image

from splpaint.machine import describe
from splpaint.networks import PatchDiscriminator, build_generator
from splpaint.training.recipes import load_recipe

PLACES2 = 1_803_460  # photographs of its training set (Places365-Standard)
GPUS = (1, 2, 4, 8, 16, 32, 64)
GPUS_A_NODE = 8


def main() -> None:
    """Count, estimate and print."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("pictures", type=Path, help="folder or list of photographs")
    parser.add_argument("overrides", nargs="*", help="section.key=value")
    parser.add_argument("--recipe", default="places2")
    parser.add_argument("--photographs", type=int, default=PLACES2)
    parser.add_argument("--per-gpu", type=int, default=8, help="images of a batch on each GPU")
    parser.add_argument("--images-per-s", type=float, help="of one GPU, measured by train_step.py")
    parser.add_argument(
        "--peak-tflops", type=float, default=989, help="of one GPU (H100 SXM, bf16 without sparsity)"
    )
    parser.add_argument(
        "--share", type=float, default=0.15, help="of the peak that a step is assumed to reach"
    )
    parser.add_argument(
        "--node-gb-s", type=float, default=150, help="all-reduce within a node, bytes a second, GB"
    )
    parser.add_argument("--net-gb-s", type=float, default=10, help="between nodes, of each node (100 Gbit/s)")
    options = parser.parse_intermixed_args()
    config = load_recipe(
        options.recipe, [*options.overrides, f"data.images={options.pictures}", "run.out=unused"]
    )
    flops = flops_per_image(options)
    networks = [build_generator(config.generator)]
    if config.loss.adversarial:
        networks.append(PatchDiscriminator(config.discriminator.channels))
    gradient_bytes = 4 * sum(weight.numel() for network in networks for weight in network.parameters())
    images = config.run.images or (config.run.epochs or 0) * options.photographs
    rate = options.images_per_s or options.peak_tflops * 1e12 * options.share / flops
    print(describe("torch", "timm"))
    print(
        f"counted: {flops / 1e9:.0f} GFLOP for each image, {gradient_bytes / 1e6:.0f} MB of gradients a step"
    )
    measured = (
        "measured"
        if options.images_per_s
        else f"assumed: {options.share:.0%} of {options.peak_tflops:g} TFLOP/s"
    )
    print(
        f"{rate:.0f} images/s of one GPU, {measured}; {images:,} images, {options.per_gpu} a step on each GPU"
    )
    print(
        f"assumed: {options.node_gb_s:g} GB/s within a node of {GPUS_A_NODE}, {options.net_gb_s:g} GB/s between nodes, "
        "nothing of it hidden behind arithmetic"
    )
    print("| GPUs | batch | all-reduce, ms | images/s | of ideal | hours | GPU hours |")
    print("|---:" * 7 + "|")
    for gpus in GPUS:
        speed = (options.node_gb_s if gpus <= GPUS_A_NODE else options.net_gb_s) * 1e9
        exchange_s = 2 * (gpus - 1) / gpus * gradient_bytes / speed  # a ring: every byte goes round twice
        step_s = options.per_gpu / rate + exchange_s
        together = gpus * options.per_gpu / step_s
        hours = images / together / 3600
        print(
            f"| {gpus} | {gpus * options.per_gpu} | {1000 * exchange_s:.1f} | {together:,.0f} | "
            f"{together / (gpus * rate):.0%} | {hours:,.1f} | {gpus * hours:,.0f} |"
        )


if __name__ == "__main__":
    main()
