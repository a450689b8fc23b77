"""The answer's selections with all conditions settled: ProjectedFields + variables -> what each object of the answer holds, by type."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from ..planning.query_plan import DeferredBlock, ProjectedField
from .answer_shapes import ITEMS, PlainPath
from .conditions import conditions_hold


@dataclass(frozen=True, slots=True)
class AnswerField:
    """One entry of an object of the answer. `typename` is set for `__typename`; `below` for objects; `is_raw` for introspection.

    `strict_types` hold where the object's own type is known to be one of these, instead of `type`.
    """

    response_key: str
    tree_key: str
    field_name: str
    type: GraphQLOutputType
    typename: str | None = None
    below: AnswerSelection | None = None
    is_raw: bool = False
    strict_types: Mapping[str, GraphQLOutputType] = field(default_factory=dict)


@dataclass(slots=True)
class AnswerSelection:
    """What an object holds. `fields` when that does not depend on its type, else `fields_by_type` for each possible type.

    `path` is where in the response tree such objects lie. `later` is what comes in deferred parts, by type in the same way (None: for
    objects of any type).
    """

    type_name: str
    path: PlainPath
    is_abstract: bool
    fields: tuple[AnswerField, ...] | None = None
    fields_by_type: dict[str, tuple[AnswerField, ...]] = field(default_factory=dict)
    later: dict[str | None, Later] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Later:
    """What one object gets later: the deferred blocks that start there, and the parts in which fields come."""

    blocks: tuple[DeferredBlock, ...]
    parts: tuple[DeferredPart, ...]


@dataclass(frozen=True, slots=True)
class DeferredPart:
    """Fields of one object that come together, once, with the first of `blocks` that is delivered."""

    blocks: frozenset[str]
    selection: AnswerSelection


@dataclass(frozen=True, slots=True)
class Deferral:
    """Which deferred blocks really come later. Fields of one that does not belong to the block around it."""

    ids: frozenset[str]
    parents: Mapping[str, str | None]

    def actual(self, defer_id: str | None) -> str | None:
        """The block that a block's fields come with; None: the answer itself."""
        while defer_id is not None and defer_id not in self.ids:
            defer_id = self.parents[defer_id]
        return defer_id

    def parent(self, defer_id: str) -> str | None:
        """The deferred block around a deferred block."""
        return self.actual(self.parents[defer_id])

    def delivered_with(self, defer_ids: Iterable[str | None]) -> frozenset[str]:
        """The blocks that bring a field which all of `defer_ids` select: the outermost ones; none: the answer itself."""
        found: set[str] = set()
        for defer_id in defer_ids:
            actual = self.actual(defer_id)
            if actual is None:
                return IN_THE_ANSWER
            found.add(actual)
        return frozenset(one for one in found if not self._has_ancestor_in(one, found))

    def _has_ancestor_in(self, defer_id: str, others: set[str]) -> bool:
        above = self.parent(defer_id)
        while above is not None:
            if above in others:
                return True
            above = self.parent(above)
        return False


IN_THE_ANSWER: frozenset[str] = frozenset()
NOTHING_DEFERRED = Deferral(frozenset(), {})


