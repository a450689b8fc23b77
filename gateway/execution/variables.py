"""Coerce the client's variables: the specification's rules and graphql-core's messages, with a short way for plain values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, TypeAlias, cast

from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLInputType,
    GraphQLNonNull,
    GraphQLScalarType,
    GraphQLSchema,
    OperationDefinitionNode,
    type_from_ast,
)
from graphql.execution import get_variable_values

MAX_VARIABLE_ERRORS = 10

_PlainCheck: TypeAlias = Callable[[Any], bool]


class InvalidVariables(Exception):
    """Raised when the variables of a request do not fit its operation; nothing has been sent then."""

    def __init__(self, errors: tuple[GraphQLError, ...]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


class VariableCoercion:
    """Coerces variables for one operation."""

    def __init__(
        self,
        schema: GraphQLSchema,
        operation: OperationDefinitionNode,
        *,
        conditions: Collection[str] = (),
        hide_suggestions: bool = False,
    ) -> None:
        """`conditions` are the variables of @skip, @include and @defer: whatever their own type says, they cannot be null."""
        self._schema = schema
        self._conditions = conditions
        self._hide_suggestions = hide_suggestions
        self._definitions = operation.variable_definitions or ()
        self._checks = {
            definition.variable.name.value: _plain_check(
                cast(GraphQLInputType | None, type_from_ast(schema, definition.type))
            )
            for definition in self._definitions
        }

    def coerce(self, given: Mapping[str, Any] | None) -> dict[str, Any]:
        """The variables with their defaults; raises `InvalidVariables`. Variables that are not defined are left out."""
        if not self._definitions:
            return {}
        given = given or {}
        coerced: dict[str, Any] = {}
        for name, check in self._checks.items():
            value = given.get(name)
            if check is None or value is None or not check(value):
                return self._coerce_in_full(given)
            coerced[name] = value
        return coerced

    def _coerce_in_full(self, given: Mapping[str, Any]) -> dict[str, Any]:
        result = get_variable_values(
            self._schema,
            self._definitions,
            dict(given),
            max_errors=MAX_VARIABLE_ERRORS,
            hide_suggestions=self._hide_suggestions,
        )
        if isinstance(result, list):
            raise InvalidVariables(tuple(result))
        missing = sorted(name for name in self._conditions if result.coerced.get(name) is None)
        if missing:
            raise InvalidVariables(
                tuple(
                    GraphQLError(
                        f"Argument 'if' has invalid value: Expected variable '${name}' provided to non-null type 'Boolean!' not to be null."
                    )
                    for name in missing
                )
            )
        return result.coerced


def _plain_check(type_: GraphQLInputType | None) -> _PlainCheck | None:
    """A test that says yes only to values which coercion leaves as they are; None for types that need all of it."""
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if isinstance(type_, GraphQLEnumType):
        names = frozenset(type_.values)
        return lambda value: value.__class__ is str and value in names
    if isinstance(type_, GraphQLScalarType):
        match type_.name:
            case "String" | "ID":
                return lambda value: value.__class__ is str
            case "Boolean":
                return lambda value: value.__class__ is bool
            case "Int":
                return lambda value: value.__class__ is int and -(2**31) <= value < 2**31
            case "Float":
                return lambda value: value.__class__ is float
    return None
