"""``splpaint masks``: make sets of masks, count them, sort them by ratio, look at them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from splpaint.cli.terminal import (
    MOST_SIDE_PX,
    OUTPUT,
    SOURCE_HELP,
    SOURCE_WORDS,
    AnyRatio,
    PolarityOption,
    each,
    in_options,
    open_source,
    progress,
    require_files,
    warn,
)

if TYPE_CHECKING:
    from splpaint.images import BrokenFile
    from splpaint.masks import MaskFiles, MaskStats, Polarity

app = typer.Typer(
    no_args_is_help=True, help="Make masks (white = hole), count them, sort them, look at them."
)

Source = Annotated[str, typer.Argument(metavar=SOURCE_WORDS, help=SOURCE_HELP)]
Files = Annotated[
    str, typer.Argument(metavar="MASKS", help="Mask files: FOLDER, LIST, nvidia-test:FOLDER ...")
]
Folder = Annotated[Path, typer.Option(*OUTPUT, metavar="FOLDER", help="Where to write.")]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace what is there.")]
Seed = Annotated[int, typer.Option(help="Names the sequence of masks.", min=0, max=2**32 - 1)]


@app.command()
def make(
    source: Source,
    output: Folder,
    count: Annotated[int | None, typer.Option(help="How many; default: every file once.", min=1)] = None,
    seed: Seed = 0,
    side: Annotated[
        int | None,
        typer.Option(help="Pixels; default 256, or the files' own size.", min=16, max=MOST_SIDE_PX),
    ] = None,
    augment: Annotated[
        str,
        typer.Option(
            metavar="NAME,...", help="Of flip, rotate, translate, crop, dilate; applied in the order given."
        ),
    ] = "",
    polarity: PolarityOption = None,
    any_ratio: AnyRatio = False,
    overwrite: Overwrite = False,
) -> None:
    """Write masks as PNG files (white = hole) with a table, masks.csv; an interrupted run is continued.

    Example: splpaint masks make irregular --count 600 --seed 7 -o masks/irregular
    """
    from splpaint.masks import make_set, ratio_table

    masks = open_source(source, polarity, any_ratio)
    names = [name for name in augment.split(",") if name]
    with progress("drawing", count or masks.count) as advance:
        made = make_set(
            masks,
            output,
            count=count,
            seed=seed,
            side_px=side,
            augmentations=names,
            overwrite=overwrite,
            on_mask=advance,
        )
    typer.echo("\n".join(ratio_table(made.masks)))
    typer.echo(f"written to {output}")
    _exit_if(made.broken)


@app.command()
def stats(
    files: Files,
    csv: Annotated[
        Path | None, typer.Option(metavar="FILE.csv", help="Write a line for each mask, too.")
    ] = None,
    polarity: PolarityOption = None,
    overwrite: Overwrite = False,
) -> None:
    """Count masks by ratio bin and by contact with the border; exit code 1 where files cannot be read.

    Example: splpaint masks stats nvidia-test:mask/testing_mask_dataset
    """
    from splpaint.atomic_files import open_atomic, require_free
    from splpaint.masks import LARGEST_MEAN, MaskStats, ratio_table
    from splpaint.tables import write_table

    if csv is not None:
        require_free(csv, overwrite=overwrite)
    survey, broken = _survey(_files(files, polarity, any_ratio=True))
    typer.echo("\n".join(ratio_table(survey)))
    if survey and (mean := sum(mask.ratio for mask in survey) / len(survey)) > LARGEST_MEAN:
        warn(f"holes cover {mean:.0%} on average: is the polarity right? See --polarity")
    if csv is not None:
        with open_atomic(csv, overwrite=overwrite) as text:
            write_table(text, MaskStats._fields, ((mask.file.absolute(), *mask.cells()) for mask in survey))
        typer.echo(f"written to {csv}")
    _exit_if(broken)


@app.command("bin")
def bin_(
    files: Files,
    output: Folder,
    link: Annotated[bool, typer.Option("--link", help="Symbolic links instead of copies.")] = False,
    polarity: PolarityOption = None,
    any_ratio: AnyRatio = False,
    overwrite: Overwrite = False,
) -> None:
    """Sort masks into a folder for each ratio bin, 0.01-0.1 to 0.5-0.6, computed from each file.

    Example: splpaint masks bin nvidia-test:mask/testing_mask_dataset -o masks/binned
    """
    from splpaint.atomic_files import require_free
    from splpaint.masks import BINS_TABLE, ratio_table, sort_into_bins

    require_free(output / BINS_TABLE, overwrite=overwrite)
    masks = _files(files, polarity, any_ratio=any_ratio)
    survey, broken = _survey(masks)
    sort_into_bins(masks, survey, output, link=link, overwrite=overwrite)
    typer.echo("\n".join(ratio_table(survey)))
    typer.echo(f"written to {output}")
    _exit_if(broken)


@app.command()
def show(
    sources: Annotated[list[str], typer.Argument(metavar=SOURCE_WORDS, help=SOURCE_HELP)],
    output: Annotated[Path, typer.Option(*OUTPUT, metavar="SHEET.png", help="The contact sheet.")],
    count: Annotated[int, typer.Option(help="Masks in a row.", min=1, max=100)] = 6,
    seed: Seed = 0,
    side: Annotated[int, typer.Option(help="Pixels of a mask.", min=16, max=512)] = 128,
    polarity: PolarityOption = None,
    any_ratio: AnyRatio = False,
    overwrite: Overwrite = False,
) -> None:
    """Draw a contact sheet: a row of masks for each kind or set.

    Example: splpaint masks show irregular thin thick -o masks.png
    """
    from splpaint.atomic_files import atomic_path, require_free
    from splpaint.errors import InputError
    from splpaint.masks import contact_sheet, some_masks

    if output.suffix.lower() != ".png":
        raise InputError(f"expected a .png for the contact sheet, got {output}; masks must not be lossy")
    require_free(output, overwrite=overwrite)
    rows = {}
    for source in sources:
        masks = open_source(source, polarity, any_ratio)
        label = Path(source).name if Path(source).exists() else source.partition(":")[0]
        rows[label if label not in rows else source] = some_masks(masks, count, seed=seed, side_px=side)
    with atomic_path(output, overwrite=overwrite) as temporary:
        contact_sheet(rows, side_px=side).save(temporary, "PNG", optimize=True)
    typer.echo(f"{sum(map(len, rows.values()))} masks drawn to {output}")


def _files(text: str, polarity: Polarity | None, *, any_ratio: bool) -> MaskFiles:
    refusal = f"expected mask files, got the kind {text}; make some with `splpaint masks make`"
    return require_files(open_source(text, polarity, any_ratio), refusal)


def _survey(masks: MaskFiles) -> tuple[list[MaskStats], list[BrokenFile]]:
    from splpaint.images import BrokenFile
    from splpaint.masks import MaskStats, require_some, survey_masks

    with progress("reading", len(masks.files)) as advance:
        found = list(each(survey_masks(masks.files, masks.polarity), advance))
    survey = [item for item in found if isinstance(item, MaskStats)]
    broken = [item for item in found if isinstance(item, BrokenFile)]
    require_some(survey, broken)
    return survey, broken


def _exit_if(broken: Sequence[BrokenFile]) -> None:
    for file, reason in broken:
        typer.echo(in_options(reason if str(file) in reason else f"{file}: {reason}"), err=True)
    if broken:
        typer.secho(f"error: {len(broken)} file(s) could not be read", err=True, fg=typer.colors.RED)
        raise typer.Exit(1)
