"""The error COST_APPLIED_TO_INTERFACE_FIELD."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_interface_field() -> None:
    a = """
    type Query {
      i: I
    }

    interface I {
      x: Int @cost(weight: 2)
    }

    type A implements I {
      x: Int
    }
    """
    assert error_codes(a) == {"COST_APPLIED_TO_INTERFACE_FIELD"}
