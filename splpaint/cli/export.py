"""``splpaint export``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from splpaint.cli.terminal import OUTPUT, parse_path


def export(
    model: Annotated[Path, typer.Argument(help="Model folder, such as a training run's RUN/model.")],
    output: Annotated[
        Path, typer.Option(*OUTPUT, parser=parse_path, help="Folder to write; made if missing.")
    ],
    name: Annotated[str | None, typer.Option(help="The model's name; default: that of the folder.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model that is there.")] = False,
) -> None:
    """Write a trained model for use without torch: fp16 weights and ONNX, checked against torch.

    Then: splpaint paint PHOTO --mask MASK --model FOLDER
    """
    from splpaint.errors import MissingExtraError

    try:
        from splpaint.networks import load_model, require_no_model, write_model
    except ModuleNotFoundError as error:
        raise MissingExtraError("splpaint export", "train", str(error.name)) from error

    require_no_model(output, overwrite=overwrite)
    generator, config = load_model(model)
    name = name or output.resolve().name
    difference = write_model(output, generator, config, name=name, half=True)
    typer.echo(
        f"wrote {output}: model.safetensors, model.onnx (at most {difference:.1g} from torch), config.json"
    )
