"""The hint UNUSED_ENUM_TYPE."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_no_field_uses_it() -> None:
    a = """
    type Query {
      a: Int
    }

    enum E {
      A
    }
    """
    assert "UNUSED_ENUM_TYPE" in hint_codes(a)


def test_used() -> None:
    a = """
    type Query {
      a: E
    }

    enum E {
      A
    }
    """
    assert "UNUSED_ENUM_TYPE" not in hint_codes(a)
