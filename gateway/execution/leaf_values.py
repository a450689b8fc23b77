"""Leaf values as the specification's result coercion wants them: what a subgraph sent -> what the client gets, or a reason why not."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite
from typing import Any, TypeAlias

from graphql import GraphQLEnumType, GraphQLLeafType

LeafCompleter: TypeAlias = Callable[[Any], Any]

MIN_INT, MAX_INT = -(2**31), 2**31 - 1  # https://spec.graphql.org/draft/#sec-Int


class InvalidLeafValue(ValueError):
    """Raised when a value cannot be what its type says."""


class HiddenValue(InvalidLeafValue):
    """Raised for a value that the API schema does not know: @inaccessible, or from a newer subgraph."""


def leaf_completer(type_: GraphQLLeafType) -> LeafCompleter:
    """The function that completes non-null values of this leaf type."""
    if isinstance(type_, GraphQLEnumType):
        return enum_completer(type_)
    return BUILT_IN_COMPLETERS.get(type_.name, complete_custom_scalar)


def enum_completer(type_: GraphQLEnumType) -> LeafCompleter:
    """Lets only values of the API schema through: one that is @inaccessible must not be seen."""
    names = frozenset(type_.values)

    def complete_enum(value: Any) -> Any:
        if isinstance(value, str) and value in names:
            return value
        if isinstance(value, str):
            raise HiddenValue(f'The value that the subgraph sent is not part of enum "{type_.name}".')
        raise InvalidLeafValue(f'Enum "{type_.name}" cannot represent {_shown(value)}.')

    return complete_enum


def complete_int(value: Any) -> Any:
    """Int: a whole number of 32 bits; 3.0 is one."""
    if isinstance(value, int) and not isinstance(value, bool) and MIN_INT <= value <= MAX_INT:
        return value
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float) and value.is_integer() and MIN_INT <= value <= MAX_INT:
        return int(value)
    raise InvalidLeafValue(f"Int cannot represent {_shown(value)}.")


def complete_float(value: Any) -> Any:
    """Float: any finite number."""
    if isinstance(value, int | float) and isfinite(value):
        return float(value) if isinstance(value, bool) else value
    raise InvalidLeafValue(f"Float cannot represent {_shown(value)}.")


def complete_string(value: Any) -> Any:
    """String: text; numbers and booleans become text as in graphql-js."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    raise InvalidLeafValue(f"String cannot represent {_shown(value)}.")


def complete_id(value: Any) -> Any:
    """ID: text, or a whole number that becomes text."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise InvalidLeafValue(f"ID cannot represent {_shown(value)}.")


def complete_boolean(value: Any) -> Any:
    """Boolean: true or false; a number is true when it is not 0."""
    if isinstance(value, bool):
        return value
    if isinstance(value, int | float):
        return value != 0
    raise InvalidLeafValue(f"Boolean cannot represent {_shown(value)}.")


def complete_custom_scalar(value: Any) -> Any:
    """A custom scalar is whatever its subgraph says."""
    return value


BUILT_IN_COMPLETERS: dict[str, LeafCompleter] = {
    "Int": complete_int,
    "Float": complete_float,
    "String": complete_string,
    "ID": complete_id,
    "Boolean": complete_boolean,
}


def _shown(value: Any) -> str:
    text = "an object" if isinstance(value, dict) else "a list" if isinstance(value, list) else repr(value)
    return f"{text[:40]}..." if len(text) > 40 else text
