"""The error KEY_UNSUPPORTED_ON_INTERFACE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_before_v2_3() -> None:
    a = """
    type Query {
      t: T
    }

    interface T @key(fields: "id") {
      id: ID!
    }
    """
    assert error_codes(a, version="v2.2") == {"KEY_UNSUPPORTED_ON_INTERFACE"}


def test_since_v2_3() -> None:
    a = """
    type Query {
      t: T
    }

    interface T @key(fields: "id") {
      id: ID!
    }

    type A implements T @key(fields: "id") {
      id: ID!
    }
    """
    assert not error_codes(a, version="v2.3")
