"""``splpaint convert``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from splpaint.cli.terminal import OUTPUT, parse_path


def convert(
    checkpoint: Annotated[Path, typer.Argument(help="The authors' .pt file.")],
    folder: Annotated[Path | None, typer.Argument(parser=parse_path, hidden=True)] = None,
    output: Annotated[
        Path | None,
        typer.Option(*OUTPUT, parser=parse_path, help="Model folder to write; made if missing."),
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a model that is there.")] = False,
) -> None:
    """Turn a checkpoint of SPL's authors into a model folder that paints without torch.

    Then: splpaint paint PHOTO --mask MASK --model FOLDER
    """
    from splpaint.errors import InputError, MissingExtraError

    if folder and output:
        raise InputError(f"expected one folder to write, got {folder} and {output}; leave one out")
    if not (output := output or folder):
        raise InputError("expected a folder to write, got none; pass --output FOLDER")
    try:
        from splpaint.networks import (
            PretrainedSPL,
            SPLConfig,
            build_generator,
            read_published,
            require_no_model,
            write_card,
            write_model,
        )
    except ModuleNotFoundError as error:
        raise MissingExtraError("splpaint convert", "train", str(error.name)) from error

    require_no_model(output, overwrite=overwrite)
    published = read_published(checkpoint)
    generator = build_generator(SPLConfig())
    generator.load_state_dict(published.generator)
    name = output.resolve().name
    difference = write_model(output, generator, SPLConfig(), name=name, half=False)
    write_card(output, PretrainedSPL(generator, SPLConfig(), name))
    typer.echo(
        f"wrote {output}, the model {name}: model.safetensors, model.onnx (at most {difference:.1g} from torch), "
        "config.json, README.md"
    )
