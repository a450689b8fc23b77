"""A session from its match to its end, over real sockets."""

from __future__ import annotations

import asyncio
import base64
from typing import Any
from uuid import UUID, uuid4

from subgraphs.collaboration.repository import SessionRepository
from subgraphs.kit.events import Event
from tests.subgraphs.collaboration.people import Editor

SEND = """
mutation ($input: SendMessageInput!) {
  sendMessage(input: $input) { __typename ... on SessionMessage { id message author { id } } ... on Error { code } }
}
"""
END = """
mutation ($input: EndSessionInput!) {
  endSession(input: $input) {
    __typename ... on Session { id status endReason endedAt } ... on Error { code }
  }
}
"""
LANGUAGE = """
mutation ($input: ChangeLanguageInput!) {
  changeLanguage(input: $input) { __typename ... on Session { language textName code } ... on Error { code } }
}
"""


async def test_a_match_makes_one_session_with_starter_code_as_update_one(stage: Any) -> None:
    question_id = stage.neighbours.add_question()
    met = await stage.session(question_id=question_id)
    session_id, first, second = met

    session = await first.do(
        "query ($id: ID!) { session(id: $id) { status language code question { id } match { id } participants { userId role } } }",
        id=session_id,
    )
    assert session == {
        "status": "ACTIVE",
        "language": "PYTHON",
        "code": "def add_up(first, second):\n    pass\n",
        "question": {"id": str(question_id)},
        "match": {"id": met.event.data["match_id"]},
        "participants": [{"userId": str(first.id), "role": "PEER"}, {"userId": str(second.id), "role": "PEER"}],
    }
    assert await second.text(session_id) == "def add_up(first, second):\n    pass\n"

    assert not await stage.services.sessions.create_for_match(met.event)
    # Another event for the same match is handled, and opens nothing.
    assert await stage.services.sessions.create_for_match(Event("match.created", "again", met.event.data))
    assert len((await first.do("{ mySessions { edges { node { id } } } }"))["edges"]) == 1


async def test_a_session_begins_without_the_questions_subgraph(stage: Any) -> None:
    question_id = stage.neighbours.add_question()
    stage.neighbours.is_down = True
    session_id, first, _ = await stage.session(question_id=question_id, language="JAVA")
    assert await first.text(session_id) == "// Write your solution here.\n"


async def test_the_events_reach_the_outbox_in_the_transaction_of_what_they_tell(stage: Any) -> None:
    session_id, first, second = await stage.session()
    await first.do(END, input={"sessionId": session_id})
    await first.do(END, input={"sessionId": session_id})
    async with stage.app.state.runtime.database.session() as session:
        from sqlalchemy import select

        from subgraphs.collaboration.models import Outbox

        rows = (await session.scalars(select(Outbox).order_by(Outbox.seq))).all()
    assert [row.type for row in rows] == ["session.created", "session.ended"]
    assert rows[0].data["user_ids"] == [str(first.id), str(second.id)]
    assert rows[1].data["reason"] == "finished"


async def test_what_one_types_the_other_receives_and_it_is_acknowledged_by_number(stage: Any) -> None:
    session_id, first, second = await stage.session()
    editor = Editor()
    async with first.follow(session_id) as mine, second.follow(session_id) as theirs:
        hello = await theirs.next()
        assert hello["__typename"] == "SessionHello"
        assert hello["headSeq"] == 1
        assert hello["role"] == "PEER"
        await mine.next()

        update = editor.write("# hello 😀\n")
        answer = await first.push(session_id, update, epoch=hello["epoch"], clientSeq=1, clientId="page-1")
        assert answer == {"__typename": "UpdatesAcknowledged", "seq": 2, "clientSeq": 1, "isDuplicate": False}
        event = await theirs.until("DocumentUpdated")
        assert event["seq"] == 2
        assert event["userId"] == str(first.id)
        assert base64.b64decode(event["updates"][0]) == update

        again = await first.push(session_id, update, epoch=hello["epoch"], clientSeq=1, clientId="page-1")
        assert (again["seq"], again["isDuplicate"]) == (2, True)
    assert (await second.text(session_id)).startswith("# hello 😀\n") or "# hello 😀" in await second.text(session_id)


