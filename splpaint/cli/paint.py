"""``splpaint paint``: a photo and a mask in, the painted photo out; or a folder of them."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from splpaint.cli.terminal import (
    OUTPUT,
    PIPE,
    DeviceOption,
    ModelChoice,
    ModelOption,
    PaintSettings,
    PrecisionOption,
    crop_progress,
    parse_path,
    parse_text,
    photo_mask,
    say,
    warn,
    write_stdout,
)

if TYPE_CHECKING:
    from splpaint.images import Hole
    from splpaint.inference import Output, Painter, PhotoMask


def paint(
    photo: Annotated[
        Path,
        typer.Argument(
            parser=parse_path, metavar="PHOTO", help="The picture to paint in, - for stdin, or a folder."
        ),
    ],
    mask: Annotated[
        str | None,
        typer.Option(
            parser=parse_text,
            metavar="MASK",
            help="Picture of its size: white is painted; - for stdin. For a folder: one for all, or a folder "
            "of masks by name. Or the word alpha: what is transparent is painted.",
        ),
    ] = None,
    box: Annotated[
        list[str] | None, typer.Option(metavar="X,Y,W,H", help="Paint this box, too, in pixels; repeatable.")
    ] = None,
    avoid: Annotated[
        Path | None,
        typer.Option(
            parser=parse_path,
            metavar="MASK",
            help="Picture of its size: nothing is copied from where it is white. For a folder: one for all, or a "
            "folder of them by name.",
        ),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            *OUTPUT,
            parser=parse_path,
            help="Where to write, - for stdout; else NAME.painted.SUFFIX beside PHOTO. A folder for a folder.",
        ),
    ] = None,
    dilate: Annotated[
        str,
        typer.Option(
            metavar="PIXELS|auto",
            help="Grow what is painted by so many pixels, round: 0 to 512. auto: so that no edge of a thing remains, "
            "by its size.",
        ),
    ] = "0",
    feather: Annotated[int, typer.Option(help="Blend so many pixels at its inner edge: 0 to 512.")] = 0,
    texture: Annotated[
        bool,
        typer.Option(
            help="Fill what is thicker than 28 pixels from the rest of the picture, and give thinner holes its detail, "
            "where the model asks for it (compact does); or paint with the network alone."
        ),
    ] = True,
    invert_mask: Annotated[bool, typer.Option("--invert-mask", help="Black is painted.")] = False,
    resize_mask: Annotated[
        bool, typer.Option("--resize-mask", help="Scale the mask to the picture's size (nearest).")
    ] = False,
    save_mask: Annotated[
        Path | None,
        typer.Option(parser=parse_path, help="Write what was painted as a black and white PNG."),
    ] = None,
    format: Annotated[
        str | None, typer.Option(help="Write png, jpeg, webp, tiff ...; else as PHOTO is.")
    ] = None,
    quality: Annotated[
        int | None, typer.Option(min=1, max=100, help="Of a JPEG or WebP; else as PHOTO has it.")
    ] = None,
    accept_damaged: Annotated[
        bool,
        typer.Option(
            "--accept-damaged",
            help="Paint what can be decoded of a damaged JPEG, PNG or TIFF; which part is missing is reported.",
        ),
    ] = False,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Of a folder, paint part I of N (1/4 to 4/4).")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Paint a folder, s3://BUCKET/PREFIX or a CSV of input,mask over Ray: local (here), auto (RAY_ADDRESS) "
            "or HOST:PORT; writes manifest.csv, too.",
        ),
    ] = None,
    model: ModelOption = "compact",
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")] = False,
) -> None:
    """Paint the masked parts of a photograph, or of every photograph in a folder.

    The result has the photograph's format, size, colour profile, metadata and transparency.

    Pixels outside the mask stay as they are; in a JPEG or lossy WebP, as far as saving it again allows.

    A folder's subfolders are painted, too, and what is done already is skipped, so that a batch can be stopped
    and started again. It exits with 0 if all went well, 1 if pictures failed or had no mask, 2 if nothing
    could begin, 130 if it was interrupted.
    """
    # Before NumPy is imported: several threads would take the cores from other pictures.
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

    from splpaint.errors import InputError
    from splpaint.images import parse_growth, require_growth
    from splpaint.inference import HoleBox, HoleRules, MaskFile, PaintOptions
    from splpaint.precision import precision_named

    if mask is None and not box and not (cluster and photo.suffix.lower() == ".csv"):
        raise InputError("something must say what to paint, got neither --mask nor --box; give one of them")
    if mask == str(photo) == PIPE:
        raise InputError("stdin holds one picture, got - for photograph and mask; give one of them as a file")
    growth = parse_growth("--dilate", dilate)
    require_growth("--feather", feather)
    with _clean_refusals(photo):
        folder = str(photo) != PIPE and (photo.is_dir() or cluster is not None)
        settings = PaintSettings(
            mask=_parse_mask(mask, photo, folder=folder),
            avoid=None if avoid is None else MaskFile(avoid),
            output=output,
            format=format,
            overwrite=overwrite,
            options=PaintOptions(
                HoleRules(tuple(map(HoleBox.parse, box or ())), invert_mask, resize_mask, growth),
                feather,
                quality,
                accept_damaged,
            ),
            model=ModelChoice(model, device, precision_named(precision), texture),
        )
        settings.model.check()
        if cluster is not None:
            raise typer.Exit(_paint_cluster(photo, settings, cluster, shard, save_mask))
        if folder:
            from splpaint.cli.paint_folder import paint_folder

            raise typer.Exit(paint_folder(photo, settings, save_mask=save_mask, shard=shard))
        if shard is not None:
            raise InputError(f"--shard divides a folder and needs --output, got {photo}; leave it out")
        _paint_photo(photo, settings, save_mask)


def _paint_cluster(
    photos: Path, settings: PaintSettings, address: str, shard: str | None, save_mask: Path | None
) -> int:
    from splpaint.cli.paint_cluster import paint_cluster
    from splpaint.errors import InputError

    for option, value in (("--shard", shard), ("--save-mask", save_mask)):
        if value is not None:
            raise InputError(f"{option} does not go with --cluster, got {value}; leave one of them out")
    return paint_cluster(photos, settings, address=address)


def _parse_mask(text: str | None, photo: Path, *, folder: bool) -> PhotoMask:
    from splpaint.errors import InputError
    from splpaint.inference import MaskBytes, NoMask

    if text is None:
        return NoMask()
    if text != PIPE:
        return photo_mask(text)
    if folder:
        raise InputError(f"--mask - is for one photograph, got the folder {photo}; give the mask as a file")
    return MaskBytes(_stdin("splpaint paint PHOTO --mask - < MASK"))


@contextlib.contextmanager
def _clean_refusals(photo: Path) -> Iterator[None]:
    # Notices become lines on stderr, and refusals of the system errors that name them.
    from splpaint.errors import InputError
    from splpaint.notices import collected

    with collected() as notes, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            yield
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise InputError(
                f"{error.filename or photo} cannot be used ({error.strerror or error})"
            ) from error
        except MemoryError as error:
            raise InputError(f"{photo} needs more memory than there is; make it smaller first") from error
        finally:
            for note in notes:
                warn(note)


def _paint_photo(path: Path, settings: PaintSettings, save_mask: Path | None) -> None:
    from splpaint.errors import InputError
    from splpaint.inference import MaskFile, MaskOutput, paint_file

    started_s = time.perf_counter()
    inputs = [] if str(path) == PIPE else [path]
    inputs += [mask.path for mask in (settings.mask, settings.avoid) if isinstance(mask, MaskFile)]
    piped = str(settings.output) == PIPE or (settings.output is None and str(path) == PIPE)
    if piped and sys.stdout.isatty():
        raise InputError("a picture must go to a file or a pipe, got a terminal; pass --output FILE")
    done = "marked, copied"

    def load() -> Painter:
        nonlocal done
        painter = settings.model.load()
        done = f"painted by {painter.model} on {painter.engine} in {painter.precision}"
        return painter

    with crop_progress("painting") as progress:
        painted = paint_file(
            load,
            Path("stdin") if str(path) == PIPE else path,
            settings.mask,
            _output(settings, tuple(inputs), piped=piped),
            settings.options,
            avoid=settings.avoid,
            data=_stdin("splpaint paint - < PHOTO") if str(path) == PIPE else None,
            save_mask=MaskOutput(save_mask, settings.overwrite, tuple(inputs)) if save_mask else None,
            progress=progress,
        )
    seconds = time.perf_counter() - started_s
    height, width = painted.hole.shape
    name = typer.format_filename(painted.target.path) if painted.target.path else "stdout"
    grown = f", mask grown by {painted.grown_px} px" if painted.grown_px else ""
    say(f"wrote {name}: {width}x{height}, {_share(painted.hole)} {done}{grown}, {seconds:.1f} s", err=piped)


def _output(settings: PaintSettings, inputs: tuple[Path, ...], *, piped: bool) -> Output:
    from splpaint.inference import FileOutput, StreamOutput

    if piped:
        return StreamOutput(write_stdout, settings.format)
    return FileOutput(settings.output, settings.format, settings.overwrite, inputs)


def _stdin(example: str) -> bytes:
    from splpaint.errors import InputError

    if sys.stdin.isatty():
        raise InputError(f"a picture must come in on stdin, got a terminal; write: {example}")
    return sys.stdin.buffer.read()


def _share(hole: Hole) -> str:
    share = f"{hole.mean():.2%}"
    return "<0.01%" if share == "0.00%" and hole.any() else share
