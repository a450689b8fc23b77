"""The error REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_required_in_one() -> None:
    a = """
    type Query {
      a(i: I): Int
    }

    input I {
      x: Int
      y: Int!
    }
    """
    b = """
    type Query {
      b(i: I): Int
    }

    input I {
      x: Int
    }
    """
    assert error_codes(a, b) == {"REQUIRED_INPUT_FIELD_MISSING_IN_SOME_SUBGRAPH"}
