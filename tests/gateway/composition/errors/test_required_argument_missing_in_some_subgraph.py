"""The error REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_required_in_one() -> None:
    a = """
    type Query {
      a(x: Int!): Int @shareable
    }
    """
    b = """
    type Query {
      a: Int @shareable
    }
    """
    assert error_codes(a, b) == {"REQUIRED_ARGUMENT_MISSING_IN_SOME_SUBGRAPH"}
