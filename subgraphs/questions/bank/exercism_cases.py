"""Read the canonical-data.json of one exercise: nested groups become a flat list of cases, those we cannot judge are left out.

Format: https://github.com/exercism/problem-specifications#test-data-canonical-datajson
"""

from __future__ import annotations

import json
import re
import uuid
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .type_language import LONG_MAX, JsonValue, unstorable_text

MAX_FILE_BYTES = 2_000_000  # the largest of the real ones has 60 kB
MAX_GROUP_DEPTH = 20
# Cases that are not "these arguments, that answer": they need chance, several threads, or are about a language's own ways.
UNJUDGEABLE_SCENARIOS = frozenset({"random", "concurrent", "runtime-validation", "local-scope"})
_FUNCTION_TEXT = re.compile(r"^\s*(fn\s*\(|\(\s*[\w\s,]*\)\s*(->|=>)|\w+\s*(->|=>))")


class BrokenExercise(Exception):
    """Raised when canonical-data.json is not of the format; the message names the place and what is wrong."""


@dataclass(frozen=True, slots=True)
class CanonicalCase:
    """One case as written upstream; `groups` are the descriptions of the groups around it, outermost first."""

    uuid: str
    description: str
    groups: tuple[str, ...]
    property_name: str  # the function under test
    input: dict[str, JsonValue]
    expected: JsonValue
    reimplements: str
    scenarios: frozenset[str]

    @property
    def title(self) -> str:
        return ": ".join((*self.groups, self.description))

    @property
    def error(self) -> str | None:
        """The message of an error case; None for an ordinary one."""
        if isinstance(self.expected, dict) and set(self.expected) == {"error"}:
            return str(self.expected["error"])
        return None


@dataclass(frozen=True, slots=True)
class UsableCases:
    """The cases that can be judged, and how many were left out for which reason."""

    cases: tuple[CanonicalCase, ...]
    left_out: Counter[str]


def read_cases(file: Path) -> tuple[CanonicalCase, ...]:
    """All cases of a canonical-data.json in order. Raises BrokenExercise."""
    try:
        if file.stat().st_size > MAX_FILE_BYTES:
            raise BrokenExercise(f"has {file.stat().st_size} bytes; at most {MAX_FILE_BYTES} are read")
        data = json.loads(file.read_text(encoding="utf-8"), parse_constant=_refuse_constant)
    except json.JSONDecodeError as error:
        raise BrokenExercise(f"is not JSON: {error.msg} at line {error.lineno}, column {error.colno}") from error
    except UnicodeDecodeError as error:
        raise BrokenExercise(f"is not UTF-8 at byte {error.start}") from error
    except ValueError as error:
        raise BrokenExercise(f"has a number that cannot be read: {error}") from error
    except RecursionError as error:
        raise BrokenExercise("is nested too deeply") from error
    except OSError as error:
        raise BrokenExercise(f"cannot be read ({error.strerror})") from error
    place = unstorable_text(data)
    if place:
        raise BrokenExercise(f"{place.lstrip('.')} has a NUL or half a surrogate pair in it, which cannot be stored")
    if not isinstance(data, dict) or not isinstance(data.get("cases"), list):
        raise BrokenExercise("has no list `cases` at its top")
    cases = tuple(_flatten(data["cases"], "cases", ()))
    twice = [identity for identity, count in Counter(case.uuid for case in cases).items() if count > 1]
    if twice:
        raise BrokenExercise(f"has the uuid {twice[0]} twice")
    return cases


def usable_cases(cases: tuple[CanonicalCase, ...]) -> UsableCases:
    """Leave out what was replaced by a newer case, what cannot be judged, and the same input asked twice."""
    left_out: Counter[str] = Counter()
    replaced = {case.reimplements for case in cases if case.reimplements}
    kept: list[CanonicalCase] = []
    seen: set[str] = set()
    for case in cases:
        question = json.dumps([case.property_name, case.input, case.expected], sort_keys=True)
        if case.uuid in replaced:
            left_out["replaced by a newer case"] += 1
        elif case.scenarios & UNJUDGEABLE_SCENARIOS:
            left_out["needs chance, threads or a language's own ways"] += 1
        elif _has_large_integer([case.input, case.expected]):
            left_out["has an integer that JavaScript cannot hold"] += 1
        elif question in seen:
            left_out["asks the same again"] += 1
        else:
            seen.add(question)
            kept.append(case)
    return UsableCases(tuple(kept), left_out)


def takes_functions(cases: tuple[CanonicalCase, ...]) -> bool:
    """Whether an argument is a function written as text, `(x) -> x + 1`."""
    return any(
        isinstance(value, str) and _FUNCTION_TEXT.match(value) for case in cases for value in case.input.values()
    )


def _refuse_constant(name: str) -> float:
    raise BrokenExercise(f"has {name}, which JSON does not have")


def _flatten(entries: list[Any], place: str, groups: tuple[str, ...]) -> Iterator[CanonicalCase]:
    if len(groups) > MAX_GROUP_DEPTH:
        raise BrokenExercise(f"{place}: groups are nested more than {MAX_GROUP_DEPTH} deep")
    for index, entry in enumerate(entries):
        here = f"{place}[{index}]"
        if not isinstance(entry, dict):
            raise BrokenExercise(f"{here} is not an object")
        description = entry.get("description")
        if not isinstance(description, str):
            raise BrokenExercise(f"{here}.description is not a text")
        if "cases" not in entry:
            yield _case(entry, here, description, groups)
        elif isinstance(entry["cases"], list):
            yield from _flatten(entry["cases"], f"{here}.cases", (*groups, description))
        else:
            raise BrokenExercise(f"{here}.cases is not a list")


def _case(entry: dict[str, Any], place: str, description: str, groups: tuple[str, ...]) -> CanonicalCase:
    if "expected" not in entry:
        raise BrokenExercise(f"{place}.expected is missing")
    if not isinstance(entry.get("input"), dict):
        raise BrokenExercise(f"{place}.input is not an object")
    if not isinstance(entry.get("property"), str) or not entry["property"]:
        raise BrokenExercise(f"{place}.property is not a text")
    scenarios = entry.get("scenarios", [])
    if not isinstance(scenarios, list) or not all(isinstance(scenario, str) for scenario in scenarios):
        raise BrokenExercise(f"{place}.scenarios is not a list of texts")
    return CanonicalCase(
        uuid=_uuid(entry.get("uuid"), f"{place}.uuid"),
        description=description,
        groups=groups,
        property_name=entry["property"],
        input=entry["input"],
        expected=entry["expected"],
        reimplements=_uuid(entry["reimplements"], f"{place}.reimplements") if entry.get("reimplements") else "",
        scenarios=frozenset(scenarios),
    )


def _uuid(value: Any, place: str) -> str:
    try:
        return str(uuid.UUID(value))
    except (AttributeError, TypeError, ValueError):
        raise BrokenExercise(f"{place} is {value!r}, not a UUID") from None


def _has_large_integer(value: JsonValue) -> bool:
    if isinstance(value, list):
        return any(map(_has_large_integer, value))
    if isinstance(value, dict):
        return any(map(_has_large_integer, value.values()))
    return isinstance(value, int) and abs(value) > LONG_MAX
