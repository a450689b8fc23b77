"""Large arguments without large files: `{$ints: {count: 20000, min: 1, max: 9, seed: 7}}` stands for 20,000 numbers.

The same recipe gives the same value on every machine and Python: only `random.random()` is used, which is stable by promise.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from .type_language import JsonValue

MAX_COUNT = 100_000  # elements of one generated value


class RecipeError(ValueError):
    """Raised when a recipe cannot be followed; the message says what is wrong, `right` what would be right."""

    def __init__(self, wrong: str, right: str) -> None:
        self.right = right
        super().__init__(wrong)


def is_recipe(value: JsonValue) -> bool:
    """A mapping with one key that begins with `$`."""
    return isinstance(value, dict) and len(value) == 1 and str(next(iter(value))).startswith("$")


def follow_recipe(recipe: dict[str, Any]) -> JsonValue:
    """Make the value that the recipe stands for. Raises RecipeError."""
    name, options = next(iter(recipe.items()))
    if name not in _MAKERS:
        raise RecipeError(f"{name!r} is not a recipe", "one of " + ", ".join(_MAKERS))
    maker, required, optional = _MAKERS[name]
    usage = f"{{{name}: {{{', '.join(required)}}}}}" + (f", and {', '.join(optional)} if wanted" if optional else "")
    if not isinstance(options, dict) or not set(required) <= options.keys() <= {*required, *optional}:
        raise RecipeError(f"the options of {name} do not fit", usage)
    count = options["count"]
    if isinstance(count, bool) or not isinstance(count, int) or not 0 <= count <= MAX_COUNT:
        raise RecipeError(f"count is {count!r}", f"a whole number from 0 to {MAX_COUNT}")
    try:
        return maker(**options)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise RecipeError(f"the options of {name} do not fit: {error}", usage) from error


def _ints(count: int, min: int, max: int, seed: int, sorted: bool = False) -> list[int]:
    chance = random.Random(seed)
    span = max - min + 1
    if span < 1:
        raise ValueError("max is below min")
    values = [min + int(chance.random() * span) for _ in range(count)]
    if sorted:
        values.sort()
    return values


def _string(count: int, alphabet: str, seed: int) -> str:
    chance = random.Random(seed)
    if not alphabet:
        raise ValueError("the alphabet is empty")
    return "".join(alphabet[int(chance.random() * len(alphabet))] for _ in range(count))


def _repeat(count: int, value: JsonValue) -> JsonValue:
    """A text is repeated as text, a list end to end, anything else as the elements of a list."""
    if isinstance(value, str | list):
        return value * count
    return [value] * count


def _range(count: int, start: int, step: int = 1) -> list[int]:
    return [start + index * step for index in range(count)]


_Maker = tuple[Callable[..., JsonValue], tuple[str, ...], tuple[str, ...]]
_MAKERS: dict[str, _Maker] = {
    "$ints": (_ints, ("count", "min", "max", "seed"), ("sorted",)),
    "$string": (_string, ("count", "alphabet", "seed"), ()),
    "$repeat": (_repeat, ("count", "value"), ()),
    "$range": (_range, ("count", "start"), ("step",)),
}
