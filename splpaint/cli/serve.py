"""``splpaint serve``: the HTTP API and the page."""

from __future__ import annotations

from typing import Annotated

import typer

from splpaint.cli.terminal import DeviceOption, PrecisionOption, say


def serve(
    host: Annotated[
        str, typer.Option(help="Address to listen at; 0.0.0.0 lets other machines in.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: any that is free.")] = 8080,
    models: Annotated[
        str,
        typer.Option(
            metavar="NAMES",
            help="Models that may be asked for, with commas between; the first one paints by default.",
        ),
    ] = "compact",
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    api_key: Annotated[
        str | None,
        typer.Option(
            "--api-key", envvar="SPLPAINT_API_KEY", help="What every request to the API must bring."
        ),
    ] = None,
    cors: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="Let pages from there use the API; repeatable.")
    ] = None,
) -> None:
    """Serve painting over HTTP, and a page to paint on, until Ctrl-C or SIGTERM.

    IOPaint's clients work with it. What it is told on /docs is for programs.
    """
    from splpaint.errors import InputError, MissingExtraError
    from splpaint.precision import precision_named

    try:
        from splpaint.serving import ServeSettings
        from splpaint.serving import serve as run
    except ModuleNotFoundError as error:
        raise MissingExtraError("splpaint serve", "serve", str(error.name)) from error
    names = tuple(filter(None, (name.strip() for name in models.split(","))))
    if not names:
        raise InputError("--models must name at least one model, got none; for example compact,lama")
    run(
        ServeSettings(host, port, names, device, precision_named(precision), api_key, tuple(cors or ())),
        lambda address: say(f"serving {', '.join(names)} at {address} (Ctrl-C ends it)"),
    )
