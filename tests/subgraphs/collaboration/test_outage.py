"""NATS and PostgreSQL are killed and come back: whoever follows a session on either replica is told of everything after it, too."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import psutil
import pytest

from deploy.local.postgres import PrivatePostgres, start_private_postgres
from deploy.local.postgres_server import PostgresFailed
from subgraphs.collaboration.chat_service import ChatService
from subgraphs.collaboration.log_repository import LogRepository
from subgraphs.collaboration.room import Rooms
from subgraphs.collaboration.writing import SessionWriter
from subgraphs.kit import migrations
from subgraphs.kit.signals import LocalSignals
from tests.subgraphs.collaboration.people import WAIT, Editor, Following, Json, Person
from tests.subgraphs.nats_server import NatsServer

SEND = """mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
  __typename ... on SessionMessage { id } ... on Error { code message retryable } } }"""


@pytest.fixture(scope="module")
def own_postgres() -> Iterator[PrivatePostgres]:
    """A PostgreSQL that this module may kill."""
    with tempfile.TemporaryDirectory(prefix="tandem-outage-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        server = start_private_postgres(Path(folder) / "postgres", is_durable=False)
        asyncio.run(server.create_database("outage"))
        for history in ("bus", "collaboration"):
            migrations.upgrade(history, server.url("outage"))
        yield server
        server.stop()


@pytest.fixture
def empty_database_url(own_postgres: PrivatePostgres) -> str:
    """In place of the database that the other tests share."""
    return own_postgres.url("outage")


async def test_followers_hear_everything_after_nats_and_postgres_were_killed(
    open_stage: Callable[..., Any], nats_server: NatsServer, own_postgres: PrivatePostgres
) -> None:
    await nats_server.start()
    one = await open_stage(event_bus="nats", event_bus_url=nats_server.url)
    two = await open_stage(event_bus="nats", event_bus_url=nats_server.url)
    session_id, first, second = await one.session()
    there = Person(second.id, second.token, two.url, two.client)
    async with first.follow(session_id) as mine, there.follow(session_id) as theirs:
        await mine.next()
        await theirs.next()
        await heard_by(mine, theirs, await say(first, session_id, "before"))
        await nats_server.kill()
        # Told to the replica itself at once, and to the other one by its own look into the log.
        during = await say(first, session_id, "without NATS")
        await nats_server.start()
        await heard_by(mine, theirs, during)
        kill(own_postgres)
        await start_again(own_postgres)
        for number, person in enumerate((first, there) * 3):
            await heard_by(mine, theirs, await say(person, session_id, f"after {number}"))
        editor = Editor()
        answer = await first.push(session_id, editor.write("still here"))
        for following in (mine, theirs):
            assert (await following.until("DocumentUpdated"))["seq"] == answer["seq"]


async def test_an_event_that_is_told_while_the_database_is_away_still_says_everything(
    open_stage: Callable[..., Any], own_postgres: PrivatePostgres
) -> None:
    stage = await open_stage()
    session_id, first, second = await stage.session()
    async with second.follow(session_id) as theirs:
        await theirs.next()
        # Committed, but not yet told of when the database dies.
        runtime = stage.app.state.runtime
        elsewhere = SessionWriter(runtime.database, Rooms(runtime.database, LocalSignals()), runtime.outbox)
        chat = ChatService(runtime.database, elsewhere)
        row = await chat.send(first.id, UUID(session_id), "hello", nonce=None, reply_to_id=None)
        async with runtime.database.session() as session:
            (event,) = await LogRepository(session).read_after(UUID(session_id), 1, 10)
        kill(own_postgres)
        await stage.services.rooms.publish([event])
        await asyncio.sleep(1)  # not to synchronise: for as long the database stays away
        await start_again(own_postgres)
        await heard_by(theirs, str(row.id))
        await heard_by(theirs, await say(first, session_id, "after"))


async def say(person: Person, session_id: str, text: str) -> str:
    """Send a message until it is acknowledged; its id."""
    given = {"sessionId": session_id, "message": text, "nonce": text}
    async with asyncio.timeout(WAIT):
        while True:
            answer: Json = await person.ask(SEND, input=given)
            sent = (answer.get("data") or {}).get("sendMessage") or {}
            if sent.get("__typename") == "SessionMessage":
                return str(sent["id"])
            await asyncio.sleep(0.1)


async def heard_by(*followings_and_id: Following | str) -> None:
    """Every follower is told of the message, and what it says, without an error."""
    *followings, message_id = followings_and_id
    for following in followings:
        assert isinstance(following, Following)
        event = await following.until("SessionMessageChanged", messageId=message_id)
        assert event["message"] is not None


def kill(server: PrivatePostgres) -> None:
    """SIGKILL the first process of the server, and wait until all of them are gone."""
    first = psutil.Process(int((server.data_folder / "postmaster.pid").read_text().splitlines()[0]))
    everybody = [first, *first.children(recursive=True)]
    first.send_signal(signal.SIGKILL)
    psutil.wait_procs(everybody, timeout=WAIT)


async def start_again(server: PrivatePostgres) -> None:
    async with asyncio.timeout(WAIT):
        while not server.is_running():
            with contextlib.suppress(PostgresFailed):
                await asyncio.to_thread(server.start_again)
