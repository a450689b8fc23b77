"""Say how the client's answer is read out of the response tree: response keys, their order, types, conditions and deferred parts."""

from __future__ import annotations

from collections.abc import Iterable

from graphql import (
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLString,
    SchemaMetaFieldDef,
    TypeMetaFieldDef,
    is_interface_type,
    is_object_type,
)

from ..supergraph import Supergraph
from .deadline import Deadline
from .guards import ALWAYS, NEVER, Guard, both, conditions_from, either
from .operation import TYPENAME, DeferMark, FieldSelection, Operation, Region
from .query_plan import Conditions, DeferredBlock, ProjectedField

# Regions with the guard under which they were selected, where that is narrower than the guard of the field above them.
_Regions = list[tuple[Region, Guard]]


def build_projection(
    supergraph: Supergraph, operation: Operation, deadline: Deadline
) -> tuple[tuple[ProjectedField, ...], tuple[DeferredBlock, ...]]:
    """The fields of the answer, and the deferred blocks that start at the root."""
    projector = _Projector(supergraph, deadline)
    regions = [(region, ALWAYS) for region in operation.regions]
    fields = projector.ordered(operation.root_type, regions)
    for introspection in operation.introspection:
        name = introspection.node.name.value
        alias = introspection.node.alias.value if introspection.node.alias else name
        field = ProjectedField(
            alias,
            alias,
            name,
            SchemaMetaFieldDef.type if name == "__schema" else TypeMetaFieldDef.type,
            conditions=conditions_from(introspection.guard),
            introspection=introspection.node,
            introspection_fragments=introspection.fragments,
        )
        fields.append((introspection.order, field))
    fields.sort(key=lambda entry: entry[0])
    return tuple(field for _, field in fields), _blocks(operation.defer_marks)


class _Projector:
    def __init__(self, supergraph: Supergraph, deadline: Deadline) -> None:
        self._deadline = deadline
        self._api = supergraph.api_schema
        self._strict: dict[tuple[str, str], dict[str, GraphQLOutputType]] = {}
        self._possible = {
            name: frozenset(one for one in types if one in self._api.type_map)
            for name, types in supergraph.possible_types.items()
        }

    def ordered(self, type_name: str, regions: _Regions) -> list[tuple[int, ProjectedField]]:
        """The fields of one position with their order numbers."""
        self._deadline.check()
        possible = self._possible[type_name]
        by_key: dict[str, list[tuple[FieldSelection, Guard, frozenset[str]]]] = {}
        for region, guard in regions:
            for selection in region.selections:
                entry = (selection, both(guard, selection.guard, is_exact=True), region.types & possible)
                by_key.setdefault(selection.response_key, []).append(entry)
        fields: list[tuple[int, ProjectedField]] = []
        for entries in by_key.values():
            for types, chosen in _by_types(entries).items():
                # An interface without any object type still has its own fields, where an @interfaceObject serves it.
                if types or not possible:
                    type_names = None if types == possible else types
                    order = min(selection.order for selection, _ in chosen)
                    fields.append((order, self._field(type_name, chosen, types, type_names)))
        fields.sort(key=lambda entry: entry[0])
        return fields

    def _field(
        self,
        type_name: str,
        chosen: tuple[tuple[FieldSelection, Guard], ...],
        types: frozenset[str],
        type_names: frozenset[str] | None,
    ) -> ProjectedField:
        first = chosen[0][0]
        whole = NEVER
        for _, guard in chosen:
            whole = either(whole, guard, is_exact=True)
        if first.field_name == TYPENAME:
            typename = next(iter(types)) if len(types) == 1 and type_name in types else None
            return ProjectedField(
                first.response_key,
                TYPENAME,
                TYPENAME,
                GraphQLNonNull(GraphQLString),
                type_names=type_names,
                conditions=conditions_from(whole),
                typename=typename,
                defers=_defers(chosen),
            )
        below: _Regions = []
        marks: list[DeferMark] = []
        for selection, guard in chosen:
            below += [(region, ALWAYS if guard == whole else guard) for region in selection.regions]
            marks += selection.defer_marks
        named_type = first.named_type
        return ProjectedField(
            first.response_key,
            first.tree_key,
            first.field_name,
            self._type_of(first, types),
            selections=tuple(field for _, field in self.ordered(named_type, below)) if below else (),
            type_names=type_names,
            conditions=conditions_from(whole),
            deferred=_blocks(marks),
            strict_types=self._strict_types(first, types),
            defers=_defers(chosen),
        )

    def _strict_types(self, selection: FieldSelection, types: frozenset[str]) -> dict[str, GraphQLOutputType]:
        """The types of the field on the object types that promise more than the interface does."""
        if len(types) < 2 or selection.parent_type in types:
            return {}
        key = (selection.parent_type, selection.field_name)
        if key not in self._strict:
            nullability = _nullability(self._type_of(selection, types))
            found = {name: self._api_type(name, selection.field_name) for name in self._possible[key[0]]}
            self._strict[key] = {
                name: type_ for name, type_ in found.items() if type_ and _nullability(type_) != nullability
            }
        strict = self._strict[key]
        return {name: type_ for name, type_ in strict.items() if name in types} if strict else strict

    def _type_of(self, selection: FieldSelection, types: frozenset[str]) -> GraphQLOutputType:
        """The API type of a field: of the object type where there is just one, for it may be stricter than the interface's."""
        names = [next(iter(types))] if len(types) == 1 else [selection.parent_type, *sorted(types)]
        for name in names:
            type_ = self._api_type(name, selection.field_name)
            if type_ is not None:
                return type_
        raise KeyError(f"{selection.parent_type}.{selection.field_name} is not in the API schema")

    def _api_type(self, type_name: str, field_name: str) -> GraphQLOutputType | None:
        type_ = self._api.type_map.get(type_name)
        if not (is_object_type(type_) or is_interface_type(type_)) or field_name not in type_.fields:
            return None
        field_type: GraphQLOutputType = type_.fields[field_name].type
        return field_type


