"""Say where the objects of an entry lie in the response tree, and which of their fields make its representations."""

from __future__ import annotations

from ..query_graph import EntityEdge, NodeKind
from ..supergraph import Supergraph
from .operation import TYPENAME, FieldSelection, Region
from .paths import Entry, Place
from .query_plan import ItemsStep, KeyStep, PathStep, Representation, RequiredField, ResponsePath, TypeStep


def path_of(place: Place) -> ResponsePath:
    """The way from the root to the objects of a place. Its own object types are left to the representations."""
    steps: list[PathStep] = []
    one = place
    while one.parent is not None:
        steps += [ItemsStep()] * one.position.list_depth
        steps.append(KeyStep(one.position.key))
        if one.parent.possible < one.parent.static_possible:
            steps.append(TypeStep(one.parent.possible))
        one = one.parent
    return tuple(reversed(steps))


def representation_of(supergraph: Supergraph, entry: Entry) -> Representation:
    """The representation that an entity entry sends."""
    assert entry.edge is not None
    place = entry.place
    fields = _fields(supergraph, entry.key_regions, place.possible, is_key=True)
    known = {field.tree_key for field in fields}
    fields += [
        field
        for field in _fields(supergraph, entry.requires_regions, place.possible, is_key=False)
        if field.tree_key not in known or field.selections
    ]
    return Representation(
        type_names=place.possible if place.possible < place.static_possible else None,
        typename=_typename(entry, entry.edge),
        required=merged_fields(fields),
    )


def _typename(entry: Entry, edge: EntityEdge) -> str | None:
    # Whoever saw the object through an @interfaceObject does not know its runtime type: the interface's name has to do.
    if any(state.node.kind is NodeKind.INTERFACE_OBJECT for state in entry.place.states):
        return edge.head.type_name if edge.head.kind is NodeKind.ABSTRACT else edge.typename
    return edge.typename


def merged_fields(fields: list[RequiredField]) -> tuple[RequiredField, ...]:
    """Without doubles: the same field for the same types once, with everything below it."""
    merged: dict[tuple[str, str, frozenset[str] | None], RequiredField] = {}
    for field in fields:
        key = (field.field_name, field.tree_key, field.type_names)
        known = merged.get(key)
        if known is not None:
            field = RequiredField(
                field.field_name,
                field.tree_key,
                merged_fields([*known.selections, *field.selections]),
                field.type_names,
                known.is_key or field.is_key,
            )
        merged[key] = field
    return tuple(merged.values())


def _fields(
    supergraph: Supergraph, regions: tuple[Region, ...], possible: frozenset[str], *, is_key: bool
) -> list[RequiredField]:
    fields = []
    for region in regions:
        types = None if possible <= region.types else region.types & possible
        for selection in region.selections:
            if selection.by_type and _differ(selection):
                fields += [
                    _field(supergraph, selection.for_type(name), frozenset((name,)), is_key=is_key)
                    for name in sorted(region.types & possible)
                ]
            else:
                fields.append(_field(supergraph, selection, types, is_key=is_key))
    return fields


def _field(
    supergraph: Supergraph, selection: FieldSelection, types: frozenset[str] | None, *, is_key: bool
) -> RequiredField:
    nested: tuple[RequiredField, ...] = ()
    if selection.is_composite:
        possible = supergraph.possible_types[selection.named_type]
        below = _fields(supergraph, selection.regions, possible, is_key=is_key)
        if supergraph.types[selection.named_type].is_abstract:
            below.insert(0, RequiredField(TYPENAME, TYPENAME, (), None, is_key))
        nested = merged_fields(below)
    return RequiredField(selection.field_name, selection.tree_key, nested, types, is_key)


def _differ(selection: FieldSelection) -> bool:
    """Whether taking the selection apart by type gave it other tree keys, here or below."""
    return any(
        copy.tree_key != selection.tree_key
        or any(_differ(one) for region in copy.regions for one in region.selections if one.by_type)
        for copy in selection.by_type.values()
    )
