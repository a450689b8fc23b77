"""Join fetches of one subgraph that become ready together into one request, and take its answer apart again.

Each `_entities` field gets an alias of its own; fields that ask the same, with the same kinds of representations, become one field in
which each entity is asked for once. Which fetches meet is known only while a plan runs, so requests are joined then, each combination
being compiled once: by the plan alone one of them might have to wait for the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

import orjson
from graphql import (
    ArgumentNode,
    FieldNode,
    InlineFragmentNode,
    NameNode,
    OperationDefinitionNode,
    SelectionNode,
    SelectionSetNode,
    VariableDefinitionNode,
    VariableNode,
    parse,
    print_ast,
    strip_ignored_characters,
)

from ..planning.query_plan import FetchNode, QueryPlan
from .representations import Batch
from .response_tree import TreeObject, copy_value

if TYPE_CHECKING:
    from .compiled_plan import CompiledFetch

HeldFetch: TypeAlias = "tuple[CompiledFetch, tuple[Batch, ...]]"


def partners(plan: QueryPlan) -> dict[int, tuple[int, ...]]:
    """For each fetch the others with which it might become ready together, and could then be sent."""
    above: dict[int, frozenset[int]] = {}
    for fetch in plan.fetches:
        above[fetch.id] = frozenset(fetch.depends_on).union(*(above[needed] for needed in fetch.depends_on))
    return {
        fetch.id: tuple(
            other.id
            for other in plan.fetches
            if _can_join(fetch, other) and other.id not in above[fetch.id] and fetch.id not in above[other.id]
        )
        for fetch in plan.fetches
    }


def _can_join(first: FetchNode, second: FetchNode) -> bool:
    if first is second or first.subgraph_name != second.subgraph_name:
        return False
    # What is deferred must not hold up what is not.
    if first.defer_ids != second.defer_ids:
        return False
    # One request has one value for each context.
    return all(one.entities and not any(e.context_arguments for e in one.entities) for one in (first, second))


@dataclass(frozen=True, slots=True)
class JoinedField:
    """One `_entities` field of a joined request. `parts` are the (fetch, input) numbers that share it."""

    alias: str
    variable_prefix: bytes
    parts: tuple[tuple[int, int], ...]
    has_objects: bool
    """Its entities hold objects: whoever shares one needs a copy."""


@dataclass(frozen=True, slots=True)
class JoinedDocument:
    """The request that several fetches make together, but for the values of its variables."""

    head: bytes
    variables: tuple[tuple[str, bytes], ...]
    fields: tuple[JoinedField, ...]


def join_documents(fetches: tuple[CompiledFetch, ...]) -> JoinedDocument:
    """Compile the request of some fetches of one subgraph."""
    writer = _Writer(_own_variable(fetches))
    for number, fetch in enumerate(fetches):
        writer.add(number, fetch.node)
    names = [fetch.node.operation_name for fetch in fetches]
    name = f"{names[0]}_{'_'.join(str(fetch.id) for fetch in fetches[1:])}" if names[0] else None
    head = b'{"query":' + orjson.dumps(writer.text(name))
    if name is not None:
        head += b',"operationName":' + orjson.dumps(name)
    variables = {key: prefix for fetch in fetches for key, prefix in fetch.variables}
    return JoinedDocument(head + b',"variables":{', tuple(variables.items()), tuple(writer.fields()))


def _own_variable(fetches: tuple[CompiledFetch, ...]) -> str:
    """The beginning of the names of our variables: no variable of the client has it."""
    name = "representations"
    while any(other.startswith(name) for fetch in fetches for other in fetch.node.variable_names):
        name = f"_{name}"
    return name


class _Writer:
    """Collects the `_entities` fields of some documents."""

    def __init__(self, variable: str) -> None:
        self._variable = variable
        self._definitions: dict[str, VariableDefinitionNode] = {}
        self._selections: list[SelectionNode] = []
        self._parts: list[list[tuple[int, int]]] = []
        self._has_objects: list[bool] = []
        self._known: dict[object, int] = {}
        self._field_of: dict[tuple[int, int], int] = {}

    def add(self, number: int, fetch: FetchNode) -> None:
        """Take in the document of a fetch."""
        operation = parse(fetch.document, no_location=True).definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        own = {entity_input.variable_name for entity_input in fetch.entities}
        for definition in operation.variable_definitions or ():
            if definition.variable.name.value not in own:
                self._definitions.setdefault(definition.variable.name.value, definition)
        inputs = {entity_input.alias: place for place, entity_input in enumerate(fetch.entities)}
        selections = operation.selection_set.selections
        keys = [_response_key(one) for one in selections if isinstance(one, FieldNode)]
        for selection in selections:
            # A field under alternatives of conditions stands there several times.
            is_alone = isinstance(selection, FieldNode) and keys.count(_response_key(selection)) == 1
            self._add_selection(selection, number, fetch, inputs, is_alone=is_alone)

    def _add_selection(
        self, node: SelectionNode, number: int, fetch: FetchNode, inputs: dict[str, int], *, is_alone: bool
    ) -> None:
        key: object = None
        if is_alone and isinstance(node, FieldNode):
            # The same fields of entities that are represented alike: one field will do.
            place = inputs[_response_key(node)]
            kinds = tuple(dict.fromkeys(target.representations for target in fetch.entities[place].targets))
            key = (print_ast(node.selection_set) if node.selection_set else "", tuple(node.directives or ()), kinds)
            if key in self._known:
                self._parts[self._known[key]].append((number, place))
                return
            self._known[key] = len(self._parts)
        self._selections.append(self._renamed(node, number, inputs))

    def _renamed(self, node: SelectionNode, number: int, inputs: dict[str, int]) -> SelectionNode:
        """The `_entities` field under its new names, and any fragments with conditions that stand around it."""
        if isinstance(node, InlineFragmentNode):
            inner = tuple(self._renamed(one, number, inputs) for one in node.selection_set.selections)
            return InlineFragmentNode(directives=node.directives, selection_set=SelectionSetNode(selections=inner))
        assert isinstance(node, FieldNode)
        part = (number, inputs[_response_key(node)])
        field = self._field_of.setdefault(part, len(self._parts))
        if field == len(self._parts):
            self._parts.append([part])
            self._has_objects.append(_has_objects(node.selection_set))
        variable = VariableNode(name=NameNode(value=self._variable_name(field)))
        return FieldNode(
            alias=NameNode(value=_alias(field)),
            name=node.name,
            arguments=(ArgumentNode(name=NameNode(value="representations"), value=variable),),
            directives=node.directives,
            selection_set=node.selection_set,
        )

    def fields(self) -> Iterator[JoinedField]:
        """The fields, in the order of their aliases."""
        for number, (parts, has_objects) in enumerate(zip(self._parts, self._has_objects, strict=True)):
            prefix = orjson.dumps(self._variable_name(number)) + b":"
            yield JoinedField(_alias(number), prefix, tuple(parts), has_objects)

    def text(self, name: str | None) -> str:
        """The whole document, on one line."""
        variables = [f"${self._variable_name(number)}:[_Any!]!" for number in range(len(self._parts))]
        variables += [print_ast(definition) for definition in self._definitions.values()]
        body = print_ast(SelectionSetNode(selections=tuple(self._selections)))
        return strip_ignored_characters(f"query {name or ''}({' '.join(variables)}){body}")

    def _variable_name(self, field: int) -> str:
        return f"{self._variable}_{field}"


def _alias(field: int) -> str:
    return f"_e{field}"


def _response_key(node: FieldNode) -> str:
    return node.alias.value if node.alias else node.name.value


def _has_objects(selection_set: SelectionSetNode | None) -> bool:
    """Whether entities with these selections hold further objects."""
    return selection_set is not None and any(
        (isinstance(one, FieldNode) and one.selection_set is not None)
        or (isinstance(one, InlineFragmentNode) and _has_objects(one.selection_set))
        for one in selection_set.selections
    )


class JoinedRequest:
    """One request of several fetches, with what each of them asks for."""

    __slots__ = ("_document", "_slots", "held", "representations")

    def __init__(self, document: JoinedDocument, held: tuple[HeldFetch, ...]) -> None:
        self.held = held
        self._document = document
        self.representations: list[list[TreeObject]] = []
        # For each part of each field, which of the field's representations its own ones are.
        self._slots: list[list[list[int]]] = []
        for field in document.fields:
            batches = [held[fetch][1][place] for fetch, place in field.parts]
            merged, slots = _merged_representations(batches)
            self.representations.append(merged)
            self._slots.append(slots)

    @property
    def other_ids(self) -> tuple[int, ...]:
        """The fetches beside the first, which the request is sent as."""
        return tuple(fetch.id for fetch, _ in self.held[1:])

    def variable_parts(self) -> list[bytes]:
        """The JSON members of the variables that hold representations."""
        return [
            field.variable_prefix + orjson.dumps(representations)
            for field, representations in zip(self._document.fields, self.representations, strict=True)
        ]

    def answers(self, answer: TreeObject) -> Iterator[tuple[HeldFetch, TreeObject]]:
        """What each fetch would have been answered by itself."""
        data, errors = answer.get("data"), answer.get("errors")
        for number, held in enumerate(self.held):
            own: TreeObject = {}
            if data is not None:
                own["data"] = self._data_of(number, data)
            own_errors = self._errors_of(number, errors, is_lost=data is None) if errors else []
            if own_errors:
                own["errors"] = own_errors
            yield held, own

    def _data_of(self, number: int, data: TreeObject) -> TreeObject:
        own: TreeObject = {}
        for position, field in enumerate(self._document.fields):
            entities = data.get(field.alias)
            is_answer = isinstance(entities, list) and len(entities) == len(self.representations[position])
            for part, (fetch, place) in enumerate(field.parts):
                if fetch == number:
                    taken: Any = entities
                    if is_answer and isinstance(entities, list):
                        taken = [entities[slot] for slot in self._slots[position][part]]
                        # Later fetches may tell the places of one entity apart.
                        taken = copy_value(taken) if part and field.has_objects else taken
                    own[self.held[number][0].inputs[place].alias] = taken
        return own

    def _errors_of(self, number: int, errors: list[Any], *, is_lost: bool) -> list[Any]:
        """The errors of one fetch, with paths as in its own document; of others only when they cost this one its data."""
        found: list[Any] = []
        for error in errors:
            path = error.get("path") if isinstance(error, dict) else None
            if not isinstance(path, list) or not path or not isinstance(path[0], str):
                found.append(error)
                continue
            paths = list(self._paths_of(number, path))
            found += [{**error, "path": own} for own in paths]
            if is_lost and not paths:
                found.append({**error, "path": None})
        return found

    def _paths_of(self, number: int, path: list[Any]) -> Iterator[list[Any]]:
        for position, field in enumerate(self._document.fields):
            if field.alias != path[0]:
                continue
            for part, (fetch, place) in enumerate(field.parts):
                if fetch != number:
                    continue
                alias = self.held[number][0].inputs[place].alias
                if len(path) == 1:
                    yield [alias]
                elif path[1] in self._slots[position][part]:
                    yield [alias, self._slots[position][part].index(path[1]), *path[2:]]


def _merged_representations(batches: list[Batch]) -> tuple[list[TreeObject], list[list[int]]]:
    first = batches[0]
    if len(batches) == 1:
        return first.representations, [list(range(len(first.representations)))]
    merged: list[TreeObject] = []
    known: dict[Any, int] = {}
    all_slots = []
    for batch in batches:
        slots = [0] * len(batch.representations)
        for key, own in batch.slot_by_key.items():
            slot = known.get(key)
            if slot is None:
                slot = known[key] = len(merged)
                merged.append(batch.representations[own])
            slots[own] = slot
        all_slots.append(slots)
    return merged, all_slots
