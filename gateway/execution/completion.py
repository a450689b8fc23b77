"""The complete projection: response tree -> the client's data with nulls propagated and every error at its path.

Slower than `projection` and asked only when that one met something unusual. https://spec.graphql.org/draft/#sec-Handling-Execution-Errors
"""

from __future__ import annotations

from typing import Any

from graphql import (
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
)

from .answer_selection import AnswerField, AnswerSelection
from .error_list import ClientPath, ErrorList
from .leaf_values import HiddenValue, InvalidLeafValue, leaf_completer

NULL_CODE = "NULL_FOR_NON_NULL"
VALUE_CODE = "INVALID_SUBGRAPH_VALUE"


class _NullBubbles(Exception):
    """Raised where null stands for a non-null type: the nearest nullable place above becomes null.

    `missing` is the path and message to tell there if nothing explains it: the subgraph left this value out, which is often
    because an error beside it made the subgraph give up everything up to that place.
    """

    def __init__(self, missing: tuple[ClientPath, str] | None = None) -> None:
        super().__init__()
        self.missing = missing


class Completion:
    """Completes one answer; what goes wrong is added to `errors`."""

    def __init__(self, schema: GraphQLSchema, errors: ErrorList) -> None:
        self._schema = schema
        self._errors = errors

    def complete(self, selection: AnswerSelection, tree: Any, path: ClientPath = ()) -> dict[str, Any] | None:
        """The data of an operation, or of the object at `path`."""
        try:
            return self._object(selection, tree, path)
        except _NullBubbles as null:
            self._tell_missing(null, path)
            return None

    def _object(self, selection: AnswerSelection, value: Any, path: ClientPath) -> dict[str, Any] | None:
        if not isinstance(value, dict):
            self._errors.add_unless_explained(path, f"Expected an object of type {selection.type_name}.", VALUE_CODE)
            return None
        fields = self._fields(selection, value)
        if fields is None:
            # Not the name: it may be hidden on purpose.
            self._errors.note_hidden(path, f"The type of this object is not a possible type of {selection.type_name}.")
            return None
        parent = value.get("__typename") if selection.is_abstract else selection.type_name
        return {field.response_key: self._field(field, value, str(parent), path) for field in fields}

    def _fields(self, selection: AnswerSelection, value: dict[str, Any]) -> tuple[AnswerField, ...] | None:
        typename = value.get("__typename")
        if selection.fields is None:
            return selection.fields_by_type.get(typename) if isinstance(typename, str) else None
        if selection.is_abstract and typename is not None and not self._can_be(selection, typename):
            return None
        return selection.fields

    def _can_be(self, selection: AnswerSelection, typename: Any) -> bool:
        type_ = self._schema.type_map.get(typename) if isinstance(typename, str) else None
        if type_ is None:
            return False
        # A subgraph with @interfaceObject names an object by its interface.
        abstract_type = self._schema.type_map[selection.type_name]
        return is_abstract_type(type_) or self._schema.is_sub_type(abstract_type, type_)  # type: ignore[arg-type]

    def _field(self, field: AnswerField, source: dict[str, Any], parent: str, path: ClientPath) -> Any:
        if field.typename is not None:
            return field.typename
        value = source.get(field.tree_key)
        if field.is_raw:
            return value
        below = (*path, field.response_key)
        type_ = field.strict_types.get(parent, field.type) if field.strict_types else field.type
        if value is None and field.tree_key not in source and isinstance(type_, GraphQLNonNull):
            raise _NullBubbles((below, _null_message(field, parent)))
        return self._value(field, type_, value, parent, below)

    def _value(self, field: AnswerField, type_: GraphQLOutputType, value: Any, parent: str, path: ClientPath) -> Any:
        if isinstance(type_, GraphQLNonNull):
            completed = self._nullable(field, type_.of_type, value, parent, path)
            if completed is None:
                self._errors.add_unless_explained(path, _null_message(field, parent), NULL_CODE)
                raise _NullBubbles
            return completed
        try:
            return self._nullable(field, type_, value, parent, path)
        except _NullBubbles as null:
            self._tell_missing(null, path)
            return None

    def _tell_missing(self, null: _NullBubbles, path: ClientPath) -> None:
        """Add the error of a missing value, unless an error below the place that becomes null explains it."""
        if null.missing is not None and not (path and self._errors.has_error_below(path)):
            self._errors.add_unless_explained(*null.missing, NULL_CODE)

    def _nullable(self, field: AnswerField, type_: GraphQLOutputType, value: Any, parent: str, path: ClientPath) -> Any:
        if value is None:
            return None
        if isinstance(type_, GraphQLList):
            if not isinstance(value, list):
                message = f"Expected a list for field {parent}.{field.field_name}."
                self._errors.add_unless_explained(path, message, VALUE_CODE)
                return None
            return [self._value(field, type_.of_type, item, parent, (*path, index)) for index, item in enumerate(value)]
        if field.below is not None:
            return self._object(field.below, value, path)
        try:
            return leaf_completer(get_named_type(type_))(value)  # type: ignore[arg-type]  # no selection: a leaf
        except HiddenValue as error:
            self._errors.note_hidden(path, str(error))
            return None
        except InvalidLeafValue as error:
            self._errors.add_unless_explained(path, str(error), VALUE_CODE)
            return None


def _null_message(field: AnswerField, parent: str) -> str:
    return f"Cannot return null for non-nullable field {parent}.{field.field_name}."
