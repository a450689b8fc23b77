"""The subgraph that the server's tests run against: a Strawberry schema that counts what it is asked and can be told
to fail.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from typing import Any

import strawberry
import uvicorn
from graphql import GraphQLError
from starlette.types import Receive, Scope, Send
from strawberry.asgi import GraphQL

SUPERGRAPH = """
schema
  @link(url: "https://specs.apollo.dev/link/v1.0")
  @link(url: "https://specs.apollo.dev/join/v0.3", for: EXECUTION)
  @link(url: "https://specs.apollo.dev/cost/v0.1")
{ query: Query mutation: Mutation subscription: Subscription }

directive @cost(weight: Int!) on ARGUMENT_DEFINITION | ENUM | FIELD_DEFINITION | INPUT_FIELD_DEFINITION | OBJECT | SCALAR
directive @listSize(
  assumedSize: Int, slicingArguments: [String!], sizedFields: [String!], requireOneSlicingArgument: Boolean = true
) on FIELD_DEFINITION
directive @join__enumValue(graph: join__Graph!) repeatable on ENUM_VALUE
directive @join__field(
  graph: join__Graph, requires: join__FieldSet, provides: join__FieldSet, type: String, external: Boolean,
  override: String, usedOverridden: Boolean
) repeatable on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @join__graph(name: String!, url: String!) on ENUM_VALUE
directive @join__implements(graph: join__Graph!, interface: String!) repeatable on OBJECT | INTERFACE
directive @join__type(
  graph: join__Graph!, key: join__FieldSet, extension: Boolean! = false, resolvable: Boolean! = true,
  isInterfaceObject: Boolean! = false
) repeatable on OBJECT | INTERFACE | UNION | ENUM | INPUT_OBJECT | SCALAR
directive @join__unionMember(graph: join__Graph!, member: String!) repeatable on UNION
directive @link(url: String, as: String, for: link__Purpose, import: [link__Import]) repeatable on SCHEMA

scalar join__FieldSet
scalar link__Import
enum link__Purpose { SECURITY EXECUTION }
enum join__Graph { PEOPLE @join__graph(name: "people", url: "http://127.0.0.1:PORT/graphql") }

type Person @join__type(graph: PEOPLE) { id: ID! name: String! friends(first: Int! = 2): [Person!]! @listSize(slicingArguments: ["first"]) }
type Query @join__type(graph: PEOPLE) {
  hello(name: String! = "world"): String!
  seenHeader(name: String!): String
  people(first: Int! = 3): [Person!]! @listSize(slicingArguments: ["first"])
  slow(seconds: Float! = 0.2): String!
  broken: String
  expensive: String @cost(weight: 1000)
}
type Mutation @join__type(graph: PEOPLE) { rename(id: ID!, name: String!, pause: Float! = 0): Person! }
type Subscription @join__type(graph: PEOPLE) {
  count(to: Int! = 3, pause: Float! = 0.01): Int!
  news(topic: String!): String!
}
"""

# People by id from one subgraph, their names from another.
TWO_SUBGRAPHS = (
    SUPERGRAPH.partition("type Person")[0].replace(
        "enum join__Graph {",
        'enum join__Graph { NAMES @join__graph(name: "names", url: "http://127.0.0.1:PORT/graphql")',
    )
    + """
