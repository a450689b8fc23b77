"""The values of the question bank: a question, its signature, test cases, comparison, provenance; and their JSON.

The JSON is what the questions subgraph stores and what the judge reads; nothing else is shared between the two.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, Literal, TypeAlias, TypedDict, assert_never

from .type_language import JsonValue, ValueType, contains_base

JsonObject: TypeAlias = dict[str, Any]

OWN_SOURCE = "tandem"  # the `source` of questions that we wrote ourselves
DEFAULT_TIME_LIMIT_MS = 2_000
DEFAULT_MEMORY_LIMIT_MB = 256


class Difficulty(StrEnum):
    """The three levels of the product."""

    EASY = "Easy"
    MEDIUM = "Medium"
    HARD = "Hard"


class Language(StrEnum):
    """The languages a solution can be written in."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
    JAVA = "java"
    CPP = "cpp"


UNTYPED_LANGUAGES = (Language.PYTHON, Language.JAVASCRIPT)  # the ones in which `any` can be written
CATEGORIES = (
    "Arrays", "Strings", "Hash Tables", "Two Pointers", "Sliding Window", "Stacks", "Queues", "Linked Lists", "Trees",
    "Graphs", "Dynamic Programming", "Greedy", "Binary Search", "Sorting", "Math", "Bit Manipulation", "Backtracking",
    "Heaps", "Intervals", "Recursion",
)  # fmt: skip


class Origin(StrEnum):
    """Who decided a field: an author of ours, the upstream source, or a rule of the importer."""

    CURATED = "CURATED"
    IMPORTED = "IMPORTED"
    DERIVED = "DERIVED"


@dataclass(frozen=True, slots=True)
class Parameter:
    """One argument of the entry function."""

    name: str
    type: ValueType


@dataclass(frozen=True, slots=True)
class Signature:
    """The entry function that a solution defines and the judge calls; names are snake_case here."""

    function: str
    parameters: tuple[Parameter, ...]
    returns: ValueType

    @property
    def languages(self) -> tuple[Language, ...]:
        """All four, or only the untyped ones when a type is `any`."""
        types = [parameter.type for parameter in self.parameters] + [self.returns]
        if any(contains_base(value_type, "any") for value_type in types):
            return UNTYPED_LANGUAGES
        return tuple(Language)

    def entry_point(self, language: Language) -> str:
        """The function's name as that language spells it."""
        return spell_name(self.function, language)

    def to_json(self) -> JsonObject:
        return {
            "function": self.function,
            "parameters": [{"name": parameter.name, "type": str(parameter.type)} for parameter in self.parameters],
            "returns": str(self.returns),
            "entry_points": {language.value: self.entry_point(language) for language in self.languages},
        }


@dataclass(frozen=True, slots=True)
class ExactComparison:
    """The answer equals the expected JSON value."""


@dataclass(frozen=True, slots=True)
class FloatComparison:
    """Numbers may differ by `tolerance`, absolute up to 1 and relative above."""

    tolerance: float


@dataclass(frozen=True, slots=True)
class AnyOrderComparison:
    """The order of the outermost `depth` array levels does not matter."""

    depth: int


Comparison: TypeAlias = ExactComparison | FloatComparison | AnyOrderComparison


class ComparisonJson(TypedDict, total=False):
    """`{"mode": "exact"}`, `{"mode": "float", "tolerance": 1e-6}` or `{"mode": "any_order", "depth": 1}`."""

    mode: Literal["exact", "float", "any_order"]
    tolerance: float
    depth: int


@dataclass(frozen=True, slots=True)
class TestCase:
    """One call of the entry function: positional arguments and what it has to return."""

    __test__ = False  # not a test of pytest's

    id: str
    args: tuple[JsonValue, ...]
    expected: JsonValue
    sample: bool = False
    description: str = ""
    explanation: str = ""
    large: bool = False  # too much for the brute force that checks the reference solution; not stored

    def to_json(self) -> JsonObject:
        return {
            "id": self.id,
            "args": list(self.args),
            "expected": self.expected,
            "sample": self.sample,
            "description": self.description,
            "explanation": self.explanation,
        }


