"""The error AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_interface() -> None:
    a = """
    type Query {
      i: I
    }

    interface I @authenticated {
      x: Int
    }

    type A implements I {
      x: Int
    }
    """
    assert error_codes(a) == {"AUTH_REQUIREMENTS_APPLIED_ON_INTERFACE"}
