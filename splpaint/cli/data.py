"""``splpaint data``: look a dataset over and write lists of its pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from splpaint.cli.progress import progress, warn

if TYPE_CHECKING:
    from splpaint.data.preparing import Summary

app = typer.Typer(no_args_is_help=True, help="Look datasets over and list their pictures.")

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")]


@app.command()
def prepare(
    name: Annotated[str, typer.Argument(metavar="places2|celeba|paris|folder", help="The dataset.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder that it was unpacked into.")],
    out: Annotated[
        Path | None, typer.Option("--out", "-o", metavar="FOLDER", help="For the lists; default lists/NAME.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Threads that decode pictures.", min=1, max=64)] = 2,
    overwrite: Overwrite = False,
) -> None:
    """Decode every picture once; write lists of the good ones and tables of the others.

    Exit code 1 where pictures cannot be read or are missing; the lists of the others are written all the same.

    Example: splpaint data prepare paris downloads/paris
    """
    from splpaint.data.dataset_layouts import find_parts
    from splpaint.data.preparing import prepare as look_over

    folder = out or Path("lists") / name
    parts = find_parts(name, path)
    with progress("decoding", sum(len(part.files) for part in parts)) as advance:
        summary = look_over(parts, folder, workers=workers, overwrite=overwrite, on_picture=advance)
    _report(summary, folder)
    if summary.unreadable:
        raise typer.Exit(1)


@app.command()
def flist(
    source: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="A folder of pictures in any format.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", "--output", metavar="LIST", help="The list to write.")
    ] = None,
    path: Annotated[Path | None, typer.Option(help="The same as PATH.")] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write the list of all pictures below a folder, one path a line, sorted; nothing is decoded.

    Example: splpaint data flist photos/train -o train.flist
    """
    from splpaint.data.finished_files import require_free
    from splpaint.data.list_writing import write_list
    from splpaint.data.listing import list_pictures
    from splpaint.errors import InputError

    if (source is None) == (path is None) or out is None:
        raise InputError(
            "expected one PATH and --out LIST; for example: splpaint data flist photos -o all.flist"
        )
    require_free(out, overwrite=overwrite)
    pictures = list_pictures(source or path or Path())
    count = write_list((picture.absolute() for picture in pictures), out, overwrite=overwrite)
    typer.echo(f"{count} pictures written to {out}")


def _report(summary: Summary, folder: Path) -> None:
    for part in summary.parts:
        typer.echo(f"{part.name}: {part.readable} pictures, listed in {part.list}")
        if part.expected and part.found != part.expected:
            warn(f"{part.name} should have {part.expected} pictures, {part.found} are here")
    sides = ", ".join(f"{label} px: {count}" for label, count in summary.shorter_sides.items() if count)
    typer.echo(f"shorter sides: {sides}")
    if summary.smallest and summary.largest:
        sizes = ["x".join(map(str, size)) for size in (summary.smallest, summary.largest)]
        typer.echo(f"smallest {sizes[0]}, largest {sizes[1]}")
    typer.echo(f"look-alikes: {summary.duplicates} pictures in {summary.duplicate_groups} groups")
    if summary.groups_across_parts:
        warn(f"{summary.groups_across_parts} groups of look-alikes reach across parts: near_duplicates.csv")
    for file, reason in summary.unreadable[:10]:
        name = typer.format_filename(file)
        typer.echo(reason if str(file) in reason else f"{name} {reason}", err=True)
    if summary.unreadable:
        text = f"error: {len(summary.unreadable)} pictures cannot be read: {folder / 'unreadable.csv'}"
        typer.secho(text, err=True, fg=typer.colors.RED)
