"""Log-ins that end before their tokens: refused on every replica, and their subscriptions ended after a last word."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from uuid import UUID, uuid4

import pytest

from subgraphs.kit import sign_outs
from subgraphs.kit.auth import Viewer
from subgraphs.kit.database import Database
from subgraphs.kit.errors import NotAuthenticated
from subgraphs.kit.events import Event
from subgraphs.kit.sign_outs import SignOuts, while_signed_in
from subgraphs.kit.signals import LocalSignals
from subgraphs.questions.models import SignOut

ADA = Viewer(user_id=uuid4(), session_id="phone")
ON_LAPTOP = Viewer(user_id=ADA.user_id, session_id="laptop")
BOB = Viewer(user_id=uuid4(), session_id="desk")


def event(type: str, user_id: UUID | None, **data: object) -> Event:
    return Event(type, str(user_id), {"user_id": str(user_id), **data})


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    database = Database(fresh_database_url)
    yield database
    await database.dispose()


@pytest.fixture
async def replicas(database: Database) -> AsyncIterator[list[SignOuts]]:
    """Two replicas of one subgraph that hear the same signals."""
    signals = LocalSignals()
    found = [SignOuts(database, signals, SignOut) for _ in range(2)]
    tasks = [asyncio.create_task(one.run()) for one in found]
    async with asyncio.timeout(30):
        while len(signals._queues.get(sign_outs.CHANNEL, ())) < 2:
            await asyncio.sleep(0.01)
    yield found
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def handle(one: SignOuts, database: Database, event: Event) -> None:
    """As the inbox of one replica does."""
    async with database.transaction() as session:
        await one.note(session, event)
    await one.tell(event)


async def until_out(replicas: list[SignOuts], viewer: Viewer, *, is_out: bool = True) -> None:
    async with asyncio.timeout(30):
        while any(one.is_out(viewer) is not is_out for one in replicas):
            await asyncio.sleep(0.01)


async def test_an_ended_log_in_is_refused_by_all_replicas_and_other_log_ins_go_on(
    replicas: list[SignOuts], database: Database
) -> None:
    await handle(replicas[0], database, event("auth_session.revoked", ADA.user_id, session_ids=["phone"]))
    await until_out(replicas, ADA)
    assert not any(one.is_out(viewer) for one in replicas for viewer in (ON_LAPTOP, BOB, Viewer()))


async def test_a_suspended_person_is_refused_everywhere_until_reinstated(
    replicas: list[SignOuts], database: Database
) -> None:
    await handle(replicas[0], database, event("user.suspended", ADA.user_id))
    await until_out(replicas, ON_LAPTOP)
    await handle(replicas[1], database, event("user.reinstated", ADA.user_id))
    await until_out(replicas, ON_LAPTOP, is_out=False)


async def test_a_replica_that_starts_later_knows_it_too(replicas: list[SignOuts], database: Database) -> None:
    await handle(replicas[0], database, event("auth_session.revoked", ADA.user_id, session_ids=["phone"]))
    late = SignOuts(database, LocalSignals(), SignOut)
    task = asyncio.create_task(late.run())
    await until_out([late], ADA)
    task.cancel()


async def numbers(last_word: asyncio.Event) -> AsyncIterator[str]:
    yield "first"
    await last_word.wait()
    yield "you have been signed out"
    await asyncio.Event().wait()


async def test_a_subscription_ends_when_its_log_in_does_and_tells_the_reason_first(
    replicas: list[SignOuts], database: Database
) -> None:
    last_word = asyncio.Event()
    heard: list[str] = []

    async def listen() -> None:
        async for item in while_signed_in(replicas[1], ADA, numbers(last_word)):
            heard.append(item)
            if item == "first":
                ended = event("auth_session.revoked", ADA.user_id, session_ids=["phone"])
                await handle(replicas[0], database, ended)
                await until_out(replicas, ADA)
                last_word.set()

    with pytest.raises(NotAuthenticated, match="signed out"):
        await asyncio.wait_for(listen(), 60)
    assert heard == ["first", "you have been signed out"]


async def test_a_subscription_on_a_socket_from_before_the_sign_out_does_not_begin(
    replicas: list[SignOuts], database: Database
) -> None:
    await handle(replicas[0], database, event("auth_session.revoked", ADA.user_id, session_ids=["phone"]))
    await until_out(replicas, ADA)
    with pytest.raises(NotAuthenticated, match="signed out"):
        await anext(while_signed_in(replicas[1], ADA, numbers(asyncio.Event())))


async def test_a_subscription_ends_with_its_token(replicas: list[SignOuts]) -> None:
    expired = Viewer(user_id=uuid4(), expires_at=time.time() - sign_outs.TOKEN_LEEWAY - 1)
    with pytest.raises(NotAuthenticated, match="expired"):
        async for _ in while_signed_in(replicas[0], expired, numbers(asyncio.Event())):
            pass


async def test_a_subscription_that_completes_is_no_sign_out_and_its_own_timeouts_stay_its_own(
    replicas: list[SignOuts],
) -> None:
    async def failing() -> AsyncIterator[str]:
        yield "one"
        raise TimeoutError("mine")

    async def short() -> AsyncIterator[str]:
        yield "one"

    assert [item async for item in while_signed_in(replicas[0], ADA, short())] == ["one"]
    with pytest.raises(TimeoutError, match="mine"):
        async for _ in while_signed_in(replicas[0], ADA, failing()):
            pass
