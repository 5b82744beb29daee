"""``splpaint models``: which models there are, and other people's among them."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from splpaint.cli.terminal import download_progress, in_options, on_interruption, parse_path, say, warn

if TYPE_CHECKING:
    from splpaint.inference.admission import Added
    from splpaint.inference.models import KnownModel

app = typer.Typer(no_args_is_help=True, help="Models: the bundled ones, and other people's that you add.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="As `splpaint models list` says it.")]


@app.command("list")
def list_() -> None:
    """List the models that are here, and those of other people that are known: `get` fetches those with a size."""
    from splpaint.errors import ModelError
    from splpaint.inference.models import BUNDLED, KNOWN, added_models, find_model

    added = added_models()
    for name in (*BUNDLED, *added):
        try:
            size = find_model(name).working_size_px
            state = f"works at {size} x {size}"
        except ModelError as error:
            state = in_options(str(error))
        say(f"{name:<16}{'added' if name in added else 'bundled'}, {state}")
    for name, known in KNOWN.items():
        if name not in added:
            megabytes = f", {known.size_bytes / 1e6:.0f} MB" if known.size_bytes else ""
            say(f"{name:<16}not here{megabytes}: {known.title}")


@app.command()
def show(
    name: Name,
    contract: Annotated[
        bool, typer.Option("--contract", help="Print the contract alone, to be changed and given to `add`.")
    ] = False,
) -> None:
    """Say what a model is, where it comes from and which contract it keeps."""
    from splpaint.inference.models import KNOWN, find_model, how_to_get, known_by_sha256
    from splpaint.model_folder import file_sha256

    if _is_not_here(name):
        known, kept = KNOWN[name], KNOWN[name].contract
        facts = [f"{known.size_bytes} bytes, SHA-256 {known.sha256}"] if known.sha256 else []
        facts = [f"not here: {how_to_get(name)}", *_published(known), *facts]
    else:
        files = find_model(name)
        kept, digits = files.contract, file_sha256(files.onnx)
        published = known_by_sha256(digits)
        facts = [str(files.onnx), *(_published(KNOWN[published]) if published else []), f"SHA-256 {digits}"]
    for fact in [] if contract else facts:
        say(fact)
    say(kept.encoded().decode().rstrip())


@app.command()
def add(
    file: Annotated[Path, typer.Argument(parser=parse_path, metavar="FILE", help="An ONNX file.")],
    contract: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|JSON",
            help="What it takes and gives: the contract of a known model, a JSON file or JSON. Needless for known "
            "files.",
        ),
    ] = None,
    name: Annotated[
        str | None, typer.Option(help="What to call it; default: the known name, or that of the file.")
    ] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an added model.")] = False,
) -> None:
    """Add other people's model: its contract is proved first, on pictures of our own.

    Then: splpaint paint PHOTO --mask MASK --model NAME

    Example: splpaint models add lama_fp32.onnx
    """
    from splpaint.inference.admission import add_model, contract_named

    asked = contract_named(contract) if contract else None
    _tell(add_model(file, contract=asked, name=name, overwrite=overwrite))


@app.command()
def get(
    name: Name,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Replace an added model.")] = False,
) -> None:
    """Download a known model from its publisher, check it and add it. No other command fetches anything by itself.

    Interrupted, the same command goes on where it stopped.

    Example: splpaint models get lama
    """
    from importlib.util import find_spec

    from splpaint.inference.admission import get_model
    from splpaint.inference.models import KNOWN

    if not overwrite and (folder := _published_folder(name)):
        say(f"{name} is here already: {folder}")
        return
    if name in KNOWN and KNOWN[name].sha256:
        for fact in _published(KNOWN[name]):
            say(fact)
        if not (find_spec("onnx") and find_spec("onnxruntime")):
            warn(
                "without pip install '.[models]' the file is only downloaded; the same command adds it afterwards"
            )
    with (
        on_interruption("what has arrived is kept; run the same command again to continue"),
        download_progress(f"downloading {name}") as progress,
    ):
        added = get_model(name, overwrite=overwrite, progress=progress)
    _tell(added)


@app.command()
def check(name: Name) -> None:
    """Check a model: file, contract, one engine against another, a test picture. Exits with 1 if something is wrong."""
    from splpaint.errors import ModelError
    from splpaint.inference.admission import examine

    try:
        for subject, fact in examine(name):
            say(f"{subject:<16}{in_options(fact)}")
    except ModelError as error:
        say(f"{'FAILED':<16}{in_options(str(error))}")
        raise typer.Exit(1) from error


@app.command()
def remove(name: Name) -> None:
    """Remove a model that was added."""
    from splpaint.inference.models import remove_added

    say(f"removed {name}: {remove_added(name)}")


def _tell(added: Added) -> None:
    from splpaint.inference.admission import proof_in_words
    from splpaint.inference.models import find_model

    say(f"contract {proof_in_words(added.proof, find_model(added.folder).contract)}")
    say(f"OpenVINO and ONNX Runtime are at most {added.difference:.2g} apart, of 1")
    recognised = f", the published file of {added.known}" if added.known else ""
    say(f"added {added.name}{recognised}: {added.folder}")


def _published(known: KnownModel) -> list[str]:
    return [known.title, f"licence of the weights: {known.licence}", f"from: {known.origin}"]


def _is_not_here(name: str) -> bool:
    from splpaint.inference.models import BUNDLED, KNOWN, added_models

    return name in KNOWN and name not in {*BUNDLED, *added_models()}


def _published_folder(name: str) -> Path | None:
    # Where a bundled model is, or an added one whose file is the published one.
    from splpaint.errors import ModelError
    from splpaint.inference.models import BUNDLED, KNOWN, added_models, find_model
    from splpaint.model_folder import file_sha256

    if name in BUNDLED:
        return BUNDLED[name]
    if name not in KNOWN or name not in added_models():
        return None
    try:
        files = find_model(name)
    except ModelError:  # damaged
        return None
    return files.folder if file_sha256(files.onnx) == KNOWN[name].sha256 else None
