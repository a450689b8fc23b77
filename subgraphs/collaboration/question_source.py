"""Ask the questions subgraph for what a session needs of a question: starter code, signature, cases, hints."""

from __future__ import annotations

import time
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

import structlog

from ..kit.errors import InvalidInput, Unavailable
from ..kit.events import JsonObject
from ..kit.service_client import AnsweredWithErrors, ServiceClient
from .execution.c_language import c_starter, has_c_form
from .rules import Language

logger = structlog.get_logger(__name__)

MAX_AGE = 60.0  # seconds an answer is used again; a question changes rarely, a session asks often
MAX_KEPT = 200  # questions kept

_DOCUMENT = """
    query JudgeQuestion($id: ID!) {
      judgeQuestion(id: $id) {
        id title difficulty categories signature comparison timeLimitMs memoryLimitMb testCases starterCode hints editorial languages
      }
    }
"""

FALLBACK_STARTERS = {
    Language.PYTHON: "# Write your solution here.\n",
    Language.JAVASCRIPT: "// Write your solution here.\n",
    Language.JAVA: "// Write your solution here.\n",
    Language.CPP: "// Write your solution here.\n",
    Language.C: "// Write your solution here.\n",
}


@dataclass(frozen=True, slots=True)
class JudgeQuestion:
    """A question as the judge needs it; shapes of `signature`, `comparison` and `cases` are those of the question bank."""

    id: UUID
    title: str
    difficulty: str
    categories: tuple[str, ...]
    signature: JsonObject
    comparison: JsonObject
    time_limit_ms: int
    memory_limit_mb: int
    cases: tuple[JsonObject, ...]
    starter_code: dict[Language, str] = field(default_factory=dict)
    hints: tuple[str, ...] = ()
    editorial: str = ""


class QuestionSource(Protocol):
    """Where questions come from."""

    async def judge_question(self, id: UUID) -> JudgeQuestion:
        """Raises Unavailable when the questions subgraph does not answer."""
        ...

    async def aclose(self) -> None: ...


class RemoteQuestions:
    """The questions subgraph over HTTP, its answers kept for a minute."""

    def __init__(self, client: ServiceClient) -> None:
        self._client = client
        self._kept: OrderedDict[UUID, tuple[float, JudgeQuestion]] = OrderedDict()

    async def judge_question(self, id: UUID) -> JudgeQuestion:
        kept = self._kept.get(id)
        if kept is not None and time.monotonic() - kept[0] < MAX_AGE:
            return kept[1]
        data = await self._client.query(_DOCUMENT, {"id": str(id)})
        question = judge_question_from(data["judgeQuestion"])
        self._kept[id] = (time.monotonic(), question)
        if len(self._kept) > MAX_KEPT:
            self._kept.popitem(last=False)
        return question

    async def aclose(self) -> None:
        await self._client.aclose()


def judge_question_from(values: JsonObject) -> JudgeQuestion:
    """Read the answer of the questions subgraph. Raises Unavailable when it is not what was agreed."""
    try:
        starters: dict[str, Any] = values["starterCode"] or {}
        return JudgeQuestion(
            id=UUID(values["id"]),
            title=values["title"],
            difficulty=values["difficulty"],
            categories=tuple(values["categories"]),
            signature=values["signature"],
            comparison=values["comparison"],
            time_limit_ms=values["timeLimitMs"],
            memory_limit_mb=values["memoryLimitMb"],
            cases=tuple(values["testCases"] or ()),
            starter_code={Language(name.lower()): str(code) for name, code in starters.items()},
            hints=tuple(values["hints"] or ()),
            editorial=values["editorial"] or "",
        )
    except (KeyError, TypeError, ValueError) as error:
        raise Unavailable("The questions subgraph answered with something unexpected.") from error


async def require_question(questions: QuestionSource, question_id: UUID, field: str) -> None:
    """Raises InvalidInput for a question that a person has chosen and that does not exist, Unavailable when nobody knows."""
    try:
        await questions.judge_question(question_id)
    except AnsweredWithErrors as error:
        if error.reason != "NOT_FOUND":
            raise
        raise InvalidInput(f"There is no question {question_id}; choose one of the bank.", field=field) from error


async def starter_code(questions: QuestionSource, question_id: UUID | None, language: Language) -> str:
    """The starter code of a question in a language; a comment when there is none or the questions subgraph is away."""
    if question_id is None:
        return FALLBACK_STARTERS[language]
    try:
        question = await questions.judge_question(question_id)
    except Unavailable as error:
        logger.warning("starter_code.unavailable", question_id=str(question_id), error=error.message)
        return FALLBACK_STARTERS[language]
    if language is Language.C and language not in question.starter_code and has_c_form(question.signature):
        return c_starter(question.signature)
    return question.starter_code.get(language, FALLBACK_STARTERS[language])
