"""The error EXTERNAL_ON_INTERFACE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_interface_field() -> None:
    a = """
    type Query {
      i: I
    }

    interface I {
      x: Int @external
    }

    type A implements I {
      x: Int
    }
    """
    assert error_codes(a) == {"EXTERNAL_ON_INTERFACE", "EXTERNAL_UNUSED"}
