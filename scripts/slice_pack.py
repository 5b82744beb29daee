"""Pack what training on a machine without a network needs into one file: sources, a recipe, photographs, wheels.

The machine has Linux, x86-64, Python 3.12, PyTorch, timm, NumPy, Pillow, rich, typer and safetensors. Photographs are
made smaller and compressed again, as WebP; ``photographs.csv`` records each with both checksums. Of the pretext network
the weights up to its stage are packed, not the package that they come in.

    scripts/gpu_slice.sh pack compact data.images=data/photos/train data.val=data/photos/val run.images=2_000_000
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image

from splpaint import __version__
from splpaint.datasets.sources import open_pictures
from splpaint.errors import InputError, SplpaintError
from splpaint.images.decoding import open_rgb
from splpaint.masks.mask_files import read_hole
from splpaint.masks.sources import MaskFiles, MaskSource, Silhouettes
from splpaint.networks.pretext import load_pretext
from splpaint.training.config import TrainingConfig
from splpaint.training.data.dataset import shrink_photograph
from splpaint.training.recipes.recipe import load_recipe
from splpaint.training.start import open_dataset

ROOT = Path(__file__).resolve().parents[1]
SCRIPTS = ("gpu_slice.sh", "slice_train.py", "slice_results.py")
LACKING = ("pydantic>=2.7",)  # of what training imports, what the machine has not; pip adds what that needs
WHEELS_FOR = ("--python-version", "3.12", "--implementation", "cp", "--platform", "manylinux2014_x86_64")


class Encoding(NamedTuple):
    """How photographs are packed."""

    short_side_px: int
    quality: int


def main() -> None:
    """Pack."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recipe", help="as for splpaint train")
    parser.add_argument("overrides", nargs="*", help="section.key=value, as for splpaint train")
    parser.add_argument("-o", "--output", type=Path, default=Path("slice.tar"))
    parser.add_argument("--short-side-px", type=int, default=768, help="photographs are made so small (768)")
    parser.add_argument("--quality", type=int, default=80, help="of their compression, 1 to 100 (80)")
    parser.add_argument("--wheels", type=Path, help="folder of wheels, instead of those that pip downloads")
    parser.add_argument("--max-mb", type=float, default=60, help="tracked files and pack together (60)")
    options = parser.parse_intermixed_args()
    try:
        pack(
            options.recipe,
            options.overrides,
            options.output,
            Encoding(options.short_side_px, options.quality),
            wheels=options.wheels,
            max_mb=options.max_mb,
        )
    except SplpaintError as error:
        sys.exit(f"error: {error}")


def pack(
    recipe: str, overrides: list[str], output: Path, encoding: Encoding, *, wheels: Path | None, max_mb: float
) -> None:
    """Write the tar file ``output``, whose one folder is ``slice``.

    Raises:
        InputError: It would be too large, or something that belongs into it is not there.
    """
    config = load_recipe(recipe, ["run.out=run", *overrides])
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "slice"
        folder.mkdir()
        _copy_sources(folder)
        _collect_wheels(wheels, folder / "wheels")
        if recipe.endswith(".toml"):
            shutil.copy(recipe, folder / "recipe.toml")
        packed = _collect_files(config, folder, encoding)
        replaced = {override.partition("=")[0] for override in packed}
        kept = [override for override in overrides if override.partition("=")[0].strip() not in replaced]
        description = {
            "recipe": "recipe.toml" if recipe.endswith(".toml") else recipe,
            "overrides": [*kept, *packed],
            "splpaint": __version__,
            "commit": _git("rev-parse", "HEAD").strip(),
            "photographs": {"format": "WebP", **encoding._asdict()},
        }
        (folder / "slice.json").write_text(json.dumps(description, indent=2) + "\n", encoding="utf-8")
        _require_small(folder, max_mb)
        output.parent.mkdir(parents=True, exist_ok=True)
        part = output.with_name(output.name + ".part")
        with tarfile.open(part, "w") as archive:
            archive.add(folder, "slice")
        part.replace(output)
    print(f"wrote {output}; there: tar -xf {output.name} && slice/gpu_slice.sh train RESULTS")


def _copy_sources(folder: Path) -> None:
    for name in _git("ls-files", "-z", "splpaint").split("\0"):
        if name and not name.startswith("splpaint/weights/"):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, target)
    for name in SCRIPTS:
        shutil.copy(ROOT / "scripts" / name, folder / name)


