"""@authenticated, @requiresScopes and @policy: what is taken out of an operation, and what the answer looks like."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest
from graphql import OperationDefinitionNode, build_schema, get_operation_ast, parse, print_ast
from joserfc import jwk, jws

from gateway.server.authorization import AuthorizationRules, Grants
from gateway.server.forbidden_fields import Removal, remove_forbidden
from gateway.server.request import Caller
from gateway.server.settings_safety import JwtSettings
from tests.gateway.server.conftest import StartGateway
from tests.gateway.server.socket_client import SocketClient
from tests.gateway.server.subgraph import REFUSAL, SUPERGRAPH, PeopleSubgraph

SDL = """
directive @authenticated on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @requiresScopes(scopes: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM
directive @policy(policies: [[String!]!]!) on FIELD_DEFINITION | OBJECT | INTERFACE | SCALAR | ENUM

type Query { me: User  users: [User!]!  animals: [Animal]  mandatory: Mandatory  vault: Vault }
type User { id: ID!  name: String!  email: String @authenticated  salary: Int @requiresScopes(scopes: [["hr", "read"], ["admin"]]) }
type Mandatory { open: String  secret: String! @policy(policies: [["trusted"]]) }
type Vault @authenticated { gold: Int }
interface Animal { name: String }
type Cat implements Animal { name: String  lives: Int @authenticated }
type Dog implements Animal { name: String  tricks: Int }
"""
SCHEMA = build_schema(SDL)
RULES = AuthorizationRules(parse(SDL), SCHEMA)


def filtered(text: str, grants: Grants = Grants()) -> tuple[str, Removal | None]:
    document = parse(text)
    operation = get_operation_ast(document)
    assert isinstance(operation, OperationDefinitionNode)
    document, removal = remove_forbidden(document, operation, RULES, grants)
    return " ".join(print_ast(document).split()), removal


def test_what_is_allowed_stays_as_it_is() -> None:
    text, removal = filtered("{ me { id name } }")
    assert text == "{ me { id name } }"
    assert removal is None


def test_a_forbidden_field_is_taken_out_and_answered_with_null() -> None:
    text, removal = filtered("{ me { id mail: email } }")
    assert text == "{ me { id _authorization_typename: __typename } }"
    assert removal is not None
    assert removal.errors == (
        {
            "message": "Unauthorized field or type",
            "path": ["me", "mail"],
            "extensions": {"code": "UNAUTHORIZED_FIELD_OR_TYPE"},
        },
    )
    data = {"me": {"id": "1", "_authorization_typename": "User"}}
    assert removal.apply(data) == {"me": {"id": "1", "mail": None}}
    assert data == {"me": {"id": "1", "_authorization_typename": "User"}}


@pytest.mark.parametrize(
    ("grants", "is_allowed"),
    [
        (Grants(), False),
        (Grants(True), False),
        (Grants(True, frozenset({"hr"})), False),
        (Grants(True, frozenset({"hr", "read"})), True),
        (Grants(True, frozenset({"admin"})), True),
    ],
)
def test_scopes_are_groups_of_which_one_must_be_held_whole(grants: Grants, is_allowed: bool) -> None:
    _, removal = filtered("{ me { salary } }", grants)
    assert (removal is None) is is_allowed


def test_a_policy_must_be_granted() -> None:
    assert filtered("{ mandatory { secret } }")[1] is not None
    assert filtered("{ mandatory { secret } }", Grants(True, policies=frozenset({"trusted"})))[1] is None


def test_null_goes_on_where_the_field_cannot_be_null() -> None:
    _, removal = filtered("{ mandatory { open secret } }")
    assert removal is not None
    assert removal.apply({"mandatory": {"open": "x", "_authorization_typename": "Mandatory"}}) == {"mandatory": None}


def test_a_forbidden_type_is_taken_out_wherever_it_is_returned() -> None:
    text, removal = filtered("{ vault { gold } me { id } }")
    assert text == "{ me { id } _authorization_typename: __typename }"
    assert removal is not None
    assert removal.apply({"me": {"id": "1"}, "_authorization_typename": "Query"}) == {"me": {"id": "1"}, "vault": None}


def test_a_fragment_on_one_type_is_answered_with_null_only_for_that_type() -> None:
    text, removal = filtered("{ animals { name ... on Cat { lives } ... on Dog { tricks } } }")
    assert text == ("{ animals { name ... on Cat { _authorization_typename: __typename } ... on Dog { tricks } } }")
    assert removal is not None
    data: dict[str, Any] = {
        "animals": [
            {"name": "Tom", "_authorization_typename": "Cat"},
            {"name": "Rex", "tricks": 3},
            None,
        ]
    }
    completed = removal.apply(data)
    assert completed is not None
    assert completed["animals"][0] == {"name": "Tom", "lives": None}
    assert completed["animals"][2] is None


def test_named_fragments_are_followed_and_each_path_is_told_once() -> None:
    text, removal = filtered("{ me { ...F } users { ...F } } fragment F on User { id email }")
    assert "fragment F on User { id _authorization_typename: __typename }" in text
    assert removal is not None
    assert [error["path"] for error in removal.errors] == [["me", "email"], ["users", "email"]]
    data = {"me": None, "users": [{"id": "1", "_authorization_typename": "User"}]}
    assert removal.apply(data) == {"me": None, "users": [{"id": "1", "email": None}]}


def test_only_what_the_schema_asks_for_splits_the_caches() -> None:
    caller = Caller("1", claims={"sub": "ada", "scope": "hr other things", "policies": ["trusted", "unknown"]})
    assert RULES.grants_of(caller, JwtSettings()) == Grants(True, frozenset({"hr"}), frozenset({"trusted"}))


SECRET = "a-shared-secret-of-more-than-32-characters"
GUARDED = (
    SUPERGRAPH.replace("expensive: String @cost(weight: 1000)", "expensive: String @authenticated")
    .replace("news(topic: String!): String!", "news(topic: String!): String! @authenticated")
    .replace("directive @cost", "directive @authenticated on FIELD_DEFINITION\ndirective @cost")
    .replace(
        '@link(url: "https://specs.apollo.dev/cost/v0.1")',
        '@link(url: "https://specs.apollo.dev/cost/v0.1")\n'
        '@link(url: "https://specs.apollo.dev/authenticated/v0.1", for: SECURITY)',
    )
)


def bearer(**claims: Any) -> str:
    body = b'{"sub":"%s","exp":%d}' % (
        str(claims.get("sub", "ada")).encode(),
        claims.get("exp", int(time.time()) + 600),
    )
    key = jwk.OctKey.import_key(SECRET)
    return "Bearer " + jws.serialize_compact({"alg": "HS256", "typ": "JWT"}, body, key, algorithms=["HS256"])


@pytest.mark.asyncio(loop_scope="module")
async def test_the_gateway_filters_or_answers_by_the_token(start_gateway: StartGateway, people: PeopleSubgraph) -> None:
    gateway = await start_gateway(supergraph=GUARDED, jwt={"secret": SECRET})
    answer = await gateway.post("{ hello expensive }")
    assert answer["data"] == {"hello": "hello world", "expensive": None}
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHORIZED_FIELD_OR_TYPE"
    answer = await gateway.post("{ hello expensive }", headers={"authorization": bearer()})
    assert answer == {"data": {"hello": "hello world", "expensive": "gold"}}
    answer = await gateway.post("{ hello }", headers={"authorization": "Bearer nonsense"})
    assert answer["errors"][0]["extensions"]["code"] == "UNAUTHENTICATED"


@pytest.mark.asyncio(loop_scope="module")
async def test_the_gateway_rejects_the_whole_operation_where_the_setting_says_so(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway(supergraph=GUARDED, jwt={"secret": SECRET}, authorization={"mode": "reject"})
    answer = await gateway.post("{ hello expensive }")
    assert "data" not in answer
    assert "expensive" in answer["errors"][0]["message"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_subscription_needs_what_its_field_needs(start_gateway: StartGateway, people: PeopleSubgraph) -> None:
    gateway = await start_gateway(supergraph=GUARDED, jwt={"secret": SECRET})
    async with SocketClient(gateway.socket_url) as client:
        await client.subscribe("1", 'subscription { news(topic: "guarded") }')
        assert (await client.receive())["type"] == "error"
    async with SocketClient(gateway.socket_url, payload={"authorization": bearer()}) as client:
        await client.subscribe("1", 'subscription { news(topic: "guarded") }')
        await people.wait_for_followers("guarded", 1)


@pytest.mark.asyncio(loop_scope="module")
async def test_answers_and_events_are_never_shared_across_grants_even_where_no_token_is_forwarded(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway(
        supergraph=GUARDED.replace("news(topic: String!): String! @authenticated", "news(topic: String!): String!"),
        jwt={"secret": SECRET},
        headers={"forward": []},
        traffic={"collapse_identical_requests": True},
    )
    query = "{ expensive slow(seconds: 0.2) }"
    ada, nobody = await asyncio.gather(gateway.post(query, headers={"authorization": bearer()}), gateway.post(query))
    assert ada["data"]["expensive"] == "gold"
    assert nobody["data"]["expensive"] is None
    before = people.subscriptions_started
    follow = 'subscription { news(topic: "grants") }'
    async with (
        SocketClient(gateway.socket_url, payload={"authorization": bearer()}) as one,
        SocketClient(gateway.socket_url) as two,
    ):
        await one.subscribe("1", follow)
        await two.subscribe("1", follow)
        await people.wait_for_followers("grants", 2)
    assert people.subscriptions_started == before + 2


@pytest.mark.asyncio(loop_scope="module")
async def test_a_socket_with_a_bad_token_is_closed_with_4403(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(jwt={"secret": SECRET})
    async with SocketClient(gateway.socket_url, initialise=False) as client:
        await client.send({"type": "connection_init", "payload": {"authorization": "Bearer nonsense"}})
        assert await client.closed() == (4403, "The token is not a JSON Web Token.")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_socket_is_closed_when_its_token_ends(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(jwt={"secret": SECRET})
    expiry = int(time.time()) + 2
    async with SocketClient(gateway.socket_url, payload={"authorization": bearer(exp=expiry)}) as client:
        assert await client.closed() == (4403, "Token expired")
    assert expiry - 0.1 <= time.time() < expiry + 5


@pytest.mark.parametrize("accept", ["text/event-stream", "multipart/mixed;subscriptionSpec=1.0"])
@pytest.mark.asyncio(loop_scope="module")
async def test_a_stream_ends_when_its_token_ends(
    start_gateway: StartGateway, people: PeopleSubgraph, accept: str
) -> None:
    gateway = await start_gateway(jwt={"secret": SECRET})
    expiry = int(time.time()) + 2
    body = {"query": 'subscription { news(topic: "expiring") }'}
    headers = {"authorization": bearer(exp=expiry), "accept": accept}
    async with gateway.client.post(f"{gateway.url}/graphql", json=body, headers=headers) as response:
        async with asyncio.timeout(60):
            text = await response.text()
    assert time.time() >= expiry - 0.1
    assert "UNAUTHENTICATED" in text
    assert text.endswith(("event: complete\ndata:\n\n", "--graphql--\r\n"))
    await people.wait_for_followers("expiring", 0)


@pytest.mark.asyncio(loop_scope="module")
async def test_a_ping_with_a_new_token_renews_the_socket_in_place(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(jwt={"secret": SECRET})
    expiry = int(time.time()) + 2
    async with SocketClient(gateway.socket_url, payload={"authorization": bearer(exp=expiry)}) as client:
        await client.send({"type": "ping", "payload": {"authorization": bearer(exp=expiry + 600)}})
        assert await client.receive() == {"type": "pong", "payload": {"renewedUntil": expiry + 600.0}}
        with pytest.raises(TimeoutError):
            await client.receive(timeout=max(0.1, expiry + 0.5 - time.time()))
        await client.send({"type": "ping", "payload": {"authorization": bearer(sub="bob")}})
        assert await client.closed() == (4403, "The new token is somebody else's")


@pytest.mark.asyncio(loop_scope="module")
async def test_a_token_that_a_subgraph_takes_back_closes_the_socket_after_its_client_was_told(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    gateway = await start_gateway(jwt={"secret": SECRET})
    follow = 'subscription { news(topic: "taken back") }'
    async with (
        SocketClient(gateway.socket_url, payload={"authorization": bearer()}) as client,
        SocketClient(gateway.socket_url) as nobody,
    ):
        await client.subscribe("1", follow)
        await nobody.subscribe("1", follow)
        await people.wait_for_followers("taken back", 2)
        people.publish("taken back", REFUSAL)
        told = await client.receive()
        assert told["payload"]["errors"][0]["extensions"]["code"] == REFUSAL
        assert await client.closed() == (4403, "The token is not good any more")
        # Without a token nothing was taken back: only the subscription ends.
        assert [it["type"] for it in await nobody.receive_many(2)] == ["next", "complete"]
        await nobody.subscribe("2", "{ hello }")
        assert (await nobody.receive())["payload"] == {"data": {"hello": "hello world"}}
