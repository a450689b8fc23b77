"""Types of arguments: what they are called, what belongs to them, and what is said about what does not."""

from __future__ import annotations

import pytest

from subgraphs.questions.bank.type_language import JsonValue, TypeSyntaxError, parse_type, value_error

TYPES = "int long[] float[][] bool? string?[] int[]? map<string,int[]> map<string,map<string,bool>>[] any[]"


@pytest.mark.parametrize("text", TYPES.split())
def test_a_type_is_printed_as_it_was_written(text: str) -> None:
    assert str(parse_type(text)) == text


def test_spaces_in_a_type_do_not_matter() -> None:
    assert parse_type("map<string, int [] >") == parse_type("map<string,int[]>")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("integer", "`integer` is unknown"),
        ("", "a type is missing"),
        ("[]", "a type is missing"),
        ("int??", "`int?` is nullable already"),
        ("any?", "`any` is nullable already"),
        ("map<int,int>", "`map<int,int>` is unknown"),
        ("int[][][][][]", "nested more than 4 deep"),
        ("list<int>", "Types are int, long, float, bool, string, any, T[] (array), T? (nullable), map<string,T>"),
    ],
)
def test_a_wrong_type_says_why_and_what_types_there_are(text: str, reason: str) -> None:
    with pytest.raises(TypeSyntaxError) as caught:
        parse_type(text)
    assert reason in str(caught.value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("int", -(2**31)),
        ("int", 2**31 - 1),
        ("long", 2**53 - 1),
        ("float", 3),
        ("float", -0.5),
        ("bool", False),
        ("string", ""),
        ("int?", None),
        ("int?[]", [1, None, 2]),
        ("int[][]", [[], [1, 2]]),
        ("map<string,int>", {"a": 1}),
        ("any", {"a": [1, None, "x", {"b": 2.5}]}),
        ("int[]", []),
    ],
)
def test_values_of_a_type_are_accepted(text: str, value: JsonValue) -> None:
    assert value_error(parse_type(text), value) is None


@pytest.mark.parametrize(
    ("text", "value", "message"),
    [
        ("int", 2**31, "the value is 2147483648, outside of int (-2147483648 to 2147483647)"),
        ("long[]", [1, 2**53], "[1] is 9007199254740992, outside of long (-9007199254740991 to 9007199254740991)"),
        ("int", True, "the value is True, which is not of type int"),
        ("int", 1.0, "the value is 1.0, which is not of type int"),
        ("int", None, "the value is None, which is not of type int"),
        ("bool", 0, "the value is 0, which is not of type bool"),
        ("string", 5, "the value is 5, which is not of type string: put it in quotes"),
        ("float", float("inf"), "the value is inf: only finite numbers are allowed"),
        ("int[][]", [[1], [2, "x"]], "[1][1] is 'x', which is not of type int"),
        ("int[][]", [[1], 2], "[1] is 2, which is not of type int[]"),
        ("map<string,int>", {"a": None}, "['a'] is None, which is not of type int"),
        ("map<string,int>", {1: 1}, "the value has the key 1, which is not a string: put it in quotes"),
        ("any", [float("nan")], "[0] is nan: only finite numbers are allowed"),
    ],
)
def test_a_value_of_another_type_is_named_with_its_place(text: str, value: JsonValue, message: str) -> None:
    assert value_error(parse_type(text), value) == message
