"""The error REQUIRES_DIRECTIVE_IN_FIELDS_ARG."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_include_in_requires() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @external
      g: Int @requires(fields: "f @include(if: true)")
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int
    }
    """
    assert error_codes(a, b) == {"REQUIRES_DIRECTIVE_IN_FIELDS_ARG"}
