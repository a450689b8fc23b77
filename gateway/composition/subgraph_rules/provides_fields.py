"""@provides: on a field that returns an object or abstract type, selecting fields that are external in this subgraph."""

from __future__ import annotations

from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, invalid
from ..metadata import SubgraphMetadata
from ..schema import Field
from ..schema.type_reference import base_name
from .field_set_rule import FieldSetRule

_RULE = FieldSetRule("provides")


def provides_fields(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    """Raises InvalidSchema, which ends the checks of the subgraph, where @provides cannot mean anything."""
    for application in metadata.applications("provides"):
        field = application.parent
        if not isinstance(field, Field):
            continue
        if metadata.is_external(field):
            message = f'Cannot have both @provides and @external on field "{field.coordinate}"'
            raise invalid(ErrorCode.EXTERNAL_COLLISION_WITH_ANOTHER_DIRECTIVE, message, field)
        type_ = metadata.schema.type(base_name(field.type))
        if type_ is None or not type_.is_composite:
            message = (
                f'Invalid @provides directive on field "{field.coordinate}": field has type "{field.type}" which is not a'
                " Composite Type"
            )
            raise invalid(ErrorCode.PROVIDES_ON_NON_OBJECT_FIELD, message, field)
        yield from _RULE.errors(metadata, application, type_)
