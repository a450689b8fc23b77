"""The benchmark's four subgraphs in one fast process: each answer is computed by graphql-core once and then sent from memory.

`python -m bench.gateway.subgraphs PORT` serves /accounts, /inventory, /products and /reviews until it is stopped, and
GET /count tells how many requests each has had.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import httptools
import orjson
import uvloop
from graphql import GraphQLSchema, build_ast_schema, graphql_sync, parse

from .catalogue import Catalogue, Row, our_catalogue

SCHEMAS = Path(__file__).parent / "schema"
NAMES = ("accounts", "inventory", "products", "reviews")
ENTITIES = {"accounts": "User", "inventory": "Product", "products": "Product", "reviews": "User | Product | Review"}
FEDERATION_FIELDS = """
scalar _Any
union _Entity = {entities}
directive @key(fields: String!) repeatable on OBJECT
directive @shareable on FIELD_DEFINITION
directive @external on FIELD_DEFINITION
directive @requires(fields: String!) on FIELD_DEFINITION
directive @provides(fields: String!) on FIELD_DEFINITION
{query} {{ _entities(representations: [_Any!]!): [_Entity]! }}
"""


def build_subgraph(name: str, catalogue: Catalogue) -> GraphQLSchema:
    """The executable schema of one subgraph."""
    sdl = (SCHEMAS / f"{name}.graphql").read_text(encoding="utf-8")
    sdl = "\n".join(line for line in sdl.splitlines() if not line.startswith("extend schema"))
    own_query = "type Query {" in sdl
    sdl += FEDERATION_FIELDS.format(entities=ENTITIES[name], query="type QueryEntities" if own_query else "type Query")
    if own_query:
        sdl = sdl.replace("type Query {", "type Query {\n  _entities(representations: [_Any!]!): [_Entity]!", 1)
    schema = build_ast_schema(parse(sdl), assume_valid=True)
    for (type_name, field_name), resolver in _resolvers(catalogue).items():
        type_: Any = schema.type_map.get(type_name)
        if type_ is not None and field_name in type_.fields:
            type_.fields[field_name].resolve = resolver
    return schema


def _entity(catalogue: Catalogue, representation: Row) -> Row | None:
    match representation["__typename"]:
        case "User":
            return next((user for user in catalogue.users if user["id"] == representation["id"]), None)
        case "Review":
            return next((review for review in catalogue.reviews if review["id"] == representation["id"]), None)
    product = next((item for item in catalogue.products if item["upc"] == representation["upc"]), None)
    # What @requires brings comes with the representation, not from this subgraph's own knowledge.
    return {**product, **representation} if product is not None else None


def _resolvers(catalogue: Catalogue) -> dict[tuple[str, str], Any]:
    return {
        ("Query", "_entities"): lambda _root, _info, representations: [
            _entity(catalogue, item) for item in representations
        ],
        ("Query", "me"): lambda *_: catalogue.users[0],
        ("Query", "users"): lambda *_: catalogue.users,
        ("Query", "user"): lambda _root, _info, id: next((u for u in catalogue.users if u["id"] == id), None),
        ("Query", "topProducts"): lambda _root, _info, first: catalogue.products[:first],
        ("User", "reviews"): lambda user, _info: catalogue.reviews_of_user(user),
        ("Product", "reviews"): lambda product, _info: catalogue.reviews_of_product(product),
        ("Product", "inStock"): lambda product, _info: catalogue.in_stock[product["upc"]],
        ("Product", "shippingEstimate"): lambda product, _info: catalogue.shipping_estimate(product),
        ("Review", "author"): lambda review, _info: catalogue.author_of(review),
        ("Review", "product"): lambda review, _info: catalogue.product_of(review),
    }


class SubgraphProtocol(asyncio.Protocol):
    """HTTP/1.1 with keep-alive, answering from the cache of answers."""

    def __init__(self, server: SubgraphServer) -> None:
        self._server = server
        self._parser = httptools.HttpRequestParser(self)
        self._transport: Any = None
        self._path = b""
        self._body: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._parser.feed_data(data)

    def on_url(self, url: bytes) -> None:
        self._path = url
        self._body = []

    def on_body(self, body: bytes) -> None:
        self._body.append(body)

    def on_message_complete(self) -> None:
        self._transport.write(self._server.answer(self._path, b"".join(self._body)))


class SubgraphServer:
    """All four subgraphs, and the answers they have given."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._schemas = {f"/{name}".encode(): build_subgraph(name, catalogue) for name in NAMES}
        self._answers: dict[tuple[bytes, bytes], bytes] = {}
        self._counts: Counter[str] = Counter()

    def answer(self, path: bytes, body: bytes) -> bytes:
        """The whole HTTP response."""
        if path == b"/count":
            return _response(orjson.dumps(self._counts))
        self._counts[path.decode()] += 1
        known = self._answers.get((path, body))
        if known is None:
            known = self._answers[(path, body)] = _response(self._execute(path, body))
        return known

    def _execute(self, path: bytes, body: bytes) -> bytes:
        request = orjson.loads(body)
        result = graphql_sync(
            self._schemas[path],
            request["query"],
            variable_values=request.get("variables"),
            operation_name=request.get("operationName"),
        )
        return orjson.dumps(result.formatted)


def _response(body: bytes) -> bytes:
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n%b" % (len(body), body)


async def serve(port: int) -> None:
    """Serve until the process is stopped."""
    server = SubgraphServer(our_catalogue())
    listener = await asyncio.get_running_loop().create_server(lambda: SubgraphProtocol(server), "127.0.0.1", port)
    async with listener:
        await listener.serve_forever()


if __name__ == "__main__":
    uvloop.run(serve(int(sys.argv[1])))
