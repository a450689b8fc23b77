"""Bodies, answers and query parameters of the questions subgraph's REST face."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Annotated, Any, Literal, Self
from uuid import UUID

from pydantic import BeforeValidator, ConfigDict, Field, StringConstraints

from ..kit.rest import PageQuery, RestModel
from . import models, rules
from .service import QuestionOrder


def _listed(value: object) -> object:
    """Several values of one parameter: `a,b`, or the parameter given twice."""
    given = [value] if isinstance(value, str) else value
    if isinstance(given, list):
        return [part.strip() for text in given for part in str(text).split(",") if part.strip()]
    return value


_LISTED = BeforeValidator(_listed)
_BOUNDED = Field(max_length=rules.MAX_FILTER_VALUES)
ListParameter = Annotated[list[Annotated[str, StringConstraints(max_length=rules.MAX_FILTER_VALUE)]], _LISTED, _BOUNDED]
Difficulties = Annotated[list[Literal["EASY", "MEDIUM", "HARD"]], _LISTED, _BOUNDED]
Languages = Annotated[list[Literal["PYTHON", "JAVASCRIPT", "JAVA", "CPP", "C"]], _LISTED, _BOUNDED]


EXAMPLE: dict[str, Any] = {
    "slug": "sum-of-two-numbers",
    "title": "Sum of Two Numbers",
    "description": "A till adds the prices of two things.\n\n"
    "Return the sum of `a` and `b`. Either of them may be negative: things are returned, too.",
    "difficulty": "Easy",
    "categories": ["Math"],
    "constraints": ["`-1000 <= a, b <= 1000`"],
    "hints": ["Every language has an operator for it."],
    "editorial": "Add the two numbers with `+`. It takes constant time and no memory.",
    "function": "sum_of_two",
    "parameters": [{"name": "a", "type": "int"}, {"name": "b", "type": "int"}],
    "returns": "int",
    "testCases": [
        {"args": [a, b], "expected": a + b, **({"sample": True} if a > 0 else {})}
        for a, b in ((1, 2), (3, 4), (0, 0), (-1, 1), (-5, -6), (0, 7), (-8, 0), (-1000, 1000))
    ],
    "solution": {"python": "def sum_of_two(a: int, b: int) -> int:\n    return a + b\n"},
}
"""The body of a call that makes a question: what the OpenAPI document shows."""


class QuestionQuery(PageQuery):
    """What to find; several values of one parameter are separated by commas."""

    difficulty: Difficulties = Field(default_factory=list, description="EASY, MEDIUM, HARD.")
    category: ListParameter = Field(default_factory=list, description="Any of these categories.")
    tag: ListParameter = Field(default_factory=list, description="Any of these tags.")
    language: Languages = Field(default_factory=list, description="PYTHON, JAVASCRIPT, JAVA, CPP, C.")
    progress: Annotated[list[rules.ProgressFilter], _LISTED] | None = Field(
        None, description="NEW, SEEN, ATTEMPTED, SOLVED; needs a log-in."
    )
    search: str | None = Field(None, max_length=rules.MAX_SEARCH_LENGTH, description="Words.")
    status: Annotated[list[rules.QuestionStatus], _LISTED] | None = Field(
        None, description="For authors: DRAFT, PUBLISHED, RETIRED; everybody else gets published ones."
    )
    order: QuestionOrder = Field(QuestionOrder.NEWEST, description="How the list is sorted.")
    with_total: bool = Field(False, description="Count the whole list too.")

    def to_filter(self) -> rules.QuestionFilter:
        return rules.QuestionFilter(
            difficulties=tuple(self.difficulty),
            categories=tuple(self.category),
            tags=tuple(self.tag),
            languages=tuple(self.language),
            progress=tuple(self.progress or ()),
            search=self.search,
            statuses=tuple(self.status or (rules.QuestionStatus.PUBLISHED,)),
        )


class QuestionBody(RestModel):
    """What a question says, in the author format. In a change, what is not given stays."""

    slug: str | None = None
    title: str | None = None
    description: str | None = None
    difficulty: str | None = Field(None, description="Easy, Medium or Hard.")
    categories: list[str] | None = None
    tags: list[str] | None = None
    companies: list[str] | None = None
    constraints: list[str] | None = None
    hints: list[str] | None = None
    editorial: str | None = None
    function: str | None = None
    parameters: list[dict[str, str]] | None = Field(None, description="name and type of each argument.")
    returns: str | None = None
    comparison: dict[str, Any] | None = None
    time_limit_ms: int | None = None
    memory_limit_mb: int | None = None
    test_cases: list[dict[str, Any]] | None = Field(
        None, description="args (a list, or an object by name), expected, sample, ..."
    )
    starter_code: dict[str, str] | None = Field(None, description="By language: python, javascript, java, cpp.")
    solution: dict[str, str] | None = Field(None, description='A reference solution: {"python": ...}.')

    def to_data(self) -> dict[str, Any]:
        return self.model_dump(exclude_none=True)


class NewQuestionBody(QuestionBody):
    """A whole question in the author format."""

    model_config = ConfigDict(json_schema_extra={"examples": [EXAMPLE]})

    slug: str
    title: str
    description: str
    difficulty: str = Field(description="Easy, Medium or Hard.")
    categories: list[str]
    constraints: list[str]
    hints: list[str]
    editorial: str
    function: str
    parameters: list[dict[str, str]] = Field(description="name and type of each argument.")
    returns: str
    test_cases: list[dict[str, Any]] = Field(description="args (a list, or an object by name), expected, sample, ...")
    solution: dict[str, str] = Field(description='A reference solution: {"python": ...}.')


class SampleAnswer(RestModel):
    """A test case that everybody may see."""

    id: str
    args: list[Any]
    expected: Any
    explanation: str = ""


class ExampleAnswer(RestModel):
    """A sample as people read it."""

    input: str
    output: str
    explanation: str


class ProvenanceAnswer(RestModel):
    """Where a question comes from, and what of it was derived and not written."""

    source: str
    url: str
    licence: str
    attribution: str
    commit: str
    difficulty_source: str
    categories_source: str
    starter_code_source: str

    @classmethod
    def from_model(cls, row: models.Question) -> Self:
        names = cls.model_fields.keys() - {"source"}
        return cls(source=row.source, **{name: row.provenance.get(name) or "" for name in names})


class QuestionAnswer(RestModel):
    """A question as everybody sees it."""

    id: UUID
    slug: str
    title: str
    description: str
    difficulty: str
    categories: list[str]
    tags: list[str]
    companies: list[str]
    examples: list[ExampleAnswer]
    constraints: list[str]
    signature: dict[str, Any]
    samples: list[SampleAnswer]
    hidden_case_count: int
    starter_code: dict[str, str]
    languages: list[str]
    time_limit_ms: int
    memory_limit_mb: int
    status: rules.QuestionStatus
    version: int
    provenance: ProvenanceAnswer
    created_at: datetime
    updated_at: datetime

    @classmethod
    def from_model(cls, row: models.Question) -> Self:
        return cls(
            id=row.id,
            slug=row.slug,
            title=row.title,
            description=row.description,
            difficulty=row.difficulty,
            categories=list(row.category),
            tags=list(row.tags),
            companies=list(row.companies),
            examples=[ExampleAnswer(**entry) for entry in json.loads(row.examples or "[]")],
            constraints=(row.constraints or "").splitlines(),
            signature=row.signature,
            samples=[
                SampleAnswer(**{name: case[name] for name in SampleAnswer.model_fields if name in case})
                for case in row.samples
            ],
            hidden_case_count=row.case_count - len(row.samples),
            starter_code=row.starter_code,
            languages=list(row.languages),
            time_limit_ms=row.time_limit_ms,
            memory_limit_mb=row.memory_limit_mb,
            status=rules.QuestionStatus(row.status),
            version=row.version,
            provenance=ProvenanceAnswer.from_model(row),
            created_at=row.created_at,
            updated_at=row.updated_at,
        )


class QuestionListAnswer(RestModel):
    """One page."""

    items: list[QuestionAnswer]
    end_cursor: str | None
    has_next_page: bool
    total_count: int | None


class CountAnswer(RestModel):
    """A value and how many questions have it."""

    value: str
    count: int


class CategoryListAnswer(RestModel):
    """The categories with their numbers of published questions."""

    items: list[CountAnswer]


class FacetsAnswer(RestModel):
    """The values that the filtered questions have, the most frequent first."""

    difficulties: list[CountAnswer]
    categories: list[CountAnswer]
    tags: list[CountAnswer]
    languages: list[CountAnswer]


class MaterialAnswer(RestModel):
    """What not everybody sees of a question; null for what you may not."""

    hints: list[str] | None
    editorial: str | None
    test_cases: list[dict[str, Any]] | None


class StatisticsAnswer(RestModel):
    """What all people have done with a question; the rate is from 0 to 1, null without attempts."""

    attempts: int
    accepted: int
    solvers: int
    acceptance_rate: float | None

    @classmethod
    def from_model(cls, row: models.QuestionStatistics | None) -> Self:
        if row is None:
            return cls(attempts=0, accepted=0, solvers=0, acceptance_rate=None)
        rate = row.accepted / row.attempts if row.attempts else None
        return cls(attempts=row.attempts, accepted=row.accepted, solvers=row.solvers, acceptance_rate=rate)


class RevisionAnswer(RestModel):
    """What a question was at one of its versions."""

    version: int
    content: dict[str, Any]
    note: str
    changed_by: UUID | None
    changed_at: datetime


class RevisionListAnswer(RestModel):
    """One page."""

    items: list[RevisionAnswer]
    end_cursor: str | None
    has_next_page: bool


class ProgressAnswer(RestModel):
    """One person's progress over all questions."""

    solved: int
    attempted: int
    seen: int
    solved_by_difficulty: dict[str, int]
    current_streak: int
    longest_streak: int


class AttemptQuery(PageQuery):
    """Which attempts."""

    question_id: UUID | None = Field(None, description="Only those at this question.")


class AttemptAnswer(RestModel):
    """One judged submission."""

    id: UUID
    question_id: UUID
    language: str
    verdict: str
    passed: int
    total: int
    time_ms: int | None
    submitted_at: datetime


class AttemptListAnswer(RestModel):
    """One page."""

    items: list[AttemptAnswer]
    end_cursor: str | None
    has_next_page: bool
