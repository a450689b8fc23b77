"""@cacheTag: which tags an answer gets, and that they forget it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import orjson
import pytest

from gateway.composition import SubgraphDefinition, compose
from gateway.server.cache_tags import CacheTagTransport, tags_by_subgraph
from gateway.supergraph import supergraph_from_sdl
from gateway.transport import MockTransport
from tests.gateway.server.conftest import StartGateway

LINK = (
    'extend schema @link(url: "https://specs.apollo.dev/federation/v2.12", import: ["@key", "@shareable", "@cacheTag"])'
)
USERS = (
    LINK
    + """
type Query {
  user(id: ID! = "7", filter: Filter, active: Boolean): User
    @cacheTag(format: "user-{$args.id}") @cacheTag(format: "place-{$args.filter.place}-{$args.active}")
  users: [User!]! @cacheTag(format: "users")
  me: User
}
input Filter { place: String }
type User @key(fields: "id org { id }") { id: ID! name: String org: Org! @shareable }
type Org { id: ID! @shareable }
"""
)
PROFILES = (
    LINK
    + """
type User @key(fields: "id org { id }") @cacheTag(format: "profile-{$key.id}-{$key.org.id}") @cacheTag(format: "profiles") {
  id: ID! org: Org! @shareable bio: String
}
type Org { id: ID! @shareable }
"""
)


def supergraph(users_port: int = 1, profiles_port: int = 2) -> str:
    composed = compose(
        [
            SubgraphDefinition("users", f"http://127.0.0.1:{users_port}/", USERS),
            SubgraphDefinition("profiles", f"http://127.0.0.1:{profiles_port}/", PROFILES),
        ]
    )
    assert composed.supergraph_sdl is not None, composed.errors
    return composed.supergraph_sdl


TAGS = tags_by_subgraph(supergraph_from_sdl(supergraph()).document, "Query")


@pytest.mark.parametrize(
    ("subgraph", "query", "variables", "tags"),
    [
        ("users", "{ users { id } }", {}, {"users"}),
        ("users", "{ a: users { id } ... on Query { user(id: 3) { id } } }", {}, {"users", "user-3"}),
        ("users", "query($i: ID!) { user(id: $i) { id } }", {"i": "x,y"}, {"user-x,y"}),
        (
            "users",
            "query($f: Filter) { user(id: 1, filter: $f, active: true) { id } }",
            {"f": {"place": "Paris"}},
            {"user-1", "place-Paris-true"},
        ),
        # Defaults count; what is not given at all makes no tag, rather than a wrong one.
        ("users", "{ user { id } }", {}, {"user-7"}),
        ("users", "query($i: ID!) { user(id: $i, active: false) { id } }", {}, {"user-7"}),
        ("users", "{ me { name } }", {}, set()),
        (
            "profiles",
            "query($r: [_Any!]!) { _entities(representations: $r) { ... on User { bio } } }",
            {
                "r": [
                    {"__typename": "User", "id": 1, "org": {"id": "a"}},
                    {"__typename": "User", "id": 2, "org": {"id": "b"}},
                    {"__typename": "Other", "id": 3},
                ]
            },
            {"profile-1-a", "profile-2-b", "profiles"},
        ),
        (
            "profiles",
            "query($r: [_Any!]!, $s: [_Any!]!) { _e0: _entities(representations: $r) { __typename } "
            "_e1: _entities(representations: $s) { __typename } }",
            {"r": [], "s": [{"__typename": "User", "id": 9, "org": None}]},
            {"profiles"},
        ),
    ],
)
def test_a_format_is_evaluated_with_what_the_subgraph_is_asked(
    subgraph: str, query: str, variables: dict[str, Any], tags: set[str]
) -> None:
    transport = CacheTagTransport(MockTransport([]), TAGS[subgraph])
    body = orjson.dumps({"query": query, "variables": variables})
    assert transport.tags_of(body) == tags
    assert transport.tags_of(body) == tags  # from memory


@asynccontextmanager
async def answering(data: dict[str, Any]) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A subgraph that always answers this and allows it to be kept; yields its port and what it was asked."""
    asked: list[bytes] = []
    body = orjson.dumps({"data": data})

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.read(65_536))
        head = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncache-control: max-age=60\r\ncache-tag: own\r\n"
        writer.write(head + b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], asked


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize("tag", ["users", "profile-1-a", "profiles", "own"])
async def test_an_answer_is_forgotten_by_any_tag_of_any_fetch_that_is_in_it(
    start_gateway: StartGateway, tag: str
) -> None:
    ada = {"__typename": "User", "id": "1", "name": "Ada", "org": {"id": "a"}}
    async with (
        answering({"users": [ada]}) as (users, asked),
        answering({"_entities": [{"bio": "first"}]}) as (profiles, _),
    ):
        settings = {"enabled": True, "invalidation_secret": "s"}
        gateway = await start_gateway(supergraph=supergraph(users, profiles), response_cache=settings)
        query = "{ users { name bio } }"
        expected = {"data": {"users": [{"name": "Ada", "bio": "first"}]}}
        assert await gateway.post(query) == expected
        assert await gateway.post(query) == expected
        assert len(asked) == 1
        for tags, count in ((["user-1", "profile-2-a"], 0), ([tag], 1)):
            async with gateway.client.post(
                f"{gateway.url}/invalidate", json={"tags": tags}, headers={"authorization": "Bearer s"}
            ) as response:
                assert await response.json() == {"invalidated": count}
        assert await gateway.post(query) == expected
        assert len(asked) == 2
        await gateway.client.close()
