"""The error REQUIRED_INACCESSIBLE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_required_argument() -> None:
    a = """
    type Query {
      a(x: Int! @inaccessible): Int
    }
    """
    assert error_codes(a) == {"REQUIRED_INACCESSIBLE"}


def test_with_a_default() -> None:
    a = """
    type Query {
      a(x: Int! = 1 @inaccessible): Int
    }
    """
    assert not error_codes(a)
