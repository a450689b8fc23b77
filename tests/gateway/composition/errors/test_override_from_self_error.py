"""The error OVERRIDE_FROM_SELF_ERROR."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_own_name() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @override(from: "a")
    }
    """
    assert error_codes(a) == {"OVERRIDE_FROM_SELF_ERROR"}
