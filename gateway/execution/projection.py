"""The fast projection: response tree -> the client's data, as one generated function per selection.

It answers only what is as it should be. Whatever is not (a missing or null value where there must be one, a wrong type, an unknown
enum value) raises, and `completion` answers instead, slower and with the errors. Objects that stand at several places are
projected once: the result is kept in the object itself, under a number, which no JSON key can be.
"""

from __future__ import annotations

from collections.abc import Callable, Container
from itertools import count
from typing import Any, TypeAlias

from graphql import (
    GraphQLEnumType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLOutputType,
    GraphQLSchema,
    get_named_type,
    is_abstract_type,
)

from .answer_selection import AnswerField, AnswerSelection
from .answer_shapes import PlainPath
from .generated_source import SourceWriter
from .leaf_values import MAX_INT, MIN_INT, InvalidLeafValue, leaf_completer

Project: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]


class Unusual(Exception):
    """Raised by the fast projection when the complete one has to look."""


# What the fast projection raises when something in the tree is not as it should be.
UNUSUAL = (Unusual, KeyError, TypeError, AttributeError, InvalidLeafValue)

_memo_keys = count(1)
_CLASS_BY_SCALAR = {"String": "str", "ID": "str", "Boolean": "bool"}


def build_projection(schema: GraphQLSchema, selection: AnswerSelection, shared_paths: Container[PlainPath]) -> Project:
    """Compile the projection of `selection`; objects at `shared_paths` are projected once however often they stand there."""
    return _ProjectionSource(schema, shared_paths).build(selection)


class _ProjectionSource:
    def __init__(self, schema: GraphQLSchema, shared_paths: Container[PlainPath]) -> None:
        self._shared_paths = shared_paths
        self._writer = SourceWriter()
        self._writer.values["Unusual"] = Unusual
        self._writer.values["as_list"] = _as_list
        # A subgraph with @interfaceObject names an object by its interface.
        self._abstract_names = frozenset(name for name, type_ in schema.type_map.items() if is_abstract_type(type_))
        self._schema = schema

    def build(self, selection: AnswerSelection) -> Project:
        name = self._object_function(selection)
        project: Project = self._writer.compile("projection")[name]
        return project

    def _object_function(self, selection: AnswerSelection) -> str:
        """Write the function that projects one object; return its name."""
        memo = next(_memo_keys) if selection.path in self._shared_paths else None
        if selection.fields is not None:
            return self._fields_function(selection, selection.fields, memo)
        by_fields: dict[int, str] = {}
        by_type: dict[str, str] = {}
        for type_name, fields in selection.fields_by_type.items():
            if id(fields) not in by_fields:
                by_fields[id(fields)] = self._fields_function(selection, fields, memo)
            by_type[type_name] = by_fields[id(fields)]
        table = self._writer.new_name("table")
        self._writer.line(f"{table} = {{{', '.join(f'{key!r}: {name}' for key, name in by_type.items())}}}")
        name = self._writer.new_name("project")
        with self._writer.block(f"def {name}(item):"):
            self._writer.line(f"return {table}[item['__typename']](item)")
        return name

    def _fields_function(self, selection: AnswerSelection, fields: tuple[AnswerField, ...], memo: int | None) -> str:
        writer = self._writer
        below = [self._object_function(field.below) if field.below is not None else "" for field in fields]
        lists = [self._leaf_list_function(field) for field in fields]
        name = writer.new_name("project")
        with writer.block(f"def {name}(item):"):
            if memo is not None:
                writer.line(f"result = item.get({memo})")
                writer.line("if result is not None: return result")
            if selection.is_abstract and selection.fields is not None:
                self._write_type_check(selection)
            parts = []
            for position, field in enumerate(fields):
                if field.typename is not None:
                    parts.append(f"{field.response_key!r}: {field.typename!r}")
                    continue
                value = f"v{position}"
                writer.line(f"{value} = item[{field.tree_key!r}]")
                if field.strict_types:
                    self._write_strictness(value, field)
                if not field.is_raw:
                    self._write_value(value, field, below[position], lists[position])
                parts.append(f"{field.response_key!r}: {value}")
            if all(field.typename is not None for field in fields):
                writer.line("if item.__class__ is not dict: raise Unusual")
            result = f"{{{', '.join(parts)}}}"
            if memo is None:
                writer.line(f"return {result}")
            else:
                writer.line(f"result = item[{memo}] = {result}")
                writer.line("return result")
        return name

    def _write_type_check(self, selection: AnswerSelection) -> None:
        abstract_type = self._schema.type_map[selection.type_name]
        assert is_abstract_type(abstract_type)
        possible = {type_.name for type_ in self._schema.get_possible_types(abstract_type)}
        allowed = self._writer.bind("allowed", possible | self._abstract_names | {None})
        self._writer.line(f"if item.get('__typename') not in {allowed}: raise Unusual")

    def _write_strictness(self, value: str, field: AnswerField) -> None:
        """A null that the interface allows and the object's own type perhaps does not."""
        self._writer.values["has_null"] = _has_null
        strict = self._writer.bind("strict", frozenset(field.strict_types))
        is_list = isinstance(_nullability(field.type)[0], GraphQLList)
        null = f"has_null({value})" if is_list else f"{value} is None"
        self._writer.line(f"if {null} and item.get('__typename') in {strict}: raise Unusual")

    def _write_value(self, value: str, field: AnswerField, project: str, leaf_list: str) -> None:
        type_, is_required = _nullability(field.type)
        if isinstance(type_, GraphQLList):
            with self._writer.block(f"if {value}.__class__ is list:"):
                if field.below is not None:
                    self._writer.line(f"{value} = {_list_expression(value, type_.of_type, project)}")
                else:
                    self._writer.line(f"{value} = {leaf_list}({value})")
            self._writer.line(f"{'else' if is_required else f'elif {value} is not None'}: raise Unusual")
        elif field.below is not None:
            guard = "" if is_required else f"if {value} is not None: "
            self._writer.line(f"{guard}{value} = {project}({value})")
        else:
            self._write_leaf(value, type_, is_required)  # type: ignore[arg-type]  # neither list nor object: a leaf

    def _write_leaf(self, value: str, type_: GraphQLLeafType, is_required: bool) -> None:
        check = self._leaf_check(value, type_)
        if check is None:
            if is_required:
                self._writer.line(f"if {value} is None: raise Unusual")
            return
        completer = self._writer.bind("complete", leaf_completer(type_))
        if is_required:
            with self._writer.block(f"if {check}:"):
                self._writer.line(f"if {value} is None: raise Unusual")
                self._writer.line(f"{value} = {completer}({value})")
        else:
            self._writer.line(f"if {value} is not None and ({check}): {value} = {completer}({value})")

    def _leaf_check(self, value: str, type_: GraphQLLeafType) -> str | None:
        """An expression that is false for values that need no work; None when no value needs any."""
        if isinstance(type_, GraphQLEnumType):
            return f"{value} not in {self._writer.bind('names', frozenset(type_.values))}"
        match type_.name:
            case "String" | "ID" | "Boolean":
                return f"{value}.__class__ is not {_CLASS_BY_SCALAR[type_.name]}"
            case "Int":
                return f"{value}.__class__ is not int or not {MIN_INT} <= {value} <= {MAX_INT}"
            case "Float":
                return f"{value}.__class__ is not float and {value}.__class__ is not int"
        return None

    def _leaf_list_function(self, field: AnswerField) -> str:
        """A function that completes a list of leaves, itself not null; its name, or nothing for another field."""
        type_, _ = _nullability(field.type)
        if field.below is not None or field.is_raw or field.typename is not None or not isinstance(type_, GraphQLList):
            return ""
        return self._writer.bind("complete_list", _leaf_list_completer(type_))


