"""What clients send to the questions subgraph, and how it becomes an author's data."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry
from strawberry.scalars import JSON

from ..kit.errors import InvalidInput
from . import case_edits
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


@strawberry.input(description="A new test case.")
class AddTestCaseInput:
    case: TestCaseInput = strawberry.field(description="The case.")
    position: int | None = strawberry.field(default=None, description="Its place, from 0; null for the end.")


@strawberry.input(description="A change of one test case; what is not given stays.")
class UpdateTestCaseInput:
    id: strawberry.ID = strawberry.field(description="From testCases.")
    args: JSON | None = strawberry.field(default=strawberry.UNSET, description="The arguments.")
    expected: JSON | None = strawberry.field(default=strawberry.UNSET, description="What the function has to return.")
    sample: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether everybody may see it.")
    description: str | None = strawberry.field(default=strawberry.UNSET, description="What it tests.")
    explanation: str | None = strawberry.field(default=strawberry.UNSET, description="Why; shown with samples.")

    def to_changes(self) -> dict[str, Any]:
        names = ("args", "expected", "sample", "description", "explanation")
        given = {name: getattr(self, name) for name in names}
        return {name: value for name, value in given.items() if value is not strawberry.UNSET}


@strawberry.input(description="Another place for one test case.")
class MoveTestCaseInput:
    id: strawberry.ID = strawberry.field(description="From testCases.")
    position: int = strawberry.field(
        description="Its new place among the others, from 0; samples stand before all others."
    )


@strawberry.input(description="One edit: exactly one of its fields is given.")
class TestCaseEditInput:
    __test__ = False  # not a test of pytest's

    add: AddTestCaseInput | None = strawberry.field(default=None, description="Add a case.")
    update: UpdateTestCaseInput | None = strawberry.field(default=None, description="Change a case.")
    remove: strawberry.ID | None = strawberry.field(default=None, description="Remove the case of this id.")
    move: MoveTestCaseInput | None = strawberry.field(default=None, description="Move a case.")

    def to_edit(self, number: int) -> case_edits.CaseEdit:
        """The edit. Raises InvalidInput unless exactly one field is given."""
        found: list[case_edits.CaseEdit] = []
        if self.add is not None:
            found.append(case_edits.AddCase(self.add.case.to_data(), self.add.position))
        if self.update is not None:
            found.append(case_edits.UpdateCase(str(self.update.id), self.update.to_changes()))
        if self.remove is not None:
            found.append(case_edits.RemoveCase(str(self.remove)))
        if self.move is not None:
            found.append(case_edits.MoveCase(str(self.move.id), self.move.position))
        if len(found) != 1:
            raise InvalidInput("Give exactly one of add, update, remove and move.", field=f"input.edits.{number}")
        return found[0]


@strawberry.input(description="Edits of single test cases, done in this order: all of them or none.")
class EditTestCasesInput:
    id: strawberry.ID = strawberry.field(description="Which question.")
    expected_version: int = strawberry.field(
        description="The version you saw; another one is refused and nothing is written."
    )
    edits: list[TestCaseEditInput] = strawberry.field(description="Up to 500.")
    note: str = strawberry.field(default="", description="Why, for the history; up to 500 characters.")

    def to_edits(self) -> list[case_edits.CaseEdit]:
        return [edit.to_edit(number) for number, edit in enumerate(self.edits)]
