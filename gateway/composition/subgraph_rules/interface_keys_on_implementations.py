"""A @key of an interface is also one of every type that implements it, resolvable where the interface's is."""

from __future__ import annotations

from collections.abc import Iterator

from ..error_codes import ErrorCode
from ..errors import CompositionError, error, print_types
from ..metadata import SubgraphMetadata
from ..schema import Directive, Kind, TypeDefinition
from ..schema.field_sets import parse_field_set
from ..schema.selections import Selections, same_selections


def interface_keys_on_implementations(metadata: SubgraphMetadata) -> Iterator[CompositionError]:
    for interface in metadata.schema.types_of(Kind.INTERFACE):
        for key in metadata.applied(interface, "key"):
            yield from _check_key(metadata, interface, key)


def _check_key(metadata: SubgraphMetadata, interface: TypeDefinition, key: Directive) -> Iterator[CompositionError]:
    selections = _selections(interface, key)
    is_resolvable = key.arguments.get("resolvable") is not False
    missing: list[TypeDefinition] = []
    not_resolvable: list[TypeDefinition] = []
    for type_ in metadata.schema.possible_types(interface):
        same = next((own for own in metadata.applied(type_, "key") if _is_same_key(type_, own, selections)), None)
        if same is None:
            missing.append(type_)
        elif is_resolvable and same.arguments.get("resolvable") is False:
            not_resolvable.append(type_)
    if missing:
        message = (
            f'Key {key} on interface type "{interface.name}" is missing on implementation'
            f" {print_types([type_.name for type_ in missing])}."
        )
        yield error(ErrorCode.INTERFACE_KEY_NOT_ON_IMPLEMENTATION, message, *missing)
    elif not_resolvable:
        message = (
            f'Key {key} on interface type "{interface.name}" should be resolvable on all implementation types, but is declared'
            f' with argument "@key(resolvable:)" set to false in {print_types([type_.name for type_ in not_resolvable])}.'
        )
        yield error(ErrorCode.INTERFACE_KEY_NOT_ON_IMPLEMENTATION, message, *not_resolvable)


def _is_same_key(type_: TypeDefinition, key: Directive, selections: Selections) -> bool:
    return same_selections(_selections(type_, key), selections)


def _selections(type_: TypeDefinition, key: Directive) -> Selections:
    # As in the reference, a key that cannot be read ends the check here: the subgraph has this error only.
    return parse_field_set(type_, key, "key", validate=False)
