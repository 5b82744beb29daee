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
    workers: Annotated[
        int | None,
        typer.Option(min=1, max=256, help="Pictures worked on at once; default: one more than cores."),
    ] = None,
    queue: Annotated[
        int, typer.Option(min=0, help="Requests that may wait; more are told to come later.")
    ] = 32,
    timeout: Annotated[float, typer.Option(min=1, help="Seconds for waiting and painting together.")] = 120,
    max_mb: Annotated[int, typer.Option("--max-mb", min=1, help="Megabytes of a request.")] = 128,
    max_megapixels: Annotated[int, typer.Option(min=1, max=100, help="Of a picture.")] = 64,
    cors: Annotated[
        list[str] | None, typer.Option(metavar="ORIGIN", help="Let pages from there use the API; repeatable.")
    ] = None,
    log_requests: Annotated[
        bool, typer.Option("--log-requests", help="Print a line on stderr for every request.")
    ] = False,
) -> None:
    """Serve painting over HTTP, and a page to paint on, until Ctrl-C or SIGTERM.

    IOPaint's clients work with it. The API is described at /docs.
    """
    from splpaint.errors import InputError, MissingExtraError
    from splpaint.precision import precision_named

    try:
        from splpaint.serving import Limits, ServeSettings
        from splpaint.serving import serve as run
    except ModuleNotFoundError as error:
        raise MissingExtraError("splpaint serve", "serve", str(error.name)) from error
    names = tuple(filter(None, (name.strip() for name in models.split(","))))
    if not names:
        raise InputError("--models must name at least one model, got none; for example compact,lama")
    limits = Limits()._replace(
        max_bytes=max_mb << 20, max_pixels=max_megapixels * 10**6, max_waiting=queue, timeout_s=timeout
    )
    settings = ServeSettings(
        host=host,
        port=port,
        models=names,
        device=device,
        precision=precision_named(precision),
        api_key=api_key or None,
        cors=tuple(cors or ()),
        log_requests=log_requests,
        limits=limits,
    )
    run(
        settings._replace(workers=workers) if workers else settings,
        lambda address: say(f"serving {', '.join(names)} at {address} (Ctrl-C ends it)"),
    )