def _collect_wheels(given: Path | None, folder: Path) -> None:
    if given is not None:
        shutil.copytree(given, folder)
        return
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check")
    done = subprocess.run(
        [*pip, "--only-binary=:all:", *WHEELS_FOR, "--dest", str(folder), *LACKING], check=False
    )
    if done.returncode:
        raise InputError(
            f"expected wheels of {', '.join(LACKING)} for Python 3.12, pip got none (see above); pass --wheels FOLDER"
        )


def _collect_files(config: TrainingConfig, folder: Path, encoding: Encoding) -> list[str]:
    """Copy what the configuration names; returns what it names there."""
    overrides = ["data.images=photographs/train", "run.out=run"]
    records = list(_packed_photographs(config.data.images, folder, "train", encoding))
    if config.data.val is not None:
        overrides.append("data.val=photographs/val")
        records += _packed_photographs(config.data.val, folder, "val", encoding)
    with (folder / "photographs.csv").open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(("file", "width", "height", "sha256", "original", "original_sha256"))
        rows.writerows(records)
    overrides += _packed_masks(open_dataset(config).draws.masks, folder / "masks")
    if config.loss.distillation or config.loss.perceptual:
        torch.save(load_pretext(config.pretext).network.state_dict(), folder / "pretext.pt")
        overrides.append("pretext.weights=pretext.pt")
    if config.run.init is not None:
        shutil.copytree(config.run.init, folder / "init", ignore=shutil.ignore_patterns("*.onnx"))
        overrides.append("run.init=init")
    return overrides


def _packed_photographs(
    source: str, folder: Path, part: str, encoding: Encoding
) -> Iterator[tuple[str, int, int, str, str, str]]:
    """Write photographs under numbers that keep their order; gives a record of each."""
    pictures = open_pictures(source)
    (folder / "photographs" / part).mkdir(parents=True)
    for number in range(len(pictures)):
        name, data = pictures.read(number)
        photograph = shrink_photograph(open_rgb(name, data), encoding.short_side_px)
        packed = io.BytesIO()
        photograph.save(packed, "WEBP", quality=encoding.quality, method=6)
        file = f"photographs/{part}/{number:06}.webp"
        (folder / file).write_bytes(packed.getvalue())
        yield file, *photograph.size, _sha256(packed.getvalue()), Path(name).name, _sha256(data)


def _packed_masks(masks: MaskSource, folder: Path) -> list[str]:
    if isinstance(masks, MaskFiles):
        folder.mkdir()
        for number, file in enumerate(masks.files):
            hole = read_hole(file, masks.polarity)
            Image.fromarray(np.asarray(hole)).save(folder / f"{number:06}.png", optimize=True)
        return ["data.masks=masks", "data.mask_polarity=white-hole", "data.mask_any_ratio=true"]
    if isinstance(masks, Silhouettes):
        folder.mkdir()
        for number, file in enumerate(masks.cut_outs):
            shutil.copy(file, folder / f"{number:06}{file.suffix}")
        return ["data.masks=object:masks"]
    return []


def _require_small(folder: Path, max_mb: float) -> None:
    tracked = sum(
        (ROOT / name).stat().st_size for name in _git("ls-files", "-z").split("\0") if (ROOT / name).is_file()
    )
    parts = {
        each.name: sum(file.stat().st_size for file in (each, *each.rglob("*")) if file.is_file())
        for each in folder.iterdir()
    }
    total = tracked + sum(parts.values())
    largest = sorted(parts.items(), key=lambda part: -part[1])[:4]
    told = ", ".join(f"{name} {size / 1e6:.1f} MB" for name, size in [("tracked files", tracked), *largest])
    print(f"{total / 1e6:.1f} MB: {told}")
    if total > max_mb * 1e6:
        raise InputError(
            f"expected at most {max_mb:g} MB of tracked files and pack together, got {total / 1e6:.1f} MB ({told}); "
            "pass a lower --short-side-px or --quality, fewer photographs, or another --max-mb"
        )


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", "-C", str(ROOT), *arguments], check=False, capture_output=True, text=True)
    if done.returncode:
        raise InputError(f"expected a git clone at {ROOT}, got: {done.stderr.strip()}; pack from a clone")
    return done.stdout


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


if __name__ == "__main__":
    main()
