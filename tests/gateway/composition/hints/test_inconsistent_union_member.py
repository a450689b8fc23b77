"""The hint INCONSISTENT_UNION_MEMBER."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_member_in_one() -> None:
    a = """
    type Query {
      u: U
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
    union U = A

    type A @shareable {
      x: Int
    }
    """
    assert "INCONSISTENT_UNION_MEMBER" in hint_codes(a, b)
