"""``splpaint pairs``: make and check the fixed pairing of pictures and masks that an evaluation uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from splpaint.data.pairing import Pair

app = typer.Typer(no_args_is_help=True, help="Pair pictures with masks once and for all, for evaluations.")


@app.command()
def make(
    images: Annotated[
        Path, typer.Option(metavar="FOLDER|LIST", help="Pictures, or a file with their paths.")
    ],
    seed: Annotated[int, typer.Option(help="Names the sequence of masks.", min=0, max=2**32 - 1)],
    out: Annotated[Path, typer.Option("--out", "-o", metavar="MANIFEST.csv", help="The manifest to write.")],
    masks: Annotated[
        str,
        typer.Option(
            metavar="irregular|box|FOLDER|LIST", help="A generator, or mask files (white = missing)."
        ),
    ] = "irregular",
    side: Annotated[
        int, typer.Option(help="Working size in pixels: pictures become squares of it.", min=16)
    ] = 256,
    per_image: Annotated[int, typer.Option(help="Masks for each picture.", min=1)] = 1,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace a manifest that is there.")] = False,
) -> None:
    """Pair pictures with masks and write down which with which, with checksums.

    Example: splpaint pairs make --images photos/test --masks irregular --seed 7 -o test-pairs.csv
    """
    from splpaint.data.listing import list_pictures
    from splpaint.data.masks import RATIO_BINS
    from splpaint.data.pairing import GENERATORS, make_pairs, read_manifest, write_manifest

    pictures = list_pictures(images)
    files = masks not in GENERATORS and Path(masks).exists()
    source = list_pictures(Path(masks)) if files else masks
    pairs = make_pairs(pictures, masks=source, seed=seed, side_px=side, masks_per_image=per_image)
    with _progress("pairing", len(pictures) * per_image) as advance:
        write_manifest(_each(pairs, advance), out, overwrite=overwrite)

    bins = Counter(pair.bin for pair in read_manifest(out))
    typer.echo(f"{bins.total()} pairs of {len(pictures)} pictures; holes by share of the picture:")
    for label in (*RATIO_BINS, ""):
        if label or bins[label]:
            typer.echo(f"  {label or 'other':<10} {bins[label]}")
    typer.echo(f"written to {out}")


@app.command()
def check(
    manifest: Annotated[Path, typer.Argument(metavar="MANIFEST", help="Written by `splpaint pairs make`.")],
) -> None:
    """Say whether all pictures and masks are still as recorded; exit code 1 and a list where they are not."""
    from splpaint.data.pairing import check_pairs, read_manifest

    total = len(read_manifest(manifest))
    with _progress("checking", total) as advance:
        differences = check_pairs(manifest, on_pair=advance)
    if differences:
        typer.echo("\n".join(differences))
        typer.echo(f"{manifest}: {len(differences)} difference(s) in {total} pairs")
        raise typer.Exit(1)
    typer.echo(f"{manifest}: {total} pairs, all as recorded")


def _each(pairs: Iterable[Pair], advance: Callable[[], None]) -> Iterator[Pair]:
    for pair in pairs:
        yield pair
        advance()


@contextmanager
def _progress(title: str, total: int) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr, where that is a terminal; gives the function that moves it on by one."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)
        yield lambda: bar.advance(task)
