"""Header propagation, CORS, media types: small rules, each on its own."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

import pytest

from gateway.server.cors import Cors
from gateway.server.headers import HeaderPropagation, ResponseHeaderRules, SignedSecret
from gateway.server.media_types import GRAPHQL_RESPONSE, JSON, accepted_types, is_json_content
from gateway.server.settings import HeaderRules, Settings
from gateway.server.settings_safety import CorsSettings
from tests.gateway.server.conftest import Gateway, StartGateway


def propagation(**settings: Any) -> HeaderPropagation:
    return HeaderPropagation(Settings.model_validate(settings))


def test_only_what_the_rules_name_is_forwarded() -> None:
    headers = {b"authorization": b"Bearer x", b"cookie": b"a=b", b"x-request-id": b"1", b"host": b"gateway"}
    pairs, own, identity = propagation().for_subgraphs(headers)
    assert pairs == ((b"authorization", b"Bearer x"), (b"x-request-id", b"1"))
    assert own == {}
    assert identity == "authorization:Bearer x\n"


def test_the_identity_holds_everything_that_can_change_an_answer_and_nothing_else() -> None:
    rules = propagation(headers={"forward": ["authorization", "accept-language", "x-request-id", "traceparent"]})

    def identity(**headers: bytes) -> str:
        return rules.for_subgraphs({name.replace("_", "-").encode(): value for name, value in headers.items()})[2]

    assert identity(authorization=b"a", x_request_id=b"1") == identity(authorization=b"a", x_request_id=b"2")
    assert identity(authorization=b"a") != identity(authorization=b"b")
    assert identity(authorization=b"a") != identity(authorization=b"a", accept_language=b"de")


def test_headers_are_renamed_and_inserted_and_hop_by_hop_ones_never_forwarded() -> None:
    rules = {"forward": ["connection", "host"], "rename": {"x-user": "x-client-user"}, "insert": {"x-from": "gateway"}}
    pairs, _, _ = propagation(headers=rules).for_subgraphs({b"x-user": b"ada", b"connection": b"close", b"host": b"h"})
    assert pairs == ((b"x-client-user", b"ada"), (b"x-from", b"gateway"))


def test_a_subgraph_may_have_rules_of_its_own() -> None:
    settings = {"subgraphs": {"users": {"headers": {"forward": ["cookie"]}}}}
    _, own, identity = propagation(**settings).for_subgraphs({b"cookie": b"a=b"})
    assert own == {"users": ((b"cookie", b"a=b"),)}
    assert "cookie:a=b" in identity


def test_the_plain_secret_is_sent_and_the_signed_one_can_be_checked() -> None:
    pairs, _, identity = propagation(subgraph_secret="s3cret").for_subgraphs({})
    assert pairs == ((b"x-gateway-secret", b"s3cret"),)
    assert identity == ""
    now = [1000.0]
    signed = SignedSecret("s3cret", clock=lambda: now[0])
    name, value = signed.pair()
    assert name == b"x-gateway-secret"
    assert value == b"t=1000,v1=" + hmac.new(b"s3cret", b"1000", hashlib.sha256).hexdigest().encode()
    now[0] = 1005.0
    assert signed.pair() == (name, value)
    now[0] = 1010.0
    assert signed.pair()[1].startswith(b"t=1010,")


def test_response_headers_are_given_by_rule() -> None:
    rules = ResponseHeaderRules(HeaderRules(return_first=("x-first",), return_all=("set-cookie",)))
    answers = [
        ((b"X-First", b"1"), (b"Set-Cookie", b"a")),
        ((b"x-first", b"2"), (b"set-cookie", b"b"), (b"etag", b"e")),
    ]
    assert rules.pairs(answers) == ((b"x-first", b"1"), (b"set-cookie", b"a"), (b"set-cookie", b"b"))


def test_cors_answers_known_origins_and_only_them() -> None:
    cors = Cors(CorsSettings(origins=("http://a",), credentials=True))
    allowed = dict(cors.response_headers(b"http://a"))
    assert allowed[b"access-control-allow-origin"] == b"http://a"
    assert allowed[b"access-control-allow-credentials"] == b"true"
    assert allowed[b"vary"] == b"origin"
    assert dict(cors.response_headers(b"http://b")) == {b"vary": b"origin"}


def test_a_preflight_is_answered_with_what_the_browser_asks_for() -> None:
    cors = Cors(CorsSettings(origins=("*",)))
    asked = {
        b"origin": b"http://a",
        b"access-control-request-method": b"POST",
        b"access-control-request-headers": b"content-type, x-a",
    }
    headers = dict(cors.preflight_headers(asked))
    assert headers[b"access-control-allow-origin"] == b"*"
    assert headers[b"access-control-allow-headers"] == b"content-type, x-a"
    assert headers[b"access-control-max-age"] == b"7200"
    assert cors.preflight_headers({b"origin": b"http://a"}) == ()


@pytest.mark.parametrize(
    ("accept", "single"),
    [
        (b"", JSON),
        (b"*/*", JSON),
        (b"application/json", JSON),
        (b"application/*", JSON),
        (b"application/graphql-response+json", GRAPHQL_RESPONSE),
        (b"application/graphql-response+json, application/json;q=0.9", GRAPHQL_RESPONSE),
        (b"application/json, application/graphql-response+json;q=0.5", JSON),
        (b"Application/JSON; charset=utf-8", JSON),
        (b"application/json;q=0", None),
        (b"text/html", None),
        (b"image/png;q=x", None),
    ],
)
def test_the_answer_s_type_follows_the_accept_header(accept: bytes, single: bytes | None) -> None:
    assert accepted_types(accept).single is single


def test_streams_are_recognised() -> None:
    assert accepted_types(b"text/event-stream").event_stream
    subscription = accepted_types(b'multipart/mixed;boundary="graphql";subscriptionSpec="1.0",application/json')
    assert subscription.multipart_subscription
    assert not subscription.multipart_incremental
    assert accepted_types(b"multipart/mixed, application/json").multipart_incremental


@pytest.mark.parametrize(
    ("content_type", "is_json"),
    [
        (b"application/json", True),
        (b"application/json; charset=utf-8", True),
        (b'Application/JSON;charset="UTF-8"', True),
        (b"application/json; charset=latin-1", False),
        (b"text/plain", False),
        (b"", False),
    ],
)
def test_only_json_in_utf8_is_read(content_type: bytes, is_json: bool) -> None:
    assert is_json_content(content_type) is is_json


@pytest.mark.asyncio(loop_scope="module")
async def test_headers_travel_through_the_gateway_both_ways(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(
        headers={"forward": ["x-custom", "accept-language"], "return_all": ["content-type"]}, subgraph_secret="s3cret"
    )
    query = "query($a: String!, $b: String!) { a: seenHeader(name: $a) b: seenHeader(name: $b) }"
    answer = await gateway.post(query, {"a": "x-custom", "b": "x-gateway-secret"}, headers={"x-custom": "1"})
    assert answer["data"] == {"a": "1", "b": "s3cret"}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_page_of_an_allowed_origin_may_read_the_answer(start_gateway: StartGateway, gateway: Gateway) -> None:
    allowing = await start_gateway(cors={"origins": ["http://localhost:3000"]})
    origin = {"origin": "http://localhost:3000"}
    async with allowing.client.post(f"{allowing.url}/graphql", json={"query": "{ hello }"}, headers=origin) as response:
        assert response.headers["access-control-allow-origin"] == "http://localhost:3000"
    preflight = {**origin, "access-control-request-method": "POST"}
    async with allowing.client.options(f"{allowing.url}/graphql", headers=preflight) as response:
        assert response.status == 204
        assert response.headers["access-control-allow-methods"] == "GET, POST, OPTIONS"
    async with gateway.client.post(f"{gateway.url}/graphql", json={"query": "{ hello }"}, headers=origin) as response:
        assert "access-control-allow-origin" not in response.headers
