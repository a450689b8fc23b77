"""Decide, once per plan, where objects of the response tree may be shared and where answers must be merged deeply.

An entity that stands at many places of an answer is fetched once, and building it once too saves most of the work. But two
places may share one object only if everything that is still to be merged below them is the same for both.

A *place* is a path at which entities are gathered. At a place that can be interned, equal objects become one object, and later
fetches at or below it see each only once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from ..planning.query_plan import EntityInput, EntityTarget, FetchNode, QueryPlan, ResponsePath, TypeStep
from .answer_shapes import ITEMS, PlainPath, Shape, plain_path, shape_below, shape_of_fetch


@dataclass(frozen=True, slots=True)
class Bringing:
    """One part of a fetch's answer: it merges objects of `shape` into the objects at `path`."""

    fetch_id: int
    alias: str | None
    path: PlainPath
    shape: Shape


@dataclass(frozen=True, slots=True)
class PlacedTarget:
    """One target of one fetch, with its plain path."""

    fetch: FetchNode
    entity_input: EntityInput
    target: EntityTarget
    path: PlainPath


class SharingAnalysis:
    """Answers for one plan: `is_internable(path)`, `needs_deep_merge(...)`, `can_share(...)`."""

    def __init__(self, plan: QueryPlan) -> None:
        self._plan = plan
        self._shapes = {fetch.id: shape_of_fetch(fetch) for fetch in plan.fetches}
        self._targets = list(self._all_targets())
        self._bringings = list(self._all_bringings())
        self._ancestors = _ancestors(plan)
        self._variants = _typed_variants(plan)
        has_context = any(entity_input.context_arguments for fetch in plan.fetches for entity_input in fetch.entities)
        has_inner_roots = any(fetch.root_path for fetch in plan.fetches)
        # Equal objects below different ancestors get different values when an argument comes from the ancestor.
        self._may_share = not has_context and not has_inner_roots

    def root_keys(self, fetch: FetchNode) -> tuple[str, ...]:
        """The tree keys of a fetch's own root fields."""
        return tuple(self._shapes[fetch.id])

    def entity_keys(self, fetch: FetchNode, entity_input: EntityInput) -> tuple[str, ...]:
        """The tree keys that an entity fetch adds to each object."""
        return tuple(self._shapes[fetch.id].get(entity_input.alias) or ())

    def is_internable(self, path: ResponsePath) -> bool:
        """Whether equal objects at `path` (which has no type step at its end) may become one object."""
        if not self._may_share:
            return False
        plain = plain_path(path)
        # The same place reached by different type conditions would be gathered twice, each time with its own idea of what is one.
        if any(len(self._variants[plain[:length]]) > 1 for length in range(1, len(plain) + 1)):
            return False
        producers = {
            bringing.fetch_id
            for bringing in self._bringings
            if len(bringing.path) < len(plain)
            and plain[: len(bringing.path)] == bringing.path
            and shape_below(bringing.shape, plain[len(bringing.path) :]) is not None
        }
        consumers = {item.fetch.id for item in self._targets if item.path[: len(plain)] == plain}
        return all(producers <= self._ancestors[consumer] for consumer in consumers)

    def needs_deep_merge(self, fetch: FetchNode, alias: str | None, path: ResponsePath) -> bool:
        """Whether another fetch brings an object under a key under which this one brings an object too."""
        plain = plain_path(path)
        shape = self._shapes[fetch.id] if alias is None else self._shapes[fetch.id].get(alias)
        nested = {key for key, below in (shape or {}).items() if below is not None}
        for bringing in self._bringings:
            if bringing.fetch_id == fetch.id and bringing.alias == alias:
                continue
            if plain[: len(bringing.path)] == bringing.path:
                there = shape_below(bringing.shape, plain[len(bringing.path) :])
                if there is not None and not nested.isdisjoint(there):
                    return True
        return False

    def can_share(self, fetch: FetchNode, entity_input: EntityInput) -> bool:
        """Whether one entity of the answer may be placed by reference at all targets of this input."""
        if not self._may_share:
            return False
        futures = [self._future(fetch, entity_input, target) for target in entity_input.targets]
        return all(future == futures[0] for future in futures)

    def _future(self, fetch: FetchNode, entity_input: EntityInput, target: EntityTarget) -> frozenset[object]:
        """All that may still be merged into what this fetch brings to this target."""
        plain = plain_path(target.path)
        shape = self._shapes[fetch.id].get(entity_input.alias) or {}
        merges: set[object] = set()
        for other in self._targets:
            if other.path[: len(plain)] != plain:
                continue
            mark = (other.fetch.id, other.entity_input.alias, other.target.conditions)
            if len(other.path) > len(plain):
                key = other.path[len(plain)]
                if key == ITEMS or shape.get(key) is not None:
                    merges.add((*mark, _suffix(other.target.path, len(plain))))
            elif (other.fetch.id, other.entity_input.alias) != (fetch.id, entity_input.alias):
                below = self._shapes[other.fetch.id].get(other.entity_input.alias) or {}
                if any(shape[key] is not None and key in below for key in shape):
                    merges.add((*mark, ()))
        return frozenset(merges)

    def _all_targets(self) -> Iterator[PlacedTarget]:
        for fetch in self._plan.fetches:
            for entity_input in fetch.entities:
                for target in entity_input.targets:
                    yield PlacedTarget(fetch, entity_input, target, plain_path(target.path))

    def _all_bringings(self) -> Iterator[Bringing]:
        for fetch in self._plan.fetches:
            shape = self._shapes[fetch.id]
            if not fetch.entities:
                yield Bringing(fetch.id, None, plain_path(fetch.root_path), shape)
        for item in self._targets:
            shape = self._shapes[item.fetch.id].get(item.entity_input.alias) or {}
            yield Bringing(item.fetch.id, item.entity_input.alias, item.path, shape)


def without_trailing_types(path: ResponsePath) -> ResponsePath:
    """The path to the objects themselves, whatever their type."""
    end = len(path)
    while end and isinstance(path[end - 1], TypeStep):
        end -= 1
    return path[:end]


def _targets(fetch: FetchNode) -> Iterator[EntityTarget]:
    for entity_input in fetch.entities:
        yield from entity_input.targets


def _ancestors(plan: QueryPlan) -> dict[int, frozenset[int]]:
    ancestors: dict[int, frozenset[int]] = {}
    for fetch in plan.fetches:
        above = frozenset(fetch.depends_on)
        for dependency in fetch.depends_on:
            above |= ancestors[dependency]
        ancestors[fetch.id] = above
    return ancestors


def _typed_variants(plan: QueryPlan) -> defaultdict[PlainPath, set[ResponsePath]]:
    """Each plain path with all the typed paths by which targets reach or cross it."""
    variants: defaultdict[PlainPath, set[ResponsePath]] = defaultdict(set)
    for fetch in plan.fetches:
        for target in _targets(fetch):
            for length in range(1, len(target.path) + 1):
                prefix = target.path[:length]
                if not isinstance(prefix[-1], TypeStep):
                    variants[plain_path(prefix)].add(prefix)
    return variants


def _suffix(path: ResponsePath, plain_length: int) -> ResponsePath:
    """What follows after the first `plain_length` key and list steps."""
    seen = 0
    for position, step in enumerate(path):
        if seen == plain_length:
            return path[position:]
        if not isinstance(step, TypeStep):
            seen += 1
    return ()
