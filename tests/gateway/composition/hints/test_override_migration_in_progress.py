"""The hint OVERRIDE_MIGRATION_IN_PROGRESS."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_with_a_label() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @override(from: "b", label: "percent(5)")
    }
    """
    b = """
    type T @key(fields: "id") {
      id: ID!
      f: Int
    }
    """
    assert "OVERRIDE_MIGRATION_IN_PROGRESS" in hint_codes(a, b)
