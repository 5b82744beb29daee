"""``splpaint pairs``: the fixed pairing of pictures and masks that an evaluation uses."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypedDict

import typer

from splpaint.cli.terminal import (
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
)

if TYPE_CHECKING:
    from splpaint.masks import MaskFiles, MaskSource
    from splpaint.pairs import PairRecord

app = typer.Typer(no_args_is_help=True, help="Pair pictures with masks once and for all, for evaluations.")

Images = Annotated[
    str, typer.Option(metavar="FOLDER|LIST|SHARDS", help="Pictures, a file with their paths, or tar shards.")
]
Output = Annotated[Path, typer.Option(*OUTPUT, metavar="MANIFEST.csv", help="The manifest to write.")]
FILES_WORDS = "FOLDER|LIST"
FILES_HELP = "Mask files: a folder, a file with their paths, or a collection such as nvidia-test:FOLDER."
ViewOption = Annotated[
    str,
    typer.Option(
        help="What is seen of a picture: its centre (a square), the whole (squeezed), native (as it is)."
    ),
]
ResizeOption = Annotated[
    str | None,
    typer.Option(
        help="area (default), bilinear (not antialiased, as OpenCV), bicubic, lanczos; not for native."
    ),
]
Side = Annotated[
    int | None,
    typer.Option(help="Pictures become squares of so many pixels, by default 256; not for native.", min=16),
]
Overwrite = Annotated[bool, typer.Option("--overwrite", help="Replace a file that is there.")]
Manifest = Annotated[Path, typer.Argument(metavar="MANIFEST", help="Written by `splpaint pairs make`.")]


class _Prepared(TypedDict):
    view: str
    resize: str | None
    side_px: int | None


class Match(StrEnum):
    """How masks are matched with pictures."""

    DEALT = "dealt"
    PUBLISHED = "published"


@app.command()
def make(
    images: Images,
    seed: Annotated[int, typer.Option(help="Names the sequence of masks.", min=0, max=2**32 - 1)],
    output: Output,
    masks: Annotated[
        list[str] | None,
        typer.Option(metavar=SOURCE_WORDS, help=f"{SOURCE_HELP} Default: irregular; repeatable."),
    ] = None,
    polarity: PolarityOption = None,
    any_ratio: AnyRatio = False,
    view: ViewOption = "centre",
    resize: ResizeOption = None,
    side: Side = None,
    per_image: Annotated[int, typer.Option(help="Masks of each kind for each picture.", min=1)] = 1,
    per_bin: Annotated[
        int | None,
        typer.Option(help="Instead: so many pairs of each kind in each bin of hole ratios.", min=1),
    ] = None,
    mask_set: Annotated[
        str, typer.Option(metavar="K/N", help="Take the K-th of N disjoint sets of masks of this seed.")
    ] = "1/1",
    match: Annotated[
        Match,
        typer.Option(help="dealt: each mask once before any again; published: drawn as in the paper's code."),
    ] = Match.DEALT,
    overwrite: Overwrite = False,
) -> None:
    """Pair pictures with masks and write down which with which, with checksums.

    Example: splpaint pairs make --images photos/test --masks irregular --seed 7 -o test-pairs.csv
    """
    from splpaint.atomic_files import require_free
    from splpaint.masks import RATIO_BINS
    from splpaint.pairs import (
        list_pair_pictures,
        make_numbered_pairs,
        make_pairs,
        make_pairs_per_bin,
        published_numbers,
    )
    from splpaint.shares import Share

    kinds = masks or ["irregular"]
    _require_one_way(kinds, per_image, per_bin, mask_set, match)
    require_free(output, overwrite=overwrite)
    pictures = list_pair_pictures(images)
    sources = [open_source(kind, polarity, any_ratio) for kind in kinds]
    prepared: _Prepared = {"view": view, "resize": resize, "side_px": side}
    chosen = Share.parse(mask_set, "--mask-set")
    if match is Match.PUBLISHED:
        files, total = _files(sources[0]), len(pictures)
        numbers = published_numbers(len(files.files), total, seed=seed)
        of_each = [make_numbered_pairs(pictures, masks=files, numbers=numbers, **prepared)]
    elif per_bin is not None:
        total = per_bin * len(RATIO_BINS)
        of_each = [
            make_pairs_per_bin(
                pictures, masks=source, seed=seed, per_bin=per_bin, mask_set=chosen, **prepared
            )
            for source in sources
        ]
    else:
        total = len(pictures) * per_image
        of_each = [
            make_pairs(
                pictures, masks=source, seed=seed, masks_per_image=per_image, mask_set=chosen, **prepared
            )
            for source in sources
        ]
    _write(chain.from_iterable(of_each), total * len(of_each), output, overwrite=overwrite)


@app.command()
def check(manifest: Manifest) -> None:
    """Say whether all pictures and masks are still as recorded; exit code 1 and a list where they are not."""
    from splpaint.pairs import check_pairs, iterate_manifest, manifest_sha256

    total = sum(1 for _ in iterate_manifest(manifest))
    with progress("checking", total) as advance:
        differences = check_pairs(manifest, on_pair=advance)
    for difference in differences:
        typer.echo(in_options(difference))
    all_well = f"{total} pairs, all as recorded"
    found = f"{len(differences)} difference(s) in {total} pairs"
    typer.echo(f"{manifest}: {found if differences else all_well}")
    typer.echo(f"manifest SHA-256: {manifest_sha256(manifest)}")
    if differences:
        raise typer.Exit(1)


@app.command("import")
def import_(
    images: Images,
    masks: Annotated[str, typer.Option(metavar=FILES_WORDS, help=FILES_HELP)],
    index: Annotated[Path, typer.Option(metavar="INDEX.npy", help="Entry i: the place of picture i's mask.")],
    output: Output,
    polarity: PolarityOption = None,
    any_ratio: AnyRatio = False,
    view: ViewOption = "centre",
    resize: ResizeOption = None,
    side: Side = None,
    overwrite: Overwrite = False,
) -> None:
    """Read a pairing in the published form (two lists and an index) into a manifest.

    Example: splpaint pairs import --images val.flist --masks masks.flist --index val.npy -o pairs.csv
    """
    from splpaint.atomic_files import require_free
    from splpaint.pairs import list_pair_pictures, make_numbered_pairs, read_numbers

    require_free(output, overwrite=overwrite)
    pictures = list_pair_pictures(images)
    source = _files(open_source(masks, polarity, any_ratio))
    numbers = read_numbers(index, pictures=len(pictures), masks=len(source.files))
    pairs = make_numbered_pairs(
        pictures, masks=source, numbers=numbers, view=view, resize=resize, side_px=side
    )
    _write(pairs, len(pictures), output, overwrite=overwrite)


@app.command()
def export(
    manifest: Manifest,
    output: Annotated[Path, typer.Option(*OUTPUT, metavar="FOLDER", help="For the lists and the index.")],
    masks: Annotated[
        str | None,
        typer.Option(
            metavar=FILES_WORDS, help="The masks that the index counts in. Default: those of the pairs."
        ),
    ] = None,
    overwrite: Overwrite = False,
) -> None:
    """Write a manifest in the published form: images.flist, masks.flist and mask_index.npy.

    Example: splpaint pairs export test-pairs.csv --masks masks.flist -o published
    """
    from splpaint.pairs import iterate_manifest, write_published

    total = sum(1 for _ in iterate_manifest(manifest))
    mask_list = None if masks is None else _files(open_source(masks, None, any_ratio=True)).files
    with progress("exporting", total) as advance:
        pairs = each(iterate_manifest(manifest), advance)
        files = write_published(pairs, manifest.parent, output, masks=mask_list, overwrite=overwrite)
    typer.echo(f"{total} pairs written to " + ", ".join(str(path) for path in files))
    if options := _preparation(next(iterate_manifest(manifest))):
        typer.echo(f"they do not say how pictures are prepared: import them with {options}")


@app.command()
def bundled() -> None:
    """Say which pairs the repository carries, and where: 48 free photographs with masks of five kinds."""
    from splpaint.pairs import BUNDLED, find_bundled, iterate_manifest, manifest_sha256

    for name in BUNDLED:
        manifest = find_bundled(name)
        pairs = list(iterate_manifest(manifest))
        kinds = Counter(pair.mask.kind for pair in pairs)
        side, pictures = pairs[0].mask_width, len({pair.image for pair in pairs})
        typer.echo(f"{name}: {manifest}")
        typer.echo(f"  {len(pairs)} pairs of {pictures} photographs at {side} x {side}")
        typer.echo("  masks: " + ", ".join(f"{count} {kind}" for kind, count in kinds.items()))
        typer.echo(f"  manifest SHA-256: {manifest_sha256(manifest)}")
    typer.echo(f"sources and licences: {manifest.with_name('SOURCES.csv')}")


@app.command()
def render(
    manifest: Manifest,
    output: Annotated[
        Path, typer.Option(*OUTPUT, metavar="FOLDER", help="Empty, or begun by the same command.")
    ],
    layout: Annotated[
        str,
        typer.Option(
            help="folders: images, masks and damaged; lama: NAME.png and NAME_mask000.png side by side, as LaMa reads."
        ),
    ] = "folders",
    polarity: PolarityOption = None,
    fill: Annotated[
        str, typer.Option(metavar="COLOUR", help="Of the hole in damaged images: grey, black, #808080 ...")
    ] = "white",
) -> None:
    """Write the images and masks of pairs as PNG files, to run another project's model over them.

    Example: splpaint pairs render test-pairs.csv -o rendered
    """
    from splpaint.pairs import iterate_manifest, render_pairs

    total = sum(1 for _ in iterate_manifest(manifest))
    with progress("rendering", total) as advance:
        render_pairs(manifest, output, layout=layout, polarity=polarity, fill=fill, on_pair=advance)
    typer.echo(f"{total} pairs rendered to {output}; save what a model paints by the names of the images")


def _require_one_way(
    kinds: list[str], per_image: int, per_bin: int | None, mask_set: str, match: Match
) -> None:
    from splpaint.errors import InputError

    if len(set(kinds)) < len(kinds):
        raise InputError(
            f"expected different --masks, got {', '.join(kinds)}; for more masks of a kind ask with --per-image"
        )
    if per_bin is not None and per_image != 1:
        raise InputError("expected --per-image or --per-bin, got both; leave one out")
    usual = (1, None, "1/1", 1)
    if match is Match.PUBLISHED and (per_image, per_bin, mask_set, len(kinds)) != usual:
        raise InputError(
            "expected --match published alone, got --per-image, --per-bin, --mask-set or several --masks with it: it "
            "draws from all masks, one for each picture; choose another --seed for another set"
        )


def _preparation(pair: PairRecord) -> str:
    """The options that prepare pictures as those of a pair, without those that are the default."""
    options = {"view": pair.view, "resize": pair.resize, "side": pair.resize and pair.mask_width}
    usual = {"view": "centre", "resize": "area", "side": 256}
    return " ".join(
        f"--{name} {value}" for name, value in options.items() if value not in {usual[name], None}
    )


def _files(source: MaskSource) -> MaskFiles:
    refusal = (
        f"expected mask files, since the published form has a list of them, got {source.kind} masks, of which "
        "there is no end; give --masks a folder or a list"
    )
    return require_files(source, refusal)


def _write(pairs: Iterable[PairRecord], total: int, output: Path, *, overwrite: bool) -> None:
    from splpaint.masks import RATIO_BINS
    from splpaint.pairs import manifest_sha256, write_manifest

    bins: Counter[str] = Counter()
    pictures: set[str] = set()

    def tally() -> Iterator[PairRecord]:
        for pair in pairs:
            bins[pair.bin] += 1
            pictures.add(pair.image)
            yield pair

    with progress("pairing", total) as advance:
        write_manifest(each(tally(), advance), output, overwrite=overwrite)
    typer.echo(f"{bins.total()} pairs of {len(pictures)} pictures; holes by share of the picture:")
    for label in (*RATIO_BINS, ""):
        if label or bins[label]:
            typer.echo(f"  {label or 'other':<10} {bins[label]}")
    typer.echo(f"written to {output}")
    typer.echo(f"manifest SHA-256: {manifest_sha256(output)}")
