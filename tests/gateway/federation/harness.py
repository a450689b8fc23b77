"""A small federation for tests: subgraphs from SDL and rows, served over real HTTP on loopback, composed, planned and executed by us.

    async with Federation(Fixture("products", SDL, rows={"Product": [...]}, roots={"products": [...]})) as shop:
        assert await shop.answer("{ products { upc } }") == {"data": {...}}

Rows are plain dicts (`__typename` where a type is abstract). A field is answered by a function in `fields` ("Type.field": called with the
row and the arguments) or by the row's own value. Entities are found among the rows by their keys; what a representation
brings beside the key (@requires) is laid over the row.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self, TypeAlias

import orjson
from graphql import (
    DefinitionNode,
    DocumentNode,
    GraphQLError,
    GraphQLObjectType,
    GraphQLSchema,
    InterfaceTypeDefinitionNode,
    InterfaceTypeExtensionNode,
    ObjectTypeDefinitionNode,
    ObjectTypeExtensionNode,
    SchemaExtensionNode,
    SelectionSetNode,
    StringValueNode,
    build_ast_schema,
    execute,
    parse,
)

from gateway.composition import SubgraphDefinition, compose
from gateway.execution import ExecutionSettings, Executor, OperationCache, OperationRejected, RequestContext
from gateway.planning import Planner
from gateway.planning.query_plan import QueryPlan
from gateway.supergraph import supergraph_from_sdl
from gateway.transport import DispatchingTransport, TransportSettings, build_transport

Row: TypeAlias = dict[str, Any]
Resolver: TypeAlias = Callable[..., Any]

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@requires", "@provides", "@external", '
    '"@shareable", "@override", "@inaccessible", "@interfaceObject", "@context", "@fromContext", "@extends"])\n'
)


@dataclass(slots=True)
class Fixture:
    """One subgraph. `roots` holds the values (or functions of the arguments) of root fields, whatever root type they are of."""

    name: str
    sdl: str
    rows: Mapping[str, list[Row]] = field(default_factory=dict)
    roots: Mapping[str, Any] = field(default_factory=dict)
    fields: Mapping[str, Resolver] = field(default_factory=dict)
    is_federation_1: bool = False

    @property
    def full_sdl(self) -> str:
        """The SDL as it is composed: with the link to the federation spec."""
        return self.sdl if self.is_federation_1 else LINK + self.sdl

    def schema(self) -> GraphQLSchema:
        """The executable schema, with `_entities`."""
        definitions = _merged_definitions(parse(self.sdl))
        keys = {name: _keys_of(node) for name, node in definitions.items() if isinstance(node, _Keyed)}
        keys = {name: sets for name, sets in keys.items() if sets}
        objects = [name for name, node in definitions.items() if isinstance(node, ObjectTypeDefinitionNode)]
        entities = [name for name in objects if name in keys]
        document = DocumentNode(definitions=tuple(definitions.values()))
        if entities:
            extra = f"scalar _Any union _Entity = {' | '.join(entities)} type Query {{ {ENTITIES_FIELD} }}"
            document = DocumentNode(definitions=tuple(_merged_definitions(_joined(document, parse(extra))).values()))
        schema = build_ast_schema(document, assume_valid=True, assume_valid_sdl=True)
        for type_ in schema.type_map.values():
            if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
                is_root = type_.name in ("Query", "Mutation", "Subscription")
                for name, field_ in type_.fields.items():
                    field_.resolve = self._root_resolver(name) if is_root else self._resolver(type_.name, name)
        if entities and schema.query_type is not None:
            schema.query_type.fields["_entities"].resolve = lambda _root, _info, representations: [
                self._entity(schema, keys, representation) for representation in representations
            ]
        return schema

    def _root_resolver(self, name: str) -> Resolver:
        def resolve(_root: Any, _info: Any, **arguments: Any) -> Any:
            value = self.roots.get(name)
            return value(**arguments) if callable(value) else value

        return resolve

    def _resolver(self, type_name: str, name: str) -> Resolver:
        function = self.fields.get(f"{type_name}.{name}")

        def resolve(source: Any, _info: Any, **arguments: Any) -> Any:
            if function is not None:
                return function(source, **arguments)
            value = source.get(name)
            return value(**arguments) if callable(value) else value

        return resolve

    def _entity(self, schema: GraphQLSchema, keys: Mapping[str, list[Row]], representation: Row) -> Row | None:
        name = representation["__typename"]
        type_ = schema.type_map.get(name)
        names = [name]
        if type_ is not None and not isinstance(type_, GraphQLObjectType):
            names = [possible.name for possible in schema.get_possible_types(type_)]  # type: ignore[arg-type]
        if not any(possible in self.rows for possible in names):
            return representation
        for possible in names:
            for row in self.rows.get(possible, ()):
                sets = keys.get(possible, []) + keys.get(name, [])
                if any(_matches(row, representation, key) for key in sets):
                    return {**row, **representation, "__typename": possible}
        return None


class Federation:
    """Serves fixtures, composes them and answers operations. `requests` holds what each subgraph was asked, in order.

    With `supergraph_sdl` nothing is composed: it is the supergraph, with `http://NAME` for the address of each subgraph.
    """

    def __init__(
        self, *fixtures: Fixture, settings: ExecutionSettings | None = None, supergraph_sdl: str | None = None
    ) -> None:
        self._fixtures = {fixture.name: fixture for fixture in fixtures}
        self._schemas = {fixture.name: fixture.schema() for fixture in fixtures}
        self._settings = settings
        self._supergraph_sdl = supergraph_sdl
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.StreamWriter, asyncio.Task[Any] | None] = {}
        self.broken: dict[str, bytes | None] = {}
        """Subgraphs that answer with these bytes instead, or (None) not at all."""
        self.requests: dict[str, list[Row]] = {fixture.name: [] for fixture in fixtures}
        self.context = RequestContext()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        urls = {name: f"http://127.0.0.1:{port}/{name}" for name in self._fixtures}
        self.supergraph = supergraph_from_sdl(self._supergraph(urls))
        self.planner = Planner(self.supergraph)
        self.cache = OperationCache(self.supergraph.api_schema, self.planner)
        self.transports: dict[str, DispatchingTransport] = {
            subgraph.name: build_transport(subgraph.name, subgraph.url, TransportSettings(retry=None, breaker=None))
            for subgraph in self.supergraph.subgraphs.values()
        }
        self.executor = Executor(self.transports, self._settings)
        return self

    def _supergraph(self, urls: Mapping[str, str]) -> str:
        if self._supergraph_sdl is not None:
            sdl = self._supergraph_sdl
            for name, url in urls.items():
                sdl = sdl.replace(f'"http://{name}"', f'"{url}"')
            return sdl
        composed = compose([SubgraphDefinition(name, url, self._fixtures[name].full_sdl) for name, url in urls.items()])
        if composed.supergraph_sdl is None:
            raise AssertionError("\n".join(error.message for error in composed.errors))
        return composed.supergraph_sdl

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.executor.aclose()
        assert self._server is not None
        self._server.close()
        for writer in tuple(self._connections):
            writer.close()
        await asyncio.gather(*(task for task in self._connections.values() if task is not None))

    async def answer(
        self,
        text: str,
        variables: Row | None = None,
        *,
        operation_name: str | None = None,
        labels: tuple[str, ...] = (),
    ) -> Row:
        """The whole answer, as a client reads it. `extensions` of errors are left out but for the code's sake of `errors_of`."""
        try:
            prepared = self.cache.prepare(text, operation_name, frozenset(labels))
        except OperationRejected as rejected:
            return {"errors": [error.message for error in rejected.errors]}
        result = await self.executor.execute(prepared, variables, self.context)
        answer: Row = orjson.loads(result.to_bytes())
        return answer

    async def data(self, text: str, variables: Row | None = None, *, labels: tuple[str, ...] = ()) -> Any:
        """The data of an answer that must be without errors."""
        answer = await self.answer(text, variables, labels=labels)
        assert "errors" not in answer, answer["errors"]
        return answer["data"]

    def plan(self, text: str) -> QueryPlan:
        """The plan of an operation."""
        return self.cache.prepare(text).plan

    def asked(self) -> dict[str, int]:
        """How many requests each subgraph has had; those without are left out."""
        return {name: len(requests) for name, requests in self.requests.items() if requests}

    def representations(self, name: str) -> list[list[Row]]:
        """The representations that a subgraph was asked for, request by request."""
        return [
            [item for value in request["variables"].values() if isinstance(value, list) for item in value]
            for request in self.requests[name]
            if "_entities" in request["query"]
        ]

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._connections[writer] = asyncio.current_task()
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                name = head.split(" ", 2)[1].strip("/")
                length = next(line for line in head.lower().split("\r\n") if line.startswith("content-length:"))
                request = orjson.loads(await reader.readexactly(int(length.partition(":")[2])))
                self.requests[name].append(request)
                if name in self.broken:
                    raw = self.broken[name]
                    if raw is None:
                        return
                    body = raw
                else:
                    body = await self._execute(name, request)
                writer.write(
                    b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b"
                    % (len(body), body)
                )
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def _execute(self, name: str, request: Row) -> bytes:
        try:
            result = execute(
                self._schemas[name],
                parse(request["query"]),
                variable_values=request.get("variables"),
                operation_name=request.get("operationName"),
            )
            if inspect.isawaitable(result):
                result = await result
        except GraphQLError as error:
            return orjson.dumps({"errors": [error.formatted]})
        return orjson.dumps(result.formatted)


