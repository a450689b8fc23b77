"""How questions look to GraphQL."""

from __future__ import annotations

import json
from datetime import datetime
from enum import Enum
from functools import partial
from typing import Any
from uuid import UUID

import strawberry
from strawberry.scalars import JSON
from strawberry.types import Info

from ..kit.connections import Connection
from ..kit.context import RequestContext
from ..kit.errors import InvalidInput
from ..kit.pagination import DEFAULT_PAGE_SIZE, PageRequest
from . import models, rules, service
from .loaders import (
    progress_loader,
    question_loader,
    revision_count_loader,
    revisions_loader,
    statistics_loader,
    whole_loader,
)
from .progress_types import QuestionProgress, QuestionStatistics
from .repository import Facets

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


strawberry.enum(rules.QuestionStatus, description="Whether a question can be found: only published ones are.")
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
    attribution: str = strawberry.field(description="Whose work the original is, as its licence asks; may be empty.")
    commit: str = strawberry.field(description="The state of the original that was imported; may be empty.")
    difficulty_source: str = strawberry.field(description="CURATED by people, IMPORTED, or DERIVED by a rule.")
    categories_source: str = strawberry.field(description="CURATED by people, IMPORTED, or DERIVED by a rule.")
    starter_code_source: str = strawberry.field(description="CURATED by people, or DERIVED from the signature.")

    @classmethod
    def from_model(cls, row: models.Question) -> Provenance:
        names = ("url", "licence", "attribution", "commit", "difficulty_source", "categories_source")
        known = {name: row.provenance.get(name) or "" for name in (*names, "starter_code_source")}
        return cls(source=row.source, **known)


@strawberry.type(description="What the editor starts with in one language.")
class StarterCode:
    language: Language = strawberry.field(description="The language.")
    code: str = strawberry.field(description="The text.")


@strawberry.type(description="What a question was at one of its versions.")
class QuestionRevision:
    version: int = strawberry.field(description="The version.")
    content: JSON = strawberry.field(description="All of it, in the author format.")
    note: str = strawberry.field(description="Why it was changed.")
    changed_by: strawberry.ID | None = strawberry.field(description="Who changed it.")
    changed_at: datetime = strawberry.field(description="When.")

    @classmethod
    def from_model(cls, row: models.QuestionRevision) -> QuestionRevision:
        return cls(
            version=row.version,
            content=JSON(row.content),
            note=row.note,
            changed_by=strawberry.ID(str(row.changed_by)) if row.changed_by else None,
            changed_at=row.changed_at,
        )


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
    created_at: datetime = strawberry.field(description="When it was made.")
    updated_at: datetime = strawberry.field(description="When it last changed.")
    row: strawberry.Private[models.Question]

    @strawberry.field(description="What the editor starts with, in one language or in all.")
    def starter_code(self, language: Language | None = None) -> list[StarterCode]:
        found = [
            StarterCode(language=Language[name.upper()], code=code) for name, code in self.row.starter_code.items()
        ]
        return [entry for entry in found if language is None or entry.language is language]

    @strawberry.field(description="What you have done with it; null for visitors and for questions you never met.")
    async def my_progress(self, info: Info[Context, None]) -> QuestionProgress | None:
        row = await self._progress(info.context)
        return QuestionProgress.from_model(row) if row is not None else None

    @strawberry.field(description="What all people have done with it.")
    async def statistics(self, info: Info[Context, None]) -> QuestionStatistics:
        return QuestionStatistics.from_model(await statistics_loader(info.context).load(self.row.id))

    @strawberry.field(description="Small helps; null until you have tried it.")
    async def hints(self, info: Info[Context, None]) -> list[str] | None:
        row = await self._progress(info.context)
        allowed = rules.may_see_hints(row.status if row else None, info.context.viewer.roles)
        return list(self.row.hints) if allowed else None

    @strawberry.field(description="How to solve it, in Markdown; null until you have solved it.")
    async def editorial(self, info: Info[Context, None]) -> str | None:
        row = await self._progress(info.context)
        allowed = rules.may_see_editorial(row.status if row else None, info.context.viewer.roles)
        return (await whole_loader(info.context).load(self.row.id)).editorial if allowed else None

    @strawberry.field(description="All test cases, the hidden ones too, as JSON; null for everybody but authors.")
    async def test_cases(self, info: Info[Context, None]) -> JSON | None:
        if not rules.may_see_cases(info.context.viewer.roles):
            return None
        return JSON((await whole_loader(info.context).load(self.row.id)).test_cases or [])

    @strawberry.field(description="What it was at each of its versions, newest first; for authors.")
    async def revisions(
        self, info: Info[Context, None], first: int = DEFAULT_PAGE_SIZE, after: str | None = None
    ) -> Connection[QuestionRevision]:
        page = await revisions_loader(info.context, PageRequest(first, after)).load(self.row.id)
        counter = partial(revision_count_loader(info.context).load, self.row.id)
        return Connection.from_page(page, QuestionRevision.from_model, counter)

    async def _progress(self, context: Context) -> models.QuestionProgress | None:
        if context.viewer.user_id is None:
            return None
        return await progress_loader(context).load(self.row.id)

    @classmethod
    def from_model(cls, row: models.Question) -> Question:
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
                for case in row.samples
            ],
            hidden_case_count=row.case_count - len(row.samples),
            languages=[Language[name] for name in row.languages],
            time_limit_ms=row.time_limit_ms,
            memory_limit_mb=row.memory_limit_mb,
            status=rules.QuestionStatus(row.status),
            version=row.version,
            provenance=Provenance.from_model(row),
            created_at=row.created_at,
            updated_at=row.updated_at,
            row=row,
        )

    @classmethod
    async def resolve_reference(cls, info: Info[Context, None], id: strawberry.ID) -> Question | None:
        row = await question_loader(info.context).load(uuid_from(id, "id"))
        return cls.from_model(row) if row is not None else None


