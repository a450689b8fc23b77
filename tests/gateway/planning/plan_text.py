"""Write supergraphs shortly, and print the plan of an operation over one."""

from __future__ import annotations

import textwrap

from graphql import parse, validate

from gateway.planning import Planner, print_plan
from gateway.supergraph import supergraph_from_sdl


def supergraph_sdl(graphs: str, types: str, roots: str = "query: Query") -> str:
    """The SDL with its join machinery; the subgraphs are called as their join__Graph values, in small letters."""
    values = "\n".join(
        f'  {graph} @join__graph(name: "{graph.lower()}", url: "http://{graph.lower()}/")' for graph in graphs.split()
    )
    return (
        f'schema @link(url: "https://specs.apollo.dev/join/v0.5", for: EXECUTION)'
        f' @link(url: "https://specs.apollo.dev/context/v0.1", for: SECURITY) {{ {roots} }}\n'
        f"enum join__Graph {{\n{values}\n}}\n{types}"
    )


def plan_text(sdl: str, operation: str, labels: frozenset[str] = frozenset()) -> str:
    """The plan as text, indented as in the tests; the operation must be valid."""
    supergraph = supergraph_from_sdl(sdl)
    document = parse(operation)
    errors = validate(supergraph.api_schema, document)
    assert not errors, errors
    return print_plan(Planner(supergraph).plan(document, override_labels=labels))


def expected(text: str) -> str:
    """A plan as a test writes it."""
    return textwrap.dedent(text).lstrip("\n")
