"""The error SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_no_type_in_common() -> None:
    a = """
    type Query {
      u: U @shareable
    }

    union U = A

    type A {
      x: Int
    }
    """
    b = """
    type Query {
      u: U @shareable
    }

    union U = B

    type B {
      y: Int
    }
    """
    assert error_codes(a, b) == {"SHAREABLE_HAS_MISMATCHED_RUNTIME_TYPES"}
