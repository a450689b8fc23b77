"""Decide whether an answer is the expected one, under the question's comparison mode.

The judge runs this rule outside the sandbox; the same rule checks the reference solutions of the bank.
"""

from __future__ import annotations

import math
from typing import assert_never

from .question import AnyOrderComparison, Comparison, ExactComparison, FloatComparison
from .type_language import JsonValue


def answers_match(comparison: Comparison, expected: JsonValue, actual: JsonValue) -> bool:
    """Compare two JSON values: 3.0 equals 3, true never equals 1, NaN equals nothing."""
    match comparison:
        case ExactComparison():
            return _equal(expected, actual, tolerance=0.0)
        case FloatComparison(tolerance):
            return _equal(expected, actual, tolerance)
        case AnyOrderComparison(depth):
            return _canonical(expected, depth) == _canonical(actual, depth)
        case _:
            assert_never(comparison)


def _equal(expected: JsonValue, actual: JsonValue, tolerance: float) -> bool:
    if _is_number(expected) and _is_number(actual):
        return _numbers_equal(expected, actual, tolerance)
    if isinstance(expected, list) and isinstance(actual, list):
        return len(expected) == len(actual) and all(
            _equal(left, right, tolerance) for left, right in zip(expected, actual, strict=True)
        )
    if isinstance(expected, dict) and isinstance(actual, dict):
        return expected.keys() == actual.keys() and all(_equal(expected[k], actual[k], tolerance) for k in expected)
    return type(expected) is type(actual) and bool(expected == actual)


def _numbers_equal(expected: float, actual: float, tolerance: float) -> bool:
    if not (math.isfinite(expected) and math.isfinite(actual)):
        return False
    # Integers are compared as integers: above 2^53 a float would make neighbours equal.
    if tolerance == 0.0:
        return expected == actual
    return abs(actual - expected) <= tolerance * max(1.0, abs(expected))


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _canonical(value: JsonValue, unordered_levels: int) -> object:
    """A hashable, sortable stand-in: equal exactly when the values are, up to the order of the outer levels."""
    if value is None:
        return ("null",)
    if isinstance(value, bool):
        return ("bool", value)
    if isinstance(value, int | float):
        if not math.isfinite(value):
            return ("number", object())  # equals nothing, itself included
        return ("number", int(value) if value == int(value) else value)
    if isinstance(value, str):
        return ("string", value)
    if isinstance(value, list):
        items = [_canonical(item, unordered_levels - 1) for item in value]
        return ("array", *(sorted(items, key=repr) if unordered_levels > 0 else items))
    if isinstance(value, dict):
        return ("object", *((key, _canonical(value[key], 0)) for key in sorted(value)))
    raise TypeError(f"{type(value).__name__} is not a JSON value")
