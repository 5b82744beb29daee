"""Put the parts of a slice's weights together again: two model folders, for ``splpaint export`` and ``run.init``.

scripts/gpu_slice.sh join RESULTS MODELS
splpaint export MODELS/ema -o mymodel
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import torch
from pydantic import TypeAdapter
from safetensors import safe_open
from slice_results import SUMS, WEIGHTS

from splpaint.errors import InputError, SplpaintError
from splpaint.networks.build import build_generator
from splpaint.networks.checkpoints import load_weights, save_model
from splpaint.networks.config import GeneratorConfig


def main() -> None:
    """Join."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=Path, help="folder that gpu_slice.sh train has written")
    parser.add_argument(
        "models", type=Path, help="folder for ema (the moving average) and raw; made if missing"
    )
    options = parser.parse_args()
    try:
        join(options.results, options.models)
    except SplpaintError as error:
        sys.exit(f"error: {error}")


def join(results: Path, models: Path) -> None:
    """Write ``models/ema`` and ``models/raw``.

    Raises:
        InputError: A part is missing or damaged.
    """
    models.mkdir(parents=True, exist_ok=True)
    whole = models / f"{WEIGHTS}.part"
    whole.write_bytes(_joined(results))
    with safe_open(whole, framework="pt") as file:
        config: GeneratorConfig = TypeAdapter(GeneratorConfig).validate_json(file.metadata()["generator"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    for kind in ("ema", "raw"):
        generator = build_generator(config)
        own = {name.removeprefix(f"{kind}."): each for name, each in tensors.items() if name.startswith(kind)}
        load_weights(generator, own, source=f"{kind} of {results}")
        save_model(models / kind, generator, config, name=config.architecture, dtype=torch.float16)
    whole.unlink()
    print(f"wrote {models / 'ema'} and {models / 'raw'}; splpaint export makes them paint")


def _joined(results: Path) -> bytes:
    if not (results / SUMS).is_file():
        raise InputError(
            f"expected the results of a slice in {results}, got no {SUMS}; give the folder of train"
        )
    rows = [line.split() for line in (results / SUMS).read_text("utf-8").splitlines()]
    data = b""
    for wanted, name in rows:
        part = (
            data if name == WEIGHTS else (results / name).read_bytes() if (results / name).is_file() else b""
        )
        got = hashlib.sha256(part).hexdigest()
        if got != wanted:
            raise InputError(f"expected {name} with SHA-256 {wanted}, got {got}; copy {results} again")
        if name != WEIGHTS:
            data += part
    return data


if __name__ == "__main__":
    main()
