"""The selections of one fetch while it is built: fields by tree key, fragments by type, each with the guard under which it is needed."""

from __future__ import annotations

from dataclasses import dataclass, field

from graphql import ArgumentNode

from .guards import NEVER, Guard, either
from .operation import FieldSelection
from .positions import Position


@dataclass(slots=True, eq=False)
class DocumentField:
    """One field. `argument_variables` are arguments whose value comes from a context, by name of the argument."""

    position: Position
    tree_key: str
    field_name: str
    arguments: tuple[ArgumentNode, ...]
    directives_text: str
    guard: Guard = NEVER
    child: DocumentTree | None = None
    argument_variables: tuple[tuple[str, str], ...] = ()


@dataclass(slots=True, eq=False)
class DocumentTree:
    """One selection set. `selects_typename` asks for the runtime type under the tree key `__typename`."""

    fields: dict[str, DocumentField] = field(default_factory=dict)
    fragments: dict[str, DocumentTree] = field(default_factory=dict)
    selects_typename: bool = False

    def fragment(self, type_name: str) -> DocumentTree:
        """The selections on one type condition."""
        return self.fragments.setdefault(type_name, DocumentTree())

    def add_field(self, selection: FieldSelection, guard: Guard) -> DocumentField:
        """The field of a selection; when it is there already its guard widens."""
        found = self.fields.get(selection.tree_key)
        if found is None:
            found = self.fields[selection.tree_key] = DocumentField(
                selection.position,
                selection.tree_key,
                selection.field_name,
                selection.arguments,
                selection.directives_text,
            )
        if selection.is_composite and found.child is None:
            found.child = DocumentTree()
        found.guard = either(found.guard, guard)
        return found

    def is_empty(self) -> bool:
        """Whether nothing is selected."""
        return not self.fields and not self.fragments and not self.selects_typename

    def merge(self, other: DocumentTree) -> None:
        """Take in all that another tree selects."""
        self.selects_typename = self.selects_typename or other.selects_typename
        for type_name, fragment in other.fragments.items():
            self.fragment(type_name).merge(fragment)
        for tree_key, theirs in other.fields.items():
            ours = self.fields.get(tree_key)
            if ours is None:
                self.fields[tree_key] = theirs
                continue
            ours.guard = either(ours.guard, theirs.guard)
            if ours.child is not None and theirs.child is not None:
                ours.child.merge(theirs.child)
