"""The command line: one file per command beside this one; errors a user can mend end with exit code 2."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, NoReturn

import typer

from splpaint.cli.terminal import close_stdout, in_options, present_spelling, warn
from splpaint.errors import SplpaintError
from splpaint.notices import collected
from splpaint.versions import __version__

app = typer.Typer(
    name="splpaint",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "token_normalize_func": present_spelling},
)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(f"splpaint {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Restore the missing parts of pictures."""


def _register() -> None:
    # Command files import only typer at the top; a command imports what it works with when it runs.
    from splpaint.cli import (
        convert,
        data,
        doctor,
        evaluate,
        explain,
        export,
        masks,
        models,
        paint,
        pairs,
        runs,
        serve,
        train,
    )

    app.command("paint")(paint.paint)
    app.command("doctor")(doctor.doctor)
    app.add_typer(masks.app, name="masks")
    app.add_typer(pairs.app, name="pairs")
    app.add_typer(data.app, name="data")
    app.add_typer(models.app, name="models")
    app.command("serve")(serve.serve)
    app.command("evaluate")(evaluate.evaluate)
    app.command("train")(train.train)
    app.add_typer(runs.app, name="runs")
    app.command("explain")(explain.explain)
    app.command("export")(export.export)
    app.command("convert")(convert.convert)


def main() -> None:
    """Run the command line; an error that a user can mend becomes one line on stderr and exit code 2."""
    _register()
    try:
        with _notes_at_the_end():
            app()
    except SplpaintError as error:
        _refuse(str(error))
    except MemoryError:
        _refuse("this needs more memory than there is; choose smaller sizes")
    except BrokenPipeError:
        # The reader of our output went away (`splpaint ... | head`): not an error of ours.
        close_stdout()
        sys.exit(0)
    except OSError as error:
        _refuse(f"{error.filename or 'a file'} cannot be used ({error.strerror or error}); check the path")


@contextmanager
def _notes_at_the_end() -> Iterator[None]:
    with collected() as notes:
        try:
            yield
        finally:
            for note in notes:
                warn(note)


def _refuse(message: str) -> NoReturn:
    typer.secho(f"error: {in_options(message)}", err=True, fg=typer.colors.RED)
    sys.exit(2)
