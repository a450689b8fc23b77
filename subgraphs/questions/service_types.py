"""What other services of Tandem get and send: the judge's view of a question, and the choice of one for a match."""

from __future__ import annotations

import strawberry
from strawberry.scalars import JSON

from . import models, rules
from .types import Difficulty, Language


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
