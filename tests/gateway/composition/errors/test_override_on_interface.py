"""The error OVERRIDE_ON_INTERFACE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_interface_field() -> None:
    a = """
    type Query {
      i: I
    }

    interface I {
      x: Int @override(from: "b")
    }

    type A implements I {
      x: Int
    }
    """
    b = """
    type Query {
      z: Int
    }
    """
    assert error_codes(a, b) == {"OVERRIDE_ON_INTERFACE"}
