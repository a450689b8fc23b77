"""What a @requires selects with arguments must also be valid where it is fetched from: other subgraphs' arguments may differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, InvalidSchema, error, print_subgraph_names
from ..merge.state import Merge
from ..schema import Directive, Field
from ..schema.field_sets import print_applied
from ..schema.read_selections import MissingArgument, UnknownArgument, parse_selections
from ..subgraph import Subgraph


def requires_with_arguments(merge: Merge) -> Iterator[CompositionError]:
    for subgraph in merge.subgraphs:
        for application in subgraph.metadata.applications("requires"):
            field = application.parent
            merged = merge.supergraph.types.get(field.parent.name) if isinstance(field, Field) else None
            if merged is None:
                continue
            try:
                parse_selections(merged, application.arguments["fields"])
            except UnknownArgument as problem:
                name, coordinate = problem.argument, problem.field.coordinate
                yield _error(
                    merge,
                    subgraph,
                    application,
                    problem.field,
                    lambda found, name=name: name not in found.arguments,  # type: ignore[misc]
                    f'cannot provide a value for argument "{name}" of field "{coordinate}" as argument "{name}" is not'
                    " defined in",
                )
            except MissingArgument as problem:
                name, coordinate = problem.argument, problem.field.coordinate
                yield _error(
                    merge,
                    subgraph,
                    application,
                    problem.field,
                    lambda found, name=name: name in found.arguments and found.arguments[name].is_required,  # type: ignore[misc]
                    f'no value provided for argument "{name}" of field "{coordinate}" but a value is mandatory as "{name}" is'
                    " required in",
                )
            except InvalidSchema as problem:
                yield from (found.in_subgraph(subgraph.name) for found in problem.errors)


def _error(
    merge: Merge,
    subgraph: Subgraph,
    application: Directive,
    field: Field,
    differs: Callable[[Field], bool],
    problem: str,
) -> CompositionError:
    differing = []
    for other in merge.subgraphs:
        found = other.schema.element(field.coordinate)
        if other is not subgraph and isinstance(found, Field) and differs(found):
            differing.append((other.name, found))
    names = print_subgraph_names([name for name, _ in differing])
    message = f'On field "{application.parent.coordinate}", for {print_applied(application)}: {problem} {names}'
    found_error = error(ErrorCode.REQUIRES_INVALID_FIELDS, message, application, *(found for _, found in differing))
    return found_error.in_subgraph(subgraph.name)
