"""The error IMPLEMENTED_BY_INACCESSIBLE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_field_that_an_interface_shows() -> None:
    a = """
    type Query {
      i: I
    }

    interface I {
      x: Int
    }

    type A implements I {
      x: Int @inaccessible
      y: Int
    }
    """
    assert error_codes(a) == {"IMPLEMENTED_BY_INACCESSIBLE"}
