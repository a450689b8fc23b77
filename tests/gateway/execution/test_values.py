"""Values on their way out and in: leaf types, merging, and variables as graphql-core coerces them."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLEnumType, GraphQLError, OperationDefinitionNode, build_schema, parse
from graphql.execution import get_variable_values

from gateway.execution import InvalidVariables, VariableCoercion
from gateway.execution.leaf_values import BUILT_IN_COMPLETERS, InvalidLeafValue, leaf_completer
from gateway.execution.response_tree import merge_object


@pytest.mark.parametrize(
    ("type_name", "sent", "completed"),
    [
        ("Int", 3, 3), ("Int", 3.0, 3), ("Int", True, 1), ("Int", -(2**31), -(2**31)),
        ("Float", 1, 1), ("Float", 1.5, 1.5), ("Float", True, 1.0),
        ("String", "x", "x"), ("String", 7, "7"), ("String", True, "true"), ("String", 1.5, "1.5"),
        ("ID", "x", "x"), ("ID", 7, "7"),
        ("Boolean", False, False), ("Boolean", 0, False), ("Boolean", 2.5, True),
    ],
)  # fmt: skip
def test_leaf_values_become_what_their_type_says(type_name: str, sent: Any, completed: Any) -> None:
    result = BUILT_IN_COMPLETERS[type_name](sent)
    assert (result, type(result)) == (completed, type(completed))


@pytest.mark.parametrize(
    ("type_name", "sent"),
    [
        ("Int", "3"), ("Int", 2**31), ("Int", 1.5), ("Int", []),
        ("Float", "1"), ("Float", float("inf")),
        ("String", ["x"]), ("String", {}), ("ID", 1.5), ("ID", True), ("Boolean", "true"),
    ],
)  # fmt: skip
def test_leaf_values_of_the_wrong_type_are_refused(type_name: str, sent: Any) -> None:
    with pytest.raises(InvalidLeafValue, match=f"^{type_name} cannot represent "):
        BUILT_IN_COMPLETERS[type_name](sent)


def test_an_enum_takes_only_its_own_values() -> None:
    complete = leaf_completer(GraphQLEnumType("Size", {"S": "S", "M": "M"}))
    assert complete("S") == "S"
    for value in ("L", 1, ["S"]):
        with pytest.raises(InvalidLeafValue):
            complete(value)


def test_merging_keeps_the_name_of_an_object_type_over_that_of_an_interface() -> None:
    target: dict[str, Any] = {"__typename": "Chair", "x": {"__typename": "Item"}}
    merge_object(target, {"__typename": "Item", "stars": 5, "x": {"__typename": "Lamp"}}, {"Chair", "Lamp"})
    assert target == {"__typename": "Chair", "stars": 5, "x": {"__typename": "Lamp"}}


def test_lists_of_one_length_merge_item_by_item_and_others_are_replaced() -> None:
    target: dict[str, Any] = {"a": [{"x": 1}, None, [{"y": 1}]], "b": [1, 2]}
    merge_object(target, {"a": [{"z": 2}, {"x": 3}, [{"z": 4}]], "b": [3]}, frozenset())
    assert target == {"a": [{"x": 1, "z": 2}, {"x": 3}, [{"y": 1, "z": 4}]], "b": [3]}


SCHEMA = build_schema("""
type Query { f(a: Int): Int }
enum Size { S M }
input By { text: String! = "all" size: Size tags: [String!] deep: By n: Int }
scalar Json
""")
VARIABLES = """
$i: Int, $r: Int!, $f: Float, $s: String = "d", $id: ID, $b: Boolean! = true, $e: Size, $l: [Int!], $by: By, $j: Json, $n: String
"""


def definitions() -> OperationDefinitionNode:
    operation = parse(f"query ({VARIABLES}) {{ f }}").definitions[0]
    assert isinstance(operation, OperationDefinitionNode)
    return operation


@pytest.mark.parametrize(
    "given",
    [
        {"r": 1},
        {"r": 1, "i": 2, "f": 1.5, "s": "x", "id": "7", "b": False, "e": "S", "l": [1], "by": {}, "j": {"a": [1]}},
        {"r": 1, "f": 2, "id": 7, "l": 3, "by": {"size": "M", "tags": "one", "deep": {"n": 1}}, "n": None},
        {"r": 1, "s": None, "unknown": 5, "j": None},
        {}, {"r": None}, {"r": "1"}, {"r": 1.0}, {"r": 2**31}, {"r": True}, {"r": 1, "b": None}, {"r": 1, "e": "L"},
        {"r": 1, "by": {"text": None}}, {"r": 1, "by": {"other": 1}}, {"r": 1, "by": 7}, {"r": 1, "l": [None]},
        {"r": 1, "f": "x"}, {"r": 1, "s": 5}, {"r": 1, "id": 1.5}, {"r": "x", "e": 5, "b": "no"},
    ],
)  # fmt: skip
def test_variables_are_coerced_as_graphql_core_does(given: dict[str, Any]) -> None:
    operation = definitions()
    expected = get_variable_values(SCHEMA, operation.variable_definitions or (), dict(given))
    coercion = VariableCoercion(SCHEMA, operation)
    if isinstance(expected, list):
        with pytest.raises(InvalidVariables) as refused:
            coercion.coerce(given)
        assert [error.message for error in refused.value.errors] == [error.message for error in expected]
        assert all(isinstance(error, GraphQLError) for error in refused.value.errors)
    else:
        coerced = coercion.coerce(given)
        assert coerced == expected.coerced
        assert {key: type(value) for key, value in coerced.items()} == {
            key: type(value) for key, value in expected.coerced.items()
        }
