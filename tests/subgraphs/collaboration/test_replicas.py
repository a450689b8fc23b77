"""Several replicas on one database: what happens on one is seen on the other; what was acknowledged survives the death of any."""

from __future__ import annotations

import asyncio
import base64
import os
import random
import time
from typing import Any
from uuid import UUID

import aiohttp
import pycrdt
import pytest

from subgraphs.collaboration.awareness import ClientState, read_awareness
from subgraphs.collaboration.log_repository import LogRepository
from subgraphs.kit.database import connect_raw
from tests.subgraphs.collaboration.people import Editor, Person, serve
from tests.subgraphs.collaboration.replica import Replica
from tests.subgraphs.collaboration.test_live import set_awareness


def at(person: Person, stage: Any) -> Person:
    """The same person, through another replica."""
    return Person(person.id, person.token, stage.url, stage.client)


async def test_events_presence_and_cursors_cross_replicas(open_stage: Any) -> None:
    one, two = await open_stage(), await open_stage()
    session_id, first, second = await one.session()
    second = at(second, two)
    async with first.follow(session_id) as mine:
        await mine.next()
        await set_awareness(first, session_id, ClientState(5, 1, '{"here":true}'))
        async with second.follow(session_id) as theirs:
            hello = await theirs.next()
            assert sorted(hello["onlineUserIds"]) == sorted([str(first.id), str(second.id)])
            # Who is on the other replica says so when this one opens the room.
            seen = await theirs.until("SessionAwarenessChanged", userId=str(first.id))
            assert read_awareness(base64.b64decode(seen["update"])) == [ClientState(5, 1, '{"here":true}')]
            started = time.perf_counter()
            await first.push(session_id, Editor().write("a"))
            assert (await theirs.until("DocumentUpdated"))["seq"] == 2
            assert time.perf_counter() - started < 2
            await second.push(session_id, Editor().write("b"))
            assert (await mine.until("DocumentUpdated", userId=str(second.id)))["seq"] == 3
        await mine.until("SessionPresenceChanged", onlineUserIds=[str(first.id)])


async def test_writers_on_two_replicas_get_one_order_that_both_streams_show(open_stage: Any) -> None:
    one, two = await open_stage(), await open_stage()
    session_id, first, second = await one.session()
    second = at(second, two)
    async with first.follow(session_id) as mine, second.follow(session_id) as theirs:
        await mine.next()
        await theirs.next()
        editors = [(first, Editor()), (second, Editor())]
        answers = await asyncio.gather(
            *(
                person.push(session_id, editor.write(letter))
                for letter in "abcdefghijklmno"
                for person, editor in editors
            )
        )
        assert sorted(answer["seq"] for answer in answers) == list(range(2, 32))
        seen = [await following.numbered_until(31) for following in (mine, theirs)]
    orders = [[update for event in events for update in event["updates"]] for events in seen]
    assert orders[0] == orders[1]
    assert len(orders[0]) == 30


async def test_a_stream_is_resumed_on_another_replica(open_stage: Any) -> None:
    one, two = await open_stage(), await open_stage()
    session_id, first, second = await one.session()
    async with second.follow(session_id) as theirs:
        epoch = (await theirs.next())["epoch"]
    editor = Editor()
    for letter in "abc":
        await first.push(session_id, editor.write(letter))
    async with at(second, two).follow(session_id, after=1, epoch=epoch) as theirs:
        assert (await theirs.next())["resumedFrom"] == 1
        events = await theirs.numbered_until(4)
    assert [base64.b64decode(update) for event in events for update in event["updates"]] == editor.made


async def test_a_reader_that_stops_reading_costs_no_memory_and_misses_nothing(stage: Any) -> None:
    session_id, first, second = await stage.session()
    async with second.follow(session_id) as theirs:
        await theirs.next()
        editor = Editor()
        for number in range(600):
            editor.write(str(number))
        for start in range(0, 600, 100):
            await first.push(session_id, *editor.made[start : start + 100])
        (room, member) = _only_member(stage, session_id, second)
        assert len(room._recent) <= 256
        assert len(member.live) <= 128
        events = await theirs.numbered_until(601)
    assert [base64.b64decode(update) for event in events for update in event.get("updates", [])] == editor.made


def _only_member(stage: Any, session_id: str, person: Person) -> Any:
    room = stage.services.rooms.get(UUID(session_id))
    return room, next(member for member in room.members if member.user_id == person.id)


