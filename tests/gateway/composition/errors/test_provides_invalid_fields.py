"""The error PROVIDES_INVALID_FIELDS."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_unknown_field() -> None:
    a = """
    type Query {
      t: T @provides(fields: "nope")
    }

    type T @key(fields: "id") {
      id: ID!
    }
    """
    assert error_codes(a) == {"PROVIDES_INVALID_FIELDS"}
