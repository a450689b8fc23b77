"""`python -m gateway check`: may this supergraph replace the previous one without breaking clients?"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, TypeAlias

import typer
from graphql import GraphQLError, parse

from ..composition import CompositionResult, compose
from ..composition.changes import Change, ChangeReport, Criticality, RecordedOperation, check_changes
from ..composition.present import print_github, print_text, to_json
from ..supergraph import print_api_schema
from .compose import OutputFormat, Progress
from .subgraph_sources import ReadSubgraphs, UnreadableSource, find_sources, read_file, read_subgraphs

BREAKING = 1  # exit code: something breaks
NOT_COMPOSED = 2  # exit code: the subgraphs do not compose
UNREADABLE = 3  # exit code: wrong arguments, or a file that cannot be read

JsonObject: TypeAlias = dict[str, Any]

_EXAMPLES = """\b
Examples:
  python -m gateway check --previous supergraph.graphql users.graphql questions.graphql
  python -m gateway check --previous main.graphql --config schema/supergraph.toml --format github
  python -m gateway check --previous main.graphql --config schema/supergraph.toml \\
      --operations web/queries.graphql --operations mobile/

\b
BREAKING   a query that was valid is no longer, or its answer has another shape
DANGEROUS  queries stay valid, but clients may meet what they did not expect
SAFE       nobody notices

\b
With --operations only what one of these documents uses can break; a folder means every .graphql and
.gql file in it.
Exit codes: 0 nothing breaks; 1 something breaks; 2 the subgraphs do not compose; 3 wrong arguments.
"""


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("check", epilog=_EXAMPLES)(check_command)


def check_command(
    previous: Annotated[Path, typer.Option(help="Supergraph SDL that clients use now.")],
    sources: Annotated[
        list[str] | None,
        typer.Argument(help="Subgraphs, as for `compose`; or --supergraph.", metavar="SUBGRAPH..."),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="TOML file that lists subgraphs.")] = None,
    supergraph: Annotated[Path | None, typer.Option(help="New supergraph SDL, instead of subgraphs.")] = None,
    operations: Annotated[
        list[Path] | None, typer.Option(help="Document or folder with what clients send. Repeatable.")
    ] = None,
    format: Annotated[OutputFormat, typer.Option(help="How the report is told.")] = OutputFormat.text,
    fail_on_dangerous: Annotated[bool, typer.Option("--fail-on-dangerous", help="Exit 1 for these too.")] = False,
) -> None:
    """Compose, and compare with the previous supergraph: what breaks clients, what may, what is safe."""
    try:
        before = _api_sdl(previous)
        recorded = None if operations is None else _read_operations(operations)
        after = _api_sdl(supergraph) if supergraph else _composed_api_sdl(sources or (), config, format)
    except UnreadableSource as problem:
        typer.echo(f"gateway check: {problem}", err=True)
        raise typer.Exit(UNREADABLE) from problem
    report = check_changes(before, after, recorded)
    typer.echo(_PRINTERS[format](report))
    if report.breaking or (fail_on_dangerous and report.dangerous):
        raise typer.Exit(BREAKING)


def _api_sdl(path: Path) -> str:
    text = read_file(path)
    try:
        return print_api_schema(parse(text))
    except (GraphQLError, RecursionError) as problem:
        message = getattr(problem, "message", "it is nested too deeply")
        raise UnreadableSource(f"{path} is not SDL of a supergraph: {message}") from problem


def _composed_api_sdl(arguments: Sequence[str], config: Path | None, format: OutputFormat) -> str:
    read = read_subgraphs(find_sources(arguments, config))
    progress = Progress()
    result = compose(read.definitions, progress.options())
    progress.clear()
    if result.api_sdl is not None:
        return result.api_sdl
    _tell_errors(result, read, format)
    raise typer.Exit(NOT_COMPOSED)


def _tell_errors(result: CompositionResult, read: ReadSubgraphs, format: OutputFormat) -> None:
    if format is OutputFormat.json:
        typer.echo(json.dumps({"composition": to_json(result, read.files)["errors"], "changes": []}))
    elif format is OutputFormat.github:
        typer.echo(print_github(result, read.files))
    else:
        typer.echo(print_text(result, read.files, colors=sys.stderr.isatty()), err=True)


def _read_operations(paths: Sequence[Path]) -> list[RecordedOperation]:
    files = [file for path in paths for file in (_documents_in(path) if path.is_dir() else [path])]
    return [RecordedOperation(str(file), read_file(file)) for file in files]


def _documents_in(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*") if file.suffix in (".graphql", ".gql"))


def _print_text(report: ChangeReport) -> str:
    lines = [f"left out: {problem}" for problem in report.unreadable]
    for change in _ordered(report):
        lines.append(f"{change.criticality:<9}  {change.code}: {change.message}")
        lines += [f"{'':<9}  used by {name}" for name in change.operations]
    counts = (len(report.breaking), len(report.dangerous), len(report.safe))
    lines.append("{} breaking, {} dangerous, {} safe.".format(*counts) if report.changes else "No changes.")
    return "\n".join(lines)


def _print_json(report: ChangeReport) -> str:
    changes: list[JsonObject] = [
        {
            "criticality": change.criticality.value,
            "code": change.code,
            "coordinate": change.coordinate,
            "message": change.message,
            "operations": list(change.operations),
        }
        for change in _ordered(report)
    ]
    return json.dumps({"composition": [], "changes": changes, "unreadable": list(report.unreadable)})


_LEVELS = {Criticality.BREAKING: "error", Criticality.DANGEROUS: "warning", Criticality.SAFE: "notice"}


def _print_github(report: ChangeReport) -> str:
    lines = [f"::{_LEVELS[change.criticality]} title={change.code}::{change.message}" for change in _ordered(report)]
    lines += [f"::warning title=UNREADABLE_OPERATION::{problem}" for problem in report.unreadable]
    return "\n".join(lines)


def _ordered(report: ChangeReport) -> tuple[Change, ...]:
    return (*report.breaking, *report.dangerous, *report.safe)


_PRINTERS = {OutputFormat.text: _print_text, OutputFormat.json: _print_json, OutputFormat.github: _print_github}
