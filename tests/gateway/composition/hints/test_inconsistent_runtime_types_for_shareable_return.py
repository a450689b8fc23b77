"""The hint INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_one_member_more() -> None:
    a = """
    type Query {
      u: U @shareable
    }

    union U = A | B

    type A @shareable {
      x: Int
    }

    type B {
      y: Int
    }
    """
    b = """
    type Query {
      u: U @shareable
    }

    union U = A

    type A @shareable {
      x: Int
    }
    """
    assert "INCONSISTENT_RUNTIME_TYPES_FOR_SHAREABLE_RETURN" in hint_codes(a, b)
