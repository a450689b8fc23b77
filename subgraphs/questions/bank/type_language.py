"""The small type language of question signatures: `int[][]`, `int?[]`, `map<string,int>`.

Turns the text of a type into a frozen value, and says in words what keeps a JSON value from being of that type.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, assert_never

JsonValue: TypeAlias = Any

Base = Literal["int", "long", "float", "bool", "string", "any"]
BASES: tuple[Base, ...] = ("int", "long", "float", "bool", "string", "any")
MAP_PREFIX = "map<string,"
MAX_DEPTH = 4  # int[][][][] is as deep as a signature can be read
INT_MAX = 2**31 - 1  # Java and C++ `int`
_SURROGATE = re.compile("[\ud800-\udfff]")
LONG_MAX = 2**53 - 1  # the largest integer that JavaScript holds exactly


@dataclass(frozen=True, slots=True)
class BaseType:
    """One of the six named types."""

    name: Base

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class ArrayType:
    """`T[]`"""

    element: ValueType

    def __str__(self) -> str:
        return f"{self.element}[]"


@dataclass(frozen=True, slots=True)
class NullableType:
    """`T?`: null is a value too."""

    inner: ValueType

    def __str__(self) -> str:
        return f"{self.inner}?"


@dataclass(frozen=True, slots=True)
class MapType:
    """`map<string,T>`: keys are always strings, as in JSON."""

    value: ValueType

    def __str__(self) -> str:
        return f"{MAP_PREFIX}{self.value}>"


ValueType: TypeAlias = BaseType | ArrayType | NullableType | MapType


class TypeSyntaxError(ValueError):
    """Raised when a text is not a type of the language; the message says what would be."""

    def __init__(self, text: str, reason: str) -> None:
        self.text = text
        super().__init__(
            f"`{text}` is not a type: {reason}. Types are {', '.join(BASES)}, T[] (array), T? (nullable), map<string,T>"
        )


def parse_type(text: str) -> ValueType:
    """Read a type such as `int?[][]`. Raises TypeSyntaxError."""
    compact = re.sub(r"\s+", "", text)
    value_type = _parse(compact, text)
    if nesting(value_type) > MAX_DEPTH:
        raise TypeSyntaxError(text, f"it is nested more than {MAX_DEPTH} deep")
    return value_type


def value_error(value_type: ValueType, value: JsonValue, path: str = "") -> str | None:
    """Say why `value` is not of the type, naming the place inside it (`[2][0]`); None when it is."""
    match value_type:
        case NullableType(inner):
            return None if value is None else value_error(inner, value, path)
        case ArrayType(element):
            if not isinstance(value, list):
                return _mismatch(path, value_type, value)
            if _are_plain(element, value):
                return None
            problems = (value_error(element, item, f"{path}[{index}]") for index, item in enumerate(value))
            return next((problem for problem in problems if problem), None)
        case MapType(item_type):
            if not isinstance(value, dict):
                return _mismatch(path, value_type, value)
            wrong_key = next((key for key in value if not isinstance(key, str)), None)
            if wrong_key is not None:
                return f"{path or 'the value'} has the key {wrong_key!r}, which is not a string: put it in quotes"
            problems = (value_error(item_type, item, f"{path}[{key!r}]") for key, item in value.items())
            return next((problem for problem in problems if problem), None)
        case BaseType():
            return _base_error(value_type, value, path)
        case _:
            assert_never(value_type)


def unstorable_text(value: JsonValue, path: str = "") -> str | None:
    """Name the first text inside with a NUL or half a surrogate pair, which PostgreSQL cannot store; None when all is well."""
    match value:
        case str():
            return path or "the text" if "\x00" in value or _SURROGATE.search(value) else None
        case list():
            return next((e for i, item in enumerate(value) if (e := unstorable_text(item, f"{path}[{i}]"))), None)
        case dict():
            return next(
                (e for k, v in value.items() if (e := unstorable_text(k, path) or unstorable_text(v, f"{path}.{k}"))),
                None,
            )
        case _:
            return None


def contains_base(value_type: ValueType, base: Base) -> bool:
    """Whether the base type occurs anywhere inside the type."""
    match value_type:
        case BaseType(name):
            return name == base
        case ArrayType(inner) | NullableType(inner) | MapType(inner):
            return contains_base(inner, base)
        case _:
            assert_never(value_type)


def array_depth(value_type: ValueType) -> int:
    """How many array levels there are from the outside in: `int[][]` has 2."""
    depth = 0
    while isinstance(value_type, ArrayType):
        depth += 1
        value_type = value_type.element
    return depth


def _parse(text: str, whole: str) -> ValueType:
    if text.endswith("[]"):
        return ArrayType(_parse(text[:-2], whole))
    if text.endswith("?"):
        inner = _parse(text[:-1], whole)
        if isinstance(inner, NullableType) or inner == BaseType("any"):
            raise TypeSyntaxError(whole, f"`{inner}` is nullable already")
        return NullableType(inner)
    if text.startswith(MAP_PREFIX) and text.endswith(">"):
        return MapType(_parse(text[len(MAP_PREFIX) : -1], whole))
    for base in BASES:
        if text == base:
            return BaseType(base)
    raise TypeSyntaxError(whole, f"`{text}` is unknown" if text else "a type is missing")


def nesting(value_type: ValueType) -> int:
    """How many arrays and maps lie around the innermost type."""
    match value_type:
        case BaseType():
            return 0
        case NullableType(inner):
            return nesting(inner)
        case ArrayType(inner) | MapType(inner):
            return 1 + nesting(inner)
        case _:
            assert_never(value_type)


_PLAIN_TYPES: dict[Base, type] = {"int": int, "long": int, "bool": bool, "string": str}


def _are_plain(element: ValueType, values: list[JsonValue]) -> bool:
    """A quick yes for long arrays of simple values; a no means: look at each."""
    if not isinstance(element, BaseType) or element.name not in _PLAIN_TYPES or not values:
        return False
    if set(map(type, values)) != {_PLAIN_TYPES[element.name]}:
        return False
    if element.name in ("int", "long"):
        return not (_base_error(element, min(values), "") or _base_error(element, max(values), ""))
    return True


def _base_error(value_type: BaseType, value: JsonValue, path: str) -> str | None:
    match value_type.name:
        case "int" | "long":
            if isinstance(value, bool) or not isinstance(value, int):
                return _mismatch(path, value_type, value)
            limit = INT_MAX if value_type.name == "int" else LONG_MAX
            lowest = -limit - 1 if value_type.name == "int" else -limit
            if not lowest <= value <= limit:
                return f"{path or 'the value'} is {value}, outside of {value_type.name} ({lowest} to {limit})"
            return None
        case "float":
            if isinstance(value, bool) or not isinstance(value, int | float):
                return _mismatch(path, value_type, value)
            return (
                None if math.isfinite(value) else f"{path or 'the value'} is {value}: only finite numbers are allowed"
            )
        case "bool":
            return None if isinstance(value, bool) else _mismatch(path, value_type, value)
        case "string":
            return None if isinstance(value, str) else _mismatch(path, value_type, value)
        case "any":
            return _json_error(value, path)
        case _:
            assert_never(value_type.name)


def _json_error(value: JsonValue, path: str) -> str | None:
    match value:
        case None | bool() | int() | str():
            return None
        case float():
            return (
                None if math.isfinite(value) else f"{path or 'the value'} is {value}: only finite numbers are allowed"
            )
        case list():
            return next((e for i, item in enumerate(value) if (e := _json_error(item, f"{path}[{i}]"))), None)
        case dict():
            wrong_key = next((key for key in value if not isinstance(key, str)), None)
            if wrong_key is not None:
                return f"{path or 'the value'} has the key {wrong_key!r}, which is not a string: put it in quotes"
            return next((e for key, item in value.items() if (e := _json_error(item, f"{path}[{key!r}]"))), None)
        case _:
            return f"{path or 'the value'} is a {type(value).__name__}, which JSON does not have: put it in quotes"


def _mismatch(path: str, value_type: ValueType, value: JsonValue) -> str:
    shown = repr(value)
    if len(shown) > 60:
        shown = shown[:57] + "..."
    hint = ": put it in quotes" if value_type == BaseType("string") and not isinstance(value, list | dict) else ""
    return f"{path or 'the value'} is {shown}, which is not of type {value_type}{hint}"
