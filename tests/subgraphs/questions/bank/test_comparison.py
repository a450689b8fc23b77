"""The rule by which answers are judged. The vectors are data, so that the judge's own implementation is held against them too."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from subgraphs.questions.bank.comparison import answers_match
from subgraphs.questions.bank.question import FloatComparison, comparison_from_json, comparison_to_json

VECTORS: list[dict[str, Any]] = json.loads((Path(__file__).parent / "comparison_vectors.json").read_text("utf-8"))


@pytest.mark.parametrize("vector", VECTORS, ids=json.dumps)
def test_answers_are_judged_as_the_vectors_say(vector: dict[str, Any]) -> None:
    comparison = comparison_from_json(vector["comparison"])
    assert answers_match(comparison, vector["expected"], vector["actual"]) is vector["matches"]


@pytest.mark.parametrize("vector", VECTORS, ids=json.dumps)
def test_a_stored_comparison_reads_back_as_it_was(vector: dict[str, Any]) -> None:
    assert comparison_to_json(comparison_from_json(vector["comparison"])) == vector["comparison"]


@pytest.mark.parametrize("mode", ["exact", "float", "any_order"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_nan_and_infinity_match_nothing_not_even_themselves(mode: Any, value: float) -> None:
    assert not answers_match(comparison_from_json({"mode": mode}), [value], [value])


def test_the_tolerance_is_one_millionth_unless_given() -> None:
    assert comparison_from_json({"mode": "float"}) == FloatComparison(1e-6)
