"""Hold plain data against question.schema.json and say in an author's words what is wrong."""

from __future__ import annotations

import difflib
import json
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator, ValidationError

from .errors import Problem
from .type_language import JsonValue

ONE_OF_RIGHT = {
    "comparison": "{mode: exact}, {mode: float, tolerance: 1.0e-6} or {mode: any_order, depth: 1}",
}
TYPE_NAMES = {
    "object": "a mapping", "array": "a list", "string": "a text", "integer": "a whole number", "number": "a number",
    "boolean": "true or false",
}  # fmt: skip


def schema_problems(file: str, data: JsonValue) -> list[Problem]:
    """Every violation of the JSON Schema, ordered by place."""
    found = sorted(_validator().iter_errors(data), key=lambda error: [str(part) for part in error.absolute_path])
    return [problem for error in found for problem in _problems(file, error)]


@cache
def _validator() -> Draft202012Validator:
    schema = json.loads(files(__package__).joinpath("question.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _problems(file: str, error: ValidationError) -> list[Problem]:
    field = field_path(error.absolute_path)
    schema: dict[str, Any] = error.schema if isinstance(error.schema, dict) else {}
    value: Any = error.instance
    rule: Any = error.validator_value
    match error.validator:
        case "required":
            missing = next(name for name in rule if f"'{name}'" in error.message)
            right = schema.get("properties", {}).get(missing, {}).get("description", "it is given")
            return [Problem(file, _join(field, missing), "is missing", right)]
        case "additionalProperties":
            known = list(schema.get("properties", {}))
            return [
                Problem(file, _join(field, str(k)), "is not a field", _suggest(str(k), known))
                for k in value
                if k not in known
            ]
        case "enum":
            return [Problem(file, field, f"is {_show(value)}", "one of " + ", ".join(map(str, rule)))]
        case "type":
            return [Problem(file, field, f"is {_show(value)}", TYPE_NAMES.get(rule, str(rule)))]
        case "pattern":
            return [
                Problem(file, field, f"is {_show(value)}", schema.get("description", f"a text that matches {rule}"))
            ]
        case "minLength" | "maxLength":
            bound = "at least" if error.validator == "minLength" else "at most"
            return [Problem(file, field, f"has {len(value)} characters", f"{bound} {rule} characters")]
        case "minItems" | "maxItems":
            bound = "at least" if error.validator == "minItems" else "at most"
            return [Problem(file, field, f"has {len(value)} entries", f"{bound} {rule} entries")]
        case "oneOf":
            return [Problem(file, field, f"is {_show(value)}", ONE_OF_RIGHT.get(field, error.message))]
        case "uniqueItems":
            return [Problem(file, field, "has an entry twice", "each entry once")]
        case _:
            return [Problem(file, field, error.message, f"{error.validator} {rule}")]


def field_path(parts: Any) -> str:
    """`test_cases[3].args`"""
    path = ""
    for part in parts:
        path = f"{path}[{part}]" if isinstance(part, int) else _join(path, str(part))
    return path


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _suggest(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"`{near[0]}`, if that is what was meant" if near else "one of " + ", ".join(known)


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
