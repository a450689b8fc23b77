"""Writing questions on a real PostgreSQL: checked, versioned, never over somebody else's change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import pytest

from subgraphs.kit.auth import ANONYMOUS, Viewer
from subgraphs.kit.database import Database
from subgraphs.kit.errors import InvalidInput, NotAllowed, NotAuthenticated, VersionConflict
from subgraphs.kit.idempotency import IdempotencyKeys
from subgraphs.kit.pagination import PageRequest
from subgraphs.questions.authoring_service import AuthoringService
from subgraphs.questions.errors import QuestionNotFound, SlugTaken, WrongStatus
from subgraphs.questions.models import Idempotency
from subgraphs.questions.rules import QuestionFilter, QuestionStatus
from subgraphs.questions.service import QuestionOrder, QuestionService

AUTHOR = Viewer(user_id=uuid4(), roles=frozenset({"moderator"}))
PERSON = Viewer(user_id=uuid4(), roles=frozenset({"user"}))


def content(**changes: Any) -> dict[str, Any]:
    data: dict[str, Any] = {
        "slug": "double-the-number",
        "title": "Double the Number",
        "difficulty": "Easy",
        "categories": ["Math"],
        "description": "Return twice the `number` that is given, which is a *very* small task indeed, and a good first one for everybody.",
        "constraints": ["`-1000 <= number <= 1000`"],
        "hints": ["Add it to itself.", "Or multiply."],
        "editorial": "Multiply by two, in constant time and memory. There is nothing more to it.",
        "function": "double_number",
        "parameters": [{"name": "number", "type": "int"}],
        "returns": "int",
        "test_cases": [{"args": [n], "expected": 2 * n, **({"sample": True} if n < 2 else {})} for n in range(9)],
        "solution": {"python": "def double_number(number):\n    return number * 2\n"},
    }
    return {**data, **changes}


@pytest.fixture
async def database(fresh_database_url: str) -> AsyncIterator[Database]:
    database = Database(fresh_database_url)
    yield database
    await database.dispose()


@pytest.fixture
def service(database: Database) -> AuthoringService:
    return AuthoringService(database, IdempotencyKeys(Idempotency))


async def test_a_question_goes_from_draft_to_published_to_retired_with_a_history(
    service: AuthoringService, database: Database
) -> None:
    questions = QuestionService(database)
    draft = await service.create(AUTHOR, content())
    with pytest.raises(QuestionNotFound):
        await questions.get(PERSON, draft.id)

    changed = await service.change(AUTHOR, draft.id, 1, {"title": "Twice the Number"}, "a better title")
    published = await service.set_status(AUTHOR, draft.id, 2, QuestionStatus.PUBLISHED)
    assert (changed.title, published.version, published.status) == ("Twice the Number", 3, "PUBLISHED")
    page = await questions.find(PERSON, QuestionFilter(), QuestionOrder.TITLE, PageRequest())
    assert [question.title for question in page.items] == ["Twice the Number"]
    assert published.starter_code.keys() >= {"python", "javascript", "java", "cpp"}

    await service.set_status(AUTHOR, draft.id, 3, QuestionStatus.RETIRED)
    assert not (await questions.find(PERSON, QuestionFilter(), QuestionOrder.TITLE, PageRequest())).items
    assert (await questions.get(PERSON, draft.id)).status == "RETIRED"
    revisions = (await service.revisions(AUTHOR, draft.id, PageRequest())).items
    assert [(r.version, r.note, r.content["title"]) for r in revisions] == [
        (4, "retired", "Twice the Number"),
        (3, "published", "Twice the Number"),
        (2, "a better title", "Twice the Number"),
        (1, "created", "Double the Number"),
    ]


async def test_a_change_of_an_old_version_is_refused_and_writes_nothing(service: AuthoringService) -> None:
    draft = await service.create(AUTHOR, content())
    await service.change(AUTHOR, draft.id, 1, {"title": "First"}, "")

    with pytest.raises(VersionConflict, match="you expected version 1, it is at version 2"):
        await service.change(AUTHOR, draft.id, 1, {"title": "Second"}, "")

    assert len((await service.revisions(AUTHOR, draft.id, PageRequest())).items) == 2


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"difficulty": "Eazy"}, "difficulty"),
        ({"categories": ["Arrayz"]}, "categories"),
        ({"returns": "number"}, "returns"),
        ({"test_cases": []}, "test_cases"),
        ({"description": f"Look at <script>alert(1)</script>{' this' * 20}"}, "description has raw HTML"),
        (
            {"editorial": f"A [link](ftp://example.org/) {'of a kind that nobody wants ' * 4}"},
            "editorial has a link to",
        ),
        ({"hints": ["Add it.", "<img src=x onerror=alert(1)>"]}, r"hints\[1\] has raw HTML"),
        ({"constraints": ["A [link](ftp://example.org/)"]}, r"constraints\[0\] has a link to"),
        (
            {"test_cases": [{**case, "explanation": "<b>So</b>"} for case in content()["test_cases"]]},
            r"test_cases\[0\]\.explanation has raw HTML",
        ),
    ],
)
async def test_bad_content_is_refused_with_the_field_named(
    service: AuthoringService, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(InvalidInput, match=sentence):
        await service.create(AUTHOR, content(**changes))


async def test_a_slug_is_taken_once(service: AuthoringService) -> None:
    await service.create(AUTHOR, content())

    with pytest.raises(SlugTaken, match="double-the-number"):
        await service.create(AUTHOR, content(title="Another"))


async def test_a_published_question_does_not_become_published_again(service: AuthoringService) -> None:
    draft = await service.create(AUTHOR, content())
    await service.set_status(AUTHOR, draft.id, 1, QuestionStatus.PUBLISHED)

    with pytest.raises(WrongStatus, match="only a draft or retired one can become published"):
        await service.set_status(AUTHOR, draft.id, 2, QuestionStatus.PUBLISHED)


async def test_only_authors_write(service: AuthoringService) -> None:
    with pytest.raises(NotAllowed):
        await service.create(PERSON, content())
    with pytest.raises(NotAuthenticated):
        await service.create(ANONYMOUS, content())
