"""Recipes for large arguments: the same values everywhere and for ever."""

from __future__ import annotations

from typing import Any

import pytest

from subgraphs.questions.bank.generated import RecipeError, follow_recipe, is_recipe


@pytest.mark.parametrize(
    ("recipe", "value"),
    [
        ({"$ints": {"count": 6, "min": 1, "max": 6, "seed": 1}}, [1, 6, 5, 2, 3, 3]),
        ({"$ints": {"count": 4, "min": -5, "max": 5, "seed": 7, "sorted": True}}, [-5, -4, -2, 2]),
        ({"$string": {"count": 5, "alphabet": "ab", "seed": 3}}, "ababb"),
        ({"$repeat": {"count": 3, "value": "ab"}}, "ababab"),
        ({"$repeat": {"count": 2, "value": [1, 2]}}, [1, 2, 1, 2]),
        ({"$repeat": {"count": 3, "value": 7}}, [7, 7, 7]),
        ({"$range": {"count": 3, "start": 5, "step": -2}}, [5, 3, 1]),
        ({"$range": {"count": 2, "start": 1}}, [1, 2]),
        ({"$ints": {"count": 0, "min": 1, "max": 6, "seed": 1}}, []),
    ],
)
def test_a_recipe_gives_the_same_value_everywhere(recipe: dict[str, Any], value: Any) -> None:
    assert is_recipe(recipe)
    assert follow_recipe(recipe) == value


@pytest.mark.parametrize(
    ("recipe", "wrong", "right"),
    [
        ({"$floats": {"count": 1}}, "'$floats' is not a recipe", "one of $ints, $string, $repeat, $range"),
        ({"$ints": {"count": 1}}, "the options of $ints do not fit", "{$ints: {count, min, max, seed}}, and sorted"),
        ({"$range": {"count": 1, "start": 0, "stop": 4}}, "the options of $range do not fit", "{count, start}"),
        ({"$range": {"count": 100_001, "start": 0}}, "count is 100001", "a whole number from 0 to 100000"),
        ({"$range": {"count": True, "start": 0}}, "count is True", "a whole number from 0 to 100000"),
        ({"$ints": {"count": 1, "min": 5, "max": 1, "seed": 0}}, "max is below min", "{$ints"),
        ({"$string": {"count": 1, "alphabet": "", "seed": 0}}, "the alphabet is empty", "{$string"),
        ({"$range": 5}, "the options of $range do not fit", "{count, start}"),
    ],
)
def test_a_recipe_that_cannot_be_followed_says_why(recipe: dict[str, Any], wrong: str, right: str) -> None:
    with pytest.raises(RecipeError) as caught:
        follow_recipe(recipe)
    assert wrong in str(caught.value)
    assert right in caught.value.right


@pytest.mark.parametrize("value", [[], {}, {"a": 1}, {"$ints": 1, "x": 2}, "$ints", None])
def test_other_values_are_no_recipes(value: Any) -> None:
    assert not is_recipe(value)
