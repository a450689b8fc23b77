"""The error REFERENCED_INACCESSIBLE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_type_of_a_visible_field() -> None:
    a = """
    type Query {
      a: Int
      t: T
    }

    type T @inaccessible {
      x: Int
    }
    """
    assert error_codes(a) == {"REFERENCED_INACCESSIBLE"}


def test_the_field_is_hidden_too() -> None:
    a = """
    type Query {
      a: Int
      t: T @inaccessible
    }

    type T @inaccessible {
      x: Int
    }
    """
    assert not error_codes(a)
