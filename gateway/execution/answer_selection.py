"""The answer's selections with all conditions settled: ProjectedFields + variables -> what each object of the answer holds, by type."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from graphql import (
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
    is_composite_type,
)

from ..planning.query_plan import DeferredSelection, ProjectedField
from .answer_shapes import ITEMS, PlainPath
from .conditions import conditions_hold


@dataclass(frozen=True, slots=True)
class AnswerField:
    """One entry of an object of the answer. `typename` is set for `__typename`; `below` for objects; `is_raw` for introspection."""

    response_key: str
    tree_key: str
    field_name: str
    type: GraphQLOutputType
    typename: str | None = None
    below: AnswerSelection | None = None
    is_raw: bool = False


@dataclass(slots=True)
class AnswerSelection:
    """What an object holds. `fields` when that does not depend on its type, else `fields_by_type` for each possible type.

    `path` is where in the response tree such objects lie. `deferred` are the blocks that come later, with the object types
    that they are for.
    """

    type_name: str
    path: PlainPath
    is_abstract: bool
    fields: tuple[AnswerField, ...] | None = None
    fields_by_type: Mapping[str, tuple[AnswerField, ...]] = field(default_factory=dict)
    deferred: tuple[DeferredSelection, ...] = ()


class SelectionBuilder:
    """Builds the selections of one plan for one outcome of all its conditions.

    `deferred_ids` are the blocks that really come later; all others are answered in place.
    """

    def __init__(self, schema: GraphQLSchema, variables: Mapping[str, Any], deferred_ids: frozenset[str]) -> None:
        self._schema = schema
        self._variables = variables
        self._deferred_ids = deferred_ids

    def build(
        self,
        type_name: str,
        fields: Iterable[ProjectedField],
        deferred: Iterable[DeferredSelection] = (),
        path: PlainPath = (),
    ) -> AnswerSelection:
        """The selection of objects of a type (an object type, an interface or a union)."""
        later: list[DeferredSelection] = []
        active = self._active(fields, deferred, later)
        type_ = self._schema.type_map[type_name]
        selection = AnswerSelection(type_name, path, is_abstract_type(type_), deferred=tuple(later))
        if isinstance(type_, GraphQLObjectType):
            selection.fields = self._answer_fields(active, type_name, path)
        elif all(item.type_names is None and (item.field_name != "__typename" or item.typename) for item in active):
            selection.fields = self._answer_fields(active, None, path)
        else:
            selection.fields_by_type = self._fields_by_type(active, type_name, path)
        return selection

    def _fields_by_type(
        self, active: list[ProjectedField], type_name: str, path: PlainPath
    ) -> dict[str, tuple[AnswerField, ...]]:
        abstract_type = self._schema.type_map[type_name]
        assert is_abstract_type(abstract_type)
        by_type: dict[str, tuple[AnswerField, ...]] = {}
        known: dict[tuple[int, ...], tuple[AnswerField, ...]] = {}
        for possible in self._schema.get_possible_types(abstract_type):
            chosen = [item for item in active if item.type_names is None or possible.name in item.type_names]
            # Types with the same fields share one selection, unless they tell their own name.
            key = tuple(id(item) for item in chosen)
            names_itself = any(item.field_name == "__typename" for item in chosen)
            if names_itself or key not in known:
                known[key] = self._answer_fields(chosen, possible.name, path)
            by_type[possible.name] = known[key]
        return by_type

    def _active(
        self, fields: Iterable[ProjectedField], deferred: Iterable[DeferredSelection], later: list[DeferredSelection]
    ) -> list[ProjectedField]:
        """All fields whose conditions hold, those of blocks that are not really deferred among them."""
        active = [item for item in fields if conditions_hold(item.conditions, self._variables)]
        for block in deferred:
            if not conditions_hold(block.conditions, self._variables):
                continue
            if block.defer_id in self._deferred_ids:
                later.append(block)
                continue
            for item in block.selections:
                if conditions_hold(item.conditions, self._variables):
                    active.append(_limited_to(item, block.type_names))
        return active

    def _answer_fields(
        self, active: list[ProjectedField], type_name: str | None, path: PlainPath
    ) -> tuple[AnswerField, ...]:
        if type_name is not None:
            active = [item for item in active if item.type_names is None or type_name in item.type_names]
        groups: dict[str, list[ProjectedField]] = {}
        for item in active:
            groups.setdefault(item.response_key, []).append(item)
        return tuple(self._answer_field(group, type_name, path) for group in groups.values())

    def _answer_field(self, group: list[ProjectedField], type_name: str | None, path: PlainPath) -> AnswerField:
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
            )
        return AnswerField(first.response_key, first.tree_key, first.field_name, first.type, below=below)


def _limited_to(item: ProjectedField, type_names: frozenset[str] | None) -> ProjectedField:
    if type_names is None:
        return item
    return replace(item, type_names=type_names if item.type_names is None else item.type_names & type_names)


def _path_of(path: PlainPath, item: ProjectedField) -> PlainPath:
    path = (*path, item.tree_key)
    type_: Any = item.type
    while hasattr(type_, "of_type"):
        if type(type_).__name__ == "GraphQLList":
            path = (*path, ITEMS)
        type_ = type_.of_type
    return path
