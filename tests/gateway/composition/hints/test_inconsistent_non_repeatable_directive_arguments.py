"""The hint INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_two_reasons() -> None:
    a = """
    type Query {
      a: Int @shareable @deprecated(reason: "x")
    }
    """
    b = """
    type Query {
      a: Int @shareable @deprecated(reason: "y")
    }
    """
    assert "INCONSISTENT_NON_REPEATABLE_DIRECTIVE_ARGUMENTS" in hint_codes(a, b)
