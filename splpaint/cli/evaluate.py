"""``splpaint evaluate``: methods beside each other on the same pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from splpaint.cli.terminal import OUTPUT, progress, say, say_table

if TYPE_CHECKING:
    from splpaint.evaluation import Method, Summary


def evaluate(
    output: Annotated[Path, typer.Option(*OUTPUT, metavar="REPORT", help="Folder of the report.")],
    pairs: Annotated[
        str | None,
        typer.Option(metavar="MANIFEST", help="From `splpaint pairs make`, or bundled-256 or bundled-512."),
    ] = None,
    model: Annotated[
        list[str] | None,
        typer.Option(
            metavar="MODEL",
            help="A name (see `splpaint models list`) or folder, and how it runs: "
            "compact,texture=off,precision=bf16,device=cuda; repeatable.",
        ),
    ] = None,
    results: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=FOLDER",
            help="What another method painted, as `splpaint pairs render` names the pairs; repeatable.",
        ),
    ] = None,
    baseline: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="telea, navier-stokes, biharmonic or patchmatch; repeatable."),
    ] = None,
    protocol: Annotated[
        str, typer.Option(help="How it is measured: clean, spl-2021, lama, mat or migan.")
    ] = "clean",
    measure: Annotated[
        list[str] | None, typer.Option(help="Only this one, of the protocol or by a network; repeatable.")
    ] = None,
    deep: Annotated[
        bool, typer.Option(help="Also the protocol's measures by networks, with the extra `metrics`.")
    ] = True,
    weights: Annotated[
        Path | None,
        typer.Option(
            metavar="FOLDER", help="Weights of these networks; by default those in the usual caches."
        ),
    ] = None,
    shard: Annotated[
        str | None, typer.Option(metavar="I/N", help="Measure part I of N, without a report; then --merge.")
    ] = None,
    merge: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FOLDER", help="Instead: make the report of shards, in one folder or several; repeatable."
        ),
    ] = None,
    timing: Annotated[
        bool, typer.Option(help="Also time each method alone, on the first 20 pairs: timing.json.")
    ] = True,
    pictures: Annotated[
        int,
        typer.Option(min=0, metavar="N", help="Pairs that the report shows: the worst, the best and others."),
    ] = 24,
    blind: Annotated[
        int | None,
        typer.Option(
            min=1, metavar="N", help="Also write a sheet of N pairs for viewers who do not know the methods."
        ),
    ] = None,
    blind_seed: Annotated[int, typer.Option(min=0, help="Draws the sheet's pairs and letters.")] = 0,
    answers: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE", help="Instead: count a viewer's answers to the sheet in the report; repeatable."
        ),
    ] = None,
    key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Key of the answered sheet; default: REPORT/blind-key.json."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Measure again what is there already.")
    ] = False,
) -> None:
    """Measure models, baselines and other methods' results on the same pairs, and report.

    The same command continues an evaluation that was stopped.

    Example: splpaint evaluate --pairs test.csv --model compact --baseline telea -o report
    """
    from splpaint.errors import InputError
    from splpaint.evaluation import (
        ANSWERS_FILE,
        SHEET_FOLDER,
        TIMING_FILE,
        evaluate,
        find_protocol,
        write_blind_sheet,
        write_report,
        write_timing,
    )
    from splpaint.pairs import find_manifest, iterate_manifest
    from splpaint.shares import WHOLE, Share

    methods = _methods(model or [], results or [], baseline or [])
    if answers or key:
        if not answers or pairs or methods or shard or merge or blind:
            raise InputError(
                "expected --answers, --key and --output alone, got other options with them, or a key without answers"
            )
        _count(answers, key, output)
        return
    if merge:
        if pairs or methods or shard or blind:
            raise InputError("expected --merge and --output alone, got other options with it; leave them out")
    else:
        if pairs is None or not methods:
            raise InputError(
                "expected --pairs and at least one of --model, --results and --baseline, got "
                f"{'no method' if pairs else 'no pairs'}; see splpaint evaluate --help"
            )
        if shard and blind:
            raise InputError(
                "expected --shard or --blind, got both; write the sheet apart: with all methods, without --shard"
            )
        manifest = find_manifest(pairs)
        share = Share.parse(shard, "--shard") if shard else WHOLE
        typer.echo(find_protocol(protocol).only(measure or [], deep=deep).describe())
        total = len(range(share.part - 1, sum(1 for _ in iterate_manifest(manifest)), share.parts))
        with progress("measuring", total) as advance:
            evaluate(
                manifest,
                methods,
                protocol=protocol,
                measures=measure or [],
                deep=deep,
                weights=weights,
                output=output,
                share=share,
                overwrite=overwrite,
                pictures=pictures,
                on_pair=advance,
            )
        if timing and share.part == 1:
            write_timing(manifest, methods, output / TIMING_FILE)
        if shard:
            typer.echo(
                f"shard {shard}: {total} pairs measured in {output}; then: splpaint evaluate --merge {output} -o REPORT"
            )
            return
    _tell(write_report(merge or [output], output), output)
    if blind:
        write_blind_sheet(manifest, methods, count=blind, seed=blind_seed, protocol=protocol, output=output)
        folder = output / SHEET_FOLDER
        say(
            f"blind sheet written to {folder}; its answers: splpaint evaluate --answers {folder / ANSWERS_FILE} "
            f"-o {output}"
        )


def _count(answers: list[Path], key: Path | None, output: Path) -> None:
    from splpaint.evaluation import KEY_FILE, preference_table, write_preferences

    say_table(preference_table(write_preferences(answers, key or output / KEY_FILE, output)))
    say(f"counts of every two methods written to {output / 'blind.md'}")


def _tell(summary: Summary, output: Path) -> None:
    from splpaint.evaluation import remarks, summary_table

    say_table(summary_table(summary))
    for remark in remarks(summary):
        say(remark)
    say(f"manifest: SHA-256 {summary.settings.manifest_sha256}")
    say(f"report written to {output / 'report.html'}, and beside it as text, for papers and for programs")


def _methods(models: list[str], results: list[str], baselines: list[str]) -> list[Method]:
    from splpaint.errors import InputError
    from splpaint.evaluation import BaselineMethod, ResultsMethod, parse_model

    found: list[Method] = [*map(parse_model, models)]
    for text in results:
        name, equals, folder = text.partition("=")
        if not (name and equals and folder):
            raise InputError(f"--results must be NAME=FOLDER, got {text!r}; for example lama=results/lama")
        found.append(ResultsMethod(name, Path(folder)))
    return [*found, *map(BaselineMethod, baselines)]
