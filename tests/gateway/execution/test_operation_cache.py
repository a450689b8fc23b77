"""OperationCache: what is kept under which key, what is refused, and what a request can change."""

from __future__ import annotations

import pytest
from graphql import DocumentNode, GraphQLSchema, OperationDefinitionNode, build_schema, parse

from gateway.execution import OperationCache, OperationCacheSettings, OperationRejected
from gateway.planning.query_plan import QueryPlan

SCHEMA = build_schema("type Query { a: Int b: Int }")


class CountingPlanner:
    """Makes empty plans and counts them."""

    def __init__(self) -> None:
        self.planned: list[tuple[str | None, frozenset[str]]] = []

    def plan(
        self, document: DocumentNode, operation_name: str | None = None, override_labels: frozenset[str] = frozenset()
    ) -> QueryPlan:
        self.planned.append((operation_name, override_labels))
        return QueryPlan("query", operation_name, (), (), "Query")


def test_an_operation_is_prepared_once() -> None:
    planner = CountingPlanner()
    cache = OperationCache(SCHEMA, planner)
    assert cache.prepare("{ a }") is cache.prepare("{ a }")
    assert (len(planner.planned), cache.hits, cache.misses) == (1, 1, 1)


def test_text_name_labels_and_variant_are_all_part_of_the_key() -> None:
    planner = CountingPlanner()
    cache = OperationCache(SCHEMA, planner)
    text = "query A { a } query B { b }"
    prepared = [
        cache.prepare(text, "A"),
        cache.prepare(text, "B"),
        cache.prepare(text, "A", frozenset({"new"})),
        cache.prepare(text, "A", variant="scope:read"),
    ]
    assert len(set(map(id, prepared))) == len(planner.planned) == 4
    assert [operation.operation_name for operation in prepared] == ["A", "B", "A", "A"]


def test_the_operation_not_used_for_longest_goes_first() -> None:
    cache = OperationCache(SCHEMA, CountingPlanner(), OperationCacheSettings(max_operations=2))
    cache.prepare("{ a }")
    cache.prepare("{ b }")
    cache.prepare("{ a }")
    cache.prepare("{ a b }")
    assert cache.known_operations() == [("{ a b }", None), ("{ a }", None)]
    assert len(cache) == 2


def test_a_rewrite_changes_what_is_planned_but_not_what_is_validated() -> None:
    seen: list[int] = []

    def only_a(document: DocumentNode, schema: GraphQLSchema) -> DocumentNode:
        seen.append(len(document.definitions))
        return parse("{ a }")

    cache = OperationCache(SCHEMA, CountingPlanner())
    rewritten = cache.prepare("{ a b }", variant="few", rewrite=only_a)
    assert isinstance(rewritten.operation, OperationDefinitionNode)
    assert len(rewritten.operation.selection_set.selections) == 1
    assert len(cache.prepare("{ a b }").operation.selection_set.selections) == 2
    with pytest.raises(OperationRejected, match="Cannot query field 'c'"):
        cache.prepare("{ c }", variant="few", rewrite=only_a)
    assert seen == [1]


def test_a_check_may_refuse_a_parsed_document_before_validation() -> None:
    def refuse(document: DocumentNode) -> None:
        raise ValueError(f"{len(document.definitions)} is too much")

    cache = OperationCache(SCHEMA, CountingPlanner())
    with pytest.raises(ValueError, match="1 is too much"):
        cache.prepare("{ unknown }", check=refuse)


@pytest.mark.parametrize(
    ("text", "name", "message"),
    [
        ("{ a ", None, "Syntax Error: Expected Name, found <EOF>."),
        ("{ a { } }", None, "Syntax Error: Expected Name, found '}'."),
        ("{ nope }", None, "Cannot query field 'nope' on type 'Query'."),
        ("query A { a } query B { b }", None, "Must provide operation name if query contains multiple operations."),
        ("query A { a }", "B", 'Unknown operation named "B".'),
        ("fragment F on Query { a }", None, "Fragment 'F' is never used."),
    ],
)
def test_what_cannot_be_answered_is_refused(text: str, name: str | None, message: str) -> None:
    cache = OperationCache(SCHEMA, CountingPlanner())
    with pytest.raises(OperationRejected) as refused:
        cache.prepare(text, name)
    assert refused.value.errors[0].message == message
    assert len(cache) == 0


def test_a_text_with_too_many_tokens_is_refused_by_the_parser() -> None:
    cache = OperationCache(SCHEMA, CountingPlanner(), OperationCacheSettings(max_tokens=10))
    with pytest.raises(OperationRejected, match="more than 10 tokens"):
        cache.prepare("{ " + "a " * 20 + "}")


def test_warming_up_tells_what_could_not_be_prepared() -> None:
    cache = OperationCache(SCHEMA, CountingPlanner())
    refused = cache.warm_up([("{ a }", None), ("{ nope }", None)])
    assert [operation for operation, _ in refused] == [("{ nope }", None)]
    assert cache.known_operations() == [("{ a }", None)]
