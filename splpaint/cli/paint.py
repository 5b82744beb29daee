"""``splpaint paint``: a photograph and a mask in, the painted photograph out; or a folder of them."""

from __future__ import annotations

import contextlib
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
    PaintSettings,
    crops_shown,
    path_given,
    say,
    text_given,
    warn,
    write_stdout,
)

if TYPE_CHECKING:
    from splpaint.images import Hole, Photo
    from splpaint.inference import Painter, PhotoMask

_ALPHA = "alpha"


def paint(
    photo: Annotated[
        Path,
        typer.Argument(
            parser=path_given, metavar="PHOTO", help="The picture to paint in, - for stdin, or a folder."
        ),
    ],
    mask: Annotated[
        str | None,
        typer.Option(
            parser=text_given,
            metavar="MASK",
            help="Picture of its size: white is painted; - for stdin. For a folder: one for all, or a folder "
            "of masks by name. Or the word alpha: what is transparent is painted.",
        ),
    ] = None,
    box: Annotated[
        list[str] | None, typer.Option(metavar="X,Y,W,H", help="Paint this box, too, in pixels; repeatable.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            *OUTPUT,
            parser=path_given,
            help="Where to write, - for stdout; else NAME.painted.SUFFIX beside PHOTO. A folder for a folder.",
        ),
    ] = None,
    dilate: Annotated[int, typer.Option(help="Grow what is painted by so many pixels, round: 0 to 512.")] = 0,
    feather: Annotated[int, typer.Option(help="Blend so many pixels at its inner edge: 0 to 512.")] = 0,
    texture: Annotated[
        bool,
        typer.Option(
            help="Fill what is thicker than 40 pixels from the rest of the picture, where the model asks for it "
            "(compact does); or paint with the network alone."
        ),
    ] = True,
    invert_mask: Annotated[bool, typer.Option("--invert-mask", help="Black is painted.")] = False,
    resize_mask: Annotated[
        bool, typer.Option("--resize-mask", help="Scale the mask to the picture's size (nearest).")
    ] = False,
    save_mask: Annotated[
        Path | None,
        typer.Option(parser=path_given, help="Write what was painted as a black and white PNG."),
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
            help="Paint what can be decoded of a damaged JPEG, PNG or TIFF; which part is missing is said.",
        ),
    ] = False,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Of a folder, paint part I of N (1/4 to 4/4).")
    ] = None,
    model: Annotated[str, typer.Option(help="A bundled model's name, or a model folder.")] = "compact",
    device: Annotated[
        str, typer.Option(help="auto (the CPU), cpu, gpu (Intel), cuda, cuda:N or mps; no other instead.")
    ] = "auto",
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")] = False,
) -> None:
    """Paint the masked parts of a photograph, or of every photograph in a folder.

    The result has the photograph's format, size, colour profile, metadata and transparency.

    Pixels outside the mask stay as they are; in a JPEG or lossy WebP, as far as saving it again allows.

    A folder's subfolders are painted, too, and what is done already is skipped, so that a batch can be stopped
    and started again. It exits with 0 if all went well, 1 if pictures failed or had no mask, 2 if nothing
    could begin, 130 if it was interrupted.
    """
    from splpaint.errors import InputError
    from splpaint.images import require_growth
    from splpaint.inference import HoleBox, HoleRules

    if mask is None and not box:
        raise InputError("something must say what to paint, got neither --mask nor --box; give one of them")
    if mask == str(photo) == PIPE:
        raise InputError("stdin holds one picture, got - for photograph and mask; give one of them as a file")
    require_growth("--dilate", dilate)
    require_growth("--feather", feather)
    settings = PaintSettings(
        mask=_mask_given(mask, photo),
        output=output,
        rules=HoleRules(tuple(map(HoleBox.parse, box or ())), invert_mask, resize_mask, dilate),
        feather_px=feather,
        format=format,
        quality=quality,
        accept_damaged=accept_damaged,
        overwrite=overwrite,
        model=model,
        device=device,
        precision=precision,
        texture=texture,
    )
    with _refused_cleanly(photo):
        if str(photo) != PIPE and photo.is_dir():
            from splpaint.cli.paint_folder import paint_folder

            raise typer.Exit(paint_folder(photo, settings, save_mask=save_mask, shard=shard))
        if shard is not None:
            raise InputError(f"--shard divides a folder and needs --output, got {photo}; leave it out")
        _paint_photo(photo, settings, save_mask)


