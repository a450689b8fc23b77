"""The hint MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_two_weights() -> None:
    a = """
    type Query {
      a: Int @shareable @cost(weight: 1)
    }
    """
    b = """
    type Query {
      a: Int @shareable @cost(weight: 2)
    }
    """
    assert "MERGED_NON_REPEATABLE_DIRECTIVE_ARGUMENTS" in hint_codes(a, b)
