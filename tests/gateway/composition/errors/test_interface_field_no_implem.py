"""The error INTERFACE_FIELD_NO_IMPLEM."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_field_in_one_subgraph_only() -> None:
    a = """
    type Query {
      i: I
    }

    interface I {
      x: Int
      y: Int
    }

    type A implements I @key(fields: "id") {
      id: ID!
      x: Int
      y: Int
    }
    """
    b = """
    interface I {
      x: Int
    }

    type B implements I {
      x: Int
    }
    """
    assert error_codes(a, b) == {"INTERFACE_FIELD_NO_IMPLEM"}
