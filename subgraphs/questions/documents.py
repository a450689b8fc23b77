"""Between a question of the bank (its JSON document) and the columns of the questions table, both ways."""

from __future__ import annotations

import json
import re
from typing import Any

from .bank import BankQuestion
from .models import Question
from .rules import QuestionStatus

C_FORM = re.compile(
    r"(int|long|float|bool|string)(\[\]){0,2}"
)  # as collaboration's c_language: no maps, no missing values


def columns_from(question: BankQuestion) -> dict[str, Any]:
    """The row of a bank question, ready to be upserted by (source, slug)."""
    return columns_from_document(question.to_document())


def columns_from_document(document: dict[str, Any]) -> dict[str, Any]:
    """The row of a document as `BankQuestion.to_document` gives it."""
    return {
        "source": document["source"],
        "slug": document["slug"],
        "title": document["title"],
        "description": document["description"],
        "difficulty": document["difficulty"].upper(),
        "category": list(document["categories"]),
        "examples": json.dumps(document["examples"], ensure_ascii=False),
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
        "languages": _languages_of(document["signature"]),
    }


def document_from(row: Question) -> dict[str, Any]:
    """The document of a stored row (loaded whole), with its status."""
    return {
        "source": row.source,
        "slug": row.slug,
        "title": row.title,
        "description": row.description,
        "difficulty": row.difficulty.capitalize(),
        "categories": list(row.category),
        "tags": list(row.tags),
        "companies": list(row.companies),
        "examples": json.loads(row.examples or "[]"),
        "constraints": (row.constraints or "").splitlines(),
        "hints": list(row.hints),
        "editorial": row.editorial,
        "signature": row.signature,
        "comparison": row.comparison,
        "time_limit_ms": row.time_limit_ms,
        "memory_limit_mb": row.memory_limit_mb,
        "starter_code": row.starter_code,
        "test_cases": row.test_cases or [],
        "solution": row.solution,
        "provenance": row.provenance,
        "status": row.status,
    }


def _languages_of(signature: dict[str, Any]) -> list[str]:
    """The languages with an entry point; C too where all types have a plain form in it, which the judge makes from the signature."""
    languages = [language.upper() for language in signature["entry_points"]]
    types = [signature["returns"], *(parameter["type"] for parameter in signature["parameters"])]
    return [*languages, "C"] if all(C_FORM.fullmatch(type) for type in types) else languages
