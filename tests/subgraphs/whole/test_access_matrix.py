"""Who sees what of questions and people through the gateway: the same as when the subgraphs are asked directly."""

from __future__ import annotations

from typing import Any

import pytest

from .four_subgraphs import Four, Person

pytestmark = pytest.mark.timeout(600)

PRIVATE_OF_A_PERSON = {
    "email": "email",
    "emailVerified": "emailVerified",
    "role": "role",
    "selfAssessment": "selfAssessment",
    "skill": "skill { level }",
    "ratingHistory": "ratingHistory { totalCount }",
}
PRIVATE_OF_A_QUESTION = {
    "hints": "hints",
    "editorial": "editorial",
    "testCases": "testCases",
    "revisions": "revisions { totalCount }",
}
OPERATIONS = {
    "users": ("{ users { totalCount } }", {"admin"}),
    "auditLog": ("{ auditLog { totalCount } }", {"admin"}),
    "myAuthSessions": ("{ myAuthSessions { id } }", {"oneself", "another", "moderator", "admin"}),
    "myDataExports": ("{ myDataExports { id } }", {"oneself", "another", "moderator", "admin"}),
    "mySessions": ("{ mySessions { totalCount } }", {"oneself", "another", "moderator", "admin"}),
    "queueStatus": ("{ queueStatus { __typename } }", {"oneself", "another", "moderator", "admin"}),
    "createQuestion": (
        "mutation { createQuestion(input: {content: {}}) { __typename ... on Error { code } } }",
        {"moderator", "admin"},
    ),
    "matchingThroughput": ("{ matchingThroughput { __typename } }", {"admin"}),
    "questions": ("{ questions(first: 1) { totalCount } }", {"visitor", "oneself", "another", "moderator", "admin"}),
}
HIDDEN = ("judgeQuestion", "pickQuestion", "skillLevels", "questionsPersonalData", "_entities", "_service")


async def viewers_of(four: Four) -> dict[str, Person]:
    return {
        "visitor": four.visitor(),
        "oneself": await four.signed_up("Ada"),
        "another": await four.signed_up("Eve"),
        "moderator": await four.with_role("Mod", "moderator"),
        "admin": await four.with_role("Root", "admin"),
    }


async def seen_by(person: Person, document: str, variables: dict[str, Any], field: str, *, at: str) -> bool:
    """Whether the field is told; a refusal must be one."""
    answer = await person.execute(document, variables, at=at)
    codes = {error["extensions"]["code"] for error in answer.get("errors") or []}
    assert codes <= {"FORBIDDEN", "UNAUTHENTICATED", "NULL_FOR_NON_NULL"}, (field, answer)
    (thing,) = (answer.get("data") or {"nothing": None}).values() or (None,)
    thing = thing[0] if isinstance(thing, list) else thing
    return isinstance(thing, dict) and thing[field] is not None


async def test_private_fields_are_told_to_the_same_people_by_every_way(four: Four) -> None:
    viewers = await viewers_of(four)
    assessed = "mutation { updateProfile(input: {selfAssessment: ADVANCED}) { __typename } }"
    await viewers["oneself"].data(assessed)
    (question,) = (await four.visitor().data("{ questions(first: 1) { edges { node { id } } } }"))["questions"]["edges"]
    things = (
        ("User", "user", "users", viewers["oneself"].id, PRIVATE_OF_A_PERSON, {"oneself", "admin"}),
        ("Question", "question", "questions", question["node"]["id"], PRIVATE_OF_A_QUESTION, {"moderator", "admin"}),
    )
    for type_name, root, subgraph, id, fields, allowed in things:
        for field, asked in fields.items():
            by_root = f"query ($id: ID!) {{ {root}(id: $id) {{ {asked} }} }}"
            by_entity = (
                f"query ($r: [_Any!]!) {{ _entities(representations: $r) {{ ... on {type_name} {{ {asked} }} }} }}"
            )
            representation = {"r": [{"__typename": type_name, "id": id}]}
            ways = (
                (by_root, {"id": id}, "gateway"),
                (by_root, {"id": id}, subgraph),
                (by_entity, representation, subgraph),
            )
            for document, variables, at in ways:
                seen = {
                    name for name, viewer in viewers.items() if await seen_by(viewer, document, variables, field, at=at)
                }
                assert seen == allowed, (field, at, document)


async def test_operations_serve_the_same_people_and_what_is_for_services_is_not_there(four: Four) -> None:
    viewers = await viewers_of(four)
    for field, (document, allowed) in OPERATIONS.items():
        served = set()
        for name, viewer in viewers.items():
            answer = await viewer.execute(document)
            result = (answer.get("data") or {}).get(field)
            codes = {error["extensions"]["code"] for error in answer.get("errors") or []}
            codes |= {result["code"]} if isinstance(result, dict) and "code" in result else set()
            assert "INTERNAL_SERVER_ERROR" not in codes, (field, answer)
            if not codes & {"FORBIDDEN", "UNAUTHENTICATED"}:
                served.add(name)
        assert served == allowed, field
    for field in HIDDEN:
        kind = "mutation" if field == "pickQuestion" else "query"
        for viewer in (viewers["admin"], four.service()):
            answer = await viewer.execute(f"{kind} {{ {field} {{ __typename }} }}")
            assert field in answer["errors"][0]["message"]
            assert not answer.get("data")
