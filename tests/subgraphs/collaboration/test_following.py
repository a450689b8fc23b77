"""Who may follow a session and for how long, who counts as there, and what both mean for its end."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

from sqlalchemy import select, text, update

from subgraphs.collaboration.log_events import LiveEvent, LiveKind
from subgraphs.collaboration.models import ConnectionRow, LogRow, ParticipantRow
from subgraphs.kit.auth import Viewer
from subgraphs.kit.events import Event
from tests.subgraphs.collaboration.people import EVENTS, Editor, Person


async def execute(stage: Any, statement: Any) -> None:
    async with stage.app.state.runtime.database.transaction() as session:
        await session.execute(statement)


async def error_code_after(following: Any) -> str:
    """The code of the error that ends the subscription, whatever comes before it."""
    async with asyncio.timeout(60):
        while (message := await following.next_message())["type"] == "next" and not message["payload"].get("errors"):
            pass
    errors = message["payload"]["errors"] if message["type"] == "next" else message["payload"]
    code: str = errors[0]["extensions"]["code"]
    return code


async def test_a_log_in_that_is_ended_ends_the_subscriptions_of_that_log_in_only(stage: Any) -> None:
    session_id, first, second = await stage.session()
    async with first.follow(session_id) as mine, second.follow(session_id) as theirs:
        await mine.next()
        await theirs.next()
        event = Event("user.suspended", str(first.id), {"user_id": str(first.id)})
        await stage.app.state.runtime.sign_outs.tell(event)
        assert await error_code_after(mine) == "UNAUTHENTICATED"
        await second.push(session_id, Editor().write("still there"))
        await theirs.until("DocumentUpdated")


async def test_a_subscription_ends_within_seconds_of_its_token(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    # A token is good for 30 s more, for clocks that go wrong; a subscription for 5 s.
    short = stage.person(first.id, lifetime=-6)
    async with short.follow(session_id) as mine:
        assert await error_code_after(mine) == "UNAUTHENTICATED"


async def test_a_viewer_who_does_not_read_is_sent_away_all_the_same(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    rooms = stage.services.rooms
    async with rooms.join(UUID(session_id), first.id) as (room, member):
        await stage.services.sessions._access.look_again(UUID(session_id))
        cursor = LiveEvent(UUID(session_id), LiveKind.TYPING, first.id, {"is_typing": True})
        await rooms.publish([cursor] * 1000)
        assert len(await room.next_events(member)) <= 128
        assert member.has_to_show_seat


async def test_a_seat_that_was_taken_away_is_missed_even_when_nobody_was_told(stage: Any) -> None:
    session_id, _, second = await stage.session()
    async with second.follow(session_id) as following:
        await following.next()
        gone = update(ParticipantRow).where(ParticipantRow.user_id == second.id)
        await execute(stage, gone.values(removed_at=text("now()")))
        assert await error_code_after(following) == "NOT_FOUND"


async def test_a_session_that_ends_while_somebody_enters_completes_his_stream(stage: Any) -> None:
    session_id, first, second = await stage.session()
    async with second.follow(session_id) as theirs:
        await theirs.next()
        room = stage.services.rooms.get(UUID(session_id))
        async with room._loading:
            entering = asyncio.create_task(_first_and_last(first, session_id))
            async with asyncio.timeout(60):
                while len(room.members) < 2:
                    await asyncio.sleep(0.01)
            await stage.services.sessions.end(second.id, UUID(session_id))
        assert await entering == ("SessionHello", "SessionEnded", "complete")


async def _first_and_last(person: Person, session_id: str) -> tuple[str, str, str]:
    async with person.follow(session_id) as following:
        hello = await following.next()
        ended = await following.until("SessionEnded")
        return hello["__typename"], ended["__typename"], (await following.next_message())["type"]


async def test_who_is_signed_out_cannot_subscribe_again_on_an_older_socket(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    sign_outs = stage.app.state.runtime.sign_outs
    async with first.follow(session_id) as mine:
        await mine.next()
        await sign_outs.tell(Event("user.suspended", str(first.id), {"user_id": str(first.id)}))
        async with asyncio.timeout(60):
            while not sign_outs.is_out(Viewer(user_id=first.id)):
                await asyncio.sleep(0.02)
        payload = {"query": EVENTS, "variables": {"id": session_id, "after": None, "epoch": None}}
        await mine.socket.send_json({"id": "2", "type": "subscribe", "payload": payload})
        while (message := await mine.next_message())["id"] != "2":
            pass
        errors = message["payload"]["errors"] if message["type"] == "next" else message["payload"]
        assert errors[0]["extensions"]["code"] == "UNAUTHENTICATED"


async def test_the_grace_begins_although_both_leave_at_the_same_moment(stage: Any) -> None:
    presence, rooms = stage.services.presence, stage.services.rooms
    for _ in range(10):
        session_id, first, second = await stage.session()
        both_are_there, leave = asyncio.Barrier(3), asyncio.Event()

        async def visit(person: Person, id: UUID) -> None:
            async with rooms.join(id, person.id) as (_, member), presence.present(id, member):
                await both_are_there.wait()  # noqa: B023
                await leave.wait()  # noqa: B023

        async with asyncio.TaskGroup() as group:
            for person in (first, second):
                group.create_task(visit(person, UUID(session_id)))
            await both_are_there.wait()
            assert await empty_since(stage, session_id) is None
            leave.set()
        assert await empty_since(stage, session_id) is not None


async def test_who_is_given_up_by_mistake_and_vouched_for_again_keeps_the_session(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    presence = stage.services.presence
    async with first.follow(session_id) as following:
        await following.next()
        await execute(stage, update(ConnectionRow).values(seen_at=text("now() - interval '1 minute'")))
        await presence.expire()
        assert await empty_since(stage, session_id) is not None
        await presence.vouch()
        assert await empty_since(stage, session_id) is None


async def test_a_session_is_not_ended_under_somebody_who_is_there(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    async with first.follow(session_id) as following:
        await following.next()
        await execute(stage, update(LogRow).values(empty_since=text("now() - interval '20 minutes'")))
        await stage.services.lifecycle.look()
        session = await first.do("query ($id: ID!) { session(id: $id) { status } }", id=session_id)
        assert session == {"status": "ACTIVE"}


async def test_a_viewer_does_not_keep_a_session_that_both_have_left(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    viewer = stage.person()
    async with stage.app.state.runtime.database.transaction() as session:
        session.add(ParticipantRow(session_id=UUID(session_id), user_id=viewer.id, role="viewer", color="#000000"))
    async with first.follow(session_id) as following:
        await following.next()
    async with asyncio.timeout(60):
        while (since := await empty_since(stage, session_id)) is None:
            await asyncio.sleep(0.02)
    async with viewer.follow(session_id) as following:
        await following.next()
        assert await empty_since(stage, session_id) == since


async def empty_since(stage: Any, session_id: str) -> Any:
    async with stage.app.state.runtime.database.session() as session:
        return await session.scalar(select(LogRow.empty_since).where(LogRow.session_id == UUID(session_id)))
