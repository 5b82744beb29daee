"""``splpaint export``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from splpaint.cli.terminal import OUTPUT, parse_path, parse_text

if TYPE_CHECKING:
    from splpaint.export import Exported


_CARD = ("README.md", "attribution.csv")  # what a model was trained on goes with its weights


def export(
    model: Annotated[
        str,
        typer.Argument(
            parser=parse_text, help="Model folder, such as a training run's RUN/model; or compact."
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(*OUTPUT, parser=parse_path, help="Folder to write; with --format, the file."),
    ],
    format: Annotated[
        str | None,
        typer.Option(
            metavar="onnx|openvino|torch-export",
            help="Write the network alone for other programs, as .onnx, .xml (and .bin) or .pt2; batch, height and "
            "width are free. Default: a model folder.",
        ),
    ] = None,
    with_preprocessing: Annotated[
        bool,
        typer.Option(
            "--with-preprocessing",
            help="It takes 8-bit pictures (N,H,W,3) of any size and masks (N,H,W,1), and gives 8-bit pictures whose "
            "known pixels are exact.",
        ),
    ] = False,
    name: Annotated[str | None, typer.Option(help="The model's name; default: the one it has.")] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a model or files that are there.")
    ] = False,
) -> None:
    """Write a trained model for use without torch: fp16 weights and ONNX, checked against torch.

    Then: splpaint paint PHOTO --mask MASK --model FOLDER

    With --format: its network for other people's programs, checked against torch, with a report beside it.
    """
    from splpaint.errors import InputError, MissingExtraError
    from splpaint.inference.models import find_folder

    if format is None and with_preprocessing:
        raise InputError("preprocessing goes into a file, got no format for it; pass --format onnx")
    if format is not None and name is not None:
        raise InputError(f"a name is for a model folder, got {name} and a format; leave one out")
    folder = find_folder(model)
    try:
        if format is None:
            _write_folder(folder, output, name=name, overwrite=overwrite)
        else:
            from splpaint.export import export_network

            _tell(
                export_network(
                    folder, output, format=format, preprocessing=with_preprocessing, overwrite=overwrite
                )
            )
    except ModuleNotFoundError as error:
        raise MissingExtraError("splpaint export", "train", str(error.name)) from error


def _write_folder(model: Path, output: Path, *, name: str | None, overwrite: bool) -> None:
    from splpaint.atomic_files import write_atomic
    from splpaint.model_folder import read_description
    from splpaint.networks import PretrainedSPL, load_model, require_no_model, write_card, write_model

    require_no_model(output, overwrite=overwrite)
    generator, config = load_model(model)
    name = name or read_description(model).name
    difference = write_model(output, generator, config, name=name, half=True)
    for file in _CARD:
        if (model / file).is_file() and not (output / file).exists():
            write_atomic(output / file, (model / file).read_bytes())
    write_card(output, PretrainedSPL(generator, config, name))
    typer.echo(
        f"wrote {output}, the model {name}: model.safetensors, model.onnx (at most {difference:.1g} from torch), "
        "config.json, README.md"
    )


def _tell(exported: Exported) -> None:
    sizes = [f"{file} ({file.stat().st_size / 1e6:.1f} MB)" for file in exported.files[:-1]]
    typer.echo(f"wrote {', '.join(sizes)} and {exported.files[-1]}")
    typer.echo(f"it takes {exported.takes}")
    typer.echo(f"{exported.runtime} differs from torch by ({exported.unit})")
    for sample, largest, mean, allowed, _ in exported.parity.differences:
        typer.echo(f"  {largest:.2g} at most, {mean:.2g} on average (allowed {allowed:.2g}): {sample}")
