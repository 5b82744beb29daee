"""``splpaint evaluate``: methods beside each other on the same pairs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple, TypedDict

import typer

from splpaint.cli.terminal import OUTPUT, on_interruption, say, say_table, stage_progress

if TYPE_CHECKING:
    from splpaint.evaluation import Method, Summary
    from splpaint.shares import Share

_GOES_ON = "what was measured is kept; run the same command again to continue"


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
        bool, typer.Option(help="Also time each method alone, once, on the first 20 pairs: timing.json.")
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
    from splpaint.pairs import find_manifest
    from splpaint.shares import WHOLE, Share

    methods = _methods(model or [], results or [], baseline or [])
    sheet = _Sheet(find_manifest(pairs), methods, blind, blind_seed) if pairs and blind else None
    if answers or key:
        if not answers or pairs or methods or shard or merge or blind:
            raise InputError(
                "expected --answers, --key and --output alone, got other options with them, or a key without answers"
            )
        _count(answers, key, output)
    elif merge:
        if shard or bool(pairs) != bool(blind) or bool(methods) != bool(blind):
            raise InputError(
                "expected --merge and --output alone, or with --blind and the --pairs and methods of the shards, got "
                "other options with it, or some of these; leave them out or add them"
            )
        _report(merge, output, sheet)
    else:
        if pairs is None or not methods:
            raise InputError(
                "expected --pairs and at least one of --model, --results and --baseline, got "
                f"{'no method' if pairs else 'no pairs'}; see splpaint evaluate --help"
            )
        if shard and blind:
            raise InputError("expected --shard or --blind, got both; give --blind together with --merge")
        share = Share.parse(shard, "--shard") if shard else WHOLE
        how: _How = {
            "protocol": protocol,
            "measures": measure or [],
            "deep": deep,
            "weights": weights,
            "overwrite": overwrite,
            "pictures": pictures,
        }
        measured = _measure(find_manifest(pairs), methods, output, share, how, timing=timing)
        if shard:
            typer.echo(
                f"shard {shard}: {measured} pairs measured in {output}; then: splpaint evaluate --merge {output} "
                "-o REPORT"
            )
        else:
            _report([output], output, sheet)


class _Sheet(NamedTuple):
    manifest: Path
    methods: list[Method]
    pairs: int
    seed: int


class _How(TypedDict):
    protocol: str
    measures: list[str]
    deep: bool
    weights: Path | None
    overwrite: bool
    pictures: int


def _measure(
    manifest: Path, methods: list[Method], output: Path, share: Share, how: _How, *, timing: bool
) -> int:
    """Measure and time; gives the number of pairs."""
    from splpaint.evaluation import TIMING_FILE, evaluate, find_protocol, write_timing

    protocol = find_protocol(how["protocol"]).only(how["measures"], deep=how["deep"])
    typer.echo(protocol.describe())
    with on_interruption(_GOES_ON), stage_progress() as on_progress:
        measured = evaluate(manifest, methods, output=output, share=share, on_progress=on_progress, **how)
        times = output / TIMING_FILE
        if how["overwrite"] and share.part == 1:
            times.unlink(missing_ok=True)
        if timing and share.part == 1 and not times.exists():
            write_timing(manifest, methods, times, on_progress=on_progress)
    return measured


def _report(folders: list[Path], output: Path, sheet: _Sheet | None) -> None:
    from splpaint.evaluation import remarks, summary_table, write_report

    summary = write_report(folders, output)
    say_table(summary_table(summary))
    for remark in remarks(summary):
        say(remark)
    say(f"manifest: SHA-256 {summary.settings.manifest_sha256}")
    say(f"report written to {output / 'report.html'}, and beside it as text, for papers and for programs")
    if sheet:
        _write_sheet(sheet, summary, output)


def _write_sheet(sheet: _Sheet, summary: Summary, output: Path) -> None:
    from splpaint.errors import InputError
    from splpaint.evaluation import ANSWERS_FILE, SHEET_FOLDER, write_blind_sheet
    from splpaint.pairs import manifest_sha256

    measured = summary.settings
    names = {method.name for method in sheet.methods}
    if manifest_sha256(sheet.manifest) != measured.manifest_sha256 or names != set(measured.methods):
        raise InputError(
            f"expected the pairs and methods of the report for its blind sheet, {', '.join(measured.methods)} on the "
            f"manifest with the SHA-256 {measured.manifest_sha256}, got others; name those that the shards measured"
        )
    with stage_progress() as on_progress:
        write_blind_sheet(
            sheet.manifest,
            sheet.methods,
            count=sheet.pairs,
            seed=sheet.seed,
            protocol=measured.protocol["name"],
            output=output,
            on_progress=on_progress,
        )
    folder = output / SHEET_FOLDER
    say(
        f"blind sheet written to {folder}; its answers: splpaint evaluate --answers {folder / ANSWERS_FILE} "
        f"-o {output}"
    )


def _count(answers: list[Path], key: Path | None, output: Path) -> None:
    from splpaint.evaluation import KEY_FILE, preference_table, write_preferences

    say_table(preference_table(write_preferences(answers, key or output / KEY_FILE, output)))
    say(f"counts of every two methods written to {output / 'blind.md'}")


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
