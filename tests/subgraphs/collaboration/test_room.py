"""A room keeps going whatever happens to what it listens to, and to the log that it reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

import pytest

from subgraphs.collaboration.log_events import LogEvent
from subgraphs.collaboration.room import Member, Room, Rooms
from subgraphs.kit.database import connect_raw
from subgraphs.kit.errors import Unavailable
from subgraphs.kit.signals import LocalSignals, SignalQueue
from tests.subgraphs.collaboration.people import WAIT, Editor


class BreakingSignals(LocalSignals):
    """Signals whose first subscription fails, as one does whose server has gone."""

    def __init__(self) -> None:
        super().__init__()
        self.subscriptions = 0

    @asynccontextmanager
    async def subscribe(self, *channels: str) -> AsyncIterator[SignalQueue]:
        self.subscriptions += 1
        if self.subscriptions == 1:
            raise ConnectionError("the server has gone")
        async with super().subscribe(*channels) as queue:
            yield queue


async def test_a_listener_that_failed_listens_again_and_catches_up(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    signals = BreakingSignals()
    rooms = Rooms(stage.app.state.runtime.database, signals)
    async with rooms.join(UUID(session_id), first.id) as (room, member), asyncio.timeout(WAIT):
        # Nobody tells this room; it has no poll either.
        await first.push(session_id, Editor().write("while it does not listen"))
        assert await _next_number(room, member) == 2
        assert signals.subscriptions == 2


async def test_what_another_replica_sends_may_be_nonsense(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    signals = LocalSignals()
    rooms = Rooms(stage.app.state.runtime.database, signals)
    async with rooms.join(UUID(session_id), first.id) as (room, member), asyncio.timeout(WAIT):
        while not signals._queues:
            await asyncio.sleep(0.01)
        await signals.publish(f"session:{session_id}", b"{not JSON")
        await first.push(session_id, Editor().write("after"))
        assert await _next_number(room, member) == 2


async def test_a_number_that_is_missing_in_the_log_stops_nobody(stage: Any) -> None:
    session_id, first, second = await stage.session()
    async with second.follow(session_id) as theirs:
        await theirs.next()
        connection = await connect_raw(stage.settings.database_url)
        await connection.execute(
            "UPDATE collaboration.session_logs SET head_seq = head_seq + 3 WHERE session_id = $1", UUID(session_id)
        )
        await connection.close()
        answers = [await first.push(session_id, update) for update in _two_updates()]
        assert [answer["seq"] for answer in answers] == [5, 6]
        seen = await theirs.numbered_until(6)
        assert [event["seq"] for event in seen][-1] == 6
        assert sum(len(event["updates"]) for event in seen) == 2


async def test_followers_come_back_when_the_log_has_lost_what_was_told(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    rooms: Rooms = stage.services.rooms
    async with rooms.join(UUID(session_id), first.id) as (room, member), asyncio.timeout(WAIT):
        await first.push(session_id, Editor().write("told, and then lost"))
        assert await _next_number(room, member) == 2
        connection = await connect_raw(stage.settings.database_url)
        await connection.execute(
            "DELETE FROM collaboration.session_events WHERE session_id = $1 AND seq = 2", UUID(session_id)
        )
        await connection.execute(
            "UPDATE collaboration.session_logs SET head_seq = 1 WHERE session_id = $1", UUID(session_id)
        )
        await connection.close()
        with pytest.raises(Unavailable):
            await _next_number(room, member)
        async with first.follow(session_id, after=2) as again:
            assert (await again.next())["headSeq"] == 1
            assert (await again.until("SessionResync"))["reason"] == "UNKNOWN_POSITION"


async def _next_number(room: Room, member: Member) -> int:
    while True:
        for event in await room.next_events(member):
            if isinstance(event, LogEvent):
                return event.seq


def _two_updates() -> list[bytes]:
    editor = Editor()
    return [editor.write("a"), editor.write("b")]
