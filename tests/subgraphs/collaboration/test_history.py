"""Looking back: positions in three units, replay with attribution, versions, restore, export."""

from __future__ import annotations

import asyncio
import json
import random
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pycrdt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import update

from subgraphs.collaboration.log_events import EventKind, LogEvent
from subgraphs.collaboration.models import LogRow
from subgraphs.collaboration.playback import apply_edits, replay
from subgraphs.collaboration.rules import MAX_DOCUMENT_BYTES
from subgraphs.collaboration.text_positions import (
    PositionInsideCharacter,
    Unit,
    character_position,
    convert_position,
    length_in,
)
from subgraphs.kit.errors import RateLimited
from tests.subgraphs.collaboration.people import Editor

HISTORY = """
query ($id: ID!) {
  sessionHistory(sessionId: $id) { seq kind userId textName edits { position deleted inserted } messageId runId }
}
"""
RESTORE = """
mutation ($input: RestoreVersionInput!) {
  restoreVersion(input: $input) { __typename ... on Session { code textName language } ... on Error { code } }
}
"""
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(TEXT, st.data())
def test_a_position_survives_the_way_through_all_units(content: str, data: Any) -> None:
    index = data.draw(st.integers(0, len(content)))
    utf8 = convert_position(content, index, Unit.CHARACTER, Unit.UTF8)
    utf16 = convert_position(content, utf8, Unit.UTF8, Unit.UTF16)
    assert utf8 == len(content[:index].encode())
    assert utf16 == len(content[:index].encode("utf-16-le")) // 2
    assert convert_position(content, utf16, Unit.UTF16, Unit.CHARACTER) == index


@given(TEXT, st.text(max_size=5).filter(lambda text: "\0" not in text), st.data())
def test_pycrdt_inserts_where_the_converter_says(content: str, inserted: str, data: Any) -> None:
    index = data.draw(st.integers(0, len(content)))
    document: Any = pycrdt.Doc()
    text = document.get("t", type=pycrdt.Text)
    text += content
    try:
        inserted.encode()
    except UnicodeEncodeError:
        return
    text.insert(convert_position(content, index, Unit.CHARACTER, Unit.UTF8), inserted)
    assert str(text) == content[:index] + inserted + content[index:]


@given(TEXT, st.sampled_from(list(Unit)))
def test_a_position_inside_of_a_character_or_behind_the_end_is_refused(content: str, unit: Unit) -> None:
    whole = {length_in(content[:index], unit) for index in range(len(content) + 1)}
    for position in range(-1, length_in(content, unit) + 2):
        if position in whole:
            assert length_in(content[: character_position(content, position, unit)], unit) == position
        else:
            with pytest.raises(PositionInsideCharacter):
                character_position(content, position, unit)


async def test_the_replay_of_random_edits_ends_where_the_document_ends(stage: Any) -> None:
    session_id, first, second = await stage.session()
    source = random.Random(11)
    editor = Editor()
    for _ in range(150):
        text = editor.document.get(editor.text_name, type=pycrdt.Text)
        content = str(text)
        index = source.randrange(len(content) + 1)
        start = convert_position(content, index, Unit.CHARACTER, Unit.UTF8)
        if content and source.random() < 0.3:
            end = convert_position(content, min(len(content), index + 3), Unit.CHARACTER, Unit.UTF8)
            if end > start:
                del text[start:end]
        else:
            text.insert(start, source.choice(["a", "é", "😀", "\n", "word ", "日本"]))
    await first.push(session_id, *editor.made)
    entries = await stage.services.history.history(first.id, await _row(stage, session_id), 0, 10_000)
    content = ""
    for entry in entries:
        content = apply_edits(content, entry.edits)
    assert content == await second.text(session_id)
    assert {entry.user_id for entry in entries} == {None, first.id}


async def test_chat_and_edits_are_on_one_time_line_with_attribution(stage: Any) -> None:
    session_id, first, second = await stage.session()
    await first.push(session_id, Editor().write("x"))
    send = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { ... on SessionMessage { id } } }"
    message = await second.do(send, input={"sessionId": session_id, "message": "hi"})
    history = await first.do(HISTORY, id=session_id)
    assert [(entry["seq"], entry["kind"], entry["userId"]) for entry in history] == [
        (1, "update", None),
        (2, "update", str(first.id)),
        (3, "message_posted", str(second.id)),
    ]
    assert history[1]["edits"][0]["inserted"] == "x"
    assert history[2]["messageId"] == message["id"]


async def test_restoring_a_version_is_a_new_update_and_loses_nothing(stage: Any) -> None:
    session_id, first, second = await stage.session()
    editor = Editor()
    await first.push(session_id, editor.write("good version 😀\n"))
    good = await first.text(session_id)
    await first.push(session_id, editor.write("bad idea\n"))
    version = await second.do(
        "query ($id: ID!) { sessionVersion(sessionId: $id, seq: 2) { code language textName } }", id=session_id
    )
    assert version == {"code": good, "language": "PYTHON", "textName": "code:PYTHON"}
    async with first.follow(session_id) as following:
        await following.next()
        restored = await second.do(RESTORE, input={"sessionId": session_id, "seq": 2})
        event = await following.until("DocumentTextChanged")
    assert restored == {"__typename": "Session", "code": good, "textName": "code:PYTHON~4", "language": "PYTHON"}
    assert (event["textName"], event["cause"]) == ("code:PYTHON~4", "restore")
    assert await first.text(session_id) == good
    back = await second.do(RESTORE, input={"sessionId": session_id, "seq": 3})
    assert "bad idea" in back["code"]
    assert (await second.do(RESTORE, input={"sessionId": session_id, "seq": 99}))["code"] == "INVALID_INPUT"


