"""Answers kept for a while: how long, for whom, and how they are forgotten."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from gateway.server.response_cache import CachePolicy, ResponseCache, cache_headers, policy_of
from gateway.server.settings import ResponseCacheSettings
from tests.gateway.server.conftest import StartGateway
from tests.gateway.server.subgraph import PeopleSubgraph


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def policy(max_age: float = 60, *tags: str) -> CachePolicy:
    return CachePolicy(max_age, False, frozenset(tags))


def cache(clock: Clock | None = None, **settings: float) -> ResponseCache:
    return ResponseCache(ResponseCacheSettings.model_validate(settings), clock or Clock())


def test_an_answer_is_good_for_its_time_and_tells_its_age() -> None:
    clock = Clock()
    kept = cache(clock)
    kept.store(kept.place("a"), b"body", policy(60))
    clock.now = 59
    assert kept.find("a") == (b"body", ((b"cache-control", b"max-age=60"), (b"age", b"59")))
    clock.now = 60
    assert kept.find("a") is None


@pytest.mark.parametrize(
    ("kept_for", "told"),
    [
        (CachePolicy(60, False, frozenset(), is_public=True), b"max-age=60, public"),
        (CachePolicy(60, True, frozenset()), b"max-age=60, private"),
        # A shared cache must not take it for everybody's where the request had credentials, and "public" would say so.
        (CachePolicy(60, False, frozenset()), b"max-age=60"),
    ],
)
def test_a_client_is_told_no_more_than_the_subgraphs_allow(kept_for: CachePolicy, told: bytes) -> None:
    assert cache_headers(kept_for) == ((b"cache-control", told),)


def test_no_answer_is_kept_longer_than_the_setting_allows() -> None:
    clock = Clock()
    kept = cache(clock, max_age=10)
    kept.store(kept.place("a"), b"body", policy(1000))
    clock.now = 10
    assert kept.find("a") is None


def test_the_least_used_answers_are_forgotten_when_the_memory_is_full() -> None:
    kept = cache(max_bytes=3 * 1100)
    for key in "abc":
        kept.store(kept.place(key), b"x" * 500, policy())
    assert kept.find("a") is not None
    kept.store(kept.place("d"), b"x" * 500, policy())
    assert [kept.find(key) is not None for key in "abcd"] == [True, False, True, True]
    kept.store(kept.place("huge"), b"x" * 10_000, policy())
    assert kept.find("huge") is None
    assert kept.find("a") is not None


def test_a_tag_forgets_all_answers_that_carry_it() -> None:
    kept = cache()
    kept.store(kept.place("a"), b"1", policy(60, "user-1", "users"))
    kept.store(kept.place("b"), b"2", policy(60, "users"))
    kept.store(kept.place("c"), b"3", policy(60, "other"))
    assert kept.invalidate(["user-1"]) == 1
    assert kept.find("a") is None
    assert kept.invalidate(["users", "nothing"]) == 1
    assert kept.find("c") is not None


def test_an_answer_begun_before_an_invalidation_of_one_of_its_tags_is_not_kept() -> None:
    kept = cache()
    before = kept.place("a")
    kept.invalidate(["user-1"])
    kept.store(before, b"old", policy(60, "user-1"))
    assert kept.find("a") is None
    kept.store(before, b"of somebody else", policy(60, "user-2"))
    assert kept.find("a") is not None
    kept.store(kept.place("b"), b"new", policy(60, "user-1"))
    assert kept.find("b") is not None
    before = kept.place("c")
    kept.clear()
    kept.store(before, b"of another schema", policy(60))
    assert kept.find("c") is None


def test_more_invalidations_than_are_remembered_keep_no_older_answer() -> None:
    kept = cache()
    before = kept.place("a")
    kept.invalidate(["user-1"])
    kept.invalidate(str(number) for number in range(10_000))
    kept.store(before, b"old", policy(60, "user-1"))
    assert kept.find("a") is None
    kept.store(kept.place("a"), b"new", policy(60, "user-1"))
    assert kept.find("a") is not None


@pytest.mark.parametrize(
    ("answers", "expected"),
    [
        ([], None),
        ([()], None),
        ([((b"cache-control", b"max-age=60"),)], CachePolicy(60, False, frozenset())),
        (
            [((b"Cache-Control", b"max-age=60, private"),), ((b"cache-control", b"public, max-age=5"),)],
            CachePolicy(5, True, frozenset()),
        ),
        ([((b"cache-control", b"max-age=60"),), ()], None),
        ([((b"cache-control", b"max-age=60, no-store"),)], None),
        ([((b"cache-control", b"max-age=0"),)], None),
        ([((b"cache-control", b"max-age=soon"),)], None),
        ([((b"cache-control", b"max-age=60, s-maxage=9"),)], CachePolicy(9, False, frozenset(), is_public=True)),
        ([((b"cache-control", b"max-age=60, public"),)], CachePolicy(60, False, frozenset(), is_public=True)),
        (
            [((b"cache-control", b"max-age=60, public"),), ((b"cache-control", b"max-age=60"),)],
            CachePolicy(60, False, frozenset()),
        ),
        ([((b"cache-control", b"no-store"), (b"Cache-Control", b"max-age=60"))], None),
        (
            [((b"cache-tag", b"a"), (b"cache-tag", b"b"), (b"cache-control", b"max-age=9"))],
            CachePolicy(9, False, frozenset("ab")),
        ),
        ([((b"cache-control", b"max-age=60"), (b"age", b"50"))], CachePolicy(10, False, frozenset())),
        ([((b"cache-control", b"max-age=60"), (b"age", b"60"))], None),
        (
            [((b"cache-control", b"max-age=60"), (b"cache-tag", b"a, b"))],
            CachePolicy(60, False, frozenset({"a", "b"})),
        ),
    ],
)
def test_the_most_restrictive_subgraph_decides(
    answers: list[tuple[tuple[bytes, bytes], ...]], expected: CachePolicy | None
) -> None:
    assert policy_of(answers) == expected


@asynccontextmanager
async def counting_subgraph(headers: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A subgraph that says hello with these response headers; yields its port and what it was asked."""
    asked: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.read(65_536)
        asked.append(request)
        await asyncio.sleep(0.05)
        body = b'{"data":{"hello":"number %d"}}' % len(asked)
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n" + headers)
        writer.write(b"content-length: %d\r\n\r\n" % len(body) + body)
        writer.close()

    async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1], asked


