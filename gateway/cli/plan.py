"""`python -m gateway plan` and `graph`: how an operation will be executed, stage by stage, and what can be reached from where."""

from __future__ import annotations

import json
import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from graphql import DocumentNode, GraphQLError, parse, validate

from ..errors import GatewayError
from ..planning import (
    Planner,
    PlanStages,
    QueryPlan,
    explain_stages,
    plan_to_dot,
    plan_to_json,
    plan_to_svg,
    print_plan,
    print_stages,
    stages_to_dot,
    stages_to_json,
    stages_to_svg,
)
from ..query_graph import QueryGraph, draw_svg, print_dot
from ..supergraph import Supergraph, supergraph_from_sdl

NOT_PLANNED = 1  # exit code: the operation is not valid, or cannot be planned
UNREADABLE = 2  # exit code: wrong arguments, or a file that cannot be read

_EXAMPLES = """\b
Examples:
  python -m gateway plan schema/supergraph.graphql '{ me { matches { id } } }'
  python -m gateway plan schema/supergraph.graphql history.graphql --stages
  python -m gateway plan schema/supergraph.graphql history.graphql --format svg > plan.svg
  python -m gateway plan schema/supergraph.graphql history.graphql --stages --format svg > stages.svg

\b
Exit codes: 0 planned; 1 the operation is not valid or cannot be planned; 2 a file cannot be read.
"""

_GRAPH_EXAMPLES = """\b
Examples:
  python -m gateway graph schema/supergraph.graphql --format svg > graph.svg
  python -m gateway graph schema/supergraph.graphql | dot -Tpdf > graph.pdf

\b
The SVG has a band for each subgraph and a box for each type in it. A field is a line of its box, with an
arrow to what it returns; a dashed arrow is a key, by which an object is looked up in another subgraph.

\b
Exit codes: 0 printed; 2 the file cannot be read.
"""


class PlanFormat(StrEnum):
    text = "text"
    json = "json"
    dot = "dot"
    svg = "svg"


class GraphFormat(StrEnum):
    dot = "dot"
    svg = "svg"


def register(app: typer.Typer) -> None:
    """Add both commands."""
    app.command("plan", epilog=_EXAMPLES)(plan_command)
    app.command("graph", epilog=_GRAPH_EXAMPLES)(graph_command)


def plan_command(
    supergraph_file: Annotated[Path, typer.Argument(help="The supergraph's SDL.", metavar="SUPERGRAPH")],
    operation: Annotated[str, typer.Argument(help="A file with the operation, its text, or - for stdin.")],
    operation_name: Annotated[str | None, typer.Option("--name", help="Which operation, if there are several.")] = None,
    labels: Annotated[list[str] | None, typer.Option("--label", help="An @override label that is active.")] = None,
    stages: Annotated[bool, typer.Option("--stages", help="Show every stage on the way to the plan, too.")] = False,
    format: Annotated[PlanFormat, typer.Option(help="How the plan is written.")] = PlanFormat.text,
) -> None:
    """Print the plan of an operation: which subgraph is asked for what, and in which order."""
    supergraph = _read_supergraph(supergraph_file)
    document = _read_operation(operation, supergraph)
    try:
        made = Planner(supergraph).stages(document, operation_name, frozenset(labels or ()))
    except GatewayError as error:
        _stop(error.message, NOT_PLANNED)
    typer.echo(_stages_shown(supergraph, made, format) if stages else _plan_shown(made.plan, format), nl=False)


def _plan_shown(plan: QueryPlan, format: PlanFormat) -> str:
    match format:
        case PlanFormat.json:
            return json.dumps(plan_to_json(plan), indent=2) + "\n"
        case PlanFormat.dot:
            return plan_to_dot(plan)
        case PlanFormat.svg:
            return plan_to_svg(plan)
        case PlanFormat.text:
            return print_plan(plan)


def _stages_shown(supergraph: Supergraph, made: PlanStages, format: PlanFormat) -> str:
    stages = explain_stages(supergraph, made)
    match format:
        case PlanFormat.json:
            return json.dumps({"stages": stages_to_json(stages), **plan_to_json(made.plan)}, indent=2) + "\n"
        case PlanFormat.dot:
            return stages_to_dot(stages)
        case PlanFormat.svg:
            return stages_to_svg(stages)
        case PlanFormat.text:
            return "".join(f"# {name}\n{text}\n" for name, text in print_stages(stages).items())


def graph_command(
    supergraph_file: Annotated[Path, typer.Argument(help="The supergraph's SDL.", metavar="SUPERGRAPH")],
    labels: Annotated[list[str] | None, typer.Option("--label", help="An @override label that is active.")] = None,
    format: Annotated[GraphFormat, typer.Option(help="How the graph is written.")] = GraphFormat.dot,
) -> None:
    """Print the query graph: all types in all subgraphs, and the ways between them: fields, type conditions, keys."""
    graph = QueryGraph(_read_supergraph(supergraph_file), frozenset(labels or ()))
    typer.echo(draw_svg(graph) if format is GraphFormat.svg else print_dot(graph), nl=False)


def _read_supergraph(path: Path) -> Supergraph:
    try:
        return supergraph_from_sdl(path.read_text(encoding="utf-8"))
    except OSError as error:
        _stop(f"{path} cannot be read: {error.strerror}.", UNREADABLE)
    except GatewayError as error:
        _stop(f"{path}: {error.message}", UNREADABLE)


def _read_operation(argument: str, supergraph: Supergraph) -> DocumentNode:
    """The document, valid against the API schema."""
    if argument == "-":
        text = sys.stdin.read()
    elif argument.lstrip().startswith(("{", "query", "mutation", "subscription", "fragment")) and "{" in argument:
        text = argument
    else:
        try:
            text = Path(argument).read_text(encoding="utf-8")
        except OSError as error:
            _stop(f"{argument} cannot be read: {error.strerror}.", UNREADABLE)
    try:
        document = parse(text)
    except GraphQLError as error:
        _stop(f"the operation does not parse: {_placed(error)}", NOT_PLANNED)
    problems = validate(supergraph.api_schema, document)
    if problems:
        _stop("the operation is not valid:\n" + "\n".join(f"  {_placed(problem)}" for problem in problems), NOT_PLANNED)
    return document


def _placed(error: GraphQLError) -> str:
    where = error.locations[0] if error.locations else None
    return f"{error.message} (line {where.line}, column {where.column})" if where else error.message


def _stop(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
