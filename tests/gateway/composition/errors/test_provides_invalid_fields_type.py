"""The error PROVIDES_INVALID_FIELDS_TYPE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_a_number() -> None:
    a = """
    type Query {
      t: T @provides(fields: 1)
    }

    type T @key(fields: "id") {
      id: ID!
    }
    """
    assert error_codes(a) == {"PROVIDES_INVALID_FIELDS_TYPE"}