@pytest.mark.asyncio(loop_scope="module")
async def test_the_gateway_answers_from_memory_per_person_until_a_tag_is_invalidated(
    start_gateway: StartGateway,
) -> None:
    async with counting_subgraph(b"cache-control: max-age=60\r\ncache-tag: hello\r\n") as (port, asked):
        gateway = await start_gateway(port=port, response_cache={"enabled": True, "invalidation_secret": "s3cret"})
        assert await gateway.post("{ hello }") == {"data": {"hello": "number 1"}}
        assert await gateway.post("{ hello }") == {"data": {"hello": "number 1"}}
        bob = {"authorization": "Bearer bob"}
        assert await gateway.post("{ hello }", headers=bob) == {"data": {"hello": "number 2"}}
        async with gateway.client.post(f"{gateway.url}/invalidate", json={"tags": ["hello"]}) as response:
            assert response.status == 401
        headers = {"authorization": "Bearer s3cret"}
        async with gateway.client.post(
            f"{gateway.url}/invalidate", json={"tags": ["hello"]}, headers=headers
        ) as response:
            assert await response.json() == {"invalidated": 2}
        async with gateway.client.post(f"{gateway.url}/graphql", json={"query": "{ hello }"}) as response:
            assert await response.json() == {"data": {"hello": "number 3"}}
            assert response.headers["cache-control"] == "max-age=60"
        assert len(asked) == 3
        assert await gateway.metric('gateway_response_cache_total{outcome="hit"}') == 1
        await gateway.client.close()


@pytest.mark.asyncio(loop_scope="module")
async def test_identical_requests_at_the_same_time_are_answered_once_per_person(
    start_gateway: StartGateway, people: PeopleSubgraph
) -> None:
    settings = {"collapse_identical_requests": True, "collapse_identical_fetches": False}
    gateway = await start_gateway(traffic=settings)
    before = people.resolved

    async def ask(person: str) -> None:
        answer = await gateway.post("{ slow(seconds: 0.2) }", headers={"authorization": f"Bearer {person}"})
        assert answer == {"data": {"slow": "done"}}

    await asyncio.gather(*(ask(person) for person in ["ada", "bob"] for _ in range(10)))
    assert people.resolved - before == 2
