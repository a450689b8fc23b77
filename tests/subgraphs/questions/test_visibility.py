"""Who sees what of a question: a matrix of role, field and way in (root field, `_entities`, REST, service field)."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from subgraphs.kit.events import Event
from subgraphs.questions.rest_models import EXAMPLE
from tests.subgraphs.counting import counted_statements

from .conftest import QuestionsClient

SECRET_FIELDS = "testCases hints editorial"
BY_SLUG = (
    "query ($slug: String!) { question(slug: $slug) { id title "
    + SECRET_FIELDS
    + " samples { args } hiddenCaseCount } }"
)
BY_ENTITY = (
    "query ($r: [_Any!]!) { _entities(representations: $r) { ... on Question { id title " + SECRET_FIELDS + " } } }"
)
SLUG = "longest-lantern-streak"


async def question(client: QuestionsClient) -> dict[str, Any]:
    found: dict[str, Any] = (await client.data(BY_SLUG, {"slug": SLUG}))["question"]
    return found


async def entity(client: QuestionsClient, id: str) -> dict[str, Any] | None:
    data = await client.data(BY_ENTITY, {"r": [{"__typename": "Question", "id": id}]})
    found: dict[str, Any] | None = data["_entities"][0]
    return found


async def test_hidden_cases_are_seen_by_authors_only_whichever_way_they_are_asked_for(
    questions: QuestionsClient,
) -> None:
    person, author = questions.as_person(), questions.as_person("moderator")
    id = (await question(questions))["id"]

    for stranger in (questions, person):
        for found in (await question(stranger), await entity(stranger, id)):
            assert found is not None
            assert (found["testCases"], found["hints"], found["editorial"]) == (None, None, None)
    for found in (await question(author), await entity(author, id)):
        assert found is not None
        assert len(found["testCases"]) >= 8
        assert found["hints"]
        assert found["editorial"]


async def test_no_answer_of_a_stranger_holds_a_hidden_value(questions: QuestionsClient) -> None:
    author = questions.as_person("admin")
    seen = await question(author)
    hidden = [case for case in seen["testCases"] if not case["sample"]]
    answer = await questions.rest("GET", f"/questions/{seen['id']}")

    assert answer.status_code == 200
    assert answer.json()["hiddenCaseCount"] == len(hidden)
    assert all(case["id"] not in answer.text for case in hidden)


async def test_the_judges_view_is_for_services_only(questions: QuestionsClient) -> None:
    id = (await question(questions))["id"]
    ask = "query ($id: ID!) { judgeQuestion(id: $id) { testCases signature } }"

    for stranger in (questions, questions.as_person(), questions.as_person("admin")):
        answer = await stranger.execute(ask, {"id": id})
        assert answer["errors"][0]["extensions"]["code"] == "FORBIDDEN"
    judged = (await questions.as_service().data(ask, {"id": id}))["judgeQuestion"]
    assert len(judged["testCases"]) >= 8
    assert judged["signature"]["entry_points"]["javascript"]


async def test_drafts_are_nobodys_business(questions: QuestionsClient) -> None:
    author = questions.as_person("moderator")
    original = (await author.data(BY_SLUG, {"slug": SLUG}))["question"]
    revision = await author.rest("POST", f"/questions/{original['id']}/retire", if_match='"v1"')
    assert revision.status_code == 200, revision.text
    again = await author.rest("POST", f"/questions/{original['id']}/publish", if_match='"v2"')
    assert again.json()["version"] == 3

    missing = await questions.rest("GET", f"/questions/{uuid4()}")
    assert (missing.status_code, missing.json()["code"]) == (404, "QUESTION_NOT_FOUND")


async def test_a_person_may_not_write(questions: QuestionsClient) -> None:
    refused = await questions.as_person().rest("POST", "/questions", EXAMPLE)
    anonymous = await questions.rest("POST", "/questions", EXAMPLE)

    assert (refused.status_code, refused.json()["code"]) == (403, "FORBIDDEN")
    assert anonymous.status_code == 401


async def test_a_stale_version_is_refused_over_rest_too(questions: QuestionsClient) -> None:
    author = questions.as_person("moderator")
    id = (await question(questions))["id"]

    stale = await author.rest("PATCH", f"/questions/{id}", {"title": "Stolen"}, if_match='"v999"')
    unsaid = await author.rest("PATCH", f"/questions/{id}", {"title": "Stolen"})

    assert stale.status_code == 412
    assert (unsaid.status_code, unsaid.json()["field"]) == (422, "if-match")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("first=5&order=TITLE", 200),
        ("category=Arrays,Strings&difficulty=EASY", 200),
        ("first=0", 422),
        ("colour=red", 422),
    ],
)
async def test_lists_are_filtered_and_paged_over_rest(questions: QuestionsClient, query: str, status: int) -> None:
    answer = await questions.rest("GET", f"/questions?{query}")

    assert answer.status_code == status, answer.text
    if status == 200:
        assert answer.json()["items"]


@asynccontextmanager
async def read_statements(questions: QuestionsClient) -> AsyncIterator[list[str]]:
    """The statements that read something for a request while the block runs."""
    reads: list[str] = []
    async with counted_statements(questions.services.questions._database) as statements:
        yield reads
        # What the process does beside the request goes on meanwhile: it relays, purges and looks for ended log-ins.
        beside = ("box", "sign_outs", "idempotency")
        reads += [one for one in statements if one.startswith("SELECT") and not any(name in one for name in beside)]


@pytest.mark.parametrize(
    ("role", "fields", "most"),
    [
        ("user", "title hints myProgress { status } statistics { attempts }", 3),
        ("moderator", "revisions(first: 1) { edges { node { version } } pageInfo { hasNextPage } totalCount }", 3),
    ],
)
async def test_the_list_of_a_page_is_loaded_in_a_fixed_number_of_statements(
    questions: QuestionsClient, role: str, fields: str, most: int
) -> None:
    """What belongs to all questions of a page comes in one statement each, not one per question."""
    person = questions.as_person(role)
    ask = f"query ($n: Int!) {{ questions(first: $n) {{ edges {{ node {{ {fields} }} }} }} }}"
    await person.data(ask, {"n": 2})
    async with read_statements(questions) as few:
        await person.data(ask, {"n": 2})
    async with read_statements(questions) as many:
        answer = await person.data(ask, {"n": 40})

    assert len(answer["questions"]["edges"]) == 40
    assert len(many) == len(few) <= most, many


async def test_what_many_people_have_attempted_takes_as_many_statements_as_of_one(questions: QuestionsClient) -> None:
    admin = questions.as_person("admin")
    people = [uuid4() for _ in range(5)]
    id = (await question(questions))["id"]
    for number, person in enumerate(people):
        for _ in range(number):
            data = {"user_ids": [str(person)], "question_id": id, "verdict": "ACCEPTED", "time_ms": 5}
            judged = Event("submission.judged", "s", data, occurred_at=datetime.now(UTC))
            async with questions.services.questions._database.transaction() as session:
                await questions.services.progress.on_submission_judged(session, judged)
    fields = "attempts(first: 2) { edges { node { verdict } } pageInfo { hasNextPage } totalCount } progress { solved currentStreak }"
    ask = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on User {{ {fields} }} }} }}"
    taken = []
    for asked in (people[2:3], people):
        async with read_statements(questions) as statements:
            found = await admin.data(ask, {"r": [{"__typename": "User", "id": str(person)} for person in asked]})
        taken.append(len(statements))

    assert taken == [5, 5], statements
    assert [one["attempts"]["totalCount"] for one in found["_entities"]] == [0, 1, 2, 3, 4]
    assert [len(one["attempts"]["edges"]) for one in found["_entities"]] == [0, 1, 2, 2, 2]
    assert [one["progress"] for one in found["_entities"]] == [
        {"solved": min(number, 1), "currentStreak": min(number, 1)} for number in range(5)
    ]


async def test_nobody_sees_what_others_have_attempted_beside_what_is_ones_own(questions: QuestionsClient) -> None:
    me = questions.as_person()
    people = [{"__typename": "User", "id": id} for id in (str(me.user_id), str(uuid4()))]
    ask = "query ($r: [_Any!]!) { _entities(representations: $r) { ... on User { id progress { solved } } } }"
    answer = await me.execute(ask, {"r": people})

    assert [error["extensions"]["code"] for error in answer["errors"]] == ["FORBIDDEN"]
    assert answer["errors"][0]["path"][:2] == ["_entities", 1]
