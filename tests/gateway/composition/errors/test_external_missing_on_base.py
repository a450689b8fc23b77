"""The error EXTERNAL_MISSING_ON_BASE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_external_everywhere() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @external
      g: Int @requires(fields: "f")
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      h: Int
    }
    """
    assert error_codes(a, b) == {"EXTERNAL_MISSING_ON_BASE"}
