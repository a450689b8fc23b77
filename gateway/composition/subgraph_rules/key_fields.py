"""@key: on entities only, selecting fields that exist, have no arguments and a definite type."""

from __future__ import annotations

from collections.abc import Iterator

from ...specs import FeatureVersion
from ..error_codes import ErrorCode
from ..errors import CompositionError, invalid
from ..metadata import SubgraphMetadata
from ..schema import Field, TypeDefinition
from ..schema.field_sets import selects_union_or_interface
from .field_set_rule import FieldSetRule

INTERFACE_KEYS_SINCE = FeatureVersion(2, 3)


def key_fields(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    version = metadata.feature.url.version if metadata.feature else INTERFACE_KEYS_SINCE
    rule = FieldSetRule(
        "key",
        allows_interfaces=version >= INTERFACE_KEYS_SINCE,
        allows_local_leaves=True,
        field_accessor=_field_with_definite_type,
    )
    for application in metadata.applications("key"):
        if isinstance(application.parent, TypeDefinition):
            yield from rule.errors(metadata, application, application.parent)


def _field_with_definite_type(type_: TypeDefinition, name: str) -> Field | None:
    field = type_.field(name)
    if field is not None and (abstract := selects_union_or_interface(field)) is not None:
        kind = abstract.kind.removesuffix("Type")
        message = f'field "{field.coordinate}" is a {kind} type which is not allowed in @key'
        raise invalid(ErrorCode.KEY_FIELDS_SELECT_INVALID_TYPE, message)
    return field
