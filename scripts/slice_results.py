"""What a slice of training gives back: weights in small parts, the log, a sheet of painted pictures.

``weights.safetensors`` holds the moving average of the weights ("ema.") and the weights themselves ("raw."), in half
precision, and the network's configuration; it is cut into parts of at most 15 MiB. ``SHA256SUMS`` has the checksums of
the parts and of the whole.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save

from splpaint.datasets.picture import FilePictures
from splpaint.errors import SplpaintError
from splpaint.images.listing import list_pictures
from splpaint.networks.build import build_generator
from splpaint.networks.checkpoints import load_weights, read_torch_file
from splpaint.training.checkpoint import CHECKPOINT_FILE
from splpaint.training.config import TrainingConfig
from splpaint.training.report import BEST_BY, draw_sheet
from splpaint.training.validation import validate, validation_pairs

WEIGHTS, SUMS, LOG, SHEET = "weights.safetensors", "SHA256SUMS", "log.jsonl", "sheet.jpg"
PART_BYTES = 15 * 2**20
_SHOWN = 8  # photographs


def main() -> None:
    """Write the results of the run ``sys.argv[1]`` to the folder ``sys.argv[2]``, painting on ``sys.argv[3]``."""
    run, results, device = Path(sys.argv[1]), Path(sys.argv[2]), torch.device(sys.argv[3])
    try:
        write_results(run, results, device)
    except SplpaintError as error:
        sys.exit(f"error: {error}")


def write_results(run: Path, results: Path, device: torch.device) -> None:
    """Write everything; files of these names are replaced.

    Raises:
        ModelError: The run has no checkpoint yet.
    """
    content = read_torch_file(run / CHECKPOINT_FILE)
    config = TrainingConfig.model_validate_json((run / "config.json").read_text("utf-8"))
    results.mkdir(parents=True, exist_ok=True)
    _write_weights(content, config, results)
    if (run / LOG).exists():
        shutil.copy(run / LOG, results / LOG)
    psnr, pairs = _write_sheet(content["ema"], config, results / SHEET, device)
    counters = content["counters"]
    print(
        f"{counters['step']} steps, {counters['images_seen']} images in {counters['elapsed_s']:.0f} s; in-hole PSNR of "
        f"the moving average: {psnr:.2f} dB, mean of {pairs} pairs from {config.data.val or config.data.images}"
    )


def _write_weights(content: dict[str, Any], config: TrainingConfig, results: Path) -> None:
    tensors = {
        f"{kind}.{name}": value.to(torch.float16).contiguous()
        for kind, weights in (("ema", content["ema"]), ("raw", content["generator"]))
        for name, value in weights.items()
    }
    description = {
        "generator": config.generator.model_dump_json(),
        "counters": json.dumps(content["counters"]),
    }
    data = save(tensors, metadata=description)
    for old in results.glob(f"{WEIGHTS}.*"):
        old.unlink()
    sums = []
    for number, start in enumerate(range(0, len(data), PART_BYTES)):
        part = data[start : start + PART_BYTES]
        name = f"{WEIGHTS}.{number:02}"
        (results / name).write_bytes(part)
        sums.append(f"{hashlib.sha256(part).hexdigest()}  {name}\n")
    sums.append(f"{hashlib.sha256(data).hexdigest()}  {WEIGHTS}\n")
    (results / SUMS).write_text("".join(sums), encoding="utf-8")


def _write_sheet(
    weights: dict[str, torch.Tensor], config: TrainingConfig, path: Path, device: torch.device
) -> tuple[float, int]:
    """Paint some of the validation photographs, or of those trained on; returns the mean in-hole PSNR and the pairs."""
    generator = build_generator(config.generator)
    load_weights(generator, weights, source=CHECKPOINT_FILE)
    files = list_pictures(Path(config.data.val or config.data.images))
    files = files[:: -(-len(files) // _SHOWN)]
    pairs = validation_pairs(
        FilePictures(files), size_px=config.generator.working_size_px, most_photographs=_SHOWN
    )
    values, shown = validate(generator.to(device).eval(), pairs)
    draw_sheet(shown).save(path, quality=90)
    return values[BEST_BY], len(pairs)


if __name__ == "__main__":
    main()
