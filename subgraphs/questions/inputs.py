"""What clients send to the questions subgraph, and how it becomes an author's data."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry
from strawberry.scalars import JSON

from .authored import AuthorData
from .types import Difficulty, Language


@strawberry.enum(description="How an answer is compared with what is expected.")
class ComparisonMode(Enum):
    EXACT = "exact"
    FLOAT = "float"
    ANY_ORDER = "any_order"


@strawberry.input(description="How an answer is compared with what is expected.")
class ComparisonInput:
    mode: ComparisonMode = strawberry.field(description="The mode.")
    tolerance: float | None = strawberry.field(default=None, description="FLOAT: by how much numbers may differ.")
    depth: int | None = strawberry.field(
        default=None, description="ANY_ORDER: how many outer levels of lists may be in any order."
    )

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"mode": self.mode.value}
        if self.tolerance is not None:
            data["tolerance"] = self.tolerance
        if self.depth is not None:
            data["depth"] = self.depth
        return data


@strawberry.input(description="One argument of the function to write.")
class ParameterInput:
    name: str = strawberry.field(description="In Python's spelling.")
    type: str = strawberry.field(description="int, long, float, bool, string, T[], T?, map<string,T>.")


@strawberry.input(description="A test case.")
class TestCaseInput:
    __test__ = False  # not a test of pytest's

    args: JSON = strawberry.field(description="The arguments: a list by position, or an object by name.")
    expected: JSON | None = strawberry.field(description="What the function has to return.")
    sample: bool = strawberry.field(default=False, description="Whether everybody may see it.")
    description: str = strawberry.field(default="", description="What it tests; for authors.")
    explanation: str = strawberry.field(default="", description="Why; shown with samples.")

    def to_data(self) -> dict[str, Any]:
        data: dict[str, Any] = {"args": self.args, "expected": self.expected}
        if self.sample:
            data["sample"] = True
        for name in ("description", "explanation"):
            if getattr(self, name):
                data[name] = getattr(self, name)
        return data


@strawberry.input(description="What the editor starts with in one language, where the derived text will not do.")
class StarterCodeInput:
    language: Language = strawberry.field(description="The language.")
    code: str = strawberry.field(description="The text.")


@strawberry.input(description="What a question says. In a change, what is not given stays; lists are replaced whole.")
class QuestionContentInput:
    slug: str | None = strawberry.UNSET
    title: str | None = strawberry.UNSET
    description: str | None = strawberry.field(default=strawberry.UNSET, description="Markdown without HTML.")
    difficulty: Difficulty | None = strawberry.UNSET
    categories: list[str] | None = strawberry.field(
        default=strawberry.UNSET, description="By the names of `categories`."
    )
    tags: list[str] | None = strawberry.UNSET
    companies: list[str] | None = strawberry.UNSET
    constraints: list[str] | None = strawberry.UNSET
    hints: list[str] | None = strawberry.UNSET
    editorial: str | None = strawberry.field(default=strawberry.UNSET, description="Markdown without HTML.")
    function: str | None = strawberry.field(default=strawberry.UNSET, description="snake_case.")
    parameters: list[ParameterInput] | None = strawberry.UNSET
    returns: str | None = strawberry.UNSET
    comparison: ComparisonInput | None = strawberry.UNSET
    time_limit_ms: int | None = strawberry.UNSET
    memory_limit_mb: int | None = strawberry.UNSET
    test_cases: list[TestCaseInput] | None = strawberry.field(
        default=strawberry.UNSET, description="At least 8, 2 or 3 of them samples."
    )
    starter_code: list[StarterCodeInput] | None = strawberry.UNSET
    solution: str | None = strawberry.field(default=strawberry.UNSET, description="A reference solution in Python.")

    def to_data(self) -> AuthorData:
        """The fields that were given, in the author format."""
        data: AuthorData = {}
        for name in _PLAIN_FIELDS:
            value = getattr(self, name)
            if value is not strawberry.UNSET and value is not None:
                data[name] = value
        if self.difficulty:
            data["difficulty"] = self.difficulty.value.capitalize()
        if self.parameters:
            data["parameters"] = [{"name": entry.name, "type": entry.type} for entry in self.parameters]
        elif self.parameters == []:
            data["parameters"] = []
        if self.comparison:
            data["comparison"] = self.comparison.to_data()
        if self.test_cases:
            data["test_cases"] = [case.to_data() for case in self.test_cases]
        if self.starter_code:
            data["starter_code"] = {entry.language.value.lower(): entry.code for entry in self.starter_code}
        if self.solution:
            data["solution"] = {"python": self.solution}
        return data


_PLAIN_FIELDS = (
    "slug", "title", "description", "categories", "tags", "companies", "constraints", "hints", "editorial", "function", "returns",
    "time_limit_ms", "memory_limit_mb",
)  # fmt: skip


@strawberry.input(description="A new question; it begins as a draft.")
class CreateQuestionInput:
    content: QuestionContentInput = strawberry.field(
        description="What it says; everything but optional lists is needed."
    )


@strawberry.input(description="A change of a question.")
class UpdateQuestionInput:
    id: strawberry.ID = strawberry.field(description="Which question.")
    expected_version: int = strawberry.field(
        description="The version you saw; another one is refused and nothing is written."
    )
    changes: QuestionContentInput = strawberry.field(description="What is not given stays.")
    note: str = strawberry.field(default="", description="Why, for the history; up to 500 characters.")


@strawberry.input(description="Which version of which question.")
class QuestionVersionInput:
    id: strawberry.ID = strawberry.field(description="Which question.")
    expected_version: int = strawberry.field(
        description="The version you saw; another one is refused and nothing is written."
    )