async def test_a_restored_text_is_found_again_after_a_language_switch(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    await first.push(session_id, Editor().write("v2 "))
    await first.do(RESTORE, input={"sessionId": session_id, "seq": 1})
    change = "mutation ($input: ChangeLanguageInput!) { changeLanguage(input: $input) { ... on Session { textName } } }"
    await first.do(change, input={"sessionId": session_id, "language": "JAVA"})
    back = await first.do(change, input={"sessionId": session_id, "language": "PYTHON"})
    assert back["textName"] == "code:PYTHON~3"


async def test_the_export_is_whole_and_its_page_cannot_be_broken_by_what_people_write(stage: Any) -> None:
    session_id, first, second = await stage.session()
    await first.push(session_id, Editor().write("</script><script>alert(1)</script><!--"))
    export = "query ($id: ID!, $format: ExportFormat!) { sessionExport(sessionId: $id, format: $format) { filename contentType content } }"
    document = json.loads((await first.do(export, id=session_id, format="JSON"))["content"])
    assert document["format"] == "tandem-session/1"
    assert [entry["seq"] for entry in document["history"]] == [1, 2]
    assert document["history"][1]["edits"][0][2].startswith("</script>")
    page = await second.do(export, id=session_id, format="HTML")
    assert page["contentType"] == "text/html"
    assert page["content"].count("</script>") == 1
    assert "alert(1)" in page["content"]
    assert "http" not in page["content"].split("<script>")[0]
    stranger = await stage.person().ask(export, id=session_id, format="JSON")
    assert stranger["errors"][0]["extensions"]["code"] == "NOT_FOUND"


def test_the_replay_counts_what_is_embedded_in_a_text_as_browsers_do() -> None:
    editor = Editor()
    text = editor.document.get(editor.text_name, type=pycrdt.Text)
    text.insert(0, "ab")
    text.insert_embed(1, {"image": "long"})
    text.insert(3, "c")
    events = [
        LogEvent(uuid4(), number, EventKind.UPDATE, None, datetime.now(UTC), {}, update)
        for number, update in enumerate(editor.made, 1)
    ]
    shown = ""
    for entry in replay(events, [editor.text_name]):
        shown = apply_edits(shown, entry.edits)
    assert shown == "a\x1abc"


def test_a_replay_of_nothing_is_nothing() -> None:
    assert replay([], ["code:PYTHON"]) == []


async def _row(stage: Any, session_id: str) -> Any:
    from uuid import UUID

    from subgraphs.collaboration.models import SessionRow

    async with stage.app.state.runtime.database.session() as session:
        return await session.get(SessionRow, UUID(session_id))


async def test_restoring_does_not_make_a_document_larger_than_anybody_can_load(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    await first.push(session_id, Editor().write("x" * 2000))
    async with stage.app.state.runtime.database.transaction() as session:
        await session.execute(update(LogRow).values(document_bytes=MAX_DOCUMENT_BYTES - 1000))
    answer = await first.do(RESTORE, input={"sessionId": session_id, "seq": 2})
    assert answer["code"] == "INVALID_INPUT"
    # In base64 and with the rest of an answer it must fit into 10 MiB, more than which the gateway takes from nobody.
    assert MAX_DOCUMENT_BYTES * 4 / 3 < 9.5 * 1024 * 1024


async def test_the_pages_of_a_history_are_read_from_one_replay_and_are_capped(stage: Any) -> None:
    session_id, first, second = await stage.session()
    editor = Editor()
    for _ in range(20):
        editor.write("a")
    await first.push(session_id, *editor.made)
    history, row = stage.services.history, await _row(stage, session_id)
    pages = [await history.history(first.id, row, after, 7) for after in (0, 7, 14)]
    assert [entry.seq for page in pages for entry in page] == list(range(1, 22))
    kept = history._kept
    await history.history(second.id, row, 0, 7)
    assert history._kept is kept
    await first.push(session_id, editor.write("b"))
    assert (await history.history(second.id, row, 21, 7))[0].seq == 22
    with pytest.raises(RateLimited):
        await asyncio.gather(*(history.history(first.id, row, 0, 1) for _ in range(500)))


async def test_the_export_of_a_long_session_fits_into_an_answer(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    editor = Editor()
    for _ in range(200):
        editor.write("\n")
    await first.push(session_id, *editor.made)
    export = "query ($id: ID!) { sessionExport(sessionId: $id) { content } }"
    answer = json.dumps(await first.ask(export, id=session_id))
    # The gateway takes 10 MiB: some three hours of two people who type without a pause.
    assert len(answer) / 201 < 10 * 1024 * 1024 / 40_000
