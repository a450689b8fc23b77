"""How questions look to GraphQL."""

from __future__ import annotations

import json
from enum import Enum
from typing import Any
from uuid import UUID

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from ..kit.context import RequestContext
from ..kit.errors import InvalidInput
from . import models, rules, service
from .loaders import question_loader

Context = RequestContext[Any]


@strawberry.enum(description="How hard a question is.")
class Difficulty(Enum):
    EASY = "EASY"
    MEDIUM = "MEDIUM"
    HARD = "HARD"


@strawberry.enum(description="A language that solutions can be written in.")
class Language(Enum):
    PYTHON = "PYTHON"
    JAVASCRIPT = "JAVASCRIPT"
    JAVA = "JAVA"
    CPP = "CPP"
    C = "C"


QuestionStatus = strawberry.enum(
    rules.QuestionStatus, description="Whether a question can be found: only published ones are."
)
strawberry.enum(service.QuestionOrder, description="How a list of questions is sorted.")


@strawberry.type(description="A sample as people read it.")
class Example:
    input: str = strawberry.field(description="The arguments, as `name = value` pairs.")
    output: str = strawberry.field(description="What the function returns for them.")
    explanation: str = strawberry.field(description="Why; may be empty.")


@strawberry.type(description="One argument of the function to write.")
class Parameter:
    name: str = strawberry.field(description="Its name in Python's spelling.")
    type: str = strawberry.field(description="Its type: int, long, float, bool, string, T[], T?, map<string,T>.")


@strawberry.type(description="The function to write.")
class Signature:
    function: str = strawberry.field(description="Its name in Python's spelling.")
    parameters: list[Parameter] = strawberry.field(description="Its arguments, in order.")
    returns: str = strawberry.field(description="The type of its result.")

    @classmethod
    def from_json(cls, signature: dict[str, Any]) -> Signature:
        parameters = [Parameter(name=entry["name"], type=entry["type"]) for entry in signature["parameters"]]
        return cls(function=signature["function"], parameters=parameters, returns=signature["returns"])


@strawberry.type(description="A test case that everybody may see.")
class SampleCase:
    id: strawberry.ID = strawberry.field(description="Stable across versions of the question.")
    args: JSON = strawberry.field(description="The arguments, in order, as a JSON list.")
    expected: JSON | None = strawberry.field(description="What the function has to return, as JSON.")
    explanation: str = strawberry.field(description="Why; may be empty.")


@strawberry.type(description="Where a question comes from.")
class Provenance:
    source: str = strawberry.field(description="tandem for our own questions, else the name of the collection.")
    url: str = strawberry.field(description="Where the original lies; may be empty.")
    licence: str = strawberry.field(description="The licence of the original; may be empty.")


@strawberry.type(description="What the editor starts with in one language.")
class StarterCode:
    language: Language = strawberry.field(description="The language.")
    code: str = strawberry.field(description="The text.")


@strawberry.federation.type(keys=["id"], description="A coding question.")
class Question:
    id: strawberry.ID = strawberry.field(description="UUID.")
    slug: str = strawberry.field(description="A name for addresses, unique within its source.")
    title: str = strawberry.field(description="What it is called.")
    description: str = strawberry.field(description="The statement, in Markdown.")
    difficulty: Difficulty = strawberry.field(description="How hard it is.")
    categories: list[str] = strawberry.field(description="Topics, such as Arrays or Dynamic Programming.")
    tags: list[str] = strawberry.field(description="Finer marks than categories.")
    companies: list[str] = strawberry.field(description="Where such a question has been asked.")
    examples: list[Example] = strawberry.field(description="Samples for reading.")
    constraints: list[str] = strawberry.field(description="Bounds that the arguments keep.")
    signature: Signature = strawberry.field(description="The function to write.")
    samples: list[SampleCase] = strawberry.field(description="The test cases that everybody may see.")
    hidden_case_count: int = strawberry.field(description="How many further test cases the judge has.")
    languages: list[Language] = strawberry.field(description="Languages it can be solved in.")
    time_limit_ms: int = strawberry.field(description="Milliseconds of CPU per test case.")
    memory_limit_mb: int = strawberry.field(description="MiB of memory per test case.")
    status: rules.QuestionStatus = strawberry.field(description="Whether it can be found.")
    version: int = strawberry.field(description="Counts its changes, from 1.")
    provenance: Provenance = strawberry.field(description="Where it comes from.")
    created_at: str = strawberry.field(description="RFC 3339 time.")
    updated_at: str = strawberry.field(description="RFC 3339 time.")
    starter_texts: strawberry.Private[dict[str, str]]

    @strawberry.field(description="What the editor starts with, in one language or in all.")
    def starter_code(self, language: Language | None = None) -> list[StarterCode]:
        found = [StarterCode(language=Language[name.upper()], code=code) for name, code in self.starter_texts.items()]
        return [entry for entry in found if language is None or entry.language is language]

    @classmethod
    def from_model(cls, row: models.Question) -> Question:
        cases = row.test_cases or []
        samples = rules.sample_cases(cases)
        return cls(
            id=strawberry.ID(str(row.id)),
            slug=row.slug,
            title=row.title,
            description=row.description,
            difficulty=Difficulty[row.difficulty],
            categories=list(row.category),
            tags=list(row.tags),
            companies=list(row.companies),
            examples=[Example(**entry) for entry in json.loads(row.examples or "[]")],
            constraints=(row.constraints or "").splitlines(),
            signature=Signature.from_json(row.signature),
            samples=[
                SampleCase(
                    id=strawberry.ID(case["id"]),
                    args=case["args"],
                    expected=case["expected"],
                    explanation=case.get("explanation", ""),
                )
                for case in samples
            ],
            hidden_case_count=len(cases) - len(samples),
            languages=[Language[name] for name in row.languages],
            time_limit_ms=row.time_limit_ms,
            memory_limit_mb=row.memory_limit_mb,
            status=rules.QuestionStatus(row.status),
            version=row.version,
            provenance=Provenance(
                source=row.source, url=row.provenance.get("url", ""), licence=row.provenance.get("licence", "")
            ),
            created_at=row.created_at.isoformat(),
            updated_at=row.updated_at.isoformat(),
            starter_texts=row.starter_code,
        )

    @classmethod
    async def resolve_reference(cls, info: Info[Context, None], id: strawberry.ID) -> Question | None:
        row = await question_loader(info.context).load(uuid_from(id, "id"))
        return cls.from_model(row) if row is not None else None