ENTITIES_FIELD = "_entities(representations: [_Any!]!): [_Entity]!"
_Keyed = (ObjectTypeDefinitionNode, InterfaceTypeDefinitionNode)


def _joined(first: DocumentNode, second: DocumentNode) -> DocumentNode:
    return DocumentNode(definitions=(*first.definitions, *second.definitions))


def _merged_definitions(document: DocumentNode) -> dict[str, DefinitionNode]:
    """Every type once: extensions are put into their base, or become one."""
    merged: dict[str, Any] = {}
    for node in document.definitions:
        if isinstance(node, SchemaExtensionNode):
            continue
        if isinstance(node, ObjectTypeExtensionNode):
            node = _definition_of(ObjectTypeDefinitionNode, node)
        elif isinstance(node, InterfaceTypeExtensionNode):
            node = _definition_of(InterfaceTypeDefinitionNode, node)
        name = node.name.value  # type: ignore[attr-defined]  # only types are defined in fixtures
        if name in merged:
            base = merged[name]
            node = type(base)(
                name=base.name,
                interfaces=_both(base, node, "interfaces"),
                directives=_both(base, node, "directives"),
                fields=_both(base, node, "fields"),
            )
        merged[name] = node
    return merged


def _both(first: Any, second: Any, name: str) -> tuple[Any, ...]:
    return (*(getattr(first, name) or ()), *(getattr(second, name) or ()))


