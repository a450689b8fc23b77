"""The hint INCONSISTENT_ENTITY."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_key_in_one() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID! @shareable
    }
    """
    b = """
    type Query {
      s: T
    }

    type T {
      id: ID! @shareable
    }
    """
    assert "INCONSISTENT_ENTITY" in hint_codes(a, b)
