"""A subgraph that defines @tag itself defines it as the spec does."""

from __future__ import annotations

from collections.abc import Iterator

from ...specs.tag import TAG_LOCATIONS
from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..metadata import SubgraphMetadata


def tag_definition(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    definition = metadata.schema.directive(metadata.name_of("tag"))
    if definition is None:
        return
    name = definition.arguments.get("name")
    is_valid = (
        len(definition.arguments) == 1
        and name is not None
        and name.type == "String!"
        and set(definition.locations) <= set(TAG_LOCATIONS)
    )
    if not is_valid:
        expected = f"directive @tag(name: String!) repeatable on {' | '.join(TAG_LOCATIONS)}"
        yield error(
            ErrorCode.DIRECTIVE_DEFINITION_INVALID,
            "Found invalid @tag directive definition. Please ensure the directive definition in your schema's definitions"
            f" matches the following:\n\t{expected}",
            definition,
        )