@strawberry.type(description="A category with the number of its published questions.")
class CategoryCount:
    name: str = strawberry.field(description="The category.")
    count: int = strawberry.field(description="Published questions in it.")


@strawberry.type(description="A value with the number of the filtered questions that have it.")
class Facet:
    value: str = strawberry.field(description="The value.")
    count: int = strawberry.field(description="How many have it.")


@strawberry.type(description="The values that the filtered questions have, the most frequent first.")
class QuestionFacets:
    difficulties: list[Facet] = strawberry.field(description="By difficulty.")
    categories: list[Facet] = strawberry.field(description="By category.")
    tags: list[Facet] = strawberry.field(description="By tag.")
    languages: list[Facet] = strawberry.field(description="By language.")

    @classmethod
    def from_facets(cls, facets: Facets) -> QuestionFacets:
        values = [[Facet(value=value, count=count) for value, count in counts] for counts in facets]
        return cls(difficulties=values[0], categories=values[1], tags=values[2], languages=values[3])


@strawberry.input(
    description="What to find: any of the values within one criterion, all criteria together; empty means any."
)
class QuestionFilterInput:
    difficulties: list[Difficulty] = strawberry.field(default_factory=list, description="Any of these.")
    categories: list[str] = strawberry.field(
        default_factory=list, description="Any of these, by the names of `categories`."
    )
    tags: list[str] = strawberry.field(default_factory=list, description="Any of these.")
    languages: list[Language] = strawberry.field(default_factory=list, description="Solvable in any of these.")
    progress: list[rules.ProgressFilter] = strawberry.field(
        default_factory=list, description="How far you have come with them; needs a log-in."
    )
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
            languages=tuple(language.value for language in self.languages),
            progress=tuple(self.progress),
            search=self.search,
            statuses=tuple(status.value for status in self.statuses),
        )


def uuid_from(value: str, field: str) -> UUID:
    """The UUID in an ID. Raises InvalidInput when it is none."""
    try:
        return UUID(value)
    except ValueError as error:
        raise InvalidInput(f"{value!r} is not an id; ids are UUIDs.", field=field) from error
