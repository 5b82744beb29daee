"""``splpaint runs``: what training runs have left in their folders."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from splpaint.cli.terminal import OUTPUT, parse_path, say

app = typer.Typer(no_args_is_help=True, help="Training runs: how they went.")


@app.command()
def show(
    run: Annotated[
        Path, typer.Argument(metavar="RUN", parser=parse_path, help="The run's folder (run.out).")
    ],
    output: Annotated[
        Path | None, typer.Option(*OUTPUT, parser=parse_path, help="PNG to write; default: RUN/curves.png.")
    ] = None,
) -> None:
    """Draw a run's curves, also while it is going on, and say how far it has come.

    Example: splpaint runs show runs/mine
    """
    from splpaint.atomic_files import write_atomic
    from splpaint.training.report import draw_curves, read_history, sum_up

    history = read_history(run)
    picture = draw_curves(history, title=str(run))
    output = output or run / "curves.png"
    write_atomic(output, picture)
    for line in sum_up(history):
        say(line)
    say(f"wrote {output}")
