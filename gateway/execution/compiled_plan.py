"""Compile a QueryPlan: everything about an operation that does not change from request to request, as bytes and functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import GraphQLObjectType, GraphQLSchema, OperationDefinitionNode

from ..planning.query_plan import Conditions, ContextArgument, EntityInput, FetchNode, QueryPlan, ResponsePath
from .answer_selection import AnswerSelection, Deferral, SelectionBuilder
from .answer_shapes import PlainPath, plain_path
from .conditions import condition_variables, deferred_blocks
from .gather import Place, build_place
from .introspection import Introspection, build_introspection
from .joined_fetches import JoinedDocument, join_documents, partners
from .projection import Project, build_projection
from .representations import Represent, build_represent
from .sharing import SharingAnalysis, without_trailing_types

MAX_JOINED = 64  # combinations of fetches that are compiled for one operation; further ones are sent apart
MAX_VARIANTS = 32  # of one operation's projection: one for each combination of its conditions that is asked for


@dataclass(frozen=True, slots=True)
class CompiledTarget:
    """One path of an entity fetch: where its objects are, and how they become representations."""

    path: ResponsePath
    place: Place
    represent: Represent
    conditions: Conditions


@dataclass(frozen=True, slots=True)
class CompiledInput:
    """One `_entities` field: how its representations are gathered and its entities merged."""

    alias: str
    variable_prefix: bytes
    targets: tuple[CompiledTarget, ...]
    context_arguments: tuple[ContextArgument, ...]
    needs_deep_merge: bool
    is_shared: bool
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CompiledFetch:
    """One fetch: its body is `head`, the variables, and two closing braces."""

    id: int
    node: FetchNode
    subgraph_name: str
    head: bytes
    constant_body: bytes | None
    variables: tuple[tuple[str, bytes], ...]
    inputs: tuple[CompiledInput, ...]
    conditions: Conditions
    dependents: tuple[int, ...]
    partners: tuple[int, ...]
    needs_deep_merge: bool
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerVariant:
    """The answer for one outcome of the operation's conditions: its selections, and the function that makes it."""

    selection: AnswerSelection
    project: Project


@dataclass(slots=True)
class CompiledPlan:
    """Ready to run any number of times. Holds nothing of any request."""

    plan: QueryPlan
    schema: GraphQLSchema
    fetches: tuple[CompiledFetch, ...]
    dependency_counts: tuple[int, ...]
    starts: tuple[int, ...]
    place_count: int
    shared_paths: frozenset[PlainPath]
    object_types: frozenset[str]
    condition_names: tuple[str, ...]
    introspection: Introspection | None
    block_parents: dict[str, str | None]
    is_single_fetch: bool
    """Whether there is nothing but one fetch of root fields."""
    _variants: dict[tuple[object, ...], AnswerVariant] = field(default_factory=dict)
    _joined: dict[tuple[int, ...], JoinedDocument] = field(default_factory=dict)

    def joined_document(self, fetches: tuple[CompiledFetch, ...]) -> JoinedDocument | None:
        """The request that these fetches make together; None when too many combinations have been seen."""
        key = tuple(fetch.id for fetch in fetches)
        document = self._joined.get(key)
        if document is None and len(self._joined) < MAX_JOINED:
            document = self._joined[key] = join_documents(fetches)
        return document

    def answer_variant(self, variables: Mapping[str, Any], deferred_ids: frozenset[str] = frozenset()) -> AnswerVariant:
        """The projection for these variables, compiled when it is first needed."""
        flags = tuple(bool(variables.get(name)) for name in self.condition_names) if self.condition_names else ()
        key = (*flags, deferred_ids) if deferred_ids else flags
        variant = self._variants.get(key)
        if variant is None:
            builder = SelectionBuilder(self.schema, variables, Deferral(deferred_ids, self.block_parents))
            selection = builder.build(self.plan.root_type_name, self.plan.projection, self.plan.root_deferred)
            variant = AnswerVariant(selection, build_projection(self.schema, selection, self.shared_paths))
            if len(self._variants) >= MAX_VARIANTS:
                del self._variants[next(iter(self._variants))]
            self._variants[key] = variant
        return variant

    @property
    def has_deferred(self) -> bool:
        """Whether anything may come later."""
        return bool(self.block_parents)