def _mask_given(text: str | None, photo: Path) -> PhotoMask:
    from splpaint.errors import InputError
    from splpaint.inference import MaskBytes, MaskFile, NoMask, Transparency

    if text is None:
        return NoMask()
    if text == _ALPHA:
        return Transparency()
    if text != PIPE:
        return MaskFile(Path(text))
    if photo.is_dir():
        raise InputError(f"--mask - is for one photograph, got the folder {photo}; give the mask as a file")
    return MaskBytes(_stdin("splpaint paint PHOTO --mask - < MASK"))


@contextlib.contextmanager
def _refused_cleanly(photo: Path) -> Iterator[None]:
    # What is told becomes a line on stderr, and what the system refuses an error that says so.
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
    from splpaint.atomic_files import write_atomic
    from splpaint.images import format_of
    from splpaint.inference import find_hole, painted_file

    started_s = time.perf_counter()
    source = _read(path, settings.accept_damaged)
    source, hole = find_hole(source, settings.mask, settings.rules)
    target, piped = _target(source, settings, save_mask)
    width, height = source.size
    handed_over = [source]  # so that its memory is free before the painted one is encoded
    del source
    done = "marked, copied"

    def load() -> Painter:
        nonlocal done
        painter = settings.load()
        done = f"painted by {painter.model} on {painter.engine} in {painter.precision}"
        return painter

    with crops_shown("painting") as progress:
        data = painted_file(
            load,
            handed_over.pop(),
            hole,
            format_of(target),
            feather_px=settings.feather_px,
            quality=settings.quality,
            progress=progress,
        )
    if piped:
        write_stdout(data)
    else:
        write_atomic(target, data)
    if save_mask is not None:
        _write_mask(hole, save_mask)
    seconds = time.perf_counter() - started_s
    name = "stdout" if piped else typer.format_filename(target)
    say(f"wrote {name}: {width}x{height}, {_share(hole)} {done}, {seconds:.1f} s", err=piped)


def _share(hole: Hole) -> str:
    share = f"{hole.mean():.2%}"
    return "<0.01%" if share == "0.00%" and hole.any() else share


def _read(path: Path, accept_damaged: bool) -> Photo:
    from splpaint.images import read_photo

    if str(path) != PIPE:
        return read_photo(path, accept_damaged=accept_damaged)
    data = _stdin("splpaint paint - < PHOTO")
    return read_photo(Path("stdin"), data, accept_damaged=accept_damaged)


def _stdin(example: str) -> bytes:
    from splpaint.errors import InputError

    if sys.stdin.isatty():
        raise InputError(f"a picture must come in on stdin, got a terminal; write: {example}")
    return sys.stdin.buffer.read()


def _target(source: Photo, settings: PaintSettings, save_mask: Path | None) -> tuple[Path, bool]:
    # Everything that can be wrong with the outputs is found before the work begins.
    from splpaint.atomic_files import require_free
    from splpaint.errors import InputError
    from splpaint.images import choose_output
    from splpaint.inference import MaskFile

    inputs = [source.path] if source.data is None else []
    inputs += [settings.mask.path] if isinstance(settings.mask, MaskFile) else []
    piped = str(settings.output) == PIPE or (settings.output is None and source.data is not None)
    if piped and sys.stdout.isatty():
        raise InputError("a picture must go to a file or a pipe, got a terminal; pass --output FILE")
    output = None if piped else settings.output
    target = choose_output(source, output, format=settings.format, overwrite=settings.overwrite or piped)
    if not piped:
        require_free(target, overwrite=settings.overwrite, inputs=inputs)
    if save_mask is not None:
        if save_mask.suffix.lower() != ".png":
            raise InputError(f"--save-mask must be a .png, got {save_mask}; masks must not be lossy")
        if not piped and save_mask.absolute() == target.absolute():
            raise InputError(f"--save-mask must be another file than the output, got {save_mask}")
        require_free(
            save_mask, overwrite=settings.overwrite, inputs=inputs, name="--save-mask", make_folder=False
        )
    return target, piped


def _write_mask(hole: Hole, target: Path) -> None:
    import io

    from PIL import Image

    from splpaint.atomic_files import write_atomic

    buffer = io.BytesIO()
    Image.fromarray(hole).convert("L").save(buffer, "PNG")
    write_atomic(target, buffer.getvalue())
