"""Compare answers with what was expected, outside of the sandbox, and say what came of each case and of the whole."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

import orjson

from ..kit.events import JsonObject
from .document_text import storable
from .execution.jobs import CaseInput, CaseResult, JobResult, Verdict
from .question_source import JudgeQuestion

Json: TypeAlias = Any
MAX_SHOWN = 4000  # characters of an output that are kept and shown
# What a submission is called when its cases differ: the first of these that happened, in the order of the cases.
_PASSING = (Verdict.ACCEPTED, Verdict.COMPLETED)


def judge_case(number: int, result: CaseResult, case: CaseInput, question: JudgeQuestion | None) -> JsonObject:
    """What is stored and shown of one case. `question` None: own input, which has nothing to compare with.

    Of a hidden case only the verdict, the time and the memory are kept: neither its input nor anything printed from it.
    """
    expected_case = None if question is None else _case_of(question, case)
    verdict = result.verdict
    answer: Json = None
    if verdict is Verdict.COMPLETED and expected_case is not None and question is not None:
        try:
            answer = orjson.loads(result.answer or "")
            is_right = answers_match(question.comparison, expected_case["expected"], answer)
        except (orjson.JSONDecodeError, TypeError, RecursionError):
            is_right = False
        verdict = Verdict.ACCEPTED if is_right else Verdict.WRONG_ANSWER
    shown: JsonObject = {
        "number": number + 1,
        "is_hidden": case.is_hidden,
        "verdict": verdict.value,
        "time_ms": round(result.time_ms, 1),
        "memory_kb": result.memory_kb,
    }
    if case.is_hidden:
        return shown
    return shown | {
        "input": _short(orjson.dumps(list(case.args)).decode()) if case.args or not case.stdin else _short(case.stdin),
        "expected": None if expected_case is None else _short(orjson.dumps(expected_case["expected"]).decode()),
        "actual": None if result.answer is None else _short(result.answer),
        "stdout": _short(result.stdout),
        "stderr": _short(result.stderr),
    }


def overall_verdict(result: JobResult, verdicts: Sequence[Verdict | str]) -> Verdict:
    """What the whole run is called: the first case that did not pass, or that all passed."""
    if result.verdict in (Verdict.COMPILE_ERROR, Verdict.INTERNAL_ERROR):
        return result.verdict
    for verdict in verdicts:
        if verdict not in _PASSING:
            return Verdict(verdict)
    return Verdict.ACCEPTED if Verdict.ACCEPTED in verdicts else Verdict.COMPLETED


def answers_match(comparison: JsonObject, expected: Json, actual: Json) -> bool:
    """The bank's rule: 3.0 equals 3, true never equals 1, NaN equals nothing; with a tolerance, or in any order, as it says."""
    mode = comparison["mode"]
    if mode == "exact":
        return _equal(expected, actual, 0.0)
    if mode == "float":
        return _equal(expected, actual, float(comparison["tolerance"]))
    if mode == "any_order":
        depth = int(comparison["depth"])
        return _canonical(expected, depth) == _canonical(actual, depth)
    raise ValueError(f"there is no comparison {mode!r}; there are exact, float and any_order")


def _case_of(question: JudgeQuestion, case: CaseInput) -> JsonObject | None:
    """The question's own case with these arguments. The runner is given no ids: the arguments are compared here."""
    for known in question.cases:
        if tuple(known["args"]) == case.args and bool(known["sample"]) is not case.is_hidden:
            return known
    return None


def _equal(expected: Json, actual: Json, tolerance: float) -> bool:
    if _is_number(expected) and _is_number(actual):
        if not (math.isfinite(expected) and math.isfinite(actual)):
            return False
        if tolerance == 0.0:
            return bool(expected == actual)
        return bool(abs(actual - expected) <= tolerance * max(1.0, abs(expected)))
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(map(_equal, expected, actual, [tolerance] * len(expected)))
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(_equal(expected[k], actual[k], tolerance) for k in expected)
    return type(expected) is type(actual) and bool(expected == actual)


def _is_number(value: Json) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _canonical(value: Json, unordered_levels: int) -> object:
    """A stand-in that is equal exactly when the values are, up to the order of the outer levels."""
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return ("number", object())  # equals nothing, itself included
        return ("number", int(value) if value == int(value) else value)
    if isinstance(value, list):
        items = [_canonical(item, unordered_levels - 1) for item in value]
        return ("array", *(sorted(items, key=repr) if unordered_levels > 0 else items))
    if isinstance(value, dict):
        return ("object", *((key, _canonical(value[key], 0)) for key in sorted(value)))
    return (type(value).__name__, value)


def _short(text: str) -> str:
    text = storable(text)
    return text if len(text) <= MAX_SHOWN else f"{text[:MAX_SHOWN]}… ({len(text)} characters)"
