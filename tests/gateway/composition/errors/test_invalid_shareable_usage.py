"""The error INVALID_SHAREABLE_USAGE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_interface_field() -> None:
    a = """
    type Query {
      i: I
    }

    interface I {
      x: Int @shareable
    }

    type A implements I {
      x: Int
    }
    """
    assert error_codes(a) == {"INVALID_SHAREABLE_USAGE"}


def test_twice() -> None:
    a = """
    type Query {
      x: Int @shareable @shareable
    }
    """
    assert error_codes(a) == {"INVALID_SHAREABLE_USAGE"}
