"""Kills and stops: a client, a replica, the database; those who are left learn of it, and nothing acknowledged is lost."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from typing import Any

import aiohttp
import pytest

from subgraphs.kit.database import connect_raw
from tests.subgraphs.collaboration.people import EVENTS, Editor, Following, Person, serve
from tests.subgraphs.collaboration.replica import Replica

PATIENCE = 120.0  # seconds; the bound that is promised is 25 + 8

CLIENT = """
import asyncio, sys, aiohttp
async def main(url, token, session_id, document):
    async with aiohttp.ClientSession() as client, client.ws_connect(url, protocols=["graphql-transport-ws"]) as socket:
        await socket.send_json({"type": "connection_init", "payload": {"authorization": "Bearer " + token}})
        await socket.receive_json()
        await socket.send_json({"id": "1", "type": "subscribe", "payload": {"query": document, "variables": {"id": session_id}}})
        async for message in socket:
            pass
asyncio.run(main(*sys.argv[1:]))
"""


async def until_online(following: Following, *people: Person) -> None:
    wanted = sorted(str(person.id) for person in people)
    async with asyncio.timeout(PATIENCE):
        while True:
            event = await following.next()
            if event["__typename"] == "SessionPresenceChanged" and sorted(event["onlineUserIds"]) == wanted:
                return


async def test_a_client_that_is_killed_is_seen_to_be_gone(stage: Any) -> None:
    session_id, first, second = await stage.session()
    async with first.follow(session_id) as mine:
        await mine.next()
        arguments = (f"{stage.url}/graphql", second.token, session_id, EVENTS)
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", CLIENT, *arguments)
        await until_online(mine, first, second)
        os.kill(process.pid, signal.SIGKILL)
        await process.wait()
        await until_online(mine, first)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_the_people_of_a_killed_replica_are_given_up_and_come_back_elsewhere(open_stage: Any) -> None:
    stage = await open_stage()
    session_id, first, second = await stage.session()
    async with serve(stage.neighbours.app) as neighbours_url, first.follow(session_id) as mine:
        await mine.next()
        replica = Replica(stage, neighbours_url)
        await replica.start()
        # The socket breaks with the replica, which is not what this test is about.
        with contextlib.suppress(aiohttp.ClientError, ConnectionError):
            async with replica.client_of(second).follow(session_id) as theirs:
                await theirs.next()
                await until_online(mine, first, second)
                await replica.kill()
        assert not replica.url, "the replica was not killed"
        await until_online(mine, first)
        async with second.follow(session_id) as again:
            hello = await again.next()
            assert sorted(hello["onlineUserIds"]) == sorted([str(first.id), str(second.id)])
            await until_online(mine, first, second)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_a_database_that_stands_still_delays_a_push_and_loses_nothing(stage: Any) -> None:
    session_id, first, second = await stage.session()
    editor = Editor()
    await first.push(session_id, editor.write("before "), clientId="page", clientSeq=1)
    watcher = await connect_raw(stage.settings.database_url)
    rows = await watcher.fetch(
        "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    pids = [row["pid"] for row in rows]
    update = editor.write("while it stands ")
    for pid in pids:
        os.kill(pid, signal.SIGSTOP)
    try:
        pushing = asyncio.create_task(first.push(session_id, update, clientId="page", clientSeq=2))
        done, _ = await asyncio.wait([pushing], timeout=3)
        assert not done, "acknowledged although nothing can have been written"
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)
    answer = await pushing
    while answer["__typename"] != "UpdatesAcknowledged":
        assert (answer["code"], answer["retryable"]) == ("UNAVAILABLE", True)
        answer = await first.push(session_id, update, clientId="page", clientSeq=2)
    again = await first.push(session_id, update, clientId="page", clientSeq=2)
    assert (again["seq"], again["isDuplicate"]) == (answer["seq"], True)
    await watcher.close()
    assert editor.text in await second.text(session_id)