def compile_plan(
    plan: QueryPlan, schema: GraphQLSchema, operation: OperationDefinitionNode | None = None
) -> CompiledPlan:
    """Compile a plan. `schema` is the API schema; `operation` is needed when the plan holds introspection with variables."""
    object_types = frozenset(name for name, type_ in schema.type_map.items() if isinstance(type_, GraphQLObjectType))
    compiler = _PlanCompiler(plan, object_types)
    fetches = tuple(compiler.compile_fetch(fetch) for fetch in plan.fetches)
    counts = tuple(len(set(fetch.depends_on)) for fetch in plan.fetches)
    introspection = build_introspection(plan, schema, operation)
    return CompiledPlan(
        plan=plan,
        schema=schema,
        fetches=fetches,
        dependency_counts=counts,
        starts=tuple(position for position, count in enumerate(counts) if count == 0),
        place_count=compiler.place_count,
        shared_paths=frozenset(compiler.shared_paths),
        object_types=object_types,
        condition_names=condition_variables(plan),
        introspection=introspection,
        block_parents={block.defer_id: block.parent_id for block in deferred_blocks(plan)},
        is_single_fetch=introspection is None and _is_single_fetch(plan),
    )


class _PlanCompiler:
    def __init__(self, plan: QueryPlan, object_types: frozenset[str]) -> None:
        self._plan = plan
        self._sharing = SharingAnalysis(plan)
        self._partners = partners(plan)
        self._places: dict[ResponsePath, Place] = {}
        self._object_types = object_types
        self.place_count = 0
        self.shared_paths: set[PlainPath] = set()

    def compile_fetch(self, fetch: FetchNode) -> CompiledFetch:
        head = b'{"query":' + orjson.dumps(fetch.document)
        if fetch.operation_name is not None:
            head += b',"operationName":' + orjson.dumps(fetch.operation_name)
        is_constant = not fetch.variable_names and not fetch.entities
        return CompiledFetch(
            id=fetch.id,
            node=fetch,
            subgraph_name=fetch.subgraph_name,
            head=head + b',"variables":{',
            constant_body=head + b"}" if is_constant else None,
            variables=tuple((name, orjson.dumps(name) + b":") for name in fetch.variable_names),
            inputs=tuple(self._compile_input(fetch, entity_input) for entity_input in fetch.entities),
            conditions=fetch.conditions,
            dependents=tuple(other.id for other in self._plan.fetches if fetch.id in other.depends_on),
            partners=self._partners[fetch.id],
            needs_deep_merge=bool(fetch.root_path) or self._sharing.needs_deep_merge(fetch, None, ()),
            keys=self._sharing.root_keys(fetch),
        )

    def _compile_input(self, fetch: FetchNode, entity_input: EntityInput) -> CompiledInput:
        is_shared = self._sharing.can_share(fetch, entity_input)
        # A subgraph with @interfaceObject answers with an interface's name where the tree may hold that of an object type.
        has_interface_names = any(
            representation.typename is not None and representation.typename not in self._object_types
            for target in entity_input.targets
            for representation in target.representations
        )
        needs_deep_merge = has_interface_names or any(
            self._sharing.needs_deep_merge(fetch, entity_input.alias, target.path) for target in entity_input.targets
        )
        kinds = dict.fromkeys(target.representations for target in entity_input.targets)
        discriminators = {kind: number for number, kind in enumerate(kinds)}
        targets = []
        for target in entity_input.targets:
            place = self._place(without_trailing_types(target.path), target.representations)
            discriminator = None if len(kinds) == 1 else discriminators[target.representations]
            represent = build_represent(target, discriminator)
            targets.append(CompiledTarget(target.path, place, represent, target.conditions))
            if is_shared:
                self.shared_paths.add(plain_path(target.path))
        return CompiledInput(
            alias=entity_input.alias,
            variable_prefix=orjson.dumps(entity_input.variable_name) + b":",
            targets=tuple(targets),
            context_arguments=entity_input.context_arguments,
            needs_deep_merge=needs_deep_merge,
            is_shared=is_shared,
            keys=self._sharing.entity_keys(fetch, entity_input),
        )

    def _place(self, path: ResponsePath, representations: tuple[Any, ...]) -> Place:
        if path not in self._places:
            index = None
            if path and self._sharing.is_internable(path):
                index = self.place_count
                self.place_count += 1
                self.shared_paths.add(plain_path(path))
            self._places[path] = build_place(path, self._place_above(path), representations, index)
        return self._places[path]

    def _place_above(self, path: ResponsePath) -> Place | None:
        above = [
            place
            for place in self._places.values()
            if place.index is not None and len(place.path) < len(path) and path[: len(place.path)] == place.path
        ]
        return max(above, key=lambda place: len(place.path), default=None)


def _is_single_fetch(plan: QueryPlan) -> bool:
    if len(plan.fetches) != 1:
        return False
    fetch = plan.fetches[0]
    return not (fetch.entities or fetch.conditions or fetch.root_path)
