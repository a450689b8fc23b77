"""The error INVALID_FIELD_SHARING."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_not_shareable() -> None:
    a = """
    type Query {
      a: Int
    }
    """
    b = """
    type Query {
      a: Int
    }
    """
    assert error_codes(a, b) == {"INVALID_FIELD_SHARING"}


def test_shareable_in_one_only() -> None:
    a = """
    type Query {
      a: Int @shareable
    }
    """
    b = """
    type Query {
      a: Int
    }
    """
    assert error_codes(a, b) == {"INVALID_FIELD_SHARING"}


def test_shareable_in_both() -> None:
    a = """
    type Query {
      a: Int @shareable
    }
    """
    b = """
    type Query {
      a: Int @shareable
    }
    """
    assert not error_codes(a, b)
