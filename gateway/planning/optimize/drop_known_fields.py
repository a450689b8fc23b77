"""Ask for nothing that is there already: leaves that the same document selects for all types, or that a fetch before has brought.

A{products{id}} -> B{... on Product{id name}}   becomes   A{products{id}} -> B{... on Product{name}}
"""

from __future__ import annotations

from typing import TypeAlias

from ..deadline import Deadline
from ..document_tree import DocumentTree
from ..fetch_graph import FetchGraph, FetchGroup
from ..guards import ALWAYS, covers
from ..positions import Position

# A field at a place in the response tree, there for all objects of that place without condition.
Known: TypeAlias = frozenset[tuple[Position, str]]


def drop_known_fields(fetch_graph: FetchGraph, deadline: Deadline) -> None:
    """Thin out the documents of all groups."""
    for group in fetch_graph.groups:
        _drop_covered_in_fragments(group.tree)
    known = {group: _brought_by(group) for group in fetch_graph.groups}
    for group in fetch_graph.groups:
        deadline.check()
        before = [known[one] for one in fetch_graph.ancestors(group) if known[one]]
        if group.is_entity and before:
            for tree in group.tree.fragments.values():
                _drop_known(tree, before)


def _drop_covered_in_fragments(tree: DocumentTree) -> None:
    for field in tree.fields.values():
        if field.child is not None:
            _drop_covered_in_fragments(field.child)
    for type_name, fragment in list(tree.fragments.items()):
        _drop_covered_in_fragments(fragment)
        _subtract(fragment, tree)
        if fragment.is_empty() and (tree.fields or tree.selects_typename):
            del tree.fragments[type_name]


def _subtract(tree: DocumentTree, wider: DocumentTree) -> None:
    """Drop from `tree` what `wider`, which holds whenever `tree` does, selects as well."""
    for tree_key, field in list(tree.fields.items()):
        other = wider.fields.get(tree_key)
        if other is None or not covers(other.guard, field.guard):
            continue
        if field.child is not None and other.child is not None:
            _subtract(field.child, other.child)
        if field.child is None or field.child.is_empty():
            del tree.fields[tree_key]
    for type_name, fragment in list(tree.fragments.items()):
        _subtract(fragment, wider)
        if type_name in wider.fragments:
            _subtract(fragment, wider.fragments[type_name])
        if fragment.is_empty():
            del tree.fragments[type_name]
    if wider.selects_typename:
        tree.selects_typename = False


def _brought_by(group: FetchGroup) -> Known:
    """What a group fetches for all objects of a place. Groups that see only some of the objects bring nothing in this sense."""
    if group.guard != ALWAYS or group.contexts:
        return frozenset()
    found: set[tuple[Position, str]] = set()
    if not group.is_entity:
        _collect(group.tree, found)
    elif all(_is_for_all(group, number) for number in range(len(group.targets))) and len(group.tree.fragments) == 1:
        _collect(next(iter(group.tree.fragments.values())), found)
    return frozenset(found)


def _is_for_all(group: FetchGroup, number: int) -> bool:
    target = group.targets[number]
    narrowed = any(hasattr(step, "type_names") for step in target.path)
    return not narrowed and all(one.type_names is None for one in target.representations)


def _collect(tree: DocumentTree, found: set[tuple[Position, str]]) -> None:
    for tree_key, field in tree.fields.items():
        if field.guard == ALWAYS:
            found.add((field.position, tree_key))
            if field.child is not None:
                _collect(field.child, found)


def _drop_known(tree: DocumentTree, known: list[Known]) -> None:
    for tree_key, field in list(tree.fields.items()):
        is_known = any((field.position, tree_key) in one for one in known)
        if field.child is None:
            if is_known:
                del tree.fields[tree_key]
            continue
        _drop_known(field.child, known)
        if is_known and field.child.is_empty():
            del tree.fields[tree_key]
    for type_name, fragment in list(tree.fragments.items()):
        _drop_known(fragment, known)
        if fragment.is_empty():
            del tree.fragments[type_name]
