"""The error TYPE_KIND_MISMATCH."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_object_and_interface() -> None:
    a = """
    type Query {
      q: Int
    }

    type T {
      x: Int @shareable
    }
    """
    b = """
    interface T {
      x: Int
    }
    """
    assert error_codes(a, b) == {"TYPE_KIND_MISMATCH"}


def test_enum_and_scalar() -> None:
    a = """
    type Query {
      q: Int
    }

    enum T {
      A
    }
    """
    b = "scalar T"
    assert error_codes(a, b) == {"TYPE_KIND_MISMATCH"}
