"""Every type of the supergraph has all fields of the interfaces it implements, wherever those fields come from."""

from __future__ import annotations

from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error, print_subgraph_names
from ..merge.state import Merge
from ..schema import Field, Kind, TypeDefinition


def interface_fields_implemented(merge: Merge) -> Iterator[CompositionError]:
    for type_ in merge.supergraph.types_of(Kind.OBJECT, Kind.INTERFACE):
        for name in type_.interfaces:
            for field in merge.supergraph.types[name].fields.values():
                if field.name not in type_.fields:
                    yield _missing(merge, type_, field)


def _missing(merge: Merge, type_: TypeDefinition, field: Field) -> CompositionError:
    interface = field.parent.name
    having = []
    implementing = []
    for subgraph in merge.subgraphs:
        own = subgraph.schema.types.get(interface)
        if own is not None and own.is_interface and field.name in own.fields:
            having.append((subgraph.name, own.fields[field.name]))
        implementation = subgraph.schema.types.get(type_.name)
        if implementation is not None and interface in implementation.interfaces:
            implementing.append((subgraph.name, implementation))
    return error(
        ErrorCode.INTERFACE_FIELD_NO_IMPLEM,
        f'Interface field "{field.coordinate}" is declared in {print_subgraph_names([name for name, _ in having])} but type'
        f' "{type_.name}", which implements "{interface}" only in'
        f' {print_subgraph_names([name for name, _ in implementing])} does not have field "{field.name}".',
        *(found for _, found in having),
        *(found for _, found in implementing),
    )
