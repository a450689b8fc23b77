"""Creating a question under an idempotency key: the same call gives the same answer, another call a typed conflict."""

from __future__ import annotations

import asyncio

from .conftest import QuestionsClient
from .test_authoring_service import content
from .test_case_edits import CREATE, graphql_content


async def test_the_same_call_under_the_same_key_makes_one_question(questions: QuestionsClient) -> None:
    author = questions.as_person("moderator")
    keyed = author.with_headers(idempotency_key="made-once")
    call = {"input": {"content": graphql_content(slug="made-once", title="Made Once")}}

    answers = await asyncio.gather(*(keyed.data(CREATE, call) for _ in range(4)))

    assert len({answer["createQuestion"]["id"] for answer in answers}) == 1
    unkeyed = (await author.data(CREATE, call))["createQuestion"]
    assert unkeyed["code"] == "SLUG_TAKEN"
    other = {"input": {"content": graphql_content(slug="made-twice", title="Made Twice")}}
    reused = (await keyed.data(CREATE, other))["createQuestion"]
    assert (reused["__typename"], reused["code"]) == ("Conflict", "IDEMPOTENCY_KEY_REUSED")
    # Somebody else's key is another key.
    theirs = questions.as_person("moderator").with_headers(idempotency_key="made-once")
    assert (await theirs.data(CREATE, other))["createQuestion"]["__typename"] == "Question"


async def test_over_rest_too(questions: QuestionsClient) -> None:
    author = questions.as_person("admin")
    body = {"slug": "rested", "title": "Rested"}
    data = content(**body)
    wire = {
        "testCases": data.pop("test_cases"),
        **data,
    }

    first = await author.rest("POST", "/questions", wire, idempotency_key="rested")
    again = await author.rest("POST", "/questions", wire, idempotency_key="rested")
    other = await author.rest("POST", "/questions", {**wire, "title": "Unrested"}, idempotency_key="rested")

    assert first.status_code == again.status_code == 201, first.text
    assert first.json() == again.json()
    assert first.headers["location"] == again.headers["location"]
    assert (other.status_code, other.json()["code"]) == (409, "IDEMPOTENCY_KEY_REUSED")