class SelectionBuilder:
    """Builds the selections of one plan for one outcome of all its conditions. Follows graphql-core's `build_execution_plan`."""

    def __init__(
        self, schema: GraphQLSchema, variables: Mapping[str, Any], deferral: Deferral = NOTHING_DEFERRED
    ) -> None:
        self._schema = schema
        self._variables = variables
        self._deferral = deferral

    def build(
        self,
        type_name: str,
        fields: Iterable[ProjectedField],
        blocks: Iterable[DeferredBlock] = (),
        path: PlainPath = (),
        inside: frozenset[str] = IN_THE_ANSWER,
    ) -> AnswerSelection:
        """The selection of objects of a type (an object type, an interface or a union) that come with the blocks `inside`."""
        active = [item for item in fields if conditions_hold(item.conditions, self._variables)]
        started = [
            block
            for block in blocks
            if block.defer_id in self._deferral.ids and conditions_hold(block.conditions, self._variables)
        ]
        type_ = self._schema.type_map[type_name]
        selection = AnswerSelection(type_name, path, is_abstract_type(type_))
        if isinstance(type_, GraphQLObjectType):
            selection.fields = self._fields_of_type(selection, active, started, type_name, None, inside)
        elif not _depends_on_type(active, started):
            selection.fields = self._fields_of_type(selection, active, started, None, None, inside)
        else:
            self._add_fields_by_type(selection, active, started, inside)
        return selection

    def _add_fields_by_type(
        self,
        selection: AnswerSelection,
        active: list[ProjectedField],
        started: list[DeferredBlock],
        inside: frozenset[str],
    ) -> None:
        abstract_type = self._schema.type_map[selection.type_name]
        assert is_abstract_type(abstract_type)
        known: dict[tuple[int, ...], str] = {}
        for possible in self._schema.get_possible_types(abstract_type):
            name = possible.name
            chosen = [item for item in active if item.type_names is None or name in item.type_names]
            blocks = [block for block in started if block.type_names is None or name in block.type_names]
            # Types with the same fields share one selection, unless they tell their own name.
            key = tuple(id(item) for item in (*chosen, *blocks))
            names_itself = any(item.field_name == "__typename" for item in chosen)
            if names_itself or key not in known:
                known[key] = name
                selection.fields_by_type[name] = self._fields_of_type(selection, chosen, blocks, name, name, inside)
                continue
            selection.fields_by_type[name] = selection.fields_by_type[known[key]]
            if known[key] in selection.later:
                selection.later[name] = selection.later[known[key]]

    def _fields_of_type(
        self,
        selection: AnswerSelection,
        active: list[ProjectedField],
        started: list[DeferredBlock],
        type_name: str | None,
        later_key: str | None,
        inside: frozenset[str],
    ) -> tuple[AnswerField, ...]:
        """The fields that are there at once; what comes later is noted in the selection."""
        groups: dict[str, list[ProjectedField]] = {}
        for item in active:
            if type_name is None or item.type_names is None or type_name in item.type_names:
                groups.setdefault(item.response_key, []).append(item)
        if not self._deferral.ids:
            return tuple(self._answer_field(group, type_name, selection.path, inside) for group in groups.values())
        parts: dict[frozenset[str], list[AnswerField]] = {inside: []}
        for group in groups.values():
            blocks = self._deferral.delivered_with(self._defer_ids(group))
            parts.setdefault(blocks, []).append(self._answer_field(group, type_name, selection.path, blocks))
        fields = tuple(parts.pop(inside))
        if started or parts:
            later = tuple(
                DeferredPart(
                    blocks, AnswerSelection(selection.type_name, selection.path, selection.is_abstract, tuple(own))
                )
                for blocks, own in parts.items()
            )
            selection.later[later_key] = Later(tuple(started), later)
        return fields

    def _defer_ids(self, group: list[ProjectedField]) -> Iterator[str | None]:
        for item in group:
            if not item.defers:
                yield None
            for defer_id, conditions in item.defers:
                if conditions_hold(conditions, self._variables):
                    yield defer_id

    def _answer_field(
        self, group: list[ProjectedField], type_name: str | None, path: PlainPath, inside: frozenset[str]
    ) -> AnswerField:
        first = group[0]
        if first.field_name == "__typename":
            name = first.typename or type_name
            return AnswerField(first.response_key, first.tree_key, "__typename", first.type, typename=name)
        if first.introspection is not None:
            return AnswerField(first.response_key, first.tree_key, first.field_name, first.type, is_raw=True)
        named = get_named_type(first.type)
        below = None
        if is_composite_type(named):
            # The same field selected twice (under different conditions) is one field with both selections.
            same = [item for item in group if item.tree_key == first.tree_key]
            below = self.build(
                named.name,
                [selection for item in same for selection in item.selections],
                [block for item in same for block in item.deferred],
                _path_of(path, first),
                inside,
            )
        return AnswerField(
            first.response_key,
            first.tree_key,
            first.field_name,
            first.type,
            below=below,
            strict_types=first.strict_types,
        )


def _depends_on_type(active: list[ProjectedField], started: list[DeferredBlock]) -> bool:
    return any(
        item.type_names is not None or (item.field_name == "__typename" and not item.typename) for item in active
    ) or any(block.type_names is not None for block in started)


def _path_of(path: PlainPath, item: ProjectedField) -> PlainPath:
    path = (*path, item.tree_key)
    type_: Any = item.type
    while hasattr(type_, "of_type"):
        if type(type_).__name__ == "GraphQLList":
            path = (*path, ITEMS)
        type_ = type_.of_type
    return path
