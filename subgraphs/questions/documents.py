"""Turn a question of the bank into the columns of the questions table."""

from __future__ import annotations

import json
from typing import Any

from .bank import BankQuestion
from .rules import QuestionStatus


def columns_from(question: BankQuestion) -> dict[str, Any]:
    """The row of a bank question, ready to be upserted by (source, slug)."""
    document = question.to_document()
    return {
        "source": document["source"],
        "slug": document["slug"],
        "title": document["title"],
        "description": document["description"],
        "difficulty": document["difficulty"].upper(),
        "category": list(document["categories"]),
        "examples": json.dumps(
            [{"input": e.input, "output": e.output, "explanation": e.explanation} for e in question.examples],
            ensure_ascii=False,
        ),
        "constraints": "\n".join(document["constraints"]),
        "test_cases": document["test_cases"],
        "status": QuestionStatus.PUBLISHED.value,
        "tags": list(document["tags"]),
        "companies": list(document["companies"]),
        "hints": list(document["hints"]),
        "editorial": document["editorial"],
        "signature": document["signature"],
        "comparison": document["comparison"],
        "starter_code": document["starter_code"],
        "solution": document["solution"],
        "provenance": document["provenance"],
        "time_limit_ms": document["time_limit_ms"],
        "memory_limit_mb": document["memory_limit_mb"],
        "languages": [str(language).upper() for language in question.languages],
    }