@dataclass(frozen=True, slots=True)
class Example:
    """A sample case as people read it: `prices = [3, 1], budget = 4` gives `2`, because ..."""

    input: str
    output: str
    explanation: str


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a question comes from, under which licence, and which of its fields were derived by rule."""

    source: str = OWN_SOURCE
    url: str = ""
    commit: str = ""
    licence: str = ""
    attribution: str = ""
    difficulty_source: Origin = Origin.CURATED
    categories_source: Origin = Origin.CURATED
    starter_code_source: Origin = Origin.DERIVED

    def to_json(self) -> JsonObject:
        return {
            "source": self.source,
            "url": self.url,
            "commit": self.commit,
            "licence": self.licence,
            "attribution": self.attribution,
            "difficulty_source": self.difficulty_source.value,
            "categories_source": self.categories_source.value,
            "starter_code_source": self.starter_code_source.value,
        }


@dataclass(frozen=True, slots=True)
class BankQuestion:
    """A checked question, ready to be stored: identified by (source, slug)."""

    slug: str
    title: str
    description: str
    difficulty: Difficulty
    categories: tuple[str, ...]
    signature: Signature
    test_cases: tuple[TestCase, ...]
    starter_code: dict[Language, str]
    comparison: Comparison = field(default_factory=ExactComparison)
    tags: tuple[str, ...] = ()
    companies: tuple[str, ...] = ()
    constraints: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    editorial: str = ""
    time_limit_ms: int = DEFAULT_TIME_LIMIT_MS
    memory_limit_mb: int = DEFAULT_MEMORY_LIMIT_MB
    solution: dict[str, str] = field(default_factory=dict)
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def source(self) -> str:
        return self.provenance.source

    @property
    def languages(self) -> tuple[Language, ...]:
        return self.signature.languages

    @property
    def samples(self) -> tuple[TestCase, ...]:
        """The cases that everybody may see."""
        return tuple(case for case in self.test_cases if case.sample)

    @property
    def examples(self) -> tuple[Example, ...]:
        """The sample cases in words, so that what people read can never differ from what is judged."""
        return tuple(example_from_case(self.signature, case) for case in self.samples)

    def to_document(self) -> JsonObject:
        """Everything as JSON: what is stored, and what `plan_import` compares. Authors' parts (solution) included."""
        return {
            "source": self.source,
            "slug": self.slug,
            "title": self.title,
            "description": self.description,
            "difficulty": self.difficulty.value,
            "categories": list(self.categories),
            "tags": list(self.tags),
            "companies": list(self.companies),
            "examples": [
                {"input": example.input, "output": example.output, "explanation": example.explanation}
                for example in self.examples
            ],
            "constraints": list(self.constraints),
            "hints": list(self.hints),
            "editorial": self.editorial,
            "signature": self.signature.to_json(),
            "comparison": comparison_to_json(self.comparison),
            "time_limit_ms": self.time_limit_ms,
            "memory_limit_mb": self.memory_limit_mb,
            "starter_code": {language.value: text for language, text in self.starter_code.items()},
            "test_cases": [case.to_json() for case in self.test_cases],
            "solution": dict(self.solution),
            "provenance": self.provenance.to_json(),
        }


def spell_name(snake_name: str, language: Language) -> str:
    """`max_gap` stays so in Python and is `maxGap` elsewhere."""
    if language is Language.PYTHON:
        return snake_name
    return re.sub(r"_+([a-z0-9])", lambda match: match[1].upper(), snake_name)


def example_from_case(signature: Signature, case: TestCase) -> Example:
    """Write a case the way a statement shows it."""
    parts = (
        f"{parameter.name} = {json.dumps(value, ensure_ascii=False)}"
        for parameter, value in zip(signature.parameters, case.args, strict=True)
    )
    return Example(
        input=", ".join(parts),
        output=json.dumps(case.expected, ensure_ascii=False),
        explanation=case.explanation or case.description,
    )


def comparison_to_json(comparison: Comparison) -> ComparisonJson:
    """The stored form, as the judge reads it."""
    match comparison:
        case ExactComparison():
            return {"mode": "exact"}
        case FloatComparison(tolerance):
            return {"mode": "float", "tolerance": tolerance}
        case AnyOrderComparison(depth):
            return {"mode": "any_order", "depth": depth}
        case _:
            assert_never(comparison)


def comparison_from_json(document: ComparisonJson) -> Comparison:
    """Read the stored form; the tolerance is 1e-6 and the depth 1 unless given."""
    match document["mode"]:
        case "exact":
            return ExactComparison()
        case "float":
            return FloatComparison(document.get("tolerance", 1e-6))
        case "any_order":
            return AnyOrderComparison(document.get("depth", 1))
        case _:
            assert_never(document["mode"])
