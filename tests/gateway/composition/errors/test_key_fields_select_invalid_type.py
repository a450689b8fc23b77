"""The error KEY_FIELDS_SELECT_INVALID_TYPE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_a_union() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "u { ... on A { x } }") {
      u: U
    }

    union U = A

    type A {
      x: Int
    }
    """
    assert error_codes(a) == {"KEY_FIELDS_SELECT_INVALID_TYPE"}


def test_an_interface() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "i { x }") {
      i: I
    }

    interface I {
      x: Int
    }

    type A implements I {
      x: Int
    }
    """
    assert error_codes(a) == {"KEY_FIELDS_SELECT_INVALID_TYPE"}
