"""``splpaint explain``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from splpaint.cli.terminal import OUTPUT, parse_path, parse_text, photo_mask


def explain(
    photo: Annotated[Path, typer.Argument(parser=parse_path, metavar="PHOTO", help="The true photograph.")],
    mask: Annotated[
        str,
        typer.Option(
            parser=parse_text,
            metavar="MASK",
            help="Picture of its size: white is hidden from the network. Or the word alpha: what is transparent is.",
        ),
    ],
    output: Annotated[Path, typer.Option(*OUTPUT, parser=parse_path, metavar="OUT.png", help="The figure.")],
    model: Annotated[
        str, typer.Option(parser=parse_text, help="Model folder with weights; or compact.")
    ] = "compact",
    pretext_weights: Annotated[
        Path | None,
        typer.Option(
            parser=parse_path,
            metavar="FILE",
            help="Weights of the pretext network that the model was trained with, as published; "
            "those of compact's come with the install.",
        ),
    ] = None,
    invert_mask: Annotated[bool, typer.Option("--invert-mask", help="Black is hidden.")] = False,
    resize_mask: Annotated[
        bool, typer.Option("--resize-mask", help="Scale the mask to the picture's size (nearest).")
    ] = False,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")] = False,
) -> None:
    """Draw what a model thinks that a damaged photograph shows.

    The learned prior, in colours and in regions, beside the pretext network's feature of the true photograph, which it
    was trained to guess: equal colours mean alike features. How alike the two are is printed.

    Example: splpaint explain photo.jpg --mask mask.png -o thoughts.png
    """
    import numpy as np
    from PIL import Image

    from splpaint.atomic_files import atomic_path, require_free
    from splpaint.errors import InputError, MissingExtraError
    from splpaint.images import read_photo
    from splpaint.inference import HoleRules, MaskFile, find_hole
    from splpaint.inference.models import find_folder

    if output.suffix.lower() != ".png":
        raise InputError(f"expected a .png for the figure, got {output}; give such a name")
    marked = photo_mask(mask)
    inputs = [photo, *([marked.path] if isinstance(marked, MaskFile) else [])]
    require_free(output, overwrite=overwrite, inputs=[file for file in inputs if file.exists()])
    rules = HoleRules(invert=invert_mask, resize=resize_mask)
    original, hole, _ = find_hole(read_photo(photo), marked, rules)
    levels = np.asarray(original.image)
    if levels.dtype == np.uint16:
        levels = np.rint(levels / 257).astype(np.uint8)
    pixels = np.asarray(Image.fromarray(levels).convert("RGB"))
    try:
        from splpaint.explanation import explain as draw

        explanation = draw(pixels, hole, find_folder(model), pretext_weights=pretext_weights)
    except ModuleNotFoundError as error:
        raise MissingExtraError("splpaint explain", "train", str(error.name)) from error
    with atomic_path(output, overwrite=overwrite) as part:
        explanation.figure.save(part, "PNG", optimize=True)
    typer.echo(f"wrote {output}")
    if likeness := explanation.similarity:
        typer.echo(
            f"{likeness.describe()} (mean cosine similarity of prior and true feature; 1: the same, 0: unrelated)"
        )