def _definition_of(kind: type, node: ObjectTypeExtensionNode | InterfaceTypeExtensionNode) -> Any:
    return kind(name=node.name, interfaces=node.interfaces, directives=node.directives, fields=node.fields)


def _keys_of(node: ObjectTypeDefinitionNode | InterfaceTypeDefinitionNode) -> list[Row]:
    """Each @key as nested dicts of its fields."""
    return [
        _key_tree(parse("{" + argument.value.value + "}").definitions[0].selection_set)  # type: ignore[attr-defined]
        for directive in node.directives or ()
        if directive.name.value == "key"
        for argument in directive.arguments or ()
        if argument.name.value == "fields" and isinstance(argument.value, StringValueNode)
    ]


def _key_tree(selection_set: SelectionSetNode | None) -> Row:
    if selection_set is None:
        return {}
    return {node.name.value: _key_tree(node.selection_set) for node in selection_set.selections}  # type: ignore[attr-defined]


def _matches(row: Any, representation: Any, key: Row) -> bool:
    if isinstance(row, list) and isinstance(representation, list):
        return len(row) == len(representation) and all(
            _matches(item, other, key) for item, other in zip(row, representation, strict=True)
        )
    if not isinstance(row, dict) or not isinstance(representation, dict):
        return False
    for name, below in key.items():
        if name not in row or name not in representation:
            return False
        if below:
            if not _matches(row[name], representation[name], below):
                return False
        elif row[name] != representation[name]:
            return False
    return True
