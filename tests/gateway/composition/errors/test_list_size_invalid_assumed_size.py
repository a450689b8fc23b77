"""The error LIST_SIZE_INVALID_ASSUMED_SIZE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_negative() -> None:
    a = """
    type Query {
      a: [Int] @listSize(assumedSize: -1)
    }
    """
    assert error_codes(a) == {"LIST_SIZE_INVALID_ASSUMED_SIZE"}
