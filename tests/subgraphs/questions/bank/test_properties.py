"""What holds for every value: inferred types accept what they were inferred from, types print and parse, comparisons are fair."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from subgraphs.questions.bank.comparison import answers_match
from subgraphs.questions.bank.infer_types import infer_type
from subgraphs.questions.bank.question import (
    AnyOrderComparison,
    ExactComparison,
    FloatComparison,
    Parameter,
    Signature,
)
from subgraphs.questions.bank.starter_code import write_starter_code
from subgraphs.questions.bank.type_language import ArrayType, BaseType, MapType, parse_type, value_error

JSON_VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=60)
@given(st.lists(JSON_VALUES, max_size=6))
def test_an_inferred_type_accepts_every_value_it_was_inferred_from(values: list[Any]) -> None:
    value_type = infer_type(values)
    assert [value_error(value_type, value) for value in values] == [None] * len(values)


@settings(max_examples=60)
@given(st.lists(JSON_VALUES, min_size=1, max_size=6))
def test_an_inferred_type_can_be_written_and_read_again(values: list[Any]) -> None:
    value_type = infer_type(values)
    assert parse_type(str(value_type)) == value_type


@settings(max_examples=60)
@given(st.lists(JSON_VALUES, min_size=1, max_size=4))
def test_python_starter_code_compiles_for_every_inferred_type(values: list[Any]) -> None:
    value_type = infer_type(values)
    wrapped = [value_type]
    if value_type != BaseType("any"):
        wrapped += [ArrayType(value_type), MapType(value_type)]
    for one in wrapped:
        for text in write_starter_code(Signature("solve_it", (Parameter("given", one),), one)).values():
            assert "solve" in text
        compile(next(iter(write_starter_code(Signature("f", (Parameter("x", one),), one)).values())), "starter", "exec")


@settings(max_examples=60)
@given(JSON_VALUES)
def test_an_answer_matches_itself_in_every_mode(value: Any) -> None:
    for comparison in (ExactComparison(), FloatComparison(1e-6), AnyOrderComparison(1), AnyOrderComparison(3)):
        assert answers_match(comparison, value, json.loads(json.dumps(value)))


@settings(max_examples=60)
@given(st.lists(JSON_VALUES, max_size=6), st.randoms(use_true_random=False))
def test_any_order_does_not_see_the_order(values: list[Any], chance: random.Random) -> None:
    shuffled = list(values)
    chance.shuffle(shuffled)
    assert answers_match(AnyOrderComparison(1), values, shuffled)


@settings(max_examples=60)
@given(st.lists(JSON_VALUES, max_size=5), JSON_VALUES)
def test_any_order_sees_a_value_too_many(values: list[Any], extra: Any) -> None:
    assert not answers_match(AnyOrderComparison(1), values, [*values, extra])


@settings(max_examples=60)
@given(JSON_VALUES, JSON_VALUES)
def test_exact_agrees_with_any_order_of_no_array(left: Any, right: Any) -> None:
    """Below the levels whose order is ignored, both rules have to be the same."""
    assert answers_match(ExactComparison(), left, right) == answers_match(AnyOrderComparison(0), left, right)