@pytest.mark.slow
@pytest.mark.timeout(2400)
async def test_no_acknowledged_update_is_lost_over_many_kills(open_stage: Any) -> None:
    """Two people type without a pause; the replica they use is killed with SIGKILL again and again."""
    kills = int(os.environ.get("TANDEM_KILLS", "50"))
    # Nobody follows the session, and on a busy machine the kills take long: it must not end for want of visitors meanwhile.
    stage = await open_stage(join_grace=86_400.0)
    session_id, first, second = await stage.session()
    acknowledged: dict[bytes, int] = {}
    source = random.Random(7)
    async with serve(stage.neighbours.app) as neighbours_url:
        replica = Replica(stage, neighbours_url)
        writers = [asyncio.create_task(_write(person, replica, session_id, acknowledged)) for person in (first, second)]
        try:
            for _ in range(kills):
                await replica.start()
                before = len(acknowledged)
                async with asyncio.timeout(120):
                    while len(acknowledged) < before + 10:
                        await asyncio.sleep(0.02)
                await asyncio.sleep(source.random() * 0.1)
                await replica.kill()
        finally:
            for writer in writers:
                writer.cancel()
            await asyncio.gather(*writers, return_exceptions=True)
            await replica.kill()
    async with stage.app.state.runtime.database.session() as session:
        updates = await LogRepository(session).updates_after(UUID(session_id), 0, 10**6)
    stored = {update for _, update in updates}
    lost = [update for update in acknowledged if update not in stored]
    assert lost == []
    assert len(acknowledged) >= kills * 10
    # With fresh tokens: on a busy machine the kills take longer than a token lives.
    texts = {await stage.person(person.id).text(session_id) for person in (first, second)}
    assert len(texts) == 1


async def _write(person: Person, replica: Replica, session_id: str, acknowledged: dict[bytes, int]) -> None:
    """Type; what is not acknowledged is sent again, as a provider does it."""
    editor, number = Editor(), 0
    while True:
        number += 1
        update = editor.write(f"{number} ")
        while True:
            await asyncio.sleep(0.001)
            if not replica.url:
                await asyncio.sleep(0.02)
                continue
            there = replica.client_of(person)
            try:
                answer = await there.push(session_id, update, clientId=f"page-{person.id}", clientSeq=number)
            except (aiohttp.ClientError, TimeoutError, AssertionError):
                continue
            if answer["__typename"] == "UpdatesAcknowledged":
                acknowledged[update] = answer["seq"]
                break


async def test_five_editors_converge_through_drops_duplicates_and_reordering(stage: Any) -> None:
    """Each editor hears the others late, and pushes its own work twice and out of order; in the end all texts are the server's."""
    session_id, first, second = await stage.session()
    people = [first, second, first, second, first]
    editors = [Editor() for _ in people]
    source = random.Random(3)
    for number in range(200):
        for place, editor in enumerate(editors):
            text = editor.document.get(editor.text_name, type=pycrdt.Text)
            length = len(str(text).encode())
            if length > 10 and source.random() < 0.3:
                at_byte = source.randrange(length - 2)
                del text[at_byte : at_byte + 2]
            else:
                text.insert(source.randrange(length + 1), f"{place}{number % 10}")
        if number % 20 == 19:
            for person, editor in zip(people, editors, strict=True):
                sent = list(editor.made)
                editor.made.clear()
                source.shuffle(sent)
                sent += source.sample(sent, min(3, len(sent)))
                assert (await person.push(session_id, *sent))["__typename"] == "UpdatesAcknowledged"
            for editor in source.sample(editors, 3):
                editor.apply(*await _updates(first, session_id, source))
    server = await first.text(session_id)
    for editor in editors:
        editor.apply(*await _updates(second, session_id, source))
        assert editor.text == server
    code = await second.do("query ($id: ID!) { session(id: $id) { code } }", id=session_id)
    assert code["code"] == server


async def _updates(person: Person, session_id: str, source: random.Random) -> list[bytes]:
    """The document's updates, each twice and in any order."""
    document = await person.do("query ($id: ID!) { document(sessionId: $id) { updates } }", id=session_id)
    updates = [base64.b64decode(update) for update in document["updates"]] * 2
    source.shuffle(updates)
    return updates


async def test_a_lost_database_is_told_and_what_is_sent_again_is_stored_once(stage: Any) -> None:
    session_id, first, second = await stage.session()
    editor = Editor()
    async with second.follow(session_id) as theirs:
        await theirs.next()
        await first.push(session_id, editor.write("before "))
        connection = await connect_raw(stage.settings.database_url)
        await connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await connection.close()
        update = editor.write("after ")
        answers: list[Any] = []
        async with asyncio.timeout(30):
            while not answers or answers[-1]["__typename"] != "UpdatesAcknowledged":
                answers.append(await first.push(session_id, update, clientId="page", clientSeq=7))
        assert {answer["code"] for answer in answers[:-1]} <= {"UNAVAILABLE"}
        assert all(answer["retryable"] for answer in answers[:-1])
        again = await first.push(session_id, update, clientId="page", clientSeq=7)
        assert (again["seq"], again["isDuplicate"]) == (answers[-1]["seq"], True)
        # The signals' connection was lost too; the room looks into the log by itself.
        while base64.b64encode(update).decode() not in (await theirs.until("DocumentUpdated"))["updates"]:
            pass
