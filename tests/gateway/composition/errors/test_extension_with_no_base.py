"""The error EXTENSION_WITH_NO_BASE."""

from __future__ import annotations

from tests.gateway.composition.composing import error_codes


def test_nobody_defines_it() -> None:
    a = """
    # fed1
    type Query {
      q: T
    }

    extend type T {
      x: Int
    }
    """
    assert error_codes(a) == {"EXTENSION_WITH_NO_BASE"}


def test_another_subgraph_defines_it() -> None:
    a = """
    # fed1
    type Query {
      q: Int
    }

    extend type T @key(fields: "id") {
      id: ID! @external
      x: Int
    }
    """
    b = """
    # fed1
    type T @key(fields: "id") {
      id: ID!
    }
    """
    assert not error_codes(a, b)
