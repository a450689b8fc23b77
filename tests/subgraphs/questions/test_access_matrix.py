"""Who sees and does what with questions: every role, every field, every operation, asked directly and by `_entities`.

The matrix is generated from the schema, so that a new field or operation fails here until somebody has decided who may have it.
The same through the gateway: tests/subgraphs/whole/test_access_matrix.py.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from graphql import GraphQLObjectType, get_named_type, is_leaf_type

from subgraphs.questions.progress_repository import ProgressRepository
from subgraphs.questions.rest import OPERATIONS
from subgraphs.questions.rest_models import EXAMPLE
from subgraphs.questions.rules import ProgressStatus
from subgraphs.questions.schema import schema

from .conftest import QuestionsClient

SLUG = "longest-lantern-streak"
ID = "6f5ed0dc-5f0e-4a34-8f5c-111111111111"
GRAPHQL: Any = schema._schema
VIEWERS = ("visitor", "person", "attempted", "solved", "moderator", "admin", "service")
AUTHORS = {"moderator", "admin"}
# Everything else of a question is for everybody.
SEEN_ONLY_BY = {
    "hints": {"attempted", "solved", *AUTHORS},
    "editorial": {"solved", *AUTHORS},
    "testCases": AUTHORS,
    "myProgress": {"attempted", "solved"},
    "revisions": AUTHORS,
}


def selection(type_name: str, depth: int = 2) -> str:
    """Every field of a type that needs no arguments, its leaves two levels deep."""
    found: Any = GRAPHQL.get_type(type_name)
    assert isinstance(found, GraphQLObjectType)
    parts = []
    for name, field in found.fields.items():
        named = get_named_type(field.type)
        if is_leaf_type(named):
            parts.append(name)
        elif depth and isinstance(named, GraphQLObjectType):
            parts.append(f"{name} {{ {selection(named.name, depth - 1)} }}")
    return " ".join(parts) or "__typename"


FIELDS = {
    name: (
        name
        if is_leaf_type(get_named_type(field.type))
        else f"{name} {{ {selection(get_named_type(field.type).name, 1)} }}"
    )
    for name, field in GRAPHQL.get_type("Question").fields.items()
}


async def viewers_of(questions: QuestionsClient, question_id: str) -> dict[str, QuestionsClient]:
    """One client of each kind; two of them have met the question."""
    clients = {
        "visitor": questions,
        "person": questions.as_person(),
        "attempted": questions.as_person(),
        "solved": questions.as_person(),
        "moderator": questions.as_person("moderator"),
        "admin": questions.as_person("admin"),
        "service": questions.as_service(),
    }
    assert set(clients) == set(VIEWERS)
    database = questions.services.progress._database
    async with database.transaction() as session:
        for name, status in (("attempted", ProgressStatus.ATTEMPTED), ("solved", ProgressStatus.SOLVED)):
            user_id = clients[name].user_id
            assert user_id is not None
            await ProgressRepository(session).raise_progress([user_id], UUID(question_id), status)
    return clients


@pytest.fixture
async def question_id(questions: QuestionsClient) -> str:
    found = await questions.data(f'{{ question(slug: "{SLUG}") {{ id }} }}')
    return str(found["question"]["id"])


async def seen_field(client: QuestionsClient, document: str, variables: dict[str, Any], field: str) -> bool:
    """Whether the answer tells the field; a refusal must be one."""
    answer = await client.execute(document, variables)
    codes = {error["extensions"]["code"] for error in answer.get("errors") or []}
    if codes:
        assert codes <= {"FORBIDDEN", "UNAUTHENTICATED"}, (field, answer)
        return False
    (value,) = answer["data"].values()
    thing = value[0] if isinstance(value, list) else value
    return thing[field] is not None


async def test_every_field_is_seen_by_those_it_is_for_by_either_way(
    questions: QuestionsClient, question_id: str
) -> None:
    clients = await viewers_of(questions, question_id)
    for field, asked in FIELDS.items():
        by_root = f"query ($id: ID!) {{ question(id: $id) {{ {asked} }} }}"
        by_entity = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on Question {{ {asked} }} }} }}"
        representation = {"r": [{"__typename": "Question", "id": question_id}]}
        for documents in ((by_root, {"id": question_id}), (by_entity, representation)):
            seen = {
                name for name, client in clients.items() if await seen_field(client, documents[0], documents[1], field)
            }
            assert seen == SEEN_ONLY_BY.get(field, set(VIEWERS)), (field, documents[0])


OPEN_QUERIES = {
    "questions": "questions { totalCount }",
    "question": f'question(slug: "{SLUG}") {{ id }}',
    "questionFacets": "questionFacets { difficulties { count } }",
    "categories": "categories { count }",
}
SERVICE_QUERIES = {
    "judgeQuestion": f'judgeQuestion(id: "{ID}") {{ id }}',
    "questionsPersonalData": f'questionsPersonalData(userId: "{ID}") {{ section }}',
}
AUTHOR_MUTATIONS = {
    "createQuestion": "createQuestion(input: {content: {}})",
    "updateQuestion": f'updateQuestion(input: {{id: "{ID}", expectedVersion: 1, changes: {{}}}})',
    "editTestCases": f'editTestCases(input: {{id: "{ID}", expectedVersion: 1, edits: []}})',
    "publishQuestion": f'publishQuestion(input: {{id: "{ID}", expectedVersion: 1}})',
    "retireQuestion": f'retireQuestion(input: {{id: "{ID}", expectedVersion: 1}})',
}
PICK = (
    f'pickQuestion(input: {{matchId: "{ID}", userIds: [], difficulties: [], topics: [], language: PYTHON}})'
    " { questionId }"
)


async def codes_of(client: QuestionsClient, document: str, field: str) -> set[str]:
    answer = await client.execute(document)
    result = (answer.get("data") or {}).get(field)
    code = result.get("code") if isinstance(result, dict) else None
    codes = {error["extensions"]["code"] for error in answer.get("errors") or []} | ({code} if code else set())
    assert "INTERNAL_SERVER_ERROR" not in codes, (field, answer)
    return codes


async def test_every_operation_serves_those_it_is_for_and_refuses_all_others(
    questions: QuestionsClient, question_id: str
) -> None:
    clients = await viewers_of(questions, question_id)
    assert set(GRAPHQL.query_type.fields) - {"_service", "_entities"} == {*OPEN_QUERIES, *SERVICE_QUERIES}
    assert set(GRAPHQL.mutation_type.fields) == {*AUTHOR_MUTATIONS, "pickQuestion"}
    calls = {field: (f"{{ {asked} }}", set(VIEWERS)) for field, asked in OPEN_QUERIES.items()}
    calls |= {field: (f"{{ {asked} }}", {"service"}) for field, asked in SERVICE_QUERIES.items()}
    calls |= {
        field: (f"mutation {{ {asked} {{ __typename ... on Error {{ code }} }} }}", AUTHORS)
        for field, asked in AUTHOR_MUTATIONS.items()
    }
    calls["pickQuestion"] = (f"mutation {{ {PICK} }}", {"service"})
    for field, (document, allowed) in calls.items():
        served = set()
        for name, client in clients.items():
            if not await codes_of(client, document, field) & {"FORBIDDEN", "UNAUTHENTICATED"}:
                served.add(name)
        assert served == allowed, field


async def test_what_belongs_to_a_person_is_told_to_that_person_and_admins_only(questions: QuestionsClient) -> None:
    ada = questions.as_person()
    viewers = {"ada": ada, "eve": questions.as_person(), "admin": questions.as_person("admin"), "visitor": questions}
    fields: Any = GRAPHQL.get_type("User").fields
    private = set(fields) - {"id"}
    assert private == {"attempts", "progress"}
    representation = {"r": [{"__typename": "User", "id": str(ada.user_id)}]}
    for field, asked in (("attempts", "attempts { totalCount }"), ("progress", "progress { solved }")):
        document = f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on User {{ {asked} }} }} }}"
        seen = {name for name, viewer in viewers.items() if await seen_field(viewer, document, representation, field)}
        assert seen == {"ada", "admin"}


# Each operation of the REST face, with what it is in GraphQL, who is served, and a body where it takes one.
REST_PARITY: dict[tuple[str, str], tuple[str, set[str], Any]] = {
    ("GET", "/questions"): ("questions", set(VIEWERS), None),
    ("GET", "/questions/facets"): ("questionFacets", set(VIEWERS), None),
    ("GET", "/questions/by-slug/{slug}"): ("question", set(VIEWERS), None),
    ("GET", "/categories"): ("categories", set(VIEWERS), None),
    ("GET", "/questions/{id}"): ("question", set(VIEWERS), None),
    ("GET", "/questions/{id}/material"): ("Question.hints editorial testCases", set(VIEWERS), None),
    ("GET", "/questions/{id}/statistics"): ("Question.statistics", set(VIEWERS), None),
    ("GET", "/questions/{id}/revisions"): ("Question.revisions", AUTHORS, None),
    ("POST", "/questions"): ("createQuestion", AUTHORS, {**EXAMPLE, "difficulty": "Eazy"}),
    ("PATCH", "/questions/{id}"): ("updateQuestion", AUTHORS, {}),
    ("POST", "/questions/{id}/test-case-edits"): ("editTestCases", AUTHORS, {"edits": [{"remove": "x"}]}),
    ("POST", "/questions/{id}/publish"): ("publishQuestion", AUTHORS, None),
    ("POST", "/questions/{id}/retire"): ("retireQuestion", AUTHORS, None),
    ("GET", "/me/progress"): ("User.progress", {"person", "attempted", "solved", *AUTHORS}, None),
    ("GET", "/me/attempts"): ("User.attempts", {"person", "attempted", "solved", *AUTHORS}, None),
}


async def test_rest_serves_and_refuses_the_same_people(questions: QuestionsClient, question_id: str) -> None:
    clients = await viewers_of(questions, question_id)
    assert {(operation.method, operation.path) for operation in OPERATIONS} == set(REST_PARITY)
    told = {field for field, _, _ in REST_PARITY.values()}
    assert {*OPEN_QUERIES, *AUTHOR_MUTATIONS} <= told
    for (method, path), (_, allowed, body) in REST_PARITY.items():
        address = path.replace("{id}", question_id).replace("{slug}", SLUG)
        served = set()
        for name, client in clients.items():
            # A version that is never current: nobody changes anything here.
            answer = await client.rest(method, address, body, if_match='"v999"')
            assert answer.status_code < 500, answer.text
            if answer.status_code not in (401, 403):
                served.add(name)
            else:
                assert answer.headers["content-type"] == "application/problem+json"
        assert served == allowed, (method, path)


async def test_material_is_seen_over_rest_by_whom_graphql_shows_it(
    questions: QuestionsClient, question_id: str
) -> None:
    for name, client in (await viewers_of(questions, question_id)).items():
        told = (await client.rest("GET", f"/questions/{question_id}/material")).json()
        seen = {field for field, value in told.items() if value is not None}
        assert seen == {field for field in told if name in SEEN_ONLY_BY[field]}


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/no-such-thing", 404, "NOT_FOUND"),
        ("GET", "/questions/nonsense", 404, "NOT_FOUND"),
        ("DELETE", "/questions", 405, "METHOD_NOT_ALLOWED"),
        ("POST", "/openapi.json", 405, "METHOD_NOT_ALLOWED"),
        ("PUT", "/docs", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/questions?first=0", 422, "INVALID_INPUT"),
        ("GET", "/questions?difficulty=IMPOSSIBLE", 422, "INVALID_INPUT"),
        ("GET", "/questions?category=Arrayz", 422, "INVALID_INPUT"),
        ("GET", "/questions?search=nul%00nul", 422, "INVALID_INPUT"),
        ("GET", "/questions/facets?tag=%00", 422, "INVALID_INPUT"),
        ("GET", "/questions/by-slug/%00", 422, "INVALID_INPUT"),
        ("GET", "/questions?progress=NEW", 401, "UNAUTHENTICATED"),
    ],
)
async def test_every_failure_is_a_problem_document(
    questions: QuestionsClient, method: str, path: str, status: int, code: str
) -> None:
    answer = await questions.rest(method, path)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["code"] == code
    assert answer.json()["status"] == status