def _nullability(type_: GraphQLOutputType) -> str:
    """The wrappers of a type alone: `[!]!` of `[Book!]!`."""
    return "".join(character for character in str(type_) if character in "[]!")


def _defers(chosen: tuple[tuple[FieldSelection, Guard], ...]) -> tuple[tuple[str | None, Conditions], ...]:
    """The deferred blocks that select a field; nothing where only the answer itself does."""
    guards: dict[str | None, Guard] = {}
    for selection, guard in chosen:
        for defer_id, own in selection.guard_by_defer.items():
            # `guard` may be narrower than the selection's own: what holds for all of the regions around it.
            narrowed = both(guard, own, is_exact=True) if guard != selection.guard else own
            guards[defer_id] = either(guards.get(defer_id, NEVER), narrowed, is_exact=True)
    if not any(guards):
        return ()
    return tuple((defer_id, conditions_from(guard)) for defer_id, guard in guards.items())


def _blocks(marks: Iterable[DeferMark]) -> tuple[DeferredBlock, ...]:
    return tuple(
        DeferredBlock(
            mark.defer_id, mark.label, mark.if_variable, mark.parent_defer, mark.types, conditions_from(mark.guard)
        )
        for mark in marks
    )


def _by_types(
    entries: list[tuple[FieldSelection, Guard, frozenset[str]]],
) -> dict[frozenset[str], tuple[tuple[FieldSelection, Guard], ...]]:
    """Group object types by which selections apply to them: the answer for one type is one field, merged from all of these."""
    if len(entries) == 1 and not entries[0][0].by_type:
        selection, guard, types = entries[0]
        return {types: ((selection, guard),)}
    grouped: dict[tuple[tuple[int, Guard], ...], tuple[set[str], tuple[tuple[FieldSelection, Guard], ...]]] = {}
    for type_name in sorted(frozenset().union(*(types for _, _, types in entries))):
        chosen = tuple(
            (selection.for_type(type_name) if type_name in selection.by_type else selection, guard)
            for selection, guard, types in entries
            if type_name in types
        )
        key = tuple((id(selection), guard) for selection, guard in chosen)
        grouped.setdefault(key, (set(), chosen))[0].add(type_name)
    return {frozenset(types): chosen for types, chosen in grouped.values()}
