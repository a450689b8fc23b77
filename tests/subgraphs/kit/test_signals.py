"""Signals over a real PostgreSQL: delivered to every replica, whatever their size, and honest about what may be lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from subgraphs.kit.signals import CHUNK_SIZE, MISSED, QUEUE_SIZE, LocalSignals, NatsSignals, PostgresSignals
from tests.subgraphs.nats_server import NatsServer


@asynccontextmanager
async def two_replicas(url: str) -> AsyncIterator[tuple[PostgresSignals, PostgresSignals]]:
    first, second = PostgresSignals(url, "rooms"), PostgresSignals(url, "rooms")
    await first.start()
    await second.start()
    try:
        yield first, second
    finally:
        await first.aclose()
        await second.aclose()


async def test_a_signal_reaches_the_subscribers_of_its_channel_on_every_replica(fresh_database_url: str) -> None:
    async with (
        two_replicas(fresh_database_url) as (first, second),
        first.subscribe("a") as here,
        second.subscribe("a") as there,
        second.subscribe("b") as elsewhere,
    ):
        await first.publish("a", b"hello")

        assert await asyncio.wait_for(here.get(), 30) == b"hello"
        assert await asyncio.wait_for(there.get(), 30) == b"hello"
        assert elsewhere.empty()


async def test_a_signal_larger_than_a_notification_arrives_whole(fresh_database_url: str) -> None:
    payload = bytes(range(256)) * (3 * CHUNK_SIZE // 256)
    async with two_replicas(fresh_database_url) as (here, there), there.subscribe("a") as queue:
        await here.publish("a", payload)

        assert await asyncio.wait_for(queue.get(), 30) == payload


async def test_order_is_kept_under_load(fresh_database_url: str) -> None:
    sent = [str(number).encode() for number in range(500)]
    async with two_replicas(fresh_database_url) as (here, there), there.subscribe("a") as queue:
        for payload in sent:
            await here.publish("a", payload)

        assert [await asyncio.wait_for(queue.get(), 30) for _ in sent] == sent


async def test_subscribers_of_the_same_process_get_a_signal_at_once_and_only_once(fresh_database_url: str) -> None:
    async with (
        two_replicas(fresh_database_url) as (here, there),
        here.subscribe("a", "b") as queue,
        there.subscribe("a") as elsewhere,
    ):
        await here.publish("a", b"own")
        assert queue.get_nowait() == b"own"
        assert await asyncio.wait_for(elsewhere.get(), 30) == b"own"  # it has been to the server and back

        await there.publish("b", b"other")
        assert await asyncio.wait_for(queue.get(), 30) == b"other"


async def test_subscribers_are_told_to_look_for_themselves_when_the_connection_was_lost(
    fresh_database_url: str,
) -> None:
    signals = PostgresSignals(fresh_database_url, "rooms")
    await signals.start()
    try:
        async with signals.subscribe("a") as queue:
            admin = await asyncpg.connect(fresh_database_url)
            await admin.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%'")
            await admin.close()

            assert await asyncio.wait_for(queue.get(), 5) == MISSED
            await signals.publish("a", b"after")
            assert await asyncio.wait_for(queue.get(), 5) == b"after"
    finally:
        await signals.aclose()


async def test_a_nats_client_that_is_closed_for_good_is_replaced_and_publishing_meanwhile_is_no_error(
    nats_url: str,
) -> None:
    here, there = NatsSignals(nats_url, "rooms"), NatsSignals(nats_url, "rooms")
    await here.start()
    await there.start()
    try:
        async with here.subscribe("a") as queue, asyncio.timeout(60):
            # As when the server has refused it: the library does not try again after that.
            await here._connection.client.close()
            await here.publish("a", b"lost")
            assert await queue.get() == MISSED  # whoever published must not be told that what they did has failed
            assert await queue.get() == MISSED  # it is connected again
            await there.publish("a", b"after")
            assert await queue.get() == b"after"
            await here.publish("a", b"own")
            assert await queue.get() == b"own"
    finally:
        await here.aclose()
        await there.aclose()


async def test_signals_end_while_their_nats_server_is_away(nats_server: NatsServer) -> None:
    await nats_server.start()
    signals = NatsSignals(nats_server.url, "rooms")
    await signals.start()
    async with signals.subscribe("a") as queue, asyncio.timeout(60):
        await nats_server.kill()
        await nats_server.start()
        assert await queue.get() == MISSED
        await signals.publish("a", b"after")
        assert await queue.get() == b"after"
        await nats_server.kill()
        await signals.publish("a", b"nobody hears it")
        await signals.aclose()


async def test_a_subscriber_that_does_not_read_loses_the_oldest_and_holds_up_nobody() -> None:
    signals = LocalSignals()
    async with signals.subscribe("a") as slow:
        for number in range(QUEUE_SIZE + 10):
            await signals.publish("a", str(number).encode())

        assert slow.qsize() == QUEUE_SIZE
        assert slow.get_nowait() == b"10"
