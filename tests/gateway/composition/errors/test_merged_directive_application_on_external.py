"""The error MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_tag() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @external @tag(name: "x")
      g: Int @requires(fields: "f")
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int
    }
    """
    assert error_codes(a, b) == {"MERGED_DIRECTIVE_APPLICATION_ON_EXTERNAL"}