type Person @join__type(graph: PEOPLE, key: "id") @join__type(graph: NAMES, key: "id") {
  id: ID!
  name: String @join__field(graph: NAMES)
}
type Query @join__type(graph: PEOPLE) @join__type(graph: NAMES) {
  people: [Person] @join__field(graph: PEOPLE)
}
"""
).replace("query: Query mutation: Mutation subscription: Subscription", "query: Query")

# News that are no news: the subgraph does not know the caller any more.
REFUSAL = "UNAUTHENTICATED"


@strawberry.type
class Person:
    """Somebody with friends."""

    id: strawberry.ID
    name: str

    @strawberry.field
    def friends(self, first: int = 2) -> list[Person]:
        return [person(number) for number in range(first)]


def person(number: int) -> Person:
    return Person(id=strawberry.ID(str(number)), name=f"Person {number}")


@strawberry.type
class Query:
    """What can be asked."""

    @strawberry.field
    def hello(self, info: strawberry.Info, name: str = "world") -> str:
        info.context["subgraph"].resolved += 1
        return f"hello {name}"

    @strawberry.field
    def seen_header(self, info: strawberry.Info, name: str) -> str | None:
        value: str | None = info.context["request"].headers.get(name)
        return value

    @strawberry.field
    def people(self, first: int = 3) -> list[Person]:
        return [person(number) for number in range(first)]

    @strawberry.field
    async def slow(self, info: strawberry.Info, seconds: float = 0.2) -> str:
        subgraph: PeopleSubgraph = info.context["subgraph"]
        subgraph.resolved += 1
        subgraph.in_work += 1
        try:
            await asyncio.sleep(seconds)
        finally:
            subgraph.in_work -= 1
        return "done"

    @strawberry.field
    def broken(self) -> str | None:
        raise ValueError("a secret detail")

    @strawberry.field
    def expensive(self) -> str | None:
        return "gold"


@strawberry.type
class Mutation:
    """What can be changed."""

    @strawberry.mutation
    async def rename(self, info: strawberry.Info, id: strawberry.ID, name: str, pause: float = 0) -> Person:
        subgraph: PeopleSubgraph = info.context["subgraph"]
        subgraph.resolved += 1
        await asyncio.sleep(pause)
        subgraph.renamed.append(name)
        return Person(id=id, name=name)


@strawberry.type
class Subscription:
    """What can be followed."""

    @strawberry.subscription
    async def count(self, info: strawberry.Info, to: int = 3, pause: float = 0.01) -> AsyncGenerator[int, None]:
        subgraph: PeopleSubgraph = info.context["subgraph"]
        subgraph.subscriptions_started += 1
        for number in range(to):
            yield number
            await asyncio.sleep(pause)

    @strawberry.subscription
    async def news(self, info: strawberry.Info, topic: str) -> AsyncGenerator[str, None]:
        subgraph: PeopleSubgraph = info.context["subgraph"]
        subgraph.subscriptions_started += 1
        queue: asyncio.Queue[str] = asyncio.Queue()
        subgraph.followers.setdefault(topic, []).append(queue)
        try:
            while True:
                text = await queue.get()
                if text == REFUSAL:
                    raise GraphQLError("Who are you?", extensions={"code": REFUSAL})
                yield text
        finally:
            subgraph.followers[topic].remove(queue)


SCHEMA = strawberry.federation.Schema(query=Query, mutation=Mutation, subscription=Subscription)


class PeopleSubgraph(GraphQL[dict[str, Any], None]):
    """The ASGI app; tests read its counters and publish news."""

    def __init__(self) -> None:
        super().__init__(SCHEMA)
        self.server: uvicorn.Server
        self.port = 0
        self.requests = 0
        self.sockets = 0
        self.socket_headers: list[dict[str, str]] = []
        self.resolved = 0
        self.in_work = 0
        """Resolvers of `slow` that are at it."""
        self.renamed: list[str] = []
        self.subscriptions_started = 0
        self.followers: dict[str, list[asyncio.Queue[str]]] = {}

    def config(self) -> uvicorn.Config:
        """Return how it is served."""
        return uvicorn.Config(
            self, log_config=None, ws="websockets-sansio", lifespan="off", timeout_graceful_shutdown=1
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Count, then serve."""
        if scope["type"] == "websocket":
            self.sockets += 1
            self.socket_headers.append({k.decode(): v.decode() for k, v in scope["headers"]})
        else:
            self.requests += 1
        await super().__call__(scope, receive, send)

    async def get_context(self, request: Any, response: Any) -> dict[str, Any]:
        """Give resolvers this object."""
        return {"request": request, "response": response, "subgraph": self}

    def publish(self, topic: str, text: str) -> int:
        """Send news to whoever follows a topic; return to how many."""
        queues = self.followers.get(topic, [])
        for queue in queues:
            queue.put_nowait(text)
        return len(queues)

    async def wait_for_followers(self, topic: str, count: int) -> None:
        """Return when so many follow a topic."""
        async with asyncio.timeout(60):
            while len(self.followers.get(topic, [])) != count:
                await asyncio.sleep(0.005)
