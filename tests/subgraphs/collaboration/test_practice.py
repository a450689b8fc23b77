# ruff: noqa: E501  (operations are easier to compare on one line)
"""Roles, phases, notes, interview material, feedback, invitations, the end by itself, and forgetting people."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select, text, update

from subgraphs.collaboration.models import LogRow, MessageRow, Outbox, SessionRow
from subgraphs.kit.events import Event
from tests.subgraphs.collaboration.people import Editor, Person

FEEDBACK = """
mutation ($input: GiveFeedbackInput!) {
  giveFeedback(input: $input) { __typename ... on Feedback { rating } ... on Error { code message } }
}
"""
SEEN = "query ($id: ID!) { session(id: $id) { feedback { given { rating } received { rating comment rubric { axis score } } } } }"
SWAP = """
mutation ($input: SwapRolesInput!) {
  swapRoles(input: $input) {
    __typename ... on Session { round textName question { id } participants { userId role } } ... on Error { code }
  }
}
"""
NOTES = """
mutation ($input: SaveNotesInput!) {
  saveNotes(input: $input) { __typename ... on Notes { text version } ... on VersionConflict { currentVersion } ... on Error { code } }
}
"""
PHASE = "mutation ($input: SetPhaseInput!) { setPhase(input: $input) { __typename ... on Session { phase phaseEndsAt } ... on Error { code } } }"
END = "mutation ($input: EndSessionInput!) { endSession(input: $input) { __typename } }"
MATERIAL = (
    "query ($id: ID!) { session(id: $id) { interviewMaterial { hints solution } myNotes { text version } myRole } }"
)
ACCEPT = """
mutation ($input: AcceptInvitationInput!) {
  acceptInvitation(input: $input) { __typename ... on Session { id myRole participants { userId role } } ... on Error { code message } }
}
"""


async def execute(stage: Any, statement: Any) -> None:
    async with stage.app.state.runtime.database.transaction() as session:
        await session.execute(statement)


async def outbox(stage: Any, type: str) -> list[Any]:
    async with stage.app.state.runtime.database.session() as session:
        return list(await session.scalars(select(Outbox).where(Outbox.type == type).order_by(Outbox.seq)))


async def test_only_the_interviewer_sees_hints_and_solution_and_they_move_with_the_role(stage: Any) -> None:
    question = stage.neighbours.add_question()
    session_id, first, second = await stage.session(question_id=question, interviewer=True)
    seen = await first.do(MATERIAL, id=session_id)
    assert seen["myRole"] == "INTERVIEWER"
    assert seen["interviewMaterial"] == {"hints": ["Use +."], "solution": "Add them."}
    assert (await second.do(MATERIAL, id=session_id))["interviewMaterial"] is None

    async with second.follow(session_id) as following:
        await following.next()
        swapped = await first.do(SWAP, input={"sessionId": session_id})
        event = await following.until("SessionRolesChanged")
    roles = [{"userId": str(first.id), "role": "CANDIDATE"}, {"userId": str(second.id), "role": "INTERVIEWER"}]
    assert swapped["participants"] == event["participants"] == roles
    assert (await first.do(MATERIAL, id=session_id))["interviewMaterial"] is None
    assert (await second.do(MATERIAL, id=session_id))["interviewMaterial"] is not None


async def test_a_candidate_cannot_make_himself_the_interviewer_to_read_the_solution(stage: Any) -> None:
    session_id, _, candidate = await stage.session(question_id=stage.neighbours.add_question(), interviewer=True)
    assert (await candidate.do(SWAP, input={"sessionId": session_id}))["code"] == "FORBIDDEN"
    assert (await candidate.do(MATERIAL, id=session_id))["interviewMaterial"] is None


async def test_a_second_question_begins_with_a_text_of_its_own(stage: Any) -> None:
    session_id, first, second = await stage.session(question_id=stage.neighbours.add_question())
    await first.push(session_id, Editor().write("# the first solution\n"))
    next_question = stage.neighbours.add_question(starterCode={"python": "# second\n"})
    swapped = await first.do(SWAP, input={"sessionId": session_id, "nextQuestionId": str(next_question)})
    assert (swapped["round"], swapped["textName"], swapped["question"]) == (
        2,
        "code:PYTHON:2",
        {"id": str(next_question)},
    )
    assert await second.text(session_id) == "# second\n"


async def test_a_question_that_does_not_exist_is_not_gone_on_with(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    swap = {"sessionId": session_id, "nextQuestionId": str(uuid4())}
    assert (await first.do(SWAP, input=swap))["code"] == "INVALID_INPUT"
    invite = "mutation ($input: InvitePartnerInput!) { invitePartner(input: $input) { __typename ... on InvalidInput { field message } } }"
    refused = await first.do(invite, input={"language": "PYTHON", "questionId": swap["nextQuestionId"]})
    assert refused["field"] == "input.questionId"
    assert "There is no question" in refused["message"]
    stage.neighbours.is_down = True
    assert (await first.do(SWAP, input=swap))["code"] == "UNAVAILABLE"
    session = await first.do("query ($id: ID!) { session(id: $id) { round myRole } }", id=session_id)
    assert session == {"round": 1, "myRole": "PEER"}


async def test_notes_are_private_and_two_tabs_do_not_overwrite_each_other(stage: Any) -> None:
    session_id, first, second = await stage.session()
    given = {"sessionId": session_id, "text": "asks good questions"}
    assert await first.do(NOTES, input={**given, "expectedVersion": 0}) == {
        "__typename": "Notes",
        "text": "asks good questions",
        "version": 1,
    }
    stale = await first.do(NOTES, input={**given, "text": "other tab", "expectedVersion": 0})
    assert (stale["code"], stale["currentVersion"]) == ("VERSION_CONFLICT", 1)
    assert (await first.do(NOTES, input={**given, "expectedVersion": 1}))["version"] == 2
    assert (await second.do(MATERIAL, id=session_id))["myNotes"] == {"text": "", "version": 0}
    assert (await stage.person().do(NOTES, input=given))["code"] == "NOT_FOUND"


async def test_a_phase_has_a_timer_that_rings_once(stage: Any) -> None:
    session_id, first, second = await stage.session(interviewer=True)
    given = {"sessionId": session_id, "phase": "SOLVING", "minutes": 30}
    assert (await second.do(PHASE, input=given))["code"] == "FORBIDDEN"
    async with second.follow(session_id) as following:
        await following.next()
        answer = await first.do(PHASE, input=given)
        event = await following.until("SessionPhaseChanged")
        assert (event["phase"], event["endsAt"]) == ("SOLVING", answer["phaseEndsAt"])
        await execute(stage, update(SessionRow).values(phase_ends_at=text("now() - interval '1 second'")))
        await stage.services.lifecycle.look()
        await stage.services.lifecycle.look()
        assert (await following.until("SessionTimerElapsed"))["seq"] == event["seq"] + 1
        await first.do(END, input={"sessionId": session_id})
        assert (await following.until("SessionEnded"))["seq"] == event["seq"] + 2


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"empty_since": "now() - interval '4 minutes'", "started": True}, "ABANDONED"),
        ({"empty_since": "now() - interval '16 minutes'", "started": False}, "ABANDONED"),
        ({"active_at": "now() - interval '31 minutes'", "started": True}, "IDLE"),
        ({"empty_since": "now() - interval '2 minutes'", "started": True}, None),
        ({"empty_since": "now() - interval '10 minutes'", "started": False}, None),
    ],
)
async def test_a_session_ends_by_itself_when_it_should(stage: Any, change: dict[str, Any], reason: str | None) -> None:
    session_id, first, _ = await stage.session()
    if change.pop("started"):
        await execute(stage, update(SessionRow).values(started_at=text("now() - interval '1 hour'")))
    await execute(stage, update(LogRow).values({name: text(value) for name, value in change.items()}))
    await stage.services.lifecycle.look()
    session = await first.do("query ($id: ID!) { session(id: $id) { status endReason } }", id=session_id)
    assert session == {"status": "ENDED" if reason else "ACTIVE", "endReason": reason}
    assert len(await outbox(stage, "session.ended")) == (1 if reason else 0)


async def test_feedback_is_sealed_until_both_have_spoken_and_then_the_outcome_goes_out_once(stage: Any) -> None:
    session_id, first, second = await stage.session(question_id=stage.neighbours.add_question())
    given = {"sessionId": session_id, "rating": 5, "hasSolved": True, "comment": "clear"}
    assert (await first.do(FEEDBACK, input=given))["code"] == "CONFLICT"
    await first.do(END, input={"sessionId": session_id})
    rubric = [{"axis": "communication", "score": 4}]
    assert (await first.do(FEEDBACK, input={**given, "rubric": rubric}))["rating"] == 5
    assert (await first.do(FEEDBACK, input=given))["code"] == "CONFLICT"
    assert (await second.do(SEEN, id=session_id))["feedback"] == {"given": None, "received": None}
    assert await outbox(stage, "session.outcome") == []

    assert (await second.do(FEEDBACK, input={**given, "rating": 3, "hasSolved": None}))["rating"] == 3
    received = (await second.do(SEEN, id=session_id))["feedback"]["received"]
    assert received == {"rating": 5, "comment": "clear", "rubric": [{"axis": "communication", "score": 4}]}
    (outcome,) = await outbox(stage, "session.outcome")
    assert outcome.data["outcomes"] == [
        {"user_id": str(first.id), "solved": False, "peer_rating": 3},
        {"user_id": str(second.id), "solved": True, "peer_rating": 5},
    ]
    assert (outcome.data["difficulty"], outcome.data["topics"]) == ("EASY", ["Math"])
    await stage.services.lifecycle.look()
    assert len(await outbox(stage, "session.outcome")) == 1


async def test_feedback_opens_after_a_day_even_when_one_is_silent(stage: Any) -> None:
    session_id, first, second = await stage.session()
    await first.do(END, input={"sessionId": session_id})
    await first.do(FEEDBACK, input={"sessionId": session_id, "rating": 4})
    await execute(stage, update(SessionRow).values(ended_at=SessionRow.ended_at - timedelta(hours=25)))
    await stage.services.lifecycle.look()
    await stage.services.lifecycle.look()
    assert (await second.do(SEEN, id=session_id))["feedback"]["received"]["rating"] == 4
    (outcome,) = await outbox(stage, "session.outcome")
    assert [item["peer_rating"] for item in outcome.data["outcomes"]] == [None, 4]


async def test_nobody_answers_to_feedback_that_was_opened(stage: Any) -> None:
    session_id, first, second = await stage.session()
    await first.do(END, input={"sessionId": session_id})
    await first.do(FEEDBACK, input={"sessionId": session_id, "rating": 1})
    await execute(stage, update(SessionRow).values(ended_at=SessionRow.ended_at - timedelta(hours=24)))
    assert (await second.do(SEEN, id=session_id))["feedback"]["received"]["rating"] == 1
    late = await second.do(FEEDBACK, input={"sessionId": session_id, "rating": 1})
    assert late["code"] == "CONFLICT"
    assert "24 hours" in late["message"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"rating": 0},
        {"rating": 6},
        {"rating": 3, "rubric": [{"axis": "luck", "score": 3}]},
        {"rating": 3, "rubric": [{"axis": "framing", "score": 9}]},
    ],
)
async def test_feedback_that_is_out_of_range_is_refused(stage: Any, wrong: dict[str, Any]) -> None:
    session_id, first, _ = await stage.session()
    await first.do(END, input={"sessionId": session_id})
    assert (await first.do(FEEDBACK, input={"sessionId": session_id, **wrong}))["code"] == "INVALID_INPUT"


async def test_an_invitation_makes_one_session_for_the_first_who_accepts(stage: Any) -> None:
    host, guest, late = stage.person(), stage.person(), stage.person()
    question = stage.neighbours.add_question()
    invitation = await host.do(
        "mutation ($input: InvitePartnerInput!) { invitePartner(input: $input) { ... on Invitation { code role } ... on Error { code } } }",
        input={"language": "PYTHON", "questionId": str(question), "role": "CANDIDATE"},
    )
    code = {"code": invitation["code"]}
    assert (await host.do(ACCEPT, input=code))["code"] == "CONFLICT"
    session = await guest.do(ACCEPT, input=code)
    assert session["myRole"] == "CANDIDATE"
    assert (await guest.do(ACCEPT, input=code))["id"] == session["id"]
    assert (await late.do(ACCEPT, input=code))["code"] == "CONFLICT"
    assert (await late.do(ACCEPT, input={"code": "guess"}))["code"] == "NOT_FOUND"
    assert await host.text(session["id"]) == "def add_up(first, second):\n    pass\n"
    (created,) = await outbox(stage, "session.created")
    assert created.data["match_id"] is None


async def test_an_invitation_sent_again_under_its_key_is_the_same_one_with_a_new_code(stage: Any) -> None:
    host, guest = replace(stage.person(), idempotency_key="asked-once"), stage.person()
    invite = "mutation ($input: InvitePartnerInput!) { invitePartner(input: $input) { ... on Invitation { id code } ... on Error { reason: code } } }"
    given = {"language": "PYTHON", "role": "CANDIDATE"}
    first, again = [await host.do(invite, input=given) for _ in range(2)]
    assert first["id"] == again["id"]
    assert (await guest.do(ACCEPT, input={"code": first["code"]}))["code"] == "NOT_FOUND"
    assert (await host.do(invite, input={**given, "language": "JAVA"}))["reason"] == "IDEMPOTENCY_KEY_REUSED"
    other = replace(host, idempotency_key="asked-twice")
    assert (await other.do(invite, input=given))["id"] != first["id"]
    assert (await guest.do(ACCEPT, input={"code": again["code"]}))["myRole"] == "CANDIDATE"
    assert (await host.do(invite, input=given))["reason"] == "CONFLICT"


async def test_a_viewer_is_invited_once_however_often_the_call_arrives(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    invite = "mutation ($input: InviteViewerInput!) { inviteViewer(input: $input) { ... on Invitation { id } } }"
    keyed = replace(first, idempotency_key="watch")
    answers = await asyncio.gather(*(keyed.do(invite, input={"sessionId": session_id}) for _ in range(3)))
    assert len({answer["id"] for answer in answers}) == 1


async def test_a_viewer_watches_until_he_is_sent_away(stage: Any) -> None:
    session_id, first, _ = await stage.session()
    viewer: Person = stage.person()
    invitation = await first.do(
        "mutation ($input: InviteViewerInput!) { inviteViewer(input: $input) { ... on Invitation { code } ... on Error { message } } }",
        input={"sessionId": session_id},
    )
    assert (await viewer.do(ACCEPT, input={"code": invitation["code"]}))["myRole"] == "VIEWER"
    remove = (
        "mutation ($input: RemoveViewerInput!) { removeViewer(input: $input) { __typename ... on Error { code } } }"
    )
    async with viewer.follow(session_id) as following:
        await following.next()
        answer = await first.do(remove, input={"sessionId": session_id, "userId": str(viewer.id)})
        assert answer["__typename"] == "Session"
        await first.push(session_id, Editor().write("secret"))
        while (message := await following.next_message())["type"] == "next" and not message["payload"].get("errors"):
            assert message["payload"]["data"]["sessionEvents"]["__typename"] != "DocumentUpdated"
        errors = message["payload"]["errors"] if message["type"] == "next" else message["payload"]
        assert errors[0]["extensions"]["code"] == "NOT_FOUND"
    # The invitation that let him in once does not show him the session any more.
    assert (await viewer.do(ACCEPT, input={"code": invitation["code"]}))["code"] == "CONFLICT"
    assert (await viewer.push(session_id, Editor().write("x")))["code"] == "NOT_FOUND"


async def test_no_session_begins_with_somebody_who_was_deleted_before_the_match_was_heard_of(stage: Any) -> None:
    met = await stage.session()
    gone = uuid4()
    async with stage.app.state.runtime.database.transaction() as session:
        await stage.app.state.runtime.sign_outs.note(session, Event("user.deleted", str(gone), {"user_id": str(gone)}))
    match = {**met.event.data, "match_id": str(uuid4()), "user2_id": str(gone)}
    assert await stage.services.sessions.create_for_match(Event("match.created", match["match_id"], match))
    assert len((await met.first.do("{ mySessions { edges { node { id } } } }"))["edges"]) == 1


async def test_no_table_names_a_deleted_user(stage: Any) -> None:
    session_id, first, second = await stage.session()
    invite = "mutation ($input: InvitePartnerInput!) { invitePartner(input: $input) { __typename } }"
    await replace(first, idempotency_key="once").do(invite, input={"language": "PYTHON"})
    await first.do(END, input={"sessionId": session_id})
    for person in (first, second):
        await person.do(FEEDBACK, input={"sessionId": session_id, "rating": 5, "comment": "my name is ..."})
    async with stage.app.state.runtime.database.transaction() as session:
        await stage.services.erasure.handle(session, Event("user.deleted", str(first.id), {"user_id": str(first.id)}))
    # Events are on their way to others, and a sign-out is what keeps the person's last token from being used.
    excused = {"outbox", "inbox", "sign_outs"}
    async with stage.app.state.runtime.database.session() as session:
        tables = await session.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = 'collaboration'"))
        for table in sorted(set(tables) - excused):
            named = await session.scalar(
                text(f"SELECT count(*) FROM collaboration.{table} AS item WHERE item::text LIKE :like"),
                {"like": f"%{first.id}%"},
            )
            assert (table, named) == (table, 0)
    assert (await second.do(SEEN, id=session_id))["feedback"]["received"]["rating"] == 5


async def test_a_deleted_user_is_forgotten_and_the_partners_history_stays_whole(stage: Any) -> None:
    session_id, first, second = await stage.session()
    await first.push(session_id, Editor().write("work of both"))
    send = "mutation ($input: SendMessageInput!) { sendMessage(input: $input) { __typename } }"
    await first.do(send, input={"sessionId": session_id, "message": "my address is ..."})
    await second.do(send, input={"sessionId": session_id, "message": "hello"})
    await first.do(NOTES, input={"sessionId": session_id, "text": "private"})
    event = Event("user.deleted", str(first.id), {"user_id": str(first.id)})
    for _ in range(2):
        async with stage.app.state.runtime.database.transaction() as session:
            await stage.services.erasure.handle(session, event)
    seen = await second.do(
        "query ($id: ID!) { session(id: $id) { status endReason code participants { userId } messages { edges { node { message author { id } } } } } }",
        id=session_id,
    )
    assert (seen["status"], seen["endReason"]) == ("ENDED", "USER_DELETED")
    assert "work of both" in seen["code"]
    assert seen["participants"] == [{"userId": str(second.id)}]
    assert [edge["node"] for edge in seen["messages"]["edges"]] == [
        {"message": "", "author": None},
        {"message": "hello", "author": {"id": str(second.id)}},
    ]
    async with stage.app.state.runtime.database.session() as session:
        left = await session.execute(
            text(
                "SELECT (SELECT count(*) FROM collaboration.session_notes) + (SELECT count(*) FROM collaboration.session_events WHERE user_id = :u)"
                " + (SELECT count(*) FROM collaboration.session_events WHERE data::text LIKE :like)"
                " + (SELECT count(*) FROM collaboration.document_clients WHERE user_id = :u)"
            ),
            {"u": first.id, "like": f"%{first.id}%"},
        )
        assert left.scalar_one() == 0
        assert await session.scalar(select(MessageRow.message).where(MessageRow.message.contains("address"))) is None
    erased = await outbox(stage, "user.erased")
    assert erased[0].data == {"user_id": str(first.id), "subgraph": "collaboration"}
