"""The narrowest type that a list of values has in common."""

from __future__ import annotations

import pytest

from subgraphs.questions.bank.infer_types import infer_type
from subgraphs.questions.bank.type_language import JsonValue


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1, 2], "int"),
        ([1, 2**31], "long"),
        ([1, 2**40, 0.5], "float"),
        ([2**53], "any"),
        ([True, False], "bool"),
        ([True, 1], "any"),
        (["a", None], "string?"),
        ([None, 1, None], "int?"),
        ([1, "a"], "any"),
        ([None], "any"),
        ([[]], "any"),
        ([[], [1]], "int[]"),
        ([[1], [2.5]], "float[]"),
        ([[1, None], []], "int?[]"),
        ([[1], None], "int[]?"),
        ([[[]], [[], ["a"]]], "string[][]"),
        ([[[1], 2]], "any"),
        ([{"a": 1}, {"b": 2}, {}], "map<string,int>"),
        ([{"a": [1]}, {"b": []}], "map<string,int[]>"),
        ([{"a": 1, "b": "x"}], "any"),
        ([{}], "any"),
        ([[{"a": None}, {"a": {"x": 1}}]], "map<string,map<string,int>?>[]"),
        ([[[[[[1]]]]]], "any"),
        ([], "any"),
    ],
)
def test_the_narrowest_common_type_is_found(values: list[JsonValue], expected: str) -> None:
    assert str(infer_type(values)) == expected
