"""The error PROVIDES_DIRECTIVE_IN_FIELDS_ARG."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_skip_in_provides() -> None:
    a = """
    type Query {
      t: T @provides(fields: "f @skip(if: false)")
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @external
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int
    }
    """
    assert error_codes(a, b) == {"PROVIDES_DIRECTIVE_IN_FIELDS_ARG"}
