"""Parse SDL, with the positions that errors are told by."""

from __future__ import annotations

from graphql import DocumentNode, GraphQLSyntaxError, Source, parse

from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, invalid
from ..locations import node_at


def parse_sdl(sdl: str, source_name: str) -> DocumentNode:
    """Raises InvalidSchema, also for what is nested too deeply to be parsed."""
    try:
        return parse(Source(sdl, source_name))
    except GraphQLSyntaxError as problem:
        # A syntax error has a position but no node.
        at = tuple(node_at(problem.source, position) for position in problem.positions or ()) if problem.source else ()
        raise InvalidSchema([CompositionError(ErrorCode.INVALID_GRAPHQL, problem.message, at)]) from problem
    except RecursionError as problem:
        raise invalid(ErrorCode.INVALID_GRAPHQL, "Syntax Error: the document is nested too deeply.") from problem
