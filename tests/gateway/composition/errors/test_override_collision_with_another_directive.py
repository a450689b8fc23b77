"""The error OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_external() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @external @override(from: "b")
      g: Int @requires(fields: "f")
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int
    }
    """
    assert error_codes(a, b) == {"OVERRIDE_COLLISION_WITH_ANOTHER_DIRECTIVE"}
