"""``splpaint train``."""

from __future__ import annotations

import os
import signal
from typing import Annotated

import typer

from splpaint.cli.terminal import in_options, say
from splpaint.training.recipes import recipe_names


def train(
    recipe: Annotated[str, typer.Argument(help=f"{', '.join(recipe_names())}, or the path of a TOML file.")],
    overrides: Annotated[
        list[str] | None,
        typer.Argument(metavar="[key=value]...", help="data.images=FOLDER run.out=FOLDER ..."),
    ] = None,
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the last checkpoint.")] = False,
    dry_run: Annotated[
        bool,
        typer.Option(
            "--dry-run",
            help="Train nothing: print the recipe in full (a TOML file), images per epoch, parameters and memory.",
        ),
    ] = False,
) -> None:
    """Train a generator on photographs.

    Example: splpaint train compact data.images=photos/train data.val=photos/val run.out=runs/mine
    """
    from splpaint.errors import MissingExtraError
    from splpaint.training.recipes import load_phases

    try:
        from splpaint.training import dry_run as tell
        from splpaint.training import train_phases as run
    except ModuleNotFoundError as error:
        raise MissingExtraError("splpaint train", "train", str(error.name)) from error

    phases = load_phases(recipe, overrides or ())
    if dry_run:
        for number, phase in enumerate(phases, 1):
            if len(phases) > 1:
                say(f"# Phase {number} of {len(phases)}")
            tell(phase, say)
        return

    # Asked to stop (Ctrl-C, a scheduler, a closing machine), a run finishes its step and saves its state. For a
    # scheduler that is success.
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.append(number))
    out = run(phases, resume=resume, stop=lambda: bool(asked), wording=in_options)
    if asked:
        typer.echo(f"stopped; its state is in {out}; --resume continues it", err=True)
        raise typer.Exit(0 if asked[0] == signal.SIGTERM else 128 + asked[0])
    if os.environ.get("RANK", "0") == "0":  # a launcher has started several processes: the first alone talks
        typer.echo(f"run in {out}")
