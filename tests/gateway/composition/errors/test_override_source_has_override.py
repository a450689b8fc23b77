"""The error OVERRIDE_SOURCE_HAS_OVERRIDE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_both_override() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @override(from: "b")
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int @override(from: "a")
    }
    """
    assert error_codes(a, b) == {"OVERRIDE_SOURCE_HAS_OVERRIDE", "INVALID_FIELD_SHARING"}
