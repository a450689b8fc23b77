"""Places in the response tree and the tree keys that are taken there.

A tree key stands for one field with one set of arguments. Two selections that want the same key for different things, or whose types
would conflict within one subgraph's document, get different keys.
"""

from __future__ import annotations

from typing import TypeAlias

# Type of a field per subgraph, named composite types left out: what GraphQL compares when response keys meet.
Shape: TypeAlias = tuple[tuple[str, str], ...]


class _TakenKey:
    __slots__ = ("arguments_key", "field_name", "shapes")

    def __init__(self, field_name: str, arguments_key: str, shape: Shape) -> None:
        self.field_name = field_name
        self.arguments_key = arguments_key
        self.shapes: dict[str, str] = dict(shape)

    def fits(self, field_name: str, arguments_key: str, shape: Shape) -> bool:
        if field_name != self.field_name or arguments_key != self.arguments_key:
            return False
        return all(self.shapes.get(graph, text) == text for graph, text in shape)


class Position:
    """One place in the response tree: all objects found by following the same tree keys from the root."""

    __slots__ = ("_children", "_keys_by_field", "_taken", "depth", "key", "list_depth", "parent")

    def __init__(self, parent: Position | None = None, key: str = "", list_depth: int = 0) -> None:
        self.parent = parent
        self.key = key
        self.list_depth = list_depth
        self.depth: int = parent.depth + 1 if parent else 0
        self._children: dict[str, Position] = {}
        self._keys_by_field: dict[str, list[str]] = {}
        self._taken: dict[str, _TakenKey] = {"__typename": _TakenKey("__typename", "", ())}

    def child(self, tree_key: str, list_depth: int) -> Position:
        """The place of the objects below a tree key."""
        if tree_key not in self._children:
            self._children[tree_key] = Position(self, tree_key, list_depth)
        return self._children[tree_key]

    def key_for_client(self, response_key: str, field_name: str, arguments_key: str, shape: Shape) -> str:
        """The tree key of a field that the client selects: its response key, numbered where that is taken by something else."""
        candidate, number = response_key, 0
        while not self._take(candidate, field_name, arguments_key, shape):
            number += 1
            candidate = f"{response_key}__{number}"
        return candidate

    def key_for_requirement(self, field_name: str, arguments_key: str, shape: Shape) -> str:
        """The tree key of a field that a key or a @requires needs: whatever key already stands for it, else the field's name."""
        for candidate in self._keys_by_field.get(field_name, ()):
            taken = self._taken[candidate]
            if taken.fits(field_name, arguments_key, shape):
                taken.shapes.update(shape)
                return candidate
        return self.key_for_client(field_name, field_name, arguments_key, shape)

    def _take(self, candidate: str, field_name: str, arguments_key: str, shape: Shape) -> bool:
        taken = self._taken.get(candidate)
        if taken is None:
            self._taken[candidate] = _TakenKey(field_name, arguments_key, shape)
            self._keys_by_field.setdefault(field_name, []).append(candidate)
            return True
        if not taken.fits(field_name, arguments_key, shape):
            return False
        taken.shapes.update(shape)
        return True