def _list_expression(value: str, item_type: GraphQLOutputType, project: str, depth: int = 0) -> str:
    """`[project(x) for x in value]`, as deep as the lists go."""
    item = f"x{depth}"
    inner, is_required = _nullability(item_type)
    if isinstance(inner, GraphQLList):
        below = _list_expression(f"as_list({item})", inner.of_type, project, depth + 1)
    else:
        below = f"{project}({item})"
    if not is_required:
        below = f"None if {item} is None else {below}"
    return f"[{below} for {item} in {value}]"


def _has_null(value: Any) -> bool:
    return value is None or (value.__class__ is list and any(_has_null(item) for item in value))


def _as_list(value: Any) -> Any:
    if value.__class__ is not list:
        raise Unusual
    return value


def _leaf_list_completer(type_: GraphQLList[Any]) -> Callable[[Any], Any]:
    inner, is_required = _nullability(type_.of_type)
    complete: Callable[[Any], Any]
    if isinstance(inner, GraphQLList):
        complete = _leaf_list_completer(inner)
    else:
        complete = leaf_completer(get_named_type(inner))  # type: ignore[arg-type]  # not composite: a leaf

    def complete_list(values: Any) -> Any:
        if values.__class__ is not list:
            raise Unusual
        if is_required and None in values:
            raise Unusual
        return [None if value is None else complete(value) for value in values]

    return complete_list


def _nullability(type_: GraphQLOutputType) -> tuple[GraphQLOutputType, bool]:
    if isinstance(type_, GraphQLNonNull):
        return type_.of_type, True
    return type_, False
