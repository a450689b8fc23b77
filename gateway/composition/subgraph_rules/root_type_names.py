"""Root types get their default names, so that subgraphs with other names for them can be merged."""

from __future__ import annotations

from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error
from ..schema import RootKind, Schema
from ..schema.rename import rename_type

_CODES = {
    RootKind.QUERY: ErrorCode.ROOT_QUERY_USED,
    RootKind.MUTATION: ErrorCode.ROOT_MUTATION_USED,
    RootKind.SUBSCRIPTION: ErrorCode.ROOT_SUBSCRIPTION_USED,
}


def rename_root_types(schema: Schema) -> Iterator[CompositionError]:
    """When a root type does not have its default name, no other type may have it."""
    for kind in RootKind:
        type_ = schema.root(kind)
        if type_ is None or type_.name == kind.default_name:
            continue
        other = schema.types.get(kind.default_name)
        if other is not None:
            yield error(
                _CODES[kind],
                f'The schema has a type named "{other.name}" but it is not set as the {kind} root type ("{type_.name}" is'
                " instead): this is not supported by federation. If a root type does not use its default name, there should be"
                " no other type with that default name.",
                type_,
                other,
            )
        else:
            rename_type(schema, type_, kind.default_name)
