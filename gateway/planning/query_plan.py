"""The QueryPlan: which subgraph is asked for what, what each fetch needs first, and how the answer is shaped.

A plan is final, frozen and printable. Everything in it is about the *response tree*: the one tree of dicts and lists into which all
answers of subgraphs are merged. The planner gives every fetched field its *tree key*; subgraph documents alias fields to their tree
keys, so answers merge without renaming. A tree key is the client's response key unless two selections would collide there
(`id: name` beside a key field `id`, different arguments, incompatible types across subgraphs); only the projection, the last
step, turns tree keys into the client's response keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from graphql import FieldNode, FragmentDefinitionNode, GraphQLOutputType

OperationKind: TypeAlias = Literal["query", "mutation", "subscription"]


@dataclass(frozen=True, slots=True)
class KeyStep:
    """Go into the value at this tree key."""

    key: str


@dataclass(frozen=True, slots=True)
class ItemsStep:
    """Go into every item of the list (one step per list level)."""


@dataclass(frozen=True, slots=True)
class TypeStep:
    """Stay only with objects whose `__typename` is one of these object types."""

    type_names: frozenset[str]


PathStep: TypeAlias = KeyStep | ItemsStep | TypeStep
ResponsePath: TypeAlias = tuple[PathStep, ...]


@dataclass(frozen=True, slots=True)
class Condition:
    """An @include (`negated=False`) or @skip (`negated=True`) on a Boolean variable that could not be settled while planning."""

    variable_name: str
    negated: bool


# All conditions of one tuple must hold; of several tuples one suffices. An empty outer tuple means: always.
Conditions: TypeAlias = tuple[tuple[Condition, ...], ...]


@dataclass(frozen=True, slots=True)
class RequiredField:
    """One field of a representation: `field_name` is what the subgraph expects, `tree_key` where the value lies in the response tree.

    Objects nested in it carry `selections`; lists are walked at any depth. `type_names` limits the field to objects of these
    types (a fragment in a field set); None means all.
    """

    field_name: str
    tree_key: str
    selections: tuple[RequiredField, ...] = ()
    type_names: frozenset[str] | None = None
    is_key: bool = False
    """Part of the key: an object that lacks it, or all of whose key fields are null, is no entity and is left out.

    Any other null is sent."""


@dataclass(frozen=True, slots=True)
class Representation:
    """How the entities of some object types become representations: `{__typename: typename, **required fields}`.

    `type_names` None means: every object at the path; planning knows their type, so their `__typename` need not be in the tree.
    `typename` None means: the object's own `__typename` from the response tree. It differs where the subgraph knows the type
    under an interface's name (@interfaceObject).
    """

    type_names: frozenset[str] | None
    typename: str | None
    required: tuple[RequiredField, ...]


@dataclass(frozen=True, slots=True)
class ContextArgument:
    """A @fromContext value that travels as a variable of the fetch: read at `path` below the ancestor `levels_up` steps of the
    entity's own path (counted in KeyStep and ItemsStep), handed to variable `variable_name`."""

    variable_name: str
    levels_up: int
    path: ResponsePath
    by_type: Mapping[str, ResponsePath] = field(default_factory=dict)
    """Where the path differs by the ancestor's runtime type."""


@dataclass(frozen=True, slots=True)
class EntityTarget:
    """Objects of the response tree that take part in an entity fetch: all at `path`, if one of `representations` fits their type."""

    path: ResponsePath
    representations: tuple[Representation, ...]
    conditions: Conditions = ()


@dataclass(frozen=True, slots=True)
class EntityInput:
    """One `_entities` field of a fetch. Several stand in one document under aliases when fetches of one subgraph are merged."""

    alias: str
    variable_name: str
    targets: tuple[EntityTarget, ...]
    context_arguments: tuple[ContextArgument, ...] = ()


@dataclass(frozen=True, slots=True)
class FetchNode:
    """One request to one subgraph. It may start as soon as the fetches in `depends_on` are merged.

    A root fetch has no `entities`; its answer merges into the object(s) at `root_path` (empty but for a Query type reached below
    the root). `document` is the whole text, ready to send, with `operation_name` in it; `variable_names` are the client's
    variables that it uses.
    A fetch is left out when its `conditions` do not hold, or when no entity needs it.
    """

    id: int
    subgraph_name: str
    operation_kind: OperationKind
    document: str
    operation_name: str | None
    variable_names: tuple[str, ...]
    depends_on: tuple[int, ...] = ()
    entities: tuple[EntityInput, ...] = ()
    root_path: ResponsePath = ()
    conditions: Conditions = ()
    defer_ids: tuple[str, ...] = ()
    """The deferred blocks this fetch serves; empty when the initial answer needs it.

    It is held back only while all of them are deferred."""


@dataclass(frozen=True, slots=True)
class ProjectedField:
    """One field of the client's answer, read at `tree_key`, written at `response_key`.

    `type_names` are the object types for which it applies (None: every possible type at this place). `__typename` has
    `field_name == "__typename"`, and `typename` where planning knows the answer (the tree need not hold it then). `__schema`
    and `__type` are fields of the root type only and are answered from the API schema: `introspection` is the client's
    field with its @skip / @include kept, `introspection_fragments` are the fragments it needs.
    """

    response_key: str
    tree_key: str
    field_name: str
    type: GraphQLOutputType
    selections: tuple[ProjectedField, ...] = ()
    type_names: frozenset[str] | None = None
    conditions: Conditions = ()
    deferred: tuple[DeferredBlock, ...] = ()
    """The deferred blocks that start at the objects of this field, each before those inside it."""
    typename: str | None = None
    introspection: FieldNode | None = None
    introspection_fragments: tuple[FragmentDefinitionNode, ...] = ()
    strict_types: Mapping[str, GraphQLOutputType] = field(default_factory=dict)
    """The field's type on those object types where it may be null in fewer places than on the interface that `type` is of."""
    defers: tuple[tuple[str | None, Conditions], ...] = ()
    """The innermost deferred blocks that select the field, and when they do; None stands for the answer itself.

    Empty where only the answer itself does."""


@dataclass(frozen=True, slots=True)
class DeferredBlock:
    """A `... @defer` fragment; `if_variable` turns deferring off when that variable is false.

    Its fields, which name it in `defers`, may be projected as soon as the fetches that name it in `defer_ids` are merged.
    """

    defer_id: str
    label: str | None
    if_variable: str | None
    parent_id: str | None = None
    """The deferred block around it."""
    type_names: frozenset[str] | None = None
    conditions: Conditions = ()


@dataclass(frozen=True, slots=True)
class QueryPlan:
    """All fetches in an order in which each comes after what it depends on (`fetches[i].id == i`), and the projection of the answer.

    For a subscription `fetches[0]` is the subscription itself and the others run on every event.
    """

    operation_kind: OperationKind
    operation_name: str | None
    fetches: tuple[FetchNode, ...]
    projection: tuple[ProjectedField, ...]
    root_type_name: str
    root_deferred: tuple[DeferredBlock, ...] = ()
    estimated_cost: float = 0.0
