"""The error INVALID_SUBGRAPH_NAME."""

from __future__ import annotations

from gateway.composition import SubgraphDefinition, compose
from tests.gateway.composition.composing import with_link

SDL = with_link("type Query { q: Int @shareable }")


def codes_of_names(*names: str) -> set[str]:
    result = compose([SubgraphDefinition(name, "http://x", SDL) for name in names])
    return {error.code.value for error in result.errors}


def test_reserved_name() -> None:
    assert codes_of_names("_") == {"INVALID_SUBGRAPH_NAME"}


def test_two_of_one_name() -> None:
    assert codes_of_names("a", "a") == {"INVALID_SUBGRAPH_NAME"}


def test_names_that_differ_in_signs_only() -> None:
    assert not codes_of_names("a-b", "a.b", "1ab")
