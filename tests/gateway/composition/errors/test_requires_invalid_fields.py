"""The error REQUIRES_INVALID_FIELDS."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_unknown_field() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      g: Int @requires(fields: "nope")
    }
    """
    assert error_codes(a) == {"REQUIRES_INVALID_FIELDS"}
