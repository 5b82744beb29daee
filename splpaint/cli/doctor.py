"""``splpaint doctor``."""

from __future__ import annotations

from typing import Annotated

import typer

from splpaint.cli.terminal import DeviceOption, ModelOption, PrecisionOption, in_options


def doctor(
    model: ModelOption = "compact",
    device: DeviceOption = "auto",
    precision: PrecisionOption = "auto",
    measure: Annotated[
        bool,
        typer.Option(
            "--measure",
            help="Measure fp32 and bf16 on the CPU, and keep the faster as what auto means on this processor.",
        ),
    ] = False,
) -> None:
    """Tell versions, devices, models and where things are kept, and paint a test picture.

    Exits with 1 if that fails. Paste what it says into a bug report.
    """
    from splpaint.errors import InputError, SplpaintError
    from splpaint.inference import describe_auto, facts, measure_precision, paint_test_picture
    from splpaint.notices import collected
    from splpaint.precision import precision_named

    if measure and device.lower() not in {"auto", "cpu"}:
        raise InputError(f"--measure measures the CPU, got --device {device}; leave one of them out")
    try:
        for subject, fact in facts():
            typer.echo(f"{in_options(subject):<24}{fact}")
        if measure:
            typer.echo(f"{'measured':<24}{in_options(measure_precision(model))}")
        typer.echo(f"{'precision':<24}{in_options(describe_auto())}")
        with collected():  # about a cache that cannot be written, which is among the facts
            painted = paint_test_picture(model, device=device, precision=precision_named(precision))
        typer.echo("{:<24}{}".format(*painted))
    except (SplpaintError, ImportError, RuntimeError) as error:  # the doctor is for broken installations
        typer.secho(f"{'test picture':<24}FAILED: {in_options(str(error))}", fg=typer.colors.RED)
        raise typer.Exit(1) from error
