"""The response tree: walk its paths, merge answers into it, and find where an object lies. Nothing here trusts what a subgraph sent."""

from __future__ import annotations

from collections.abc import Container, Iterator
from typing import Any, TypeAlias

from ..planning.query_plan import ItemsStep, KeyStep, PathStep, ResponsePath, TypeStep

TreeObject: TypeAlias = dict[str, Any]
TreePath: TypeAlias = tuple[str | int, ...]
Located: TypeAlias = tuple[TreeObject, TreePath]


def objects_at(root: TreeObject, path: ResponsePath) -> Iterator[TreeObject]:
    """All objects at `path`; one that stands at several places comes several times."""
    return (value for value, _ in _walk(root, path, ()))


def located_objects_at(root: TreeObject, path: ResponsePath) -> Iterator[Located]:
    """All objects at `path`, each with the concrete keys and indices that lead to it."""
    return _walk(root, path, ())


def objects_with_ancestors(root: TreeObject, path: ResponsePath) -> Iterator[tuple[TreeObject, tuple[Any, ...]]]:
    """All objects at `path`, each with everything on the way to it: the root first, then one value per key and list step."""
    return _walk_with_ancestors(root, path, (root,))


def value_at(value: Any, path: ResponsePath) -> Any:
    """The value that `path` leads to; a list step makes a list of values; None where the path ends early."""
    for position, step in enumerate(path):
        match step:
            case KeyStep(key):
                if not isinstance(value, dict):
                    return None
                value = value.get(key)
            case ItemsStep():
                if not isinstance(value, list):
                    return None
                return [value_at(item, path[position + 1 :]) for item in value]
            case TypeStep(type_names):
                if not _is_one_of(value, type_names):
                    return None
    return value


def merge_object(target: TreeObject, source: TreeObject, object_types: Container[str]) -> None:
    """Merge an answer into an object that is there already, deeply.

    Lists merge item by item when they are equally long. A null never wipes out an object, and the name of an object type is
    never replaced by an interface's (a subgraph with @interfaceObject knows no better).
    """
    for key, value in source.items():
        current = target.get(key)
        if current is None:
            target[key] = value
        elif isinstance(value, dict) and isinstance(current, dict):
            merge_object(current, value, object_types)
        elif isinstance(value, list) and isinstance(current, list) and len(value) == len(current):
            merge_list(current, value, object_types)
        elif value is not None and not (key == "__typename" and isinstance(current, str) and current in object_types):
            target[key] = value


def merge_list(target: list[Any], source: list[Any], object_types: Container[str]) -> None:
    """Merge two lists of one length, item by item."""
    for index, value in enumerate(source):
        current = target[index]
        if isinstance(value, dict) and isinstance(current, dict):
            merge_object(current, value, object_types)
        elif isinstance(value, list) and isinstance(current, list) and len(value) == len(current):
            merge_list(current, value, object_types)
        elif value is not None:
            target[index] = value


def copy_value(value: Any) -> Any:
    """A copy that shares no list and no object with the original."""
    if isinstance(value, dict):
        return {key: copy_value(item) for key, item in value.items()}
    if isinstance(value, list):
        return [copy_value(item) for item in value]
    return value


def _is_one_of(value: Any, type_names: Container[str]) -> bool:
    typename = value.get("__typename") if isinstance(value, dict) else None
    return isinstance(typename, str) and typename in type_names


def _walk(value: Any, path: ResponsePath, done: TreePath) -> Iterator[Located]:
    if not path:
        if isinstance(value, dict):
            yield value, done
        return
    rest = path[1:]
    match path[0]:
        case KeyStep(key):
            if isinstance(value, dict):
                yield from _walk(value.get(key), rest, (*done, key))
        case ItemsStep():
            if isinstance(value, list):
                for index, item in enumerate(value):
                    yield from _walk(item, rest, (*done, index))
        case TypeStep(type_names):
            if _is_one_of(value, type_names):
                yield from _walk(value, rest, done)


def _walk_with_ancestors(
    value: Any, path: tuple[PathStep, ...], chain: tuple[Any, ...]
) -> Iterator[tuple[TreeObject, tuple[Any, ...]]]:
    if not path:
        if isinstance(value, dict):
            yield value, chain
        return
    rest = path[1:]
    match path[0]:
        case KeyStep(key):
            if isinstance(value, dict):
                below = value.get(key)
                yield from _walk_with_ancestors(below, rest, (*chain, below))
        case ItemsStep():
            if isinstance(value, list):
                for item in value:
                    yield from _walk_with_ancestors(item, rest, (*chain, item))
        case TypeStep(type_names):
            if _is_one_of(value, type_names):
                yield from _walk_with_ancestors(value, rest, chain)
