"""Operations by hash, and the rate of requests."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from gateway.server.persisted import PersistedOperations
from gateway.server.rate_limit import RateLimiter
from gateway.server.refusals import BadRequest, PersistedOperationRequired, PersistedQueryNotFound, RateLimited
from gateway.server.request import Caller, GraphqlRequest
from gateway.server.settings import PersistedSettings
from gateway.server.settings_file import InvalidSettings
from gateway.server.settings_safety import RateLimitSettings
from tests.gateway.server.conftest import Gateway, StartGateway

QUERY = "{ hello }"
MAX_CHARACTERS = 15_000
HASH = hashlib.sha256(QUERY.encode()).hexdigest()


def by_hash(digest: str = HASH, query: str = "") -> GraphqlRequest:
    return GraphqlRequest(query, extensions={"persistedQuery": {"version": 1, "sha256Hash": digest}})


def test_an_operation_is_registered_with_its_hash_and_found_by_it() -> None:
    persisted = PersistedOperations(PersistedSettings(), MAX_CHARACTERS)
    with pytest.raises(PersistedQueryNotFound, match="PersistedQueryNotFound"):
        persisted.complete(by_hash())
    persisted.complete(by_hash(query=QUERY))
    request = by_hash()
    persisted.complete(request)
    assert request.query == QUERY


def test_an_operation_under_a_wrong_hash_is_refused() -> None:
    with pytest.raises(BadRequest, match="provided sha does not match query"):
        PersistedOperations(PersistedSettings(), MAX_CHARACTERS).complete(by_hash("0" * 64, QUERY))


def test_the_least_used_registered_operation_is_forgotten_first() -> None:
    persisted = PersistedOperations(PersistedSettings(apq_entries=2), MAX_CHARACTERS)
    texts = ["{ a }", "{ b }", "{ c }"]
    hashes = [hashlib.sha256(text.encode()).hexdigest() for text in texts]
    persisted.complete(by_hash(hashes[0], texts[0]))
    persisted.complete(by_hash(hashes[1], texts[1]))
    persisted.complete(by_hash(hashes[0]))
    persisted.complete(by_hash(hashes[2], texts[2]))
    persisted.complete(by_hash(hashes[0]))
    with pytest.raises(PersistedQueryNotFound):
        persisted.complete(by_hash(hashes[1]))


@pytest.mark.parametrize(
    "manifest",
    [
        {HASH: QUERY},
        {"format": "apollo-persisted-query-manifest", "operations": [{"id": HASH, "body": QUERY, "name": "H"}]},
    ],
)
def test_operations_of_the_manifest_are_known_and_others_refused(tmp_path: Path, manifest: dict[str, Any]) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(json.dumps(manifest))
    persisted = PersistedOperations(PersistedSettings(manifest=str(file), require=True), MAX_CHARACTERS)
    for request in (by_hash(), GraphqlRequest(QUERY), GraphqlRequest("", document_id=f"sha256:{HASH}")):
        persisted.complete(request)
        assert request.query == QUERY
    with pytest.raises(PersistedOperationRequired):
        persisted.complete(GraphqlRequest("{ other }"))
    other = hashlib.sha256(b"{ other }").hexdigest()
    with pytest.raises(PersistedOperationRequired):
        persisted.complete(by_hash(other, "{ other }"))


@pytest.mark.parametrize("text", ["[]", "{", '{"a": 1}'])
def test_a_faulty_manifest_is_told_at_the_start(tmp_path: Path, text: str) -> None:
    file = tmp_path / "manifest.json"
    file.write_text(text)
    with pytest.raises(InvalidSettings, match=r"manifest\.json"):
        PersistedOperations(PersistedSettings(manifest=str(file)), MAX_CHARACTERS)


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def admitted(limiter: RateLimiter, count: int, caller: Caller, cost: int = 0) -> int:
    done = 0
    for _ in range(count):
        try:
            limiter.admit(caller)
            limiter.charge(caller, cost)
        except RateLimited:
            break
        done += 1
    return done


def test_a_burst_is_let_in_then_the_rate() -> None:
    clock = Clock()
    limiter = RateLimiter(RateLimitSettings(rate=10, burst=5), clock=clock)
    ada = Caller("1", address="1.2.3.4")
    assert admitted(limiter, 100, ada) == 5
    clock.now = 0.1
    assert admitted(limiter, 100, ada) == 1
    clock.now = 100.0
    assert admitted(limiter, 100, ada) == 5


def test_clients_are_told_apart_by_subject_and_else_by_address() -> None:
    limiter = RateLimiter(RateLimitSettings(rate=1, burst=1), clock=Clock())
    assert admitted(limiter, 2, Caller("1", address="a")) == 1
    assert admitted(limiter, 2, Caller("1", address="b")) == 1
    assert admitted(limiter, 2, Caller("1", address="a", claims={"sub": "ada"})) == 1
    assert admitted(limiter, 2, Caller("1", address="b", claims={"sub": "ada"})) == 0


def test_expensive_operations_count_for_more() -> None:
    limiter = RateLimiter(RateLimitSettings(rate=1, burst=10, cost_per_request=100), clock=Clock())
    assert admitted(limiter, 100, Caller("1", address="a"), cost=400) == 2
    # What costs more than the whole burst waits for an empty bucket.
    assert admitted(limiter, 100, Caller("1", address="b"), cost=10_000) == 0
    limiter.charge(Caller("1", address="c"), 10_000)


def test_the_answer_says_when_to_come_again() -> None:
    limiter = RateLimiter(RateLimitSettings(rate=0.5, burst=1), clock=Clock())
    limiter.admit(Caller("1"))
    with pytest.raises(RateLimited) as refused:
        limiter.admit(Caller("1"))
    assert refused.value.headers == ((b"retry-after", b"2"),)


def test_remembered_clients_are_bounded() -> None:
    limiter = RateLimiter(RateLimitSettings(rate=1, burst=1, max_clients=10), clock=Clock())
    for number in range(100):
        limiter.admit(Caller("1", address=str(number)))
    assert len(limiter._arrival_times) == 10


@pytest.mark.asyncio(loop_scope="module")
async def test_apq_works_over_http(gateway: Gateway) -> None:
    body = {"extensions": {"persistedQuery": {"version": 1, "sha256Hash": HASH}}}
    async with gateway.client.post(f"{gateway.url}/graphql", json=body) as response:
        assert response.status == 200
        error = (await response.json())["errors"][0]
    assert error == {"message": "PersistedQueryNotFound", "extensions": {"code": "PERSISTED_QUERY_NOT_FOUND"}}
    async with gateway.client.post(f"{gateway.url}/graphql", json={**body, "query": QUERY}) as response:
        assert await response.json() == {"data": {"hello": "hello world"}}
    async with gateway.client.post(f"{gateway.url}/graphql", json=body) as response:
        assert await response.json() == {"data": {"hello": "hello world"}}


@pytest.mark.asyncio(loop_scope="module")
async def test_a_rate_that_is_passed_is_answered_with_429(start_gateway: StartGateway) -> None:
    gateway = await start_gateway(rate_limit={"enabled": True, "rate": 1, "burst": 2})
    statuses = []
    for _ in range(3):
        async with gateway.client.post(f"{gateway.url}/graphql", json={"query": QUERY}) as response:
            statuses.append(response.status)
    assert statuses == [200, 200, 429]
    assert await gateway.metric("gateway_rate_limited_total") == 1