async def test_a_lost_connection_resumes_without_loss_or_repeat(stage: Any) -> None:
    session_id, first, second = await stage.session()
    editor = Editor()
    async with second.follow(session_id) as theirs:
        epoch = (await theirs.next())["epoch"]
        await first.push(session_id, editor.write("a"))
        assert (await theirs.until("DocumentUpdated"))["seq"] == 2
    for letter in "bcd":
        await first.push(session_id, editor.write(letter))
    await first.do(SEND, input={"sessionId": session_id, "message": "are you there?"})
    await first.push(session_id, editor.write("e"))

    async with second.follow(session_id, after=2, epoch=epoch) as theirs:
        assert (await theirs.next())["resumedFrom"] == 2
        events = await theirs.numbered_until(7)
    assert [(event["__typename"], event["seq"]) for event in events] == [
        ("DocumentUpdated", 5),
        ("SessionMessageChanged", 6),
        ("DocumentUpdated", 7),
    ]
    assert [base64.b64decode(update) for update in events[0]["updates"]] == editor.made[1:4]


async def test_a_position_of_another_epoch_or_beyond_the_head_is_told_to_start_anew(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    async with first.follow(session_id, after=1, epoch=str(uuid4())) as following:
        assert (await following.next())["resumedFrom"] is None
        assert (await following.next())["reason"] == "EPOCH_CHANGED"
    async with first.follow(session_id, after=99) as following:
        await following.next()
        assert (await following.next())["reason"] == "UNKNOWN_POSITION"


async def test_both_chat_and_a_message_sent_twice_arrives_once(stage: Any) -> None:
    session_id, first, second = await stage.session()
    async with second.follow(session_id) as theirs:
        await theirs.next()
        sent = {"sessionId": session_id, "message": "  hi  ", "nonce": "n1"}
        one = await first.do(SEND, input=sent)
        two = await first.do(SEND, input=sent)
        assert one == two
        event = await theirs.until("SessionMessageChanged")
        assert event["change"] == "POSTED"
        assert event["message"] == {"message": "hi", "author": {"id": str(first.id)}, "replyTo": None}
    messages = await second.do(
        "query ($id: ID!) { session(id: $id) { messages { totalCount edges { node { message } } } } }", id=session_id
    )
    assert messages["messages"] == {"totalCount": 1, "edges": [{"node": {"message": "hi"}}]}


async def test_a_deleted_message_is_gone_from_the_replay_too(stage: Any) -> None:
    session_id, first, second = await stage.session()
    message = await first.do(SEND, input={"sessionId": session_id, "message": "my password is 123"})
    deleted = await first.do(
        "mutation ($input: DeleteMessageInput!) { deleteMessage(input: $input) { __typename ... on SessionMessage { message } } }",
        input={"sessionId": session_id, "messageId": message["id"]},
    )
    assert deleted["message"] == ""
    async with second.follow(session_id, after=1) as theirs:
        await theirs.next()
        events = await theirs.numbered_until(3)
    assert [event["message"]["message"] for event in events] == ["", ""]


async def test_each_language_keeps_its_own_text_and_its_starter_is_written_once(stage: Any) -> None:
    session_id, first, second = await stage.session(question_id=stage.neighbours.add_question())
    editor = Editor("code:PYTHON")
    await first.push(session_id, editor.write("# mine\n"))
    changed = await second.do(LANGUAGE, input={"sessionId": session_id, "language": "JAVASCRIPT"})
    assert changed["textName"] == "code:JAVASCRIPT"
    assert changed["code"] == "function addUp(first, second) {\n}\n"
    back = await first.do(LANGUAGE, input={"sessionId": session_id, "language": "PYTHON"})
    assert "# mine" in back["code"]
    await first.do(LANGUAGE, input={"sessionId": session_id, "language": "JAVASCRIPT"})
    assert await second.text(session_id) == "function addUp(first, second) {\n}\n"


async def test_a_language_opened_while_a_second_question_begins_gets_its_starter_code(stage: Any) -> None:
    one, two = (
        stage.neighbours.add_question(starterCode={"python": f"# {name}\n", "javascript": f"// {name}\n"})
        for name in ("one", "two")
    )
    session_id, first, second = await stage.session(question_id=one)
    stage.services.questions._kept.clear()
    stage.neighbours.meanwhile = lambda: stage.services.sessions.swap_roles(second.id, UUID(session_id), two)
    changed = await first.do(LANGUAGE, input={"sessionId": session_id, "language": "JAVASCRIPT"})
    assert (changed["textName"], changed["code"]) == ("code:JAVASCRIPT:2", "// two\n")


async def test_a_second_question_begun_while_the_language_changes_gets_its_starter_code(stage: Any) -> None:
    one, two = (
        stage.neighbours.add_question(starterCode={"python": f"# {name}\n", "javascript": f"// {name}\n"})
        for name in ("one", "two")
    )
    session_id, first, second = await stage.session(question_id=one)
    stage.neighbours.meanwhile = lambda: first.do(LANGUAGE, input={"sessionId": session_id, "language": "JAVASCRIPT"})
    row = await stage.services.sessions.swap_roles(second.id, UUID(session_id), two)
    assert (row.text_name, await first.text(session_id)) == ("code:JAVASCRIPT:2", "// two\n")
    participants = await first.do("query ($id: ID!) { session(id: $id) { participants { role } } }", id=session_id)
    assert [item["role"] for item in participants["participants"]] == ["CANDIDATE", "INTERVIEWER"]


async def test_the_text_of_another_language_is_not_stored_as_the_code(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    await first.push(session_id, Editor().write("print()\n"))
    await first.do(LANGUAGE, input={"sessionId": session_id, "language": "JAVA"})
    async with stage.app.state.runtime.database.transaction() as session:
        # It was read before the language was changed.
        await SessionRepository(session).save_code(UUID(session_id), "code:PYTHON", "print()\n", 3)
    session = await first.do("query ($id: ID!) { session(id: $id) { code } }", id=session_id)
    assert session["code"] == "// Write your solution here.\n"


async def test_a_session_ends_once_for_both(stage: Any) -> None:
    session_id, first, second = await stage.session()
    async with first.follow(session_id) as mine, second.follow(session_id) as theirs:
        await mine.next()
        await theirs.next()
        answers = await asyncio.gather(
            first.do(END, input={"sessionId": session_id}), second.do(END, input={"sessionId": session_id})
        )
        assert answers[0] == answers[1]
        for following in (mine, theirs):
            event = await following.until("SessionEnded")
            assert event["session"] == {"status": "ENDED"}
            assert (await following.next_message())["type"] == "complete"
    refused = await first.push(session_id, Editor().write("late"))
    assert refused["code"] == "SESSION_CLOSED"
    async with first.follow(session_id) as late:
        assert (await late.next())["status"] == "ENDED"
        assert (await late.next())["__typename"] == "SessionEnded"


async def test_who_takes_no_part_learns_nothing(stage: Any) -> None:
    session_id, _, _ = await stage.session()
    stranger = stage.person()
    answer = await stranger.ask("query ($id: ID!) { session(id: $id) { code } }", id=session_id)
    assert answer["errors"][0]["extensions"]["code"] == "NOT_FOUND"
    assert (await stranger.push(session_id, Editor().write("x")))["code"] == "NOT_FOUND"
    assert (await stranger.do(SEND, input={"sessionId": session_id, "message": "x"}))["code"] == "NOT_FOUND"
    assert (await stranger.do(END, input={"sessionId": session_id}))["code"] == "NOT_FOUND"
    entities = await stranger.do(
        "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Session { code } } }",
        r=[{"__typename": "Session", "id": session_id}],
    )
    assert entities == [None]
    async with stranger.follow(session_id) as following:
        message = await following.next_message()
        errors = message["payload"] if message["type"] == "error" else message["payload"]["errors"]
        assert errors[0]["extensions"]["code"] == "NOT_FOUND"


async def test_entities_are_loaded_together(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    found = await first.do(
        "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Session { id status participants { userId } } } }",
        r=[{"__typename": "Session", "id": session_id}, {"__typename": "Session", "id": str(uuid4())}],
    )
    assert found[0]["id"] == session_id
    assert found[1] is None


async def test_a_page_of_a_known_origin_may_read_what_a_service_is_answered(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    body = {"query": "query ($id: ID!) { session(id: $id) { id } }", "variables": {"id": session_id}}
    headers = {"authorization": f"Bearer {first.token}"}
    origin = stage.settings.cors_origin[0]
    answers = {}
    for name, more in (("service", {}), ("page", {"origin": origin})):
        async with stage.client.post(f"{stage.url}/graphql", json=body, headers=headers | more) as response:
            answers[name] = await response.json()
            assert response.status == 200
            assert response.headers["x-request-id"]
            assert response.headers.get("access-control-allow-origin") == more.get("origin")
    assert answers["service"] == answers["page"] == {"data": {"session": {"id": session_id}}}
