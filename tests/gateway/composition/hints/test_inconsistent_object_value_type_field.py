"""The hint INCONSISTENT_OBJECT_VALUE_TYPE_FIELD."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_field_in_one() -> None:
    a = """
    type Query {
      v: V @shareable
    }

    type V @shareable {
      x: Int
      y: Int
    }
    """
    b = """
    type V @shareable {
      x: Int
    }
    """
    assert "INCONSISTENT_OBJECT_VALUE_TYPE_FIELD" in hint_codes(a, b)
