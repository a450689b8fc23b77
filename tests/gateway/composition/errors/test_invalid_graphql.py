"""The error INVALID_GRAPHQL."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_syntax() -> None:
    a = "type Query {"
    assert error_codes(a) == {"INVALID_GRAPHQL"}


def test_unknown_type() -> None:
    a = """
    type Query {
      a: Nothing
    }
    """
    assert error_codes(a) == {"INVALID_GRAPHQL"}


def test_two_fields_of_one_name() -> None:
    a = """
    type Query {
      a: Int
      a: Int
    }
    """
    assert error_codes(a) == {"INVALID_GRAPHQL"}


def test_interface_field_missing() -> None:
    a = """
    type Query {
      a: A
    }

    interface I {
      x: Int
    }

    type A implements I {
      y: Int
    }
    """
    assert error_codes(a) == {"INVALID_GRAPHQL"}


def test_arguments_may_be_repeated() -> None:
    a = """
    type Query {
      a(x: Int, x: Int): Int
    }
    """
    assert not error_codes(a)
