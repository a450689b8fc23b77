"""The normalized operation: fragments are gone, fields merged, and each selection says for which object types it stands."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from graphql import ArgumentNode, FieldNode, FragmentDefinitionNode, OperationDefinitionNode

from ..supergraph import SupergraphField
from .guards import Guard
from .positions import Position
from .query_plan import OperationKind

TYPENAME = "__typename"
INTROSPECTION_FIELDS = frozenset({"__schema", "__type"})


@dataclass(slots=True, eq=False)
class FieldSelection:
    """One field at one position, selected on `parent_type`.

    `order` is where it first stood in the client's text; `defers` holds None when the initial answer needs it and the ids of the
    deferred blocks that ask for it (`guard_by_defer` tells when). Only planning's path search writes to it, in `by_type`: an abstract
    selection that had to be taken apart has its copies per object type there, each with a tree key and positions of its own.
    """

    order: int
    response_key: str
    field_name: str
    arguments: tuple[ArgumentNode, ...]
    directives_text: str
    guard: Guard
    defers: frozenset[str | None]
    parent_type: str
    definition: SupergraphField | None
    position: Position
    tree_key: str
    child_position: Position | None = None
    regions: tuple[Region, ...] = ()
    defer_marks: tuple[DeferMark, ...] = ()
    guard_by_defer: dict[str | None, Guard] = field(default_factory=dict)
    copy_for: Callable[[str], FieldSelection] | None = None
    by_type: dict[str, FieldSelection] = field(default_factory=dict)
    is_split: bool = False
    """Has to be taken apart: for some object type another selection puts the same response key under another tree key."""

    @property
    def is_composite(self) -> bool:
        """Whether objects are below it."""
        return self.child_position is not None

    @property
    def named_type(self) -> str:
        """The supergraph type that the field's type ends in."""
        return self.definition.named_type if self.definition else "String"

    def for_type(self, type_name: str) -> FieldSelection:
        """This selection on one object type alone."""
        if type_name not in self.by_type:
            if self.copy_for is None or type_name == self.parent_type:
                return self
            self.by_type[type_name] = self.copy_for(type_name)
        return self.by_type[type_name]


@dataclass(frozen=True, slots=True)
class Region:
    """The selections of one position that stand for the same object types; `type_name` is what they are selected on."""

    type_name: str
    types: frozenset[str]
    selections: tuple[FieldSelection, ...]


@dataclass(frozen=True, slots=True)
class DeferMark:
    """A `... @defer` fragment, at the position where it stands."""

    defer_id: str
    label: str | None
    if_variable: str | None
    types: frozenset[str] | None
    guard: Guard
    parent_defer: str | None


@dataclass(frozen=True, slots=True)
class IntrospectionField:
    """`__schema` or `__type` at the root; the gateway answers it from the API schema."""

    order: int
    node: FieldNode
    fragments: tuple[FragmentDefinitionNode, ...]
    guard: Guard


@dataclass(frozen=True, slots=True)
class Operation:
    """The normalized operation as a whole."""

    kind: OperationKind
    name: str | None
    root_type: str
    definition: OperationDefinitionNode
    root: Position
    regions: tuple[Region, ...]
    introspection: tuple[IntrospectionField, ...] = ()
    defer_marks: tuple[DeferMark, ...] = ()

    def own_variable(self, name: str) -> str:
        """A name for variables of ours: no variable of the client begins with it."""
        while any(node.variable.name.value.startswith(name) for node in self.definition.variable_definitions or ()):
            name = f"_{name}"
        return name
