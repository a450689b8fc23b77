"""Turn the arguments inside a field set back into AST nodes, as subgraph documents need them."""

from __future__ import annotations

from functools import lru_cache

from graphql import ArgumentNode, NameNode, parse_value

from ...language import FieldSetArgument


@lru_cache(maxsize=1000)
def argument_nodes(arguments: tuple[FieldSetArgument, ...]) -> tuple[ArgumentNode, ...]:
    """One node per argument."""
    return tuple(
        ArgumentNode(name=NameNode(value=argument.name), value=parse_value(argument.value, no_location=True))
        for argument in arguments
    )
