"""Turn what an author sends into a checked question, by the same schema and rules as the files of the bank.

content (named fields, arguments by name or by position) -> author data -> problems, or a BankQuestion.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeAlias

from ..kit.errors import InvalidInput
from .bank import BankQuestion
from .bank.loader import question_from_data
from .bank.rules import question_problems
from .bank.schema_check import schema_problems
from .models import Question

AuthorData: TypeAlias = dict[str, Any]
MAX_PROBLEMS_SHOWN = 5


def checked_question(data: AuthorData) -> BankQuestion:
    """The question in an author's data. Raises InvalidInput that names the first field and tells of up to five problems."""
    data = {**data, "test_cases": [_named_arguments(case, data) for case in data.get("test_cases", [])]}
    slug = str(data.get("slug", ""))
    problems = schema_problems("input", data) or question_problems("input", slug, data)
    if problems:
        shown = "; ".join(
            f"{p.field or 'input'} {p.wrong} (right would be: {p.right})" for p in problems[:MAX_PROBLEMS_SHOWN]
        )
        more = f"; and {len(problems) - MAX_PROBLEMS_SHOWN} more" if len(problems) > MAX_PROBLEMS_SHOWN else ""
        raise InvalidInput(shown + more, field=f"input.{problems[0].field}".rstrip("."))
    return question_from_data(data)


def author_data_from(row: Question) -> AuthorData:
    """What an author would have to send to make this row."""
    signature = row.signature
    data: AuthorData = {
        "slug": row.slug,
        "title": row.title,
        "difficulty": row.difficulty.capitalize(),
        "categories": list(row.category),
        "tags": list(row.tags),
        "companies": list(row.companies),
        "description": row.description,
        "constraints": (row.constraints or "").splitlines(),
        "hints": list(row.hints),
        "editorial": row.editorial,
        "function": signature["function"],
        "parameters": [dict(parameter) for parameter in signature["parameters"]],
        "returns": signature["returns"],
        "comparison": dict(row.comparison),
        "time_limit_ms": row.time_limit_ms,
        "memory_limit_mb": row.memory_limit_mb,
        "test_cases": [_case_data(case) for case in row.test_cases or []],
        "solution": dict(row.solution),
    }
    if row.provenance.get("starter_code_source") == "CURATED":
        data["starter_code"] = dict(row.starter_code)
    return data


def merged(data: AuthorData, changes: Mapping[str, Any]) -> AuthorData:
    """The data with the fields that were given replaced."""
    return {**data, **changes}


def _named_arguments(case: Mapping[str, Any], data: AuthorData) -> dict[str, Any]:
    """Arguments by name, as the author format has them; a list is taken by position."""
    named = dict(case)
    if isinstance(named.get("args"), list):
        names = [parameter.get("name", "") for parameter in data.get("parameters", [])]
        if len(names) == len(named["args"]):
            named["args"] = dict(zip(names, named["args"], strict=True))
    return named


def _case_data(case: Mapping[str, Any]) -> dict[str, Any]:
    data = {"args": case["args"], "expected": case["expected"]}
    if case.get("sample"):
        data["sample"] = True
    for name in ("description", "explanation"):
        if case.get(name):
            data[name] = case[name]
    return data
