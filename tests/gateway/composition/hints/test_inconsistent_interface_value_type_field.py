"""The hint INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_field_in_one() -> None:
    a = """
    type Query {
      v: I
    }

    interface I {
      x: Int
      y: Int
    }

    type A implements I @shareable {
      x: Int
      y: Int
    }
    """
    b = """
    interface I {
      x: Int
    }

    type A implements I @shareable {
      x: Int
      y: Int
    }
    """
    assert "INCONSISTENT_INTERFACE_VALUE_TYPE_FIELD" in hint_codes(a, b)
