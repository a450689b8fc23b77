"""The error LIST_SIZE_APPLIED_TO_NON_LIST."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_a_number() -> None:
    a = """
    type Query {
      a: Int @listSize(assumedSize: 2)
    }
    """
    assert error_codes(a) == {"LIST_SIZE_APPLIED_TO_NON_LIST"}
