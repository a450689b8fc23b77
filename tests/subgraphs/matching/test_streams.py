"""The numbered events of one person: kept for a while, and trimmed without standing in anybody's way."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from uuid import uuid4

import pytest
from sqlalchemy import text

from subgraphs.kit.database import Database
from subgraphs.kit.signals import LocalSignals
from subgraphs.matching.streams import Cursor, EventType, NewEvent, Quiet, Resync, StreamEvent, Streams, Waker

from .tickets import database_time


async def test_trimming_waits_for_no_stream_that_grows_and_trims_it_later(database: Database) -> None:
    streams = Streams(database, LocalSignals())
    growing, still = uuid4(), uuid4()
    async with database.transaction() as session:
        await streams.append(session, [NewEvent(user_id, EventType.QUEUED) for user_id in (growing, still)])
        await session.execute(text("UPDATE matching.match_events SET created_at = created_at - interval '2 days'"))
    async with database.transaction() as session:
        await database_time(session)  # begins the transaction
        await streams.append(session, [NewEvent(growing, EventType.CANCELLED)])
        async with asyncio.timeout(30):
            await streams.trim(86_400)
        assert await _kept(database) == {growing: [1]}
    await streams.trim(86_400)
    assert await _kept(database) == {growing: [2]}
    first = await anext(streams.follow(still, Cursor(await _epoch(database, still), 0), Waker()))
    assert isinstance(first, Resync)


async def test_events_that_are_a_transactions_first_statement_go_with_it(database: Database) -> None:
    streams, ada = Streams(database, LocalSignals()), uuid4()
    with suppress(ZeroDivisionError):
        async with database.transaction() as session:
            await streams.append(session, [NewEvent(ada, EventType.QUEUED)])
            raise ZeroDivisionError
    assert await _kept(database) == {}
    async with database.transaction() as session:
        await streams.append(session, [NewEvent(ada, EventType.QUEUED)])
    assert await _kept(database) == {ada: [1]}


async def test_events_outside_of_a_transaction_are_refused(database: Database) -> None:
    async with database.session() as session:
        with pytest.raises(RuntimeError, match="in a transaction"):
            await Streams(database, LocalSignals()).append(session, [NewEvent(uuid4(), EventType.QUEUED)])
    assert await _kept(database) == {}


async def test_trimming_goes_batch_by_batch_and_says_how_many_went(database: Database) -> None:
    streams, ada = Streams(database, LocalSignals()), uuid4()
    async with database.transaction() as session:
        await streams.append(session, [NewEvent(ada, EventType.QUEUED)] * 5)
        await session.execute(text("UPDATE matching.match_events SET created_at = created_at - interval '2 days'"))
    assert [await streams.trim(86_400, limit=3) for _ in range(3)] == [3, 2, 0]


async def test_being_woken_is_said_after_what_there_is_to_tell_and_costs_no_event(database: Database) -> None:
    signals = LocalSignals()
    streams, ada, waker = Streams(database, signals), uuid4(), Waker()
    async with asyncio.timeout(30), aclosing(streams.follow(ada, None, waker)) as followed:
        assert isinstance(await anext(followed), Quiet)
        async with database.transaction() as session:
            await streams.append(session, [NewEvent(ada, EventType.QUEUED), NewEvent(ada, EventType.CANCELLED)])
        waker.wake()
        await streams.announce([ada])
        waker.wake()
        told = [await anext(followed) for _ in range(3)]
        assert [getattr(item, "type", None) for item in told] == [EventType.QUEUED, EventType.CANCELLED, None]
        waker.wake()
        assert isinstance(await anext(followed), Quiet)


async def test_an_event_whose_signal_got_lost_is_found_by_looking(database: Database) -> None:
    streams, ada = Streams(database, LocalSignals(), look_interval=0.1), uuid4()
    async with asyncio.timeout(30), aclosing(streams.follow(ada, None, Waker())) as followed:
        assert isinstance(await anext(followed), Quiet)
        async with database.transaction() as session:
            await streams.append(session, [NewEvent(ada, EventType.QUEUED)])
        event = await anext(followed)
    assert isinstance(event, StreamEvent)


async def _kept(database: Database) -> dict[object, list[int]]:
    """The numbers of the events that are committed, by person."""
    found: dict[object, list[int]] = {}
    async with database.session() as session:
        for row in await session.execute(text("SELECT user_id, seq FROM matching.match_events ORDER BY seq")):
            found.setdefault(row.user_id, []).append(row.seq)
    return found


async def _epoch(database: Database, user_id: object) -> str:
    async with database.session() as session:
        statement = text("SELECT epoch FROM matching.streams WHERE user_id = :id")
        epoch: str = (await session.execute(statement, {"id": user_id})).scalar_one()
    return epoch
