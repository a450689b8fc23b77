"""Ratings as sessions move them: once per session, for who took part, shown with their history."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from subgraphs.kit.events import Event, Inbox
from subgraphs.users.models import Inbox as InboxRow

from .conftest import UsersClient

SKILL = """
    { me { skillLevel skill { level rating deviation sessions byTopic { topic level sessions } } } }
"""
HISTORY = """
    query ($topic: String! = "overall", $first: Int! = 50, $after: String) {
        me { ratingHistory(topic: $topic, first: $first, after: $after) {
            edges { node { rating deviation level session { id } } } pageInfo { hasNextPage endCursor } totalCount } } }
"""


def outcome(*people: tuple[UsersClient, bool, int | None], **data: Any) -> Event:
    session_id = str(uuid4())
    return Event(
        "session.outcome",
        session_id,
        {
            "session_id": session_id,
            "match_id": str(uuid4()),
            "question_id": str(uuid4()),
            "difficulty": "MEDIUM",
            "topics": ["Recursion"],
            "user_ids": [client.user_id for client, _, _ in people],
            "outcomes": [
                {"user_id": client.user_id, "solved": solved, "peer_rating": peer} for client, solved, peer in people
            ],
            **data,
        },
    )


async def deliver(users: UsersClient, *events: Event) -> None:
    """Hand events over as the bus does."""
    inbox = Inbox(InboxRow, "users", {"session.outcome": users.services.ratings.session_outcome})
    for event in events:
        await inbox.handle(users.runtime.database, event)


async def skill(client: UsersClient) -> dict[str, Any]:
    answer: dict[str, Any] = (await client.data(SKILL))["me"]
    return answer


async def test_what_people_say_of_themselves_moves_no_rating_and_is_refused_after_the_first_session(
    users: UsersClient,
) -> None:
    ada, bob = await users.signed_up("Ada"), await users.signed_up("Bob")
    estimate = """
        mutation ($level: SkillLevel!) { updateProfile(input: {selfAssessment: $level}) {
            ... on User { skillLevel selfAssessment } ... on Error { code } } }
    """
    claimed = (await ada.data(estimate, {"level": "ADVANCED"}))["updateProfile"]
    assert claimed == {"skillLevel": "BEGINNER", "selfAssessment": "ADVANCED"}
    before = await skill(ada)
    assert (before["skill"]["rating"], before["skill"]["deviation"], before["skill"]["sessions"]) == (1300, 350, 0)
    asked = "query ($ids: [ID!]!) { skillLevels(userIds: $ids) { level rating deviation } }"
    for events in ([], [outcome((ada, True, 4), (bob, True, 4))]):
        await deliver(users, *events)
        claims, says_nothing = (await users.as_service().data(asked, {"ids": [ada.user_id, bob.user_id]}))[
            "skillLevels"
        ]
        assert claims["level"] == says_nothing["level"]
        assert claims["rating"] == pytest.approx(says_nothing["rating"], abs=0.01)  # they are a moment apart
        assert claims["deviation"] == pytest.approx(says_nothing["deviation"], abs=0.01)
    assert (await ada.data(estimate, {"level": "ADVANCED"}))["updateProfile"] == {"code": "SKILL_IS_MEASURED"}


async def test_solving_hard_questions_makes_a_beginner_advanced(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    assert (await skill(ada))["skillLevel"] == "BEGINNER"
    for _ in range(4):
        await deliver(users, outcome((ada, True, 5), difficulty="HARD", topics=["Graphs", "Recursion"]))
    now = await skill(ada)
    assert (now["skillLevel"], now["skill"]["sessions"]) == ("ADVANCED", 4)
    assert now["skill"]["byTopic"] == [
        {"topic": "Graphs", "level": "ADVANCED", "sessions": 4},
        {"topic": "Recursion", "level": "ADVANCED", "sessions": 4},
    ]


async def test_a_session_counts_once_however_often_its_event_comes(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    event = outcome((ada, True, None))
    await deliver(users, event, event)
    first = await skill(ada)
    # The same session in another event (a relay that lost its place): its id is what counts.
    await deliver(users, Event("session.outcome", event.subject, event.data))
    second = await skill(ada)
    assert second["skill"]["rating"] == first["skill"]["rating"]
    assert second["skill"]["sessions"] == first["skill"]["sessions"] == 1


async def test_both_partners_are_rated_each_by_their_own_outcome(users: UsersClient) -> None:
    ada, bob = await users.signed_up("Ada"), await users.signed_up("Bob")
    await deliver(users, outcome((ada, True, 5), (bob, False, 1)))
    assert (await skill(ada))["skill"]["rating"] > 1300 > (await skill(bob))["skill"]["rating"]


async def test_outcomes_that_arrive_together_all_count(users: UsersClient) -> None:
    ada, bob = await users.signed_up("Ada"), await users.signed_up("Bob")
    events = [outcome((ada, True, None), (bob, True, None)) for _ in range(5)]
    events += [outcome((bob, True, None), (ada, True, None)) for _ in range(5)]
    await asyncio.gather(*(deliver(users, event) for event in events))
    assert (await skill(ada))["skill"]["sessions"] == (await skill(bob))["skill"]["sessions"] == 10


async def test_the_history_is_paged_newest_first_with_the_sessions_that_moved_it(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    events = [outcome((ada, True, None)) for _ in range(3)]
    await deliver(users, *events)
    page = (await ada.data(HISTORY, {"first": 2}))["me"]["ratingHistory"]
    assert page["totalCount"] == 3
    assert [edge["node"]["session"]["id"] for edge in page["edges"]] == [events[2].subject, events[1].subject]
    after = page["pageInfo"]["endCursor"]
    rest = (await ada.data(HISTORY, {"after": after, "topic": "Recursion"}))["me"]["ratingHistory"]
    assert rest["totalCount"] == 3
    assert rest["pageInfo"]["hasNextPage"] is False


async def test_an_outcome_of_strangers_and_of_deleted_people_moves_nothing(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    event = outcome((ada, True, None))
    event.data["user_ids"].append("11111111-1111-4111-8111-111111111111")
    event.data["outcomes"].append({"user_id": "11111111-1111-4111-8111-111111111111", "solved": True})
    await deliver(users, event)
    assert (await skill(ada))["skill"]["sessions"] == 1
    skills = await users.as_service().data(
        "query ($ids: [ID!]!) { skillLevels(userIds: $ids) { level sessions } }",
        {"ids": ["11111111-1111-4111-8111-111111111111", ada.user_id]},
    )
    assert [one["sessions"] for one in skills["skillLevels"]] == [0, 1]


async def test_the_version_rises_when_a_session_changes_the_level_that_is_shown(users: UsersClient) -> None:
    ada = await users.signed_up("Ada")
    level = "{ me { skillLevel version } }"
    assert (await ada.data(level))["me"] == {"skillLevel": "BEGINNER", "version": 1}
    await deliver(users, outcome((ada, True, 5), difficulty="HARD"))
    changed = (await ada.data(level))["me"]
    assert changed["skillLevel"] != "BEGINNER"
    assert changed["version"] == 2
    await deliver(users, outcome((ada, True, 5), difficulty="EASY"))
    again = (await ada.data(level))["me"]
    assert (again["version"] == 2) == (again["skillLevel"] == changed["skillLevel"])
