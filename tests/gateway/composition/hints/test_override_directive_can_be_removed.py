"""The hint OVERRIDE_DIRECTIVE_CAN_BE_REMOVED."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_old_field_gone() -> None:
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
      g: Int
    }
    """
    assert "OVERRIDE_DIRECTIVE_CAN_BE_REMOVED" in hint_codes(a, b)
