"""``splpaint data``: look a dataset over, write lists of its pictures, pack them into shards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from splpaint.cli.terminal import OUTPUT, in_options, progress, warn

if TYPE_CHECKING:
    from splpaint.datasets import Summary
    from splpaint.images import BrokenFile

app = typer.Typer(
    no_args_is_help=True, help="Look datasets over, list their pictures, pack them into shards."
)

_REASONS_TOLD = 10

Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace files that are there.")]


@app.command()
def prepare(
    name: Annotated[str, typer.Argument(metavar="places2|celeba|paris|folder", help="The dataset.")],
    path: Annotated[Path, typer.Argument(metavar="PATH", help="The folder that it was unpacked into.")],
    output: Annotated[
        Path | None, typer.Option(*OUTPUT, metavar="FOLDER", help="For the lists; default lists/NAME.")
    ] = None,
    workers: Annotated[int, typer.Option(help="Threads that decode pictures.", min=1, max=64)] = 2,
    overwrite: Overwrite = False,
) -> None:
    """Decode every picture once; write lists of the good ones and tables of the others.

    Exit code 1 where pictures cannot be read or are missing; the lists of the others are written all the same.

    Example: splpaint data prepare paris downloads/paris
    """
    from splpaint.datasets import find_parts, prepare_dataset
    from splpaint.images import count_others

    folder = output or Path("lists") / name
    parts = find_parts(name, path)
    others = count_others(path, (file for part in parts for file in part.files))
    with progress("decoding", sum(len(part.files) for part in parts)) as advance:
        summary = prepare_dataset(
            parts, folder, left_out=others, workers=workers, overwrite=overwrite, on_picture=advance
        )
    _report(summary, folder)
    if summary.unreadable:
        raise typer.Exit(1)


@app.command()
def flist(
    source: Annotated[
        Path | None, typer.Argument(metavar="PATH", help="A folder of pictures in any format.")
    ] = None,
    output: Annotated[Path | None, typer.Option(*OUTPUT, metavar="LIST", help="The list to write.")] = None,
    path: Annotated[Path | None, typer.Option(help="The same as PATH.")] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write the list of all pictures below a folder, one path a line, sorted; nothing is decoded.

    Example: splpaint data flist photos/train -o train.flist
    """
    from splpaint.atomic_files import require_free
    from splpaint.errors import InputError
    from splpaint.images import count_others, format_counts, list_pictures, write_list

    if (source is None) == (path is None) or output is None:
        raise InputError(
            "expected one PATH and --output LIST; for example: splpaint data flist photos -o all.flist"
        )
    require_free(output, overwrite=overwrite)
    folder = source or path or Path()
    pictures = list_pictures(folder)
    count = write_list((picture.absolute() for picture in pictures), output, overwrite=overwrite)
    typer.echo(f"{count} pictures written to {output}")
    if others := format_counts(count_others(folder, pictures)):
        typer.echo(f"left out by their names: {others}")


@app.command()
def shard(
    source: Annotated[
        Path, typer.Argument(metavar="FOLDER|LIST", help="Pictures, or a file with their paths.")
    ],
    output: Annotated[Path, typer.Option(*OUTPUT, metavar="FOLDER", help="For the shards.")],
    size_mb: Annotated[
        float, typer.Option(help="Largest size of a shard in MB (10^6 bytes).", min=0.01, max=1_000_000)
    ] = 256,
) -> None:
    """Pack pictures, unchanged, into tar shards as WebDataset reads them, with their SHA-256.

    Stopped or killed, it continues where it was when the same command is given again; finished shards are checked.

    Example: splpaint data shard lists/places2/train.flist -o shards/places2
    """
    from splpaint.datasets import write_shards
    from splpaint.images import count_others, format_counts, list_pictures

    if source.is_dir() and (others := format_counts(count_others(source, list_pictures(source)))):
        warn(f"left out by their names: {others}")
    with progress("packing", None) as advance:
        written = write_shards(source, output, shard_bytes=round(size_mb * 1_000_000), on_pictures=advance)
    for damaged in written.damaged:
        warn(f"{damaged} was not as recorded and has been written again")
    known = f", {written.kept} of them there already" if written.kept else ""
    typer.echo(f"{written.pictures} pictures in {written.shards} shards{known}: {output}")


def _report(summary: Summary, folder: Path) -> None:
    from splpaint.images import format_counts

    for part in summary.parts:
        if part.looked_for:
            looked = ", ".join(part.looked_for)
            warn(f"{part.name} is not here, {part.expected} pictures are missing (looked for {looked})")
            continue
        of = f" of {part.found}" if part.found != part.readable else ""
        typer.echo(f"{part.name}: {part.readable}{of} pictures, listed in {part.list}")
        if part.expected and part.found != part.expected:
            warn(f"{part.name} should have {part.expected} pictures, {part.found} are here")
    sides = ", ".join(f"{label} px: {count}" for label, count in summary.shorter_sides.items() if count)
    typer.echo(f"shorter sides: {sides}")
    if summary.smallest and summary.largest:
        sizes = ["x".join(map(str, size)) for size in (summary.smallest, summary.largest)]
        typer.echo(f"smallest {sizes[0]}, largest {sizes[1]}")
    typer.echo(f"look-alikes: {summary.duplicates} pictures in {summary.duplicate_groups} groups")
    if others := format_counts(Counter(summary.left_out)):
        typer.echo(f"other files, left out: {others}")
    if summary.groups_across_parts:
        table = folder / "near_duplicates.csv"
        warn(f"{summary.groups_across_parts} group(s) of look-alikes reach across parts: {table}")
    _report_unreadable(summary.unreadable, folder / "unreadable.csv")


def _report_unreadable(unreadable: Sequence[BrokenFile], table: Path) -> None:
    for file, reason in unreadable[:_REASONS_TOLD]:
        text = reason if str(file) in reason else f"{typer.format_filename(file)} {reason}"
        typer.echo(in_options(" ".join(text.splitlines())), err=True)
    if unreadable:
        more = len(unreadable) - _REASONS_TOLD
        rest = f" ({more} more than above)" if more > 0 else ""
        text = f"error: {len(unreadable)} pictures are missing or cannot be read{rest}: {table}"
        typer.secho(text, err=True, fg=typer.colors.RED)
