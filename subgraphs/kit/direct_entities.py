"""Answer the gateway's lookups of entities by id without the generic executor: the same answer, for a fraction of the work.

A lookup is direct when `_entities` is all it asks for, with the representations in a variable, and what it selects of every entity are
plain values. Anything else, and every representation that is not just a type and an id, is left to the executor.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLUnionType,
    OperationDefinitionNode,
    OperationType,
    VariableNode,
)
from strawberry.federation import Schema

from .direct_values import DirectInfo, NotPlain, Picker, plain_selections
from .events import JsonObject
from .graphql_errors import present_error

ENTITIES = "_entities"
KEYS = {"__typename", "id"}

Resolver = Callable[[Any, str], Awaitable[Any] | Any]


@dataclass(frozen=True, slots=True)
class DirectLookup:
    """One operation text, ready to be answered."""

    name: str | None
    """The operation's own name."""
    key: str
    """The name of the root field in the answer."""
    node: FieldNode
    variable: str
    entities: Mapping[str, tuple[Resolver, Picker]]
    """By the name of the type: how one is found, and what is selected of it."""

    is_subscription = False

    def read(self, variables: Mapping[str, Any] | None) -> dict[str, Any] | None:
        """The representations; None when the executor has to see them."""
        given = (variables or {}).get(self.variable)
        if type(given) is not list or len(variables or {}) != 1:
            return None
        for item in given:
            if type(item) is not dict or item.keys() != KEYS or type(item["id"]) is not str:
                return None
            if item["__typename"] not in self.entities:
                return None
        return {"representations": given}

    async def answer(self, context: Any, arguments: Mapping[str, Any]) -> JsonObject:
        """The response: an entity, or null, for each representation, and `errors` where there are any."""
        info = DirectInfo(context)
        asked = [(item["__typename"], item["id"]) for item in arguments["representations"]]
        found = await asyncio.gather(*(self._entity(info, *item) for item in asked), return_exceptions=True)
        errors = []
        entities: list[JsonObject | None] = []
        for position, entity in enumerate(found):
            if isinstance(entity, Exception):
                located = GraphQLError(str(entity), nodes=[self.node], path=[self.key, position], original_error=entity)
                errors.append(present_error(located).formatted)
                entities.append(None)
            elif isinstance(entity, BaseException):
                raise entity
            else:
                entities.append(entity)
        data = {self.key: entities}
        return {"data": data, "errors": errors} if errors else {"data": data}

    async def _entity(self, info: DirectInfo, type_name: str, id: str) -> JsonObject | None:
        resolve, pick = self.entities[type_name]
        entity = resolve(info, id)
        if inspect.isawaitable(entity):
            entity = await entity
        return None if entity is None else pick(entity)


def plan_lookup(schema: Schema, document: DocumentNode, operation: OperationDefinitionNode) -> DirectLookup | None:
    """The plan of a validated operation that only looks entities up; None for another operation. Raises NotPlain."""
    selections = operation.selection_set.selections
    node = selections[0]
    if operation.operation is not OperationType.QUERY or len(selections) != 1:
        return None
    if not isinstance(node, FieldNode) or node.name.value != ENTITIES or node.selection_set is None:
        return None
    (argument,) = node.arguments or ()
    if node.directives or not isinstance(argument.value, VariableNode):
        raise NotPlain
    declared = operation.variable_definitions or ()
    if len(declared) != 1 or declared[0].default_value is not None or declared[0].directives:
        raise NotPlain
    entities = {}
    union = schema._schema.type_map["_Entity"]
    assert isinstance(union, GraphQLUnionType)
    for possible in union.types:
        resolve = _resolver(schema, possible)
        if resolve is not None:
            try:
                entities[possible.name] = (resolve, plain_selections(schema, document, node.selection_set, possible))
            except NotPlain:
                continue
    if not entities:
        raise NotPlain
    return DirectLookup(
        name=operation.name.value if operation.name else None,
        key=node.alias.value if node.alias else ENTITIES,
        node=node,
        variable=argument.value.name.value,
        entities=entities,
    )


def _resolver(schema: Schema, type_: GraphQLObjectType) -> Resolver | None:
    """How an entity of this type is found by its id; None when that takes more than the id."""
    definition: Any = schema.get_type_by_name(type_.name)
    resolve = getattr(definition.origin, "resolve_reference", None)
    if resolve is None:
        return None
    match list(inspect.signature(resolve).parameters):
        case ["info", "id"]:
            return lambda info, id: resolve(info, id)
        case ["id"]:
            return lambda info, id: resolve(id)
        case _:
            return None
