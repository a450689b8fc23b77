"""The error KEY_FIELDS_HAS_ARGS."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_field_with_arguments() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "f") {
      f(x: Int): Int
    }
    """
    assert error_codes(a) == {"KEY_FIELDS_HAS_ARGS"}


def test_field_without_arguments() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "f") {
      f: Int
    }
    """
    assert not error_codes(a)
