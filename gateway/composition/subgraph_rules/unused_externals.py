"""An @external field must be there for something: a key, @requires, @provides or an interface."""

from __future__ import annotations

from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..metadata import SubgraphMetadata
from ..schema import Kind


def unused_externals(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    for type_ in metadata.schema.types_of(Kind.OBJECT, Kind.INTERFACE):
        for field in type_.fields.values():
            if metadata.is_external(field) and not metadata.is_used(field):
                yield error(
                    ErrorCode.EXTERNAL_UNUSED,
                    f'Field "{field.coordinate}" is marked @external but is not used in any federation directive (@key,'
                    " @provides, @requires) or to satisfy an interface; the field declaration has no use and should be removed"
                    " (or the field should not be @external).",
                    field,
                )
