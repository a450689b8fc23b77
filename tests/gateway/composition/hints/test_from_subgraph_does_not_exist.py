"""The hint FROM_SUBGRAPH_DOES_NOT_EXIST."""

from __future__ import annotations

from tests.gateway.composition.composing import hint_codes


def test_unknown_subgraph() -> None:
    a = """
    type Query {
      t: T
    }

    type T @key(fields: "id") {
      id: ID!
      f: Int @override(from: "zzz")
    }
    """
    assert "FROM_SUBGRAPH_DOES_NOT_EXIST" in hint_codes(a)
