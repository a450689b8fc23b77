"""The error TYPE_WITH_ONLY_UNUSED_EXTERNAL."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_in_federation_1() -> None:
    a = """
    # fed1
    type Query {
      t: T
    }

    type T {
      f: Int @external
    }
    """
    b = """
    type Query {
      x: Int
    }

    type T {
      f: Int @shareable
    }
    """
    assert error_codes(a, b) == {"TYPE_WITH_ONLY_UNUSED_EXTERNAL"}
