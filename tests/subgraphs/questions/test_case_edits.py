"""Single test cases among many: the edits themselves, and all of them or none over GraphQL and REST."""

from __future__ import annotations

from typing import Any

import pytest

from subgraphs.kit.errors import InvalidInput
from subgraphs.questions.case_edits import AddCase, CaseEdit, MoveCase, RemoveCase, UpdateCase, edited_cases

from .conftest import QuestionsClient
from .test_authoring_service import content

THREE = [("a", {"args": [1]}), ("b", {"args": [2]}), ("c", {"args": [3]})]
CREATE = """
    mutation ($input: CreateQuestionInput!) { createQuestion(input: $input) {
        __typename ... on Question { id version testCases } ... on Error { code message } } }
"""
EDIT = """
    mutation ($input: EditTestCasesInput!) { editTestCases(input: $input) {
        __typename ... on Question { version testCases samples { args } } ... on VersionConflict { currentVersion }
        ... on Error { code message } ... on InvalidInput { field } } }
"""


@pytest.mark.parametrize(
    ("edits", "args"),
    [
        ([AddCase({"args": [4]})], [1, 2, 3, 4]),
        ([AddCase({"args": [4]}, 0)], [4, 1, 2, 3]),
        ([UpdateCase("b", {"args": [9]})], [1, 9, 3]),
        ([RemoveCase("a"), RemoveCase("c")], [2]),
        ([MoveCase("c", 0)], [3, 1, 2]),
        ([MoveCase("a", 2)], [2, 3, 1]),
        ([RemoveCase("a"), AddCase({"args": [4]}, 1), MoveCase("c", 0), UpdateCase("c", {"args": [5]})], [5, 2, 4]),
    ],
)
def test_edits_are_done_one_after_the_other(edits: list[CaseEdit], args: list[int]) -> None:
    assert [case["args"][0] for case in edited_cases(THREE, edits)] == args
    assert [data["args"][0] for _, data in THREE] == [1, 2, 3]


@pytest.mark.parametrize(
    ("edits", "field"),
    [
        ([], "input.edits"),
        ([RemoveCase("a"), UpdateCase("a", {})], "input.edits.1.id"),
        ([MoveCase("a", 3)], "input.edits.0.position"),
        ([AddCase({}, -1)], "input.edits.0.position"),
        ([AddCase({})] * 501, "input.edits"),
    ],
)
def test_an_edit_that_cannot_be_done_is_named(edits: list[CaseEdit], field: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        edited_cases(THREE, edits)
    assert refused.value.field == field


def graphql_content(**changes: Any) -> dict[str, Any]:
    """The content of a question as GraphQL takes it."""
    data = content(**changes)
    data = {**data, "difficulty": data["difficulty"].upper(), "solution": data["solution"]["python"]}
    data["testCases"] = data.pop("test_cases")
    return data


async def test_many_cases_are_edited_in_one_call_and_never_over_somebody_elses_change(
    questions: QuestionsClient,
) -> None:
    author = questions.as_person("moderator")
    wanted = {"input": {"content": graphql_content(slug="edited-in-bulk", title="Edited in Bulk")}}
    made = (await author.data(CREATE, wanted))["createQuestion"]
    ids = [case["id"] for case in made["testCases"]]
    edits = [
        {"remove": ids[8]},
        {"update": {"id": ids[7], "args": [70], "expected": 140}},
        {"move": {"id": ids[7], "position": 2}},
        {"add": {"case": {"args": [100], "expected": 200}}},
    ]

    edited = (await author.data(EDIT, {"input": {"id": made["id"], "expectedVersion": 1, "edits": edits}}))[
        "editTestCases"
    ]

    assert edited["version"] == 2
    assert [case["args"] for case in edited["testCases"]] == [[0], [1], [70], [2], [3], [4], [5], [6], [100]]
    stale = (await author.data(EDIT, {"input": {"id": made["id"], "expectedVersion": 1, "edits": edits}}))[
        "editTestCases"
    ]
    assert (stale["code"], stale["currentVersion"]) == ("VERSION_CONFLICT", 2)

    body = {"edits": [{"remove": case["id"]} for case in edited["testCases"][-2:]]}
    path = f"/questions/{made['id']}/test-case-edits"
    too_few = await author.rest("POST", path, body, if_match='"v2"')
    assert (too_few.status_code, too_few.json()["code"]) == (422, "INVALID_INPUT")
    twice = await author.rest("POST", path, {"edits": [{"remove": "x", "add": {"case": {}}}]}, if_match='"v2"')
    assert (twice.status_code, twice.json()["field"]) == (422, "edits.0")
    one = await author.rest("POST", path, {"edits": body["edits"][:1], "note": "one less"}, if_match='"v2"')
    assert (one.status_code, one.headers["etag"]) == (200, '"v3"')
    unsaid = await author.rest("POST", path, body)
    assert (unsaid.status_code, unsaid.json()["field"]) == (422, "if-match")


async def test_a_person_edits_no_cases(questions: QuestionsClient) -> None:
    author = questions.as_person("moderator")
    found = (await author.data('{ question(slug: "longest-lantern-streak") { id version } }'))["question"]
    call = {"input": {"id": found["id"], "expectedVersion": found["version"], "edits": [{"remove": "x"}]}}
    assert (await questions.as_person().data(EDIT, call))["editTestCases"]["code"] == "FORBIDDEN"
    assert (await questions.data(EDIT, call))["editTestCases"]["code"] == "UNAUTHENTICATED"
