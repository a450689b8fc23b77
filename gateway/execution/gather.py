"""Gather the objects of the response tree that take part in entity fetches, each distinct object once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeAlias

import orjson

from ..planning.query_plan import ItemsStep, KeyStep, PathStep, Representation, ResponsePath, TypeStep
from .generated_source import SourceWriter
from .response_tree import TreeObject, objects_at

Gather: TypeAlias = Callable[[list[TreeObject]], list[TreeObject]]


@dataclass(frozen=True, slots=True)
class Place:
    """A path at which objects are gathered, walked from those of the place above it (None: from the root).

    `index` is where the gathered objects of a request are kept; None when each fetch must gather anew.
    """

    path: ResponsePath
    above: Place | None
    gather: Gather
    index: int | None


def build_place(
    path: ResponsePath, above: Place | None, representations: tuple[Representation, ...], index: int | None
) -> Place:
    """Write and compile the walk to `path`. With an `index` equal objects become one object in the tree."""
    steps = path[len(above.path) :] if above is not None else path
    intern_keys = _intern_keys(representations) if index is not None else None
    return Place(path, above, _compile_gather(steps, intern_keys), index)


def gather_place(place: Place, root: TreeObject, gathered: list[list[TreeObject] | None]) -> list[TreeObject]:
    """The objects at a place; `gathered` keeps those of the places that need to be walked only once."""
    if place.index is not None:
        known = gathered[place.index]
        if known is not None:
            return known
    try:
        above = [root] if place.above is None else gather_place(place.above, root, gathered)
        objects = place.gather(above)
    except (AttributeError, TypeError):
        # A subgraph sent a list for an object or the like: walk again, looking at every step.
        objects = _distinct_by_identity(objects_at(root, place.path))
    if place.index is not None:
        gathered[place.index] = objects
    return objects


def _distinct_by_identity(objects: Any) -> list[TreeObject]:
    return list({id(item): item for item in objects}.values())


def _intern_keys(representations: tuple[Representation, ...]) -> tuple[tuple[str, bool], ...]:
    """The tree keys by which equal objects are looked for, and whether each holds a plain value."""
    keys: dict[str, bool] = {}
    for representation in representations:
        for required in representation.required:
            if required.is_key or not any(field.is_key for field in representation.required):
                keys[required.tree_key] = not required.selections
    return tuple(keys.items())


def _compile_gather(steps: tuple[PathStep, ...], intern_keys: tuple[tuple[str, bool], ...] | None) -> Gather:
    writer = SourceWriter()
    with writer.block("def gather(above):"):
        writer.line("found = []")
        if intern_keys is not None:
            writer.line("seen = {}")
        with writer.block("for v0 in above:"):
            _write_steps(writer, steps, 0, "v0", None, intern_keys)
        writer.line("return found")
    writer.values["key_of"] = _hashable_key
    gather: Gather = writer.compile("gather")["gather"]
    return gather


def _write_steps(
    writer: SourceWriter,
    steps: tuple[PathStep, ...],
    position: int,
    value: str,
    holder: str | None,
    intern_keys: tuple[tuple[str, bool], ...] | None,
) -> None:
    if position == len(steps):
        _write_found(writer, value, holder, intern_keys)
        return
    below = f"v{position + 1}"
    match steps[position]:
        case KeyStep(key):
            writer.line(f"{below} = {value}.get({key!r})")
            writer.line(f"if {below} is None: continue")
            _write_steps(writer, steps, position + 1, below, f"{value}[{key!r}]", intern_keys)
        case ItemsStep():
            with writer.block(f"for i{position}, {below} in enumerate({value}):"):
                writer.line(f"if {below} is None: continue")
                _write_steps(writer, steps, position + 1, below, f"{value}[i{position}]", intern_keys)
        case TypeStep(type_names):
            names = writer.bind("types", type_names)
            writer.line(f"if {value}.get('__typename') not in {names}: continue")
            _write_steps(writer, steps, position + 1, value, holder, intern_keys)


def _write_found(
    writer: SourceWriter, value: str, holder: str | None, intern_keys: tuple[tuple[str, bool], ...] | None
) -> None:
    if not intern_keys or holder is None:
        # The `.get` proves that it is an object.
        writer.line(f"{value}.get")
        writer.line(f"found.append({value})")
        return
    reads = [f"{value}.get({key!r})" if is_plain else f"key_of({value}.get({key!r}))" for key, is_plain in intern_keys]
    writer.line(f"key = {reads[0] if len(reads) == 1 else '(' + ', '.join(reads) + ')'}")
    writer.line("known = seen.get(key)")
    with writer.block("if known is None:"):
        writer.line(f"seen[key] = {value}")
        writer.line(f"found.append({value})")
    with writer.block(f"elif known is not {value}:"):
        # Only what is equal in every value becomes one object: nothing else may follow from an equal key.
        with writer.block(f"if known == {value}:"):
            writer.line(f"{holder} = known")
        with writer.block("else:"):
            writer.line(f"found.append({value})")


def _hashable_key(value: Any) -> bytes:
    return orjson.dumps(value)
