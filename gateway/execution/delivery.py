"""What is delivered when an answer comes in parts: fragments (deferred blocks of one object each) and the parts they bring. No I/O.

Follows graphql-core's incremental delivery: a fragment is announced when the one around it is complete; fields that several fragments
select come once, with the first of them; a fragment that brings nothing of its own is never announced.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, TypeAlias

from ..planning.query_plan import DeferredBlock
from .answer_selection import AnswerField, AnswerSelection, Deferral
from .error_list import ClientPath, JsonObject


class PartState(Enum):
    """How far a part is."""

    waiting = auto()
    made = auto()
    delivered = auto()
    failed = auto()


@dataclass(slots=True, eq=False)
class Fragment:
    """One deferred block of one object of the answer; it has an id from when it is announced."""

    block: DeferredBlock
    path: ClientPath
    parent: Fragment | None
    children: list[Fragment] = field(default_factory=list)
    parts: list[Part] = field(default_factory=list)
    id: str | None = None
    is_over: bool = False

    @property
    def brings_nothing(self) -> bool:
        """Whether all that it selects has come already."""
        return all(part.state is PartState.delivered for part in self.parts)


@dataclass(slots=True, eq=False)
class Part:
    """Fields of one object that come together. `data` and `errors` are there once it is made."""

    selection: AnswerSelection
    source: JsonObject
    path: ClientPath
    fragments: tuple[Fragment, ...]
    known: FragmentsById
    state: PartState = PartState.waiting
    data: JsonObject = field(default_factory=dict)
    errors: list[JsonObject] = field(default_factory=list)
    hidden: list[JsonObject] = field(default_factory=list)


FragmentsById: TypeAlias = Mapping[str, Fragment]


class DeliveryGraph:
    """The fragments that are announced (`open`) and, below them, all that follow."""

    def __init__(self, deferral: Deferral) -> None:
        self._deferral = deferral
        self._next_id = 0
        self.open: list[Fragment] = []

    def discover(
        self,
        selection: AnswerSelection,
        source: Any,
        data: Any,
        path: ClientPath = (),
        known: FragmentsById | None = None,
    ) -> list[Fragment]:
        """Add the fragments and parts below a piece of the answer, and return the fragments that are inside no other."""
        outermost: list[Fragment] = []
        self._discover_in_object(selection, source, data, path, known or {}, outermost)
        return outermost

    def announce(self, fragments: Iterable[Fragment]) -> list[JsonObject]:
        """The `pending` entries of fragments whose turn has come; those without anything to bring make way for those inside them."""
        pending: list[JsonObject] = []
        for fragment in fragments:
            if fragment.brings_nothing:
                fragment.is_over = True
                pending += self.announce(fragment.children)
                continue
            fragment.id = str(self._next_id)
            self._next_id += 1
            self.open.append(fragment)
            entry: JsonObject = {"id": fragment.id, "path": list(fragment.path)}
            if fragment.block.label is not None:
                entry["label"] = fragment.block.label
            pending.append(entry)
        return pending

    def finish(self, fragment: Fragment, payload: JsonObject) -> None:
        """Write the end of a fragment whose parts are all made into a payload, and announce what was inside it."""
        failed = [part for part in fragment.parts if part.state is PartState.failed]
        self.open.remove(fragment)
        if failed:
            _end(fragment)
            errors = [error for part in failed for error in part.errors]
            payload.setdefault("completed", []).append({"id": fragment.id, "errors": errors})
            return
        for part in fragment.parts:
            if part.state is PartState.made:
                part.state = PartState.delivered
                payload.setdefault("incremental", []).append(_incremental(part, fragment))
        payload.setdefault("completed", []).append({"id": fragment.id})
        fragment.is_over = True
        pending = self.announce(fragment.children)
        if pending:
            payload.setdefault("pending", []).extend(pending)

    def _discover_in_object(
        self,
        selection: AnswerSelection,
        source: Any,
        data: Any,
        path: ClientPath,
        known: FragmentsById,
        outermost: list[Fragment],
    ) -> None:
        if not isinstance(source, dict) or not isinstance(data, dict):
            return
        typename = source.get("__typename") if selection.is_abstract else selection.type_name
        later = selection.later.get(None) or selection.later.get(str(typename))
        if later is not None:
            known = {**known, **self._new_fragments(later.blocks, path, known, outermost)}
            for one in later.parts:
                fragments = tuple(known[defer_id] for defer_id in sorted(one.blocks))
                part = Part(one.selection, source, path, fragments, known)
                for fragment in fragments:
                    fragment.parts.append(part)
        fields = selection.fields
        if fields is None:
            fields = selection.fields_by_type.get(str(typename), ())
        for one_field in fields:
            if one_field.below is not None:
                key = one_field.response_key
                value, below = source.get(one_field.tree_key), data.get(key)
                for item, item_data, item_path in _objects(one_field, value, below, (*path, key)):
                    self._discover_in_object(one_field.below, item, item_data, item_path, known, outermost)

    def _new_fragments(
        self, blocks: Iterable[DeferredBlock], path: ClientPath, known: FragmentsById, outermost: list[Fragment]
    ) -> dict[str, Fragment]:
        fresh: dict[str, Fragment] = {}
        for block in blocks:
            parent_id = self._deferral.parent(block.defer_id)
            parent = fresh.get(parent_id) or known.get(parent_id) if parent_id is not None else None
            fragment = fresh[block.defer_id] = Fragment(block, path, parent)
            if parent is None:
                outermost.append(fragment)
            else:
                parent.children.append(fragment)
        return fresh


def _objects(one_field: AnswerField, source: Any, data: Any, path: ClientPath) -> Iterator[tuple[Any, Any, ClientPath]]:
    """The objects of a field in tree and answer, through lists."""
    if isinstance(source, list) and isinstance(data, list):
        for index, (item, item_data) in enumerate(zip(source, data, strict=True)):
            yield from _objects(one_field, item, item_data, (*path, index))
    elif isinstance(source, dict) and isinstance(data, dict):
        yield source, data, path


def _incremental(part: Part, fragment: Fragment) -> JsonObject:
    """The entry of a part: named after the innermost of its announced fragments."""
    announced = [one for one in part.fragments if one.id is not None and not one.is_over and one is not fragment]
    best = max([fragment, *announced], key=lambda one: len(one.path))
    entry: JsonObject = {"id": best.id, "data": part.data}
    if len(part.path) > len(best.path):
        entry["subPath"] = list(part.path[len(best.path) :])
    if part.errors:
        entry["errors"] = part.errors
    if part.hidden:
        entry["extensions"] = {"valueCompletion": part.hidden}
    return entry


def _end(fragment: Fragment) -> None:
    """End a fragment together with everything inside it, unannounced."""
    fragment.is_over = True
    for child in fragment.children:
        _end(child)
