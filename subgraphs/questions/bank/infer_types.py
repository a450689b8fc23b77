"""Infer types of the type language from example values: what is the narrowest type that all of them have?

3, 4 -> int      3, 2.5 -> float      [], [1] -> int[]      null, "a" -> string?      1, "a" -> any
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from .type_language import (
    INT_MAX,
    LONG_MAX,
    MAX_DEPTH,
    ArrayType,
    BaseType,
    JsonValue,
    MapType,
    NullableType,
    ValueType,
    contains_base,
    nesting,
)

ANY = BaseType("any")
_NUMBERS = ("int", "long", "float")  # each holds the ones before it


@dataclass(frozen=True, slots=True)
class _Shape:
    """A type in the making: `inner` is None as long as only nulls were seen, and for the elements of an empty array."""

    inner: ValueType | None = None
    is_nullable: bool = False


def infer_type(values: Iterable[JsonValue]) -> ValueType:
    """The narrowest type of all the values; `any` when they have none in common, or when none tells its type."""
    shape = _Shape()
    for value in values:
        shape = _unite(shape, _shape_of(value))
    value_type = _finish(shape)
    # A type with `any` inside (any[], map<string,any>) would promise a structure that helps no typed language.
    if contains_base(value_type, "any") or nesting(value_type) > MAX_DEPTH:
        return ANY
    return value_type


def _shape_of(value: JsonValue) -> _Shape:
    match value:
        case None:
            return _Shape(is_nullable=True)
        case bool():
            return _Shape(BaseType("bool"))
        case int() if abs(value) <= INT_MAX:
            return _Shape(BaseType("int"))
        case int():
            return _Shape(BaseType("long") if abs(value) <= LONG_MAX else ANY)
        case float():
            return _Shape(BaseType("float"))
        case str():
            return _Shape(BaseType("string"))
        case list():
            return _Shape(ArrayType(_as_type(_united(value))))
        case dict():
            return _Shape(MapType(_as_type(_united(value.values()))))
        case _:
            return _Shape(ANY)


# Inside of a type, "not known yet" has to be a type too; this one cannot be written by anybody.
_UNKNOWN = NullableType(NullableType(ANY))


def _as_type(shape: _Shape) -> ValueType:
    if shape.inner is None:
        return NullableType(_UNKNOWN) if shape.is_nullable else _UNKNOWN
    return NullableType(shape.inner) if shape.is_nullable else shape.inner


def _as_shape(value_type: ValueType) -> _Shape:
    if value_type == _UNKNOWN:
        return _Shape()
    if value_type == NullableType(_UNKNOWN):
        return _Shape(is_nullable=True)
    if isinstance(value_type, NullableType):
        return _Shape(value_type.inner, is_nullable=True)
    return _Shape(value_type)


def _united(values: Iterable[JsonValue]) -> _Shape:
    shape = _Shape()
    for value in values:
        shape = _unite(shape, _shape_of(value))
    return shape


def _unite(left: _Shape, right: _Shape) -> _Shape:
    is_nullable = left.is_nullable or right.is_nullable
    if left.inner is None or right.inner is None:
        return _Shape(right.inner if left.inner is None else left.inner, is_nullable)
    return _Shape(_unite_types(left.inner, right.inner), is_nullable)


def _unite_types(left: ValueType, right: ValueType) -> ValueType:
    match left, right:
        case ArrayType(a), ArrayType(b):
            return ArrayType(_as_type(_unite(_as_shape(a), _as_shape(b))))
        case MapType(a), MapType(b):
            return MapType(_as_type(_unite(_as_shape(a), _as_shape(b))))
        case BaseType(a), BaseType(b) if a in _NUMBERS and b in _NUMBERS:
            return left if _NUMBERS.index(a) >= _NUMBERS.index(b) else right
        case _:
            return left if left == right else ANY


def _finish(shape: _Shape) -> ValueType:
    """Settle what stayed unknown: nobody can tell what an array holds that is always empty."""
    if shape.inner is None:
        return ANY
    settled: ValueType
    match shape.inner:
        case ArrayType(element):
            settled = ArrayType(_finish(_as_shape(element)))
        case MapType(value):
            settled = MapType(_finish(_as_shape(value)))
        case _:
            settled = shape.inner
    return NullableType(settled) if shape.is_nullable and settled != ANY else settled
