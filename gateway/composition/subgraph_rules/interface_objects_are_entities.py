"""@interfaceObject is for entities: without a @key, the interface it stands for could never be joined."""

from __future__ import annotations

from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..metadata import SubgraphMetadata
from ..schema import TypeDefinition


def interface_objects_are_entities(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    for application in metadata.applications("interfaceObject"):
        type_ = application.parent
        if isinstance(type_, TypeDefinition) and not metadata.is_entity(type_):
            yield error(
                ErrorCode.INTERFACE_OBJECT_USAGE_ERROR,
                f'The @interfaceObject directive can only be applied to entity types but type "{type_.name}" has no @key in this'
                " subgraph.",
                type_,
            )
