"""The error CONTEXT_NOT_SET."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_never_set() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f(l: String @fromContext(field: "$c { locale }")): Int
    }
    """
    assert error_codes(a) == {"CONTEXT_NOT_SET"}
