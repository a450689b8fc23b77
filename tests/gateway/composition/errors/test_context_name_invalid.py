"""The error CONTEXT_NAME_INVALID."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_underscore() -> None:
    a = """
    type Query {
      u: U
    }

    type U @key(fields: "id") @context(name: "_c") {
      id: ID!
    }
    """
    assert error_codes(a) == {"CONTEXT_NAME_INVALID"}
