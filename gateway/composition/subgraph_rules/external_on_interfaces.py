"""@external is not for fields of interfaces: those are never resolved, only their implementations are."""

from __future__ import annotations

from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..metadata import SubgraphMetadata
from ..schema import Kind


def external_on_interfaces(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    for interface in metadata.schema.types_of(Kind.INTERFACE):
        for field in interface.fields.values():
            if metadata.is_external(field):
                yield error(
                    ErrorCode.EXTERNAL_ON_INTERFACE,
                    f'Interface type field "{field.coordinate}" is marked @external but @external is not allowed on interface'
                    " fields (it is nonsensical).",
                    field,
                )
