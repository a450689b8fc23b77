"""Dedupe, retry, breaker and limit, each around a scripted transport."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from gateway.errors import SubgraphOverloaded, SubgraphTimeout, SubgraphUnreachable
from gateway.transport import (
    BreakerSettings,
    BreakerState,
    BreakerTransport,
    DedupeTransport,
    LimitTransport,
    MockAnswer,
    MockTransport,
    RetrySettings,
    RetryTransport,
    SubgraphRequest,
    SubgraphResponse,
    as_dispatching,
)

ONE = {"data": {"a": 1}}
TWO = {"data": {"a": 2}}


def a_query(body: bytes = b"{}", identity: str = "", timeout: float = 1.0) -> SubgraphRequest:
    return SubgraphRequest("shop", body, "query", timeout=timeout, identity=identity)


def a_mutation() -> SubgraphRequest:
    return SubgraphRequest("shop", b"{}", "mutation")


def unreachable() -> SubgraphUnreachable:
    return SubgraphUnreachable("shop", "gone")


# -- dedupe --


async def test_identical_queries_in_flight_share_one_fetch() -> None:
    mock = MockTransport([MockAnswer(ONE, delay=0.01)])
    transport = DedupeTransport(mock)
    answers = await asyncio.gather(*(transport.execute(a_query()) for _ in range(3)))
    assert [answer.body for answer in answers] == [b'{"data":{"a":1}}'] * 3
    assert repr(mock) == "<MockTransport open: 1 of 1 answers given, 0 cancelled>"


async def test_queries_of_different_identities_are_never_shared() -> None:
    mock = MockTransport([MockAnswer(ONE, delay=0.01), MockAnswer(TWO, delay=0.01)])
    transport = DedupeTransport(mock)
    mine, yours = await asyncio.gather(
        transport.execute(a_query(identity="me")), transport.execute(a_query(identity="you"))
    )
    assert (mine.body, yours.body) == (b'{"data":{"a":1}}', b'{"data":{"a":2}}')


async def test_a_query_after_the_answer_is_a_new_fetch() -> None:
    mock = MockTransport([ONE, TWO])
    transport = DedupeTransport(mock)
    await transport.execute(a_query())
    assert (await transport.execute(a_query())).body == b'{"data":{"a":2}}'


async def test_equal_mutations_are_all_sent() -> None:
    mock = MockTransport([MockAnswer(ONE, delay=0.01), MockAnswer(TWO, delay=0.01)])
    transport = DedupeTransport(mock)
    await asyncio.gather(transport.execute(a_mutation()), transport.execute(a_mutation()))
    assert len(mock.requests) == 2


async def test_one_who_leaves_does_not_take_the_answer_from_the_others() -> None:
    mock = MockTransport([MockAnswer(ONE, delay=0.02)])
    transport = DedupeTransport(mock)
    first, second = (asyncio.create_task(transport.execute(a_query())) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    assert (await second).body == b'{"data":{"a":1}}'
    assert mock.cancelled == 0


async def test_the_last_to_leave_cancels_the_fetch() -> None:
    mock = MockTransport([MockAnswer(ONE, delay=1.0), ONE])
    transport = DedupeTransport(mock)
    tasks = [asyncio.create_task(transport.execute(a_query())) for _ in range(2)]
    await asyncio.sleep(0)
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert mock.cancelled == 1
    await transport.execute(a_query())


# -- retry --


async def test_a_query_that_met_an_unreachable_subgraph_is_asked_again() -> None:
    mock = MockTransport([unreachable(), ONE])
    transport = RetryTransport(mock, jitter=lambda: 0.1)
    assert (await transport.execute(a_query())).body == b'{"data":{"a":1}}'


async def test_a_mutation_is_never_asked_again() -> None:
    transport = RetryTransport(MockTransport([unreachable(), ONE]), jitter=lambda: 0.1)
    with pytest.raises(SubgraphUnreachable):
        await transport.execute(a_mutation())


async def test_a_timeout_is_not_retried() -> None:
    transport = RetryTransport(MockTransport([SubgraphTimeout("shop", "late"), ONE]), jitter=lambda: 0.1)
    with pytest.raises(SubgraphTimeout):
        await transport.execute(a_query())


async def test_retries_stop_after_the_attempts_allowed() -> None:
    mock = MockTransport([unreachable()] * 3)
    transport = RetryTransport(mock, RetrySettings(attempts=3), jitter=lambda: 0.0)
    with pytest.raises(SubgraphUnreachable):
        await transport.execute(a_query())
    assert len(mock.requests) == 3


async def test_retries_add_at_most_a_tenth_to_the_load_of_a_subgraph_that_is_down() -> None:
    mock = MockTransport([unreachable()] * 300)
    transport = RetryTransport(mock, RetrySettings(budget=0.1, saved_at_start=0.0), jitter=lambda: 0.0)
    for _ in range(200):
        with pytest.raises(SubgraphUnreachable):
            await transport.execute(a_query())
    assert 200 < len(mock.requests) <= 220


async def test_all_tries_together_keep_the_requests_timeout() -> None:
    mock = MockTransport([MockAnswer(unreachable(), delay=0.05), ONE])
    transport = RetryTransport(mock, RetrySettings(first_pause=1.0, max_pause=1.0), jitter=lambda: 1.0)
    with pytest.raises(SubgraphUnreachable):
        await transport.execute(a_query(timeout=0.2))
    assert len(mock.requests) == 1


async def test_a_second_try_gets_only_the_time_that_is_left() -> None:
    mock = MockTransport([MockAnswer(unreachable(), delay=0.1), ONE])
    transport = RetryTransport(mock, jitter=lambda: 0.0)
    await transport.execute(a_query(timeout=0.5))
    assert mock.requests[1].timeout <= 0.41


# -- breaker --


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


async def fail(transport: BreakerTransport, times: int) -> None:
    for _ in range(times):
        with pytest.raises(SubgraphUnreachable):
            await transport.execute(a_query())


async def test_the_breaker_opens_when_half_of_twenty_calls_failed() -> None:
    mock = MockTransport([ONE] * 10 + [unreachable()] * 10)
    transport = BreakerTransport(mock, clock=Clock())
    for _ in range(10):
        await transport.execute(a_query())
    await fail(transport, 9)
    assert transport.state is BreakerState.CLOSED
    await fail(transport, 1)
    assert repr(transport) == "<BreakerTransport open: 10 of 20 calls failed>"
    with pytest.raises(SubgraphOverloaded, match="keeps failing"):
        await transport.execute(a_query())
    assert len(mock.requests) == 20


async def test_few_calls_never_open_the_breaker() -> None:
    transport = BreakerTransport(MockTransport([unreachable()] * 19), clock=Clock())
    await fail(transport, 19)
    assert transport.state is BreakerState.CLOSED


async def test_failures_older_than_the_window_are_forgotten() -> None:
    clock = Clock()
    transport = BreakerTransport(MockTransport([unreachable()] * 30), clock=clock)
    await fail(transport, 15)
    clock.now += 11.0
    await fail(transport, 15)
    assert transport.state is BreakerState.CLOSED


async def test_a_probe_that_works_closes_the_breaker_and_one_that_fails_opens_it_again() -> None:
    clock = Clock()
    transport = BreakerTransport(
        MockTransport([unreachable()] * 3 + [ONE, ONE]), BreakerSettings(min_calls=2), clock=clock
    )
    await fail(transport, 2)
    clock.now += 5.0
    await fail(transport, 1)
    assert repr(transport).startswith("<BreakerTransport open: ")
    clock.now += 5.0
    await transport.execute(a_query())
    assert repr(transport) == "<BreakerTransport closed: 0 of 0 calls failed>"
    await transport.execute(a_query())


async def test_only_one_probe_is_sent() -> None:
    clock = Clock()
    mock = MockTransport([unreachable()] * 2 + [MockAnswer(ONE, delay=0.01)])
    transport = BreakerTransport(mock, BreakerSettings(min_calls=2), clock=clock)
    await fail(transport, 2)
    clock.now += 5.0
    outcomes = await asyncio.gather(*(transport.execute(a_query()) for _ in range(3)), return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [SubgraphResponse, SubgraphOverloaded, SubgraphOverloaded]


async def test_a_graphql_error_is_no_failure() -> None:
    transport = BreakerTransport(MockTransport([{"errors": [{"message": "no"}]}] * 40), clock=Clock())
    for _ in range(40):
        await transport.execute(a_query())
    assert transport.state is BreakerState.CLOSED


# -- limit --


async def test_requests_over_the_limit_are_refused_at_once() -> None:
    mock = MockTransport([MockAnswer(ONE, delay=0.02)] * 2 + [ONE])
    transport = LimitTransport(mock, max_in_flight=2)
    running = [asyncio.create_task(transport.execute(a_query())) for _ in range(2)]
    await asyncio.sleep(0)
    with pytest.raises(SubgraphOverloaded, match="already has 2 requests in flight"):
        await transport.execute(a_query())
    await asyncio.gather(*running)
    await transport.execute(a_query())


async def test_waiting_requests_start_in_order_as_others_finish() -> None:
    mock = MockTransport([MockAnswer(ONE, delay=0.01)] * 3)
    transport = LimitTransport(mock, max_in_flight=1, max_waiting=2)
    tasks = [asyncio.create_task(transport.execute(a_query(body))) for body in (b"1", b"2", b"3")]
    await asyncio.sleep(0)
    assert repr(transport) == "<LimitTransport: 1 of 1 in flight, 2 waiting>"
    await asyncio.gather(*tasks)
    assert [request.body for request in mock.requests] == [b"1", b"2", b"3"]


async def test_a_request_that_waits_too_long_is_a_timeout_and_is_never_sent() -> None:
    mock = MockTransport([MockAnswer(ONE, delay=0.1)])
    transport = LimitTransport(mock, max_in_flight=1, max_waiting=1)
    first = asyncio.create_task(transport.execute(a_query()))
    await asyncio.sleep(0)
    with pytest.raises(SubgraphTimeout, match="too busy"):
        await transport.execute(a_query(timeout=0.02))
    await first
    assert len(mock.requests) == 1


# -- the port --


class OnlyExecute:
    """A transport by the port alone."""

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        if request.body == b"bug":
            raise KeyError("bug")
        return SubgraphResponse(200, (), request.body)

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        raise NotImplementedError

    async def aclose(self) -> None:
        return


async def test_a_transport_with_execute_alone_can_be_wrapped() -> None:
    transport = DedupeTransport(OnlyExecute())
    assert (await transport.execute(a_query(b"x"))).body == b"x"


async def test_a_transport_that_breaks_its_promise_does_not_leave_anyone_waiting() -> None:
    with pytest.raises(SubgraphUnreachable, match="The transport failed: KeyError"):
        await as_dispatching(OnlyExecute()).execute(a_query(b"bug"))
