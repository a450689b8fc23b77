"""Take out of @provides and @requires what is not external: federation 1 allowed it, and it never had an effect."""

from __future__ import annotations

from dataclasses import replace

from ..errors import InvalidSchema
from ..metadata import SubgraphMetadata
from ..schema import Directive, Field, Kind, TypeDefinition
from ..schema.field_sets import parse_field_set
from ..schema.selections import SelectedField, Selection, Selections, print_selections


def remove_inactive_field_sets(metadata: SubgraphMetadata) -> None:
    for type_ in metadata.schema.types_of(Kind.OBJECT, Kind.INTERFACE):
        for field in type_.fields.values():
            for name in ("provides", "requires"):
                for directive in metadata.applied(field, name):
                    target = metadata.target_type(directive, name)
                    if target is not None and target.is_composite:
                        _shorten(metadata, field, directive, name, target)


def _shorten(metadata: SubgraphMetadata, field: Field, directive: Directive, name: str, target: TypeDefinition) -> None:
    try:
        selections = parse_field_set(target, directive, name)
    except InvalidSchema:
        return  # told when the upgraded schema is checked
    active = _active(metadata, selections)
    if active == selections:
        return
    field.unapply(directive)
    if active:
        field.apply(directive.name, {"fields": print_selections(active)})


def _active(metadata: SubgraphMetadata, selections: Selections) -> Selections:
    kept: list[Selection] = []
    for selection in selections:
        if isinstance(selection, SelectedField) and _has_external(metadata, selection.field):
            kept.append(selection)
        elif selection.selections:
            inner = _active(metadata, selection.selections)
            if inner:
                kept.append(replace(selection, selections=inner))
    return tuple(kept)


def _has_external(metadata: SubgraphMetadata, field: Field) -> bool:
    if metadata.has(field, "external"):
        return True
    if not field.parent.is_interface:
        return False
    implementing = (type_.fields.get(field.name) for type_ in metadata.schema.possible_types(field.parent))
    return any(known is not None and metadata.has(known, "external") for known in implementing)
