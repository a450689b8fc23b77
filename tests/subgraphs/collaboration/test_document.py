"""The document: hostile bytes, read-only viewers, other people's clients, another epoch, the readable text, compaction."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import pycrdt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from subgraphs.collaboration.document_log import Acknowledged, DocumentLog, Push
from subgraphs.collaboration.document_text import CausalOrder, DocumentReader, check_update, first_update
from subgraphs.collaboration.errors import InvalidUpdate
from subgraphs.collaboration.log_events import LogEvent
from subgraphs.collaboration.models import EventRow, ParticipantRow, SessionRow, SnapshotRow
from subgraphs.collaboration.update_format import ClockRange, read_update
from subgraphs.kit.database import Database
from tests.subgraphs.collaboration.people import Editor

CASES = [
    b"",
    b"\x00",
    b"\xff" * 20,
    b"\x01\x01\xff\xff\xff\xff\x0f",
    b"\x01" + b"\xff" * 8 + b"\x7f\x01\x00",
    b"\x00\x00\x00",
]


@pytest.mark.parametrize("update", CASES)
def test_bytes_that_are_no_update_are_refused(update: bytes) -> None:
    with pytest.raises(InvalidUpdate):
        check_update(update)


@given(st.binary(max_size=200))
@settings(max_examples=2000, deadline=None)
def test_random_bytes_never_do_more_than_be_refused(update: bytes) -> None:
    try:
        check_update(update)
    except InvalidUpdate:
        return
    pycrdt.Doc().apply_update(update)


def test_ten_thousand_damaged_updates_leave_a_document_readable() -> None:
    editor, source = Editor(), random.Random(5)
    for word in ("def ", "f(x):", "\n  ", "return 😀", "é"):
        editor.write(word, source.randrange(1))
    survivor = Editor()
    survivor.apply(*editor.made)
    accepted = 0
    for _ in range(10_000):
        damaged = bytearray(source.choice(editor.made))
        for _ in range(source.randint(1, 3)):
            damaged[source.randrange(len(damaged))] = source.randrange(256)
        try:
            check_update(bytes(damaged))
            accepted += 1
        except InvalidUpdate:
            continue
    assert accepted < 9000
    assert "return 😀" in survivor.text


def test_the_structure_tells_who_wrote_what() -> None:
    client, update = first_update("code:PYTHON", "é😀")
    structure = read_update(update)
    assert structure.written == (ClockRange(client, 0, 3),)
    assert structure.deleted == ()
    assert structure.root_names == {"code:PYTHON"}


def test_an_update_of_any_shape_that_pycrdt_makes_is_read() -> None:
    document: Any = pycrdt.Doc(client_id=9)
    made: list[bytes] = []
    subscription = document.observe(lambda event: made.append(event.update))
    text = document.get("t", type=pycrdt.Text)
    text += "abc"
    text.format(0, 2, {"bold": True})
    text.insert_embed(1, {"image": "x"})
    del text[0:1]
    document.get("m", type=pycrdt.Map)["k"] = {"list": [1, 2.5, None, True, "s", -7]}
    document.get("a", type=pycrdt.Array).append(pycrdt.Map({"n": b"bytes"}))
    assert len(made) == 6
    for update in [*made, document.get_update()]:
        read_update(update)
    assert subscription is not None


async def test_a_hostile_update_gets_a_typed_error_and_harms_nothing(stage: Any) -> None:
    session_id, first, second = await stage.session()
    editor = Editor()
    await first.push(session_id, editor.write("safe"))
    source = random.Random(3)
    for size in (1, 7, 40, 1000):
        answer = await second.push(session_id, source.randbytes(size))
        assert answer["code"] == "INVALID_UPDATE"
    too_large = await second.push(session_id, b"\x00" * (64 * 1024 + 1))
    assert (too_large["code"], too_large["limit"]) == ("UPDATE_TOO_LARGE", 64 * 1024)
    assert (await second.push(session_id))["code"] == "INVALID_INPUT"
    assert (await second.push(session_id, *[b"\x00\x00"] * 201))["code"] == "INVALID_INPUT"
    stale = await first.push(session_id, editor.write("x"), epoch=str(uuid4()))
    assert stale["code"] == "EPOCH_CHANGED"
    document = await first.do("query ($id: ID!) { document(sessionId: $id) { epoch seq } }", id=session_id)
    assert stale["currentEpoch"] == document["epoch"]
    assert document["seq"] == 2
    assert "safe" in await second.text(session_id)


async def test_nobody_writes_as_the_client_of_another(stage: Any) -> None:
    session_id, first, second = await stage.session()
    editor = Editor()
    await first.push(session_id, editor.write("mine"))
    forged = Editor(document=pycrdt.Doc(client_id=editor.document.client_id))
    answer = await second.push(session_id, forged.write("yours"))
    assert answer["code"] == "INVALID_UPDATE"
    assert "not yours" in answer["message"]


async def test_a_viewer_reads_and_cannot_write(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    viewer = stage.person()
    async with stage.app.state.runtime.database.transaction() as session:
        session.add(ParticipantRow(session_id=UUID(session_id), user_id=viewer.id, role="viewer", color="#000000"))
    async with viewer.follow(session_id) as following:
        assert (await following.next())["role"] == "VIEWER"
        assert (await viewer.push(session_id, Editor().write("x")))["code"] == "READ_ONLY"
        for mutation, given in (
            ("sendMessage(input: $i) { __typename ... on Error { code } }", ("SendMessageInput", {"message": "x"})),
            ("endSession(input: $i) { __typename ... on Error { code } }", ("EndSessionInput", {})),
            (
                "changeLanguage(input: $i) { __typename ... on Error { code } }",
                ("ChangeLanguageInput", {"language": "C"}),
            ),
        ):
            document = f"mutation ($i: {given[0]}!) {{ {mutation} }}"
            assert (await viewer.do(document, i={"sessionId": session_id, **given[1]}))["code"] == "READ_ONLY"
        await first.push(session_id, Editor().write("seen"))
        assert (await following.until("DocumentUpdated"))["seq"] == 2


async def test_pushes_at_the_same_time_get_numbers_without_gaps(stage: Any) -> None:
    session_id, first, second = await stage.session()
    editors = [(first, Editor()), (second, Editor())]
    answers = await asyncio.gather(
        *(person.push(session_id, editor.write(letter)) for letter in "abcdefghij" for person, editor in editors)
    )
    assert sorted(answer["seq"] for answer in answers) == list(range(2, 22))
    text = await first.text(session_id)
    assert sorted(text.replace("# Write your solution here.\n", "")) == sorted("abcdefghij" * 2)


async def test_the_readable_text_is_kept_beside_the_log(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    editor = Editor()
    await first.push(session_id, editor.write("print('😀')\n"))
    session = await first.do("query ($id: ID!) { session(id: $id) { code } }", id=session_id)
    await stage.services.documents.save_code(UUID(session_id))
    async with stage.app.state.runtime.database.session() as database:
        row = await database.get(SessionRow, UUID(session_id))
    assert "print('😀')" in row.code
    assert row.code == session["code"]
    assert row.code_seq == 2


async def test_compaction_changes_nothing_and_makes_a_late_join_cheap(stage: Any) -> None:
    session_id, first, second = await stage.session()
    editor = Editor()
    for number in range(1200):
        editor.write(str(number % 10), random.Random(number).randrange(number + 1))
    for start in range(0, 1200, 200):
        assert (await first.push(session_id, *editor.made[start : start + 200]))["__typename"] == "UpdatesAcknowledged"
    before = await second.text(session_id)
    await stage.services.documents.compact(UUID(session_id))
    document = await second.do("query ($id: ID!) { document(sessionId: $id) { seq updates } }", id=session_id)
    assert document["seq"] == 1201
    assert len(document["updates"]) == 1 + 201
    assert await second.text(session_id) == before
    async with stage.app.state.runtime.database.session() as database:
        snapshot = await database.get(SnapshotRow, UUID(session_id))
        kept = await database.scalar(select(func.count()).select_from(EventRow))
    assert snapshot.seq == 1000
    assert kept == 1201


@pytest.mark.parametrize("seed", range(20))
def test_the_server_reads_the_same_text_from_updates_in_any_order(seed: int) -> None:
    source, editors = random.Random(seed), [Editor(), Editor()]
    for number in range(60):
        editor = source.choice(editors)
        length = len(editor.text)
        if length > 4 and source.random() < 0.3:
            at = source.randrange(length - 2)
            del editor.document.get(editor.text_name, type=pycrdt.Text)[at : at + 2]
        else:
            editor.write(str(number % 10), source.randrange(length + 1))
        if number % 7 == 0:
            other = editors[editor is editors[0]]
            other.apply(*editor.made)
    made = editors[0].made + editors[1].made
    editors[0].apply(*editors[1].made)
    shuffled = made + source.sample(made, 10)
    source.shuffle(shuffled)
    assert DocumentReader(shuffled).text("code:PYTHON") == editors[0].text
    reader = DocumentReader()
    for update in shuffled:
        reader.apply(update)
        reader.text("code:PYTHON")
    assert reader.text("code:PYTHON") == editors[0].text
    half = pycrdt.merge_updates(*shuffled[:30])
    assert DocumentReader([half, *shuffled[30:]]).text("code:PYTHON") == editors[0].text


@pytest.mark.parametrize("name", ["x" * 65, "page\x00", ""])
async def test_a_provider_name_that_cannot_be_stored_is_refused_and_holds_nobody_up(stage: Any, name: str) -> None:
    session_id, first, second = await stage.session()
    hostile = [first.push(session_id, Editor().write("x"), clientId=name, clientSeq=number) for number in range(5)]
    refused, answer = await asyncio.gather(
        asyncio.gather(*hostile), second.push(session_id, Editor().write("mine"), clientId="page", clientSeq=1)
    )
    assert answer["__typename"] == "UpdatesAcknowledged"
    assert {item["code"] for item in refused} == {"INVALID_INPUT"}
    assert "from 1 to 64" in refused[0]["message"]


@pytest.mark.parametrize("name", ["x" * 65, "page\x00", "page\ud800"])
async def test_a_push_that_cannot_be_stored_takes_none_of_its_group_with_it(stage: Any, name: str) -> None:
    session_id, first, second = await stage.session()
    told: list[LogEvent] = []

    async def on_commit(events: Sequence[LogEvent]) -> None:
        told.extend(events)

    database = Database(stage.settings.database_url)
    log = DocumentLog(database, on_commit)
    pushes = [
        Push(UUID(session_id), person.id, (Editor().write("x"),), frozenset(), client_id=client_id, client_seq=number)
        for number, (person, client_id) in enumerate(
            [(first, "page"), (second, name), (first, "page"), (second, "tab")]
        )
    ]
    # All of them wait before the first commit begins, so they are one group.
    waiting = [asyncio.ensure_future(log.append(push)) for push in pushes]
    await asyncio.sleep(0)
    running = asyncio.create_task(log.run())
    answers = await asyncio.gather(*waiting, return_exceptions=True)
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await database.dispose()

    assert [type(answer) for answer in answers] == [Acknowledged, InvalidUpdate, Acknowledged, Acknowledged]
    assert len(told) == 3


async def test_who_pushes_megabytes_a_second_has_to_wait(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    batch = [b"\x00" * (64 * 1024)] * 4  # no updates at all: what is refused has to be read as well
    answers = await asyncio.gather(*(first.push(session_id, *batch) for _ in range(60)))
    assert {(answer["code"], answer["retryable"]) for answer in answers} == {
        ("INVALID_UPDATE", False),
        ("RATE_LIMITED", True),
    }


def test_updates_that_never_fit_cost_no_more_than_others() -> None:
    editor = Editor()
    for _ in range(20_001):
        editor.write("a")
    first, *rest = editor.made
    order, reader = CausalOrder(), DocumentReader()
    # With a look at all that wait for each that comes, this would take minutes: the test's own time limit.
    for update in reversed(rest):
        assert order.take(update) == []
        reader.apply(update)
    assert reader.text("code:PYTHON") == ""
    assert order.take(first) == editor.made
    reader.apply(first)
    assert reader.text("code:PYTHON") == editor.text


@pytest.mark.parametrize("seed", range(10))
def test_updates_in_causal_order_are_those_that_came_and_fit_one_by_one(seed: int) -> None:
    source, editors = random.Random(seed), [Editor(), Editor()]
    for number in range(60):
        editor = source.choice(editors)
        editor.write(str(number % 10), source.randrange(len(editor.text) + 1))
        if number % 9 == 0:
            del editor.document.get(editor.text_name, type=pycrdt.Text)[0:1]
            editors[editor is editors[0]].apply(*editor.made)
    made = editors[0].made + editors[1].made
    editors[0].apply(*editors[1].made)
    source.shuffle(made)
    order = CausalOrder()
    document: Any = pycrdt.Doc()
    fitting = [update for one in made for update in order.take(one)]
    assert sorted(fitting) == sorted(made)
    for update in fitting:
        document.apply_update(update)
    assert str(document.get("code:PYTHON", type=pycrdt.Text)) == editors[0].text
