"""The error KEY_DIRECTIVE_IN_FIELDS_ARG."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_include_in_a_key() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id @include(if: true)") {
      id: ID!
    }
    """
    assert error_codes(a) == {"KEY_DIRECTIVE_IN_FIELDS_ARG"}
