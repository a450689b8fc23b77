"""Serve a split world in this process: each subgraph over graphql-core as a SubgraphTransport, and the whole as one server, the oracle.

A subgraph is strict: its documents must validate, representations must carry one of its keys, fields with @requires see only what the
representation brings, and external fields fail unless the way there provides them.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import (
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    graphql_sync,
    is_abstract_type,
    is_object_type,
)

from gateway.language import FieldSet, FieldSetFragment, parse_field_set
from gateway.transport.interface import SubgraphRequest, SubgraphResponse
from tests.gateway.planning.split_sdl import subgraph_sdl
from tests.gateway.planning.split_world import OBJECTS_PER_TYPE, World, WorldField


@dataclass(frozen=True, slots=True)
class Thing:
    """One object. `representation` is what `_entities` was given for it, `provided` the external fields that may be asked."""

    type_name: str
    ident: str
    representation: Mapping[str, Any] | None = field(default=None, hash=False, compare=False)
    provided: frozenset[str] = frozenset()


def _number(*parts: object) -> int:
    return zlib.crc32(repr(parts).encode())


class Values:
    """The data of a world: every value follows from type, object, field and arguments.

    With faults, some values are null that must not be: not those of keys and of fields that others require, whose loss would cost a
    federation more than one server.
    """

    def __init__(self, world: World, seed: int, *, with_faults: bool = False) -> None:
        self.world = world
        self._seed = seed
        self._faulty = _faulty_fields(world) if with_faults else frozenset()

    def field(self, type_name: str, name: str) -> WorldField:
        """The definition of a field, on the object type or, for fields that an @interfaceObject adds, on the interface."""
        one = self.world.types[type_name].fields[name]
        if one.is_from_interface_object:
            return self.world.types["I1"].fields[name]
        return one

    def resolve(self, thing: Thing, name: str, arguments: Mapping[str, Any], graph: str | None) -> Any:
        """The true value; of lists, all items."""
        one = self.field(thing.type_name, name)
        if one.requires:
            text = next(iter(one.requires.values()))
            required = self.required(thing, parse_field_set(text))
            return f"q {json.dumps(required, sort_keys=True)}"
        if name in ("id", "sku"):
            return f"{name}:{thing.type_name}:{thing.ident}"
        if name == "ref":
            return Thing(f"{thing.type_name}Ref", thing.ident)
        if name == "code":
            return f"code:{thing.type_name.removesuffix('Ref')}:{thing.ident}"
        if name == "common" and one.stricter_in:
            return f"common of {thing.type_name} {thing.ident}"
        shared = ("value", self._seed, thing.type_name, thing.ident, name, arguments.get("n", 0))
        return self._listed(one, shared, one.lists, thing, name, arguments)

    def _listed(
        self, one: WorldField, key: tuple[object, ...], lists: int, thing: Thing, name: str, arguments: Any
    ) -> Any:
        number = _number(*key)
        if (thing.type_name, name) in self._faulty and number % 2 == 0:
            return None
        if one.is_nullable and number % 6 == 0:
            return None
        if lists:
            return [self._listed(one, (*key, item), lists - 1, thing, name, arguments) for item in range(number % 4)]
        target = self.world.types.get(one.type_name)
        if target is None:
            return f"{thing.type_name}.{thing.ident}.{name}({arguments.get('n', 0)}) {number % 97}"
        if target.name == "V0":
            return Thing("V0", f"{thing.ident}/{number % 1000}")
        members = [target.name] if target.kind == "type" else self._members(one, target.name)
        return Thing(members[number % len(members)], str(number // 7 % OBJECTS_PER_TYPE))

    def _members(self, one: WorldField, type_name: str) -> list[str]:
        members = self.world.types[type_name].members
        known = [set(members[graph]) for graph in one.owners if graph in members]
        return sorted(set.intersection(*known)) if known else self.world.types[type_name].all_members()

    def required(self, thing: Thing, field_set: FieldSet) -> dict[str, Any]:
        """The true values of a field set."""
        found: dict[str, Any] = {}
        for selection in field_set:
            if isinstance(selection, FieldSetFragment):
                if selection.type_condition == thing.type_name:
                    found.update(self.required(thing, selection.selections))
                continue
            arguments = {argument.name: int(argument.value) for argument in selection.arguments}
            value = self.resolve(thing, selection.field_name, arguments, None)
            found[selection.field_name] = self._required_below(value, selection.selections)
        return found

    def _required_below(self, value: Any, field_set: FieldSet) -> Any:
        if isinstance(value, list):
            return [self._required_below(item, field_set) for item in value]
        return self.required(value, field_set) if isinstance(value, Thing) else value


def _faulty_fields(world: World) -> frozenset[tuple[str, str]]:
    required: set[tuple[str, str]] = set()

    def collect(type_name: str, field_set: FieldSet) -> None:
        for selection in field_set:
            if isinstance(selection, FieldSetFragment):
                collect(selection.type_condition or type_name, selection.selections)
                continue
            # An interface's field stands for those of all its implementations.
            for name in (type_name, *world.types[type_name].all_members()):
                required.add((name, selection.field_name))
            if selection.selections:
                # A null that the client's own selection meets in the object that is required takes the object with it.
                target = world.types[world.types[type_name].fields[selection.field_name].type_name]
                for name in (target.name, *target.all_members()):
                    required.update((name, field_name) for field_name in world.types[name].fields)
                collect(target.name, selection.selections)

    for type_ in world.types.values():
        for one in type_.fields.values():
            for text in one.requires.values():
                collect(type_.name, parse_field_set(text))
    return frozenset(
        (type_.name, one.name)
        for type_ in world.types.values()
        for one in type_.fields.values()
        if one.type_name == "String" and not one.is_nullable and not one.requires
    ).difference(required)


def of_representation(value: Any, field_set: FieldSet) -> Any:
    """What a representation says for a field set; what is missing in it says so."""
    if isinstance(value, list):
        return [of_representation(item, field_set) for item in value]
    if not field_set or value is None:
        return value
    found: dict[str, Any] = {}
    for selection in field_set:
        if isinstance(selection, FieldSetFragment):
            if selection.type_condition == value.get("__typename"):
                found.update(of_representation(value, selection.selections))
        else:
            found[selection.field_name] = of_representation(
                value.get(selection.field_name, "MISSING"), selection.selections
            )
    return found


class InProcessSubgraph:
    """One subgraph as a transport; remembers the documents that it was sent."""

    def __init__(self, values: Values, graph: str) -> None:
        self._values = values
        self._graph = graph
        self._schema = _executable(subgraph_sdl(values.world, graph), self._resolve)
        self.documents: list[str] = []

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Run one request."""
        body = orjson.loads(request.body)
        self.documents.append(body["query"])
        result = graphql_sync(
            self._schema,
            body["query"],
            root_value=Thing(_root_type(body["query"]), ""),
            variable_values=body.get("variables"),
            operation_name=body.get("operationName"),
        )
        return SubgraphResponse(200, (), orjson.dumps(result.formatted))

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        """Worlds have no subscriptions."""
        raise NotImplementedError

    async def aclose(self) -> None:
        """Nothing to close."""

    def _resolve(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        name = info.field_name
        if name == "_entities":
            return [self._entity(one) for one in arguments["representations"]]
        one = self._field(source, name)
        if self._graph not in one.owners and name not in source.provided:
            raise ValueError(f"{source.type_name}.{name} is external in {self._graph}")
        if self._graph in one.requires:
            if source.representation is None:
                raise ValueError(f"{source.type_name}.{name} needs a representation")
            brought = of_representation(source.representation, parse_field_set(one.requires[self._graph]))
            return f"q {json.dumps(brought, sort_keys=True)}"
        value = self._values.resolve(source, name, arguments, self._graph)
        return _with_provided(value, frozenset(one.provides.get(self._graph, "").split()))

    def _field(self, source: Thing, name: str) -> WorldField:
        interface = self._values.world.types.get("I1")
        if interface is not None and interface.interface_object_in == self._graph and name in interface.fields:
            return interface.fields[name]
        return self._values.field(source.type_name, name)

    def _entity(self, representation: Mapping[str, Any]) -> Thing:
        type_name = representation["__typename"]
        keys = self._values.world.types[type_name].keys.get(self._graph, [])
        found_by = [value for key in keys if (value := _key_value(parse_field_set(key), representation)) is not None]
        if not found_by:
            raise ValueError(f"{self._graph} cannot find a {type_name} by {sorted(representation)}")
        _, found, ident = found_by[0].split(":")
        return Thing(found, ident, representation)


def _key_value(key: FieldSet, representation: Mapping[str, Any]) -> str | None:
    """Some leaf of a key that the representation has wholly."""
    value: str | None = None
    for selection in key:
        assert not isinstance(selection, FieldSetFragment)
        brought = representation.get(selection.field_name)
        value = _key_value(selection.selections, brought) if selection.selections and brought else brought
        if value is None:
            return None
    return value


def _root_type(text: str) -> str:
    return "Mutation" if text.startswith("mutation") else "Query"


def _with_provided(value: Any, provided: frozenset[str]) -> Any:
    if isinstance(value, list):
        return [_with_provided(item, provided) for item in value]
    if isinstance(value, Thing) and provided:
        return Thing(value.type_name, value.ident, value.representation, provided)
    return value


class Monolith:
    """The same data as one server with the API schema."""

    def __init__(self, values: Values, api_schema: GraphQLSchema, sdl: str) -> None:
        self._values = values
        self.schema = _executable(sdl, self._resolve)

    @staticmethod
    def root_value(text: str) -> Thing:
        """The object of the operation's root type."""
        return Thing(_root_type(text), "")

    def answer(
        self, text: str, variables: dict[str, Any], *, may_fail: bool = False
    ) -> tuple[dict[str, Any] | None, bool]:
        """The data of an operation, and whether there were errors."""
        result = graphql_sync(self.schema, text, root_value=self.root_value(text), variable_values=variables)
        assert may_fail or not result.errors, result.errors
        return result.data, bool(result.errors)

    def _resolve(self, source: Any, info: GraphQLResolveInfo[Any], **arguments: Any) -> Any:
        return self._values.resolve(source, info.field_name, arguments, None)


def _executable(sdl: str, resolve: Any) -> GraphQLSchema:
    schema = build_schema(sdl)
    for type_ in schema.type_map.values():
        if is_object_type(type_) and not type_.name.startswith("__"):
            for one in type_.fields.values():
                one.resolve = resolve
        if is_abstract_type(type_):
            type_.resolve_type = _type_resolver(schema)
    return schema


def _type_resolver(schema: GraphQLSchema) -> Any:
    def resolve_type(value: Thing, *_: Any) -> str:
        if value.representation is not None and value.representation["__typename"] in schema.type_map:
            asked = str(value.representation["__typename"])
            if is_object_type(schema.type_map[asked]):
                return asked
        return value.type_name

    return resolve_type
