"""Follow what @provides adds: which provided fields still hold after a field or a type condition."""

from __future__ import annotations

from collections.abc import Mapping

from ..language import FieldSet, FieldSetField, FieldSetFragment


def provided_below(provided: FieldSet, field_name: str) -> FieldSet | None:
    """What is provided below a provided field (may be empty for a leaf); None when the field is not provided."""
    below: FieldSet = ()
    found = False
    for selection in provided:
        if isinstance(selection, FieldSetField) and selection.field_name == field_name:
            found = True
            below += selection.selections
    return below if found else None


def provided_for(
    provided: FieldSet, type_name: str, static_type: str, possible_types: Mapping[str, frozenset[str]]
) -> FieldSet:
    """What is provided on values of type `type_name`: fragments whose condition covers that type are opened, others are dropped.

    On an abstract type a fragment for only some of its object types is kept, to be opened when the type is narrowed.
    """
    result: FieldSet = ()
    targets = possible_types.get(type_name, frozenset())
    for selection in provided:
        if isinstance(selection, FieldSetField):
            result += (selection,)
            continue
        condition = possible_types.get(selection.type_condition or static_type, frozenset())
        if targets <= condition:
            result += provided_for(selection.selections, type_name, static_type, possible_types)
        elif targets & condition:
            result += (FieldSetFragment(selection.type_condition, selection.selections),)
    return result
