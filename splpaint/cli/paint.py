"""``splpaint paint``: one photograph and a mask in, the painted photograph out."""

from __future__ import annotations

import contextlib
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from splpaint.images import Hole
    from splpaint.photo_files import Photo


def paint(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="The picture to paint in.")],
    mask: Annotated[Path | None, typer.Option(help="Picture of its size: white is painted.")] = None,
    box: Annotated[
        list[str] | None, typer.Option(metavar="X,Y,W,H", help="Paint this box, too, in pixels; repeatable.")
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", help="Where to write; else NAME.painted.SUFFIX beside PHOTO."),
    ] = None,
    model: Annotated[str, typer.Option(help="A bundled model's name, or a model folder.")] = "compact",
    precision: Annotated[str, typer.Option(help="auto, fp32 or bf16.")] = "auto",
    invert_mask: Annotated[bool, typer.Option("--invert-mask", help="Black is painted.")] = False,
    resize_mask: Annotated[
        bool, typer.Option("--resize-mask", help="Scale the mask to the picture's size (nearest).")
    ] = False,
    save_mask: Annotated[
        Path | None, typer.Option(help="Write what was painted as a black and white PNG.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace existing files.")] = False,
) -> None:
    """Paint the masked parts of a photograph.

    The result has the photograph's format, size, colour profile, EXIF and transparency.

    Pixels outside the mask stay as they are; in a JPEG or lossy WebP, as far as saving it again allows.
    """
    from splpaint.errors import InputError

    with _warnings_as_lines():
        try:
            started_s = time.perf_counter()
            source, hole = _read(photo, mask, box or [], invert=invert_mask, resize=resize_mask)
            target, mask_target = _targets(source, output, save_mask, mask, overwrite=overwrite)
            done = _paint(source, hole, target, model, precision)
            if mask_target is not None:
                _write_mask(hole, mask_target)
        except OSError as error:
            raise InputError(
                f"{error.filename or photo} cannot be used ({error.strerror or error})"
            ) from error
        except MemoryError as error:
            raise InputError(f"{photo} needs more memory than there is; make it smaller first") from error
    width, height = source.image.size
    seconds = time.perf_counter() - started_s
    typer.echo(
        f"wrote {typer.format_filename(target)}: {width}x{height}, {hole.mean():.2%} {done}, {seconds:.1f} s"
    )


@contextlib.contextmanager
def _warnings_as_lines() -> Iterator[None]:
    from splpaint.decoding import PictureWarning

    def show(message: Warning | str, *_: Any, **__: Any) -> None:
        typer.secho(f"warning: {message}", err=True, fg=typer.colors.YELLOW)

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("always", PictureWarning)
        warnings.showwarning = show
        yield


def _read(
    photo: Path, mask: Path | None, boxes: list[str], *, invert: bool, resize: bool
) -> tuple[Photo, Hole]:
    import numpy as np

    from splpaint.errors import InputError
    from splpaint.photo_files import read_photo

    if mask is None and not boxes:
        raise InputError("something must say what to paint, got neither --mask nor --box; give one of them")
    source = read_photo(photo)
    width, height = source.image.size
    hole = np.zeros((height, width), np.bool_)
    if mask is not None:
        hole |= _read_mask(mask, width, height, invert=invert, resize=resize)
    for text in boxes:
        left, top, wide, tall = _box(text, width, height)
        hole[top : top + tall, left : left + wide] = True
    return source, hole


def _read_mask(mask: Path, width: int, height: int, *, invert: bool, resize: bool) -> Hole:
    import numpy as np
    from PIL import Image

    from splpaint.errors import InputError
    from splpaint.images import read_mask

    hole = read_mask(mask)
    if hole.shape != (height, width):
        if not resize:
            raise InputError(
                f"mask must have the image's size {width}x{height}, got {hole.shape[1]}x{hole.shape[0]}; "
                "pass --resize-mask to scale it"
            )
        scaled = Image.fromarray(hole).resize((width, height), Image.Resampling.NEAREST)
        hole = np.array(scaled, dtype=np.bool_)
    return ~hole if invert else hole


def _box(text: str, width: int, height: int) -> tuple[int, int, int, int]:
    from splpaint.errors import InputError

    try:
        left, top, wide, tall = (int(part) for part in text.split(","))
    except ValueError as error:
        raise InputError(
            f"--box must be four whole numbers X,Y,W,H in pixels, got {text[:60]!r}; for example 10,20,64,48"
        ) from error
    if not (0 <= left < left + wide <= width and 0 <= top < top + tall <= height):
        raise InputError(
            f"--box must lie inside the picture of {width}x{height} pixels and not be empty, got {text[:60]}"
            "; X,Y is its upper left corner, W,H its size"
        )
    return left, top, wide, tall


def _targets(
    source: Photo, output: Path | None, save_mask: Path | None, mask: Path | None, *, overwrite: bool
) -> tuple[Path, Path | None]:
    # Everything that can be wrong with the outputs is found before the work begins.
    from splpaint.errors import InputError
    from splpaint.photo_files import choose_output, require_free

    masks = [] if mask is None else [mask]
    target = choose_output(source, output, overwrite=overwrite)
    require_free(target, overwrite=overwrite, inputs=[source.path, *masks])
    if save_mask is not None:
        if save_mask.suffix.lower() != ".png":
            raise InputError(f"--save-mask must be a .png, got {save_mask}; masks must not be lossy")
        if save_mask.absolute() == target.absolute():
            raise InputError(f"--save-mask must be another file than the output, got {save_mask}")
        require_free(save_mask, overwrite=overwrite, inputs=[source.path, *masks])
    return target, save_mask


def _paint(source: Photo, hole: Hole, target: Path, model: str, precision: str) -> str:
    from splpaint.inference.inpainter import load_inpainter
    from splpaint.photo_files import copy_photo, write_photo

    if not hole.any():
        typer.secho(
            "warning: the mask marks nothing: the picture is copied", err=True, fg=typer.colors.YELLOW
        )
        copy_photo(source, target)
        return "marked, copied"
    painter = load_inpainter(model, precision=precision)
    write_photo(source, painter(source.image, hole), target)
    return f"painted by {painter.model} on {painter.engine} in {painter.precision}"


def _write_mask(hole: Hole, target: Path) -> None:
    import io

    from PIL import Image

    from splpaint.photo_files import write_whole

    buffer = io.BytesIO()
    Image.fromarray(hole).convert("L").save(buffer, "PNG")
    write_whole(target, buffer.getvalue())