@strawberry.type(description="A category with the number of its published questions.")
class CategoryCount:
    name: str = strawberry.field(description="The category.")
    count: int = strawberry.field(description="Published questions in it.")


@strawberry.input(
    description="What to find: any of the values within one criterion, all criteria together; empty means any."
)
class QuestionFilterInput:
    difficulties: list[Difficulty] = strawberry.field(default_factory=list, description="Any of these.")
    categories: list[str] = strawberry.field(
        default_factory=list, description="Any of these, by the names of `categories`."
    )
    tags: list[str] = strawberry.field(default_factory=list, description="Any of these.")
    search: str | None = strawberry.field(
        default=None, description='Words; "in quotes" a phrase, -word without it, or for either.'
    )
    statuses: list[rules.QuestionStatus] = strawberry.field(
        default_factory=lambda: [rules.QuestionStatus.PUBLISHED],
        description="For authors; everybody else gets published ones.",
    )

    def to_filter(self) -> rules.QuestionFilter:
        return rules.QuestionFilter(
            difficulties=tuple(difficulty.value for difficulty in self.difficulties),
            categories=tuple(self.categories),
            tags=tuple(self.tags),
            search=self.search,
            statuses=tuple(status.value for status in self.statuses),
        )


@strawberry.federation.type(
    inaccessible=True, description="What the judge needs, hidden cases included; for services only."
)
class JudgeQuestion:
    id: strawberry.ID
    title: str
    difficulty: Difficulty
    categories: list[str]
    signature: JSON
    comparison: JSON
    time_limit_ms: int
    memory_limit_mb: int
    test_cases: JSON
    starter_code: JSON
    hints: list[str]
    editorial: str
    languages: list[Language]

    @classmethod
    def from_model(cls, row: models.Question) -> JudgeQuestion:
        return cls(
            id=strawberry.ID(str(row.id)),
            title=row.title,
            difficulty=Difficulty[row.difficulty],
            categories=list(row.category),
            signature=JSON(row.signature),
            comparison=JSON(row.comparison),
            time_limit_ms=row.time_limit_ms,
            memory_limit_mb=row.memory_limit_mb,
            test_cases=JSON(row.test_cases or []),
            starter_code=JSON(row.starter_code),
            hints=list(row.hints),
            editorial=row.editorial,
            languages=[Language[name] for name in row.languages],
        )


@strawberry.federation.input(inaccessible=True, description="What a pair would like to solve; for services only.")
class PickQuestionInput:
    match_id: strawberry.ID
    user_ids: list[strawberry.ID]
    difficulties: list[Difficulty]
    topics: list[str]
    language: Language
    known_to: strawberry.ID | None = None

    def to_wish(self) -> rules.PickWish:
        difficulties = tuple(difficulty.value for difficulty in self.difficulties)
        return rules.PickWish(difficulties, tuple(self.topics), self.language.value)


@strawberry.federation.type(inaccessible=True, description="The question chosen for a match; for services only.")
class PickedQuestion:
    question_id: strawberry.ID
    title: str
    difficulty: Difficulty
    categories: list[str]
    is_new_to_all: bool


def uuid_from(value: str, field: str) -> UUID:
    """The UUID in an ID. Raises InvalidInput when it is none."""
    try:
        return UUID(value)
    except ValueError as error:
        raise InvalidInput(f"{value!r} is not an id; ids are UUIDs.", field=field) from error
