"""The error MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED."""

from __future__ import annotations

from tests.gateway.composition.composing import composed

A = 'type Query { t: T } type T @key(fields: "id") { id: ID! t: T @shareable u: T @shareable }'
B = 'type T @key(fields: "id") { id: ID! t: T @shareable u: T @shareable }'


def test_more_paths_than_allowed() -> None:
    result = composed(A, B, max_paths=1)
    assert [error.code for error in result.errors] == ["MAX_VALIDATION_SUBGRAPH_PATHS_EXCEEDED"]


def test_as_many_as_allowed() -> None:
    assert not composed(A, B).errors
