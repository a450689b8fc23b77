"""Turn objects of the response tree into representations `{__typename, required fields}`, each distinct one once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import orjson

from ..planning.query_plan import EntityTarget, Representation, RequiredField, TypeStep
from .generated_source import SourceWriter
from .response_tree import TreeObject


@dataclass(slots=True)
class Batch:
    """What one `_entities` field asks for: the representations, and for each object which of them is its own."""

    representations: list[TreeObject] = field(default_factory=list)
    targets: list[TreeObject] = field(default_factory=list)
    slots: list[int] = field(default_factory=list)
    slot_by_key: dict[Any, int] = field(default_factory=dict)

    @property
    def is_one_to_one(self) -> bool:
        """Whether every object has a representation of its own, in the same order."""
        return len(self.representations) == len(self.targets)


Represent: TypeAlias = Callable[[list[TreeObject], Batch], None]


class MissingRequiredField(KeyError):
    """Raised when an object lacks what its representation needs: its fetch failed, or it is no entity."""


def build_represent(target: EntityTarget, discriminator: int | None) -> Represent:
    """Compile the function that adds the representations of one target's objects to a batch.

    `discriminator` keeps representations apart that are built differently and might have equal values.
    """
    writer = SourceWriter()
    type_filter = _trailing_types(target)
    with writer.block("def represent(objects, batch):"):
        writer.line("representations, slot_by_key = batch.representations, batch.slot_by_key")
        writer.line("targets, slots = batch.targets, batch.slots")
        with writer.block("for item in objects:"):
            with writer.block("try:"):
                _write_choice(writer, target.representations, type_filter, discriminator)
            with writer.block("except KeyError:"):
                writer.line("continue")
            writer.line("targets.append(item)")
            writer.line("slots.append(slot)")
    represent: Represent = writer.compile("represent")["represent"]
    return represent


def _trailing_types(target: EntityTarget) -> frozenset[str] | None:
    types: frozenset[str] | None = None
    for step in reversed(target.path):
        if not isinstance(step, TypeStep):
            break
        types = step.type_names if types is None else types & step.type_names
    return types


def _write_choice(
    writer: SourceWriter,
    representations: tuple[Representation, ...],
    type_filter: frozenset[str] | None,
    discriminator: int | None,
) -> None:
    needs_type = type_filter is not None or any(r.type_names is not None or r.typename is None for r in representations)
    if needs_type:
        writer.line("typename = item['__typename']")
        writer.line("if typename.__class__ is not str: continue")
    for number, representation in enumerate(representations):
        types = representation.type_names
        if types is None:
            types = type_filter
        elif type_filter is not None:
            types &= type_filter
        if types is None:
            head = "if True:" if number == 0 else "elif True:"
        else:
            word = "if" if number == 0 else "elif"
            head = f"{word} typename in {writer.bind('types', types)}:"
        with writer.block(head):
            _write_representation(writer, representation, number, discriminator)
    if needs_type:
        with writer.block("else:"):
            writer.line("continue")


def _write_representation(
    writer: SourceWriter, representation: Representation, number: int, discriminator: int | None
) -> None:
    typename = "typename" if representation.typename is None else repr(representation.typename)
    tag = f"{discriminator}, {number}, " if discriminator is not None else f"{number}, "
    if representation.typename is None:
        tag += "typename, "
    is_plain = all(not required.selections and required.type_names is None for required in representation.required)
    if not is_plain:
        read = writer.bind("read", _reader(representation.required, with_key_rule=True))
        writer.values["dumps"] = orjson.dumps
        writer.line(f"representation = {read}(item)")
        writer.line("if representation is None: continue")
        writer.line(f"representation = {{'__typename': {typename}, **representation}}")
        writer.line(f"key = ({tag}dumps(representation))")
        _write_slot(writer, "representation")
        return
    names = [f"f{position}" for position in range(len(representation.required))]
    for name, required in zip(names, representation.required, strict=True):
        writer.line(f"{name} = item[{required.tree_key!r}]")
    keys = [name for name, required in zip(names, representation.required, strict=True) if required.is_key]
    if keys:
        writer.line(f"if {' and '.join(f'{name} is None' for name in keys)}: continue")
    built = ", ".join(
        f"{required.field_name!r}: {name}" for name, required in zip(names, representation.required, strict=True)
    )
    # One plain key needs no tuple: most entities have one, and one representation.
    is_simple = discriminator is None and number == 0 and representation.typename is not None and len(names) == 1
    writer.line(f"key = {names[0]}" if is_simple else f"key = ({tag}{', '.join(names)})")
    _write_slot(writer, f"{{'__typename': {typename}, {built}}}")


def _write_slot(writer: SourceWriter, representation: str) -> None:
    writer.values["bytes_key"] = _bytes_key
    with writer.block("try:"):
        writer.line("slot = slot_by_key.get(key)")
    with writer.block("except TypeError:"):
        writer.line("key = bytes_key(key)")  # a list among the values
        writer.line("slot = slot_by_key.get(key)")
    with writer.block("if slot is None:"):
        writer.line("slot = slot_by_key[key] = len(representations)")
        writer.line(f"representations.append({representation})")


def _bytes_key(key: Any) -> bytes:
    return orjson.dumps(key)


_Reader: TypeAlias = Callable[[TreeObject], "TreeObject | None"]


def _reader(required: tuple[RequiredField, ...], *, with_key_rule: bool) -> _Reader:
    """The general way: nested objects, lists at any depth, fields for some types only."""
    fields = tuple((item, _value_reader(item)) for item in required)
    has_keys = with_key_rule and any(item.is_key for item in required)

    def read(source: TreeObject) -> TreeObject | None:
        result: TreeObject = {}
        is_entity = not has_keys
        for item, read_value in fields:
            if item.type_names is not None and not _is_one_of(source, item.type_names):
                continue
            value = read_value(source[item.tree_key])
            result[item.field_name] = value
            if item.is_key and not _is_null(value):
                is_entity = True
        return result if is_entity else None

    return read


def _is_one_of(source: TreeObject, type_names: frozenset[str]) -> bool:
    typename = source.get("__typename")
    return isinstance(typename, str) and typename in type_names


def _value_reader(required: RequiredField) -> Callable[[Any], Any]:
    if not required.selections:
        return lambda value: value
    read_object = _reader(required.selections, with_key_rule=False)

    def read(value: Any) -> Any:
        if value is None:
            return None
        if isinstance(value, list):
            return [read(item) for item in value]
        if not isinstance(value, dict):
            raise MissingRequiredField(required.tree_key)
        return read_object(value)

    return read


def _is_null(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_null(item) for item in value.values())
    return value is None
