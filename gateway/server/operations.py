"""KnownOperations: from a request's text to the prepared operation, with all that is computed once per operation and
kept.
"""

from __future__ import annotations

import asyncio
import hashlib
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import orjson
from graphql import (
    DocumentNode,
    ExecutableDefinitionNode,
    FieldNode,
    GraphQLSchema,
    InlineFragmentNode,
    OperationType,
    get_operation_ast,
)

from ..execution import PreparedOperation
from .authorization import Grants
from .cost import Cost, CostModel
from .forbidden_fields import Removal, remove_forbidden
from .graph import Graph
from .limits import INTROSPECTION_FIELDS, OperationLimits
from .refusals import IntrospectionDisabled, Overloaded, UnauthorizedOperation
from .settings import Settings
from .settings_safety import LimitMode

MAX_KNOWN_OPERATIONS = 2_000
# New operations that may wait: at some milliseconds each, a few seconds.
MAX_PENDING = 500


@dataclass(frozen=True, slots=True)
class KnownOperation:
    """A prepared operation and what the server itself keeps of it."""

    number: int
    """Of this process: no two operations ever have the same."""
    prepared: PreparedOperation
    hash: str
    """First 16 hexadecimal digits of the SHA-256 of its text: what logs and metrics call it."""
    log_fields: bytes
    """What each line about it in the access log has in common, as members of a JSON object."""
    cost: int | Cost
    """Static cost: a number, or a function of the variables; 0 where nobody asks for it."""
    field_names: frozenset[str]
    """Names of all its fields, at any depth."""
    cost_is_declared: bool = False
    """Whether the supergraph says what things cost; else `cost` is a guess."""
    removal: Removal | None = None
    """What its caller may not see of it."""
    grants: Grants | None = None
    """What it was prepared for, where the supergraph asks for anything."""


class KnownOperations:
    """A bounded memory of operations, the least recently used forgotten first."""

    def __init__(self, settings: Settings, limits: OperationLimits) -> None:
        self._settings = settings
        self.limits = limits
        self._known: OrderedDict[tuple[object, ...], KnownOperation] = OrderedDict()
        self._cost_model: tuple[Graph, CostModel] | None = None
        # One thread: what is known of a graph is made by one at a time, and requests for what is known go on meanwhile.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="prepare")
        self._pending: dict[tuple[object, ...], asyncio.Future[KnownOperation]] = {}
        self.misses = 0

    async def find(
        self, graph: Graph, text: str, operation_name: str | None, grants: Grants | None = None
    ) -> KnownOperation:
        """Return the operation, prepared now if it is new; with grants, without what they do not allow.

        Raises RequestRefused, OperationRejected and PlanningError.
        """
        labels = graph.labels.active()
        key = (graph.number, text, operation_name, grants, labels)
        known = self._known_by(key)
        if known is not None:
            return known
        # What is refused for its length alone does not even queue.
        self.limits.check_text(text)
        pending = self._pending.get(key)
        if pending is None:
            if len(self._pending) >= MAX_PENDING:
                raise Overloaded("Too many new operations wait to be planned; try again in a moment.")
            loop = asyncio.get_running_loop()
            pending = loop.run_in_executor(self._thread, self._prepare, graph, text, operation_name, grants, labels)
            self._pending[key] = pending
            pending.add_done_callback(partial(self._prepared, key))
        # Who gives up waiting must not take it from the others.
        return await asyncio.shield(pending)

    def look_up(
        self, graph: Graph, text: str, operation_name: str | None, grants: Grants | None
    ) -> KnownOperation | None:
        """Return the operation if it is known."""
        return self._known_by((graph.number, text, operation_name, grants, graph.labels.active()))

    def _known_by(self, key: tuple[object, ...]) -> KnownOperation | None:
        known = self._known.get(key)
        if known is not None:
            self._known.move_to_end(key)
        return known

    def _prepared(self, key: tuple[object, ...], pending: asyncio.Future[KnownOperation]) -> None:
        del self._pending[key]
        if pending.cancelled() or pending.exception() is not None:
            return
        self._known[key] = pending.result()
        if len(self._known) > MAX_KNOWN_OPERATIONS:
            self._known.popitem(last=False)

    def __len__(self) -> int:
        return len(self._known)

    def close(self) -> None:
        """End the thread; what waits in it is given up."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def forget_all(self) -> None:
        """Drop everything: a new graph has come."""
        self._known.clear()

    def _prepare(
        self, graph: Graph, text: str, operation_name: str | None, grants: Grants | None, labels: frozenset[str]
    ) -> KnownOperation:
        self.misses += 1
        removal: Removal | None = None

        def rewrite(document: DocumentNode, schema: GraphQLSchema) -> DocumentNode:
            nonlocal removal
            operation = get_operation_ast(document, operation_name)
            assert operation is not None
            assert grants is not None
            document, removal = remove_forbidden(document, operation, graph.authorization, grants)
            if removal is not None and operation.operation is OperationType.SUBSCRIPTION and removal.is_root:
                raise UnauthorizedOperation("This subscription is not allowed.")
            return document

        prepared = graph.operations.prepare(
            text,
            operation_name,
            labels=labels,
            # The server keeps operations by grants itself, and must see the outcome of each rewrite.
            variant="" if grants is None else f"{grants.variant}|{self.misses}",
            rewrite=None if grants is None else rewrite,
            check=self._check_document,
        )
        digest = hashlib.sha256(text.encode()).hexdigest()[:16]
        return KnownOperation(
            self.misses,
            prepared,
            digest,
            _log_fields(prepared, digest),
            self._cost_of(graph, prepared.document, operation_name),
            frozenset(field.name.value for field in _all_fields(prepared.document)),
            self._cost_model is not None and self._cost_model[1].is_declared,
            removal,
            grants,
        )

    def _check_document(self, document: DocumentNode) -> None:
        self.limits.check_document(document)
        if not self._settings.has_introspection and _asks_for_schema(document):
            raise IntrospectionDisabled("Introspection is switched off on this gateway.")

    def _cost_of(self, graph: Graph, document: DocumentNode, operation_name: str | None) -> int | Cost:
        limits = self._settings.limits
        is_off = limits.cost.mode is LimitMode.OFF and limits.guessed_cost.mode is LimitMode.OFF
        if is_off and not limits.cost_in_extensions:
            return 0
        if self._cost_model is None or self._cost_model[0] is not graph:
            supergraph = graph.supergraph
            model = CostModel(supergraph.document, supergraph.root_types, limits.assumed_list_size)
            self._cost_model = (graph, model)
        return self._cost_model[1].formula(document, operation_name)


def _log_fields(prepared: PreparedOperation, digest: str) -> bytes:
    fields = {"kind": prepared.operation_kind, "operation": prepared.operation_name, "hash": digest}
    return orjson.dumps(fields)[1:-1]


def _asks_for_schema(document: DocumentNode) -> bool:
    return any(field.name.value in INTROSPECTION_FIELDS for field in _all_fields(document))


def _all_fields(document: DocumentNode) -> Iterator[FieldNode]:
    # Every selection set of the document, fragments included, once: no need to follow spreads.
    pending = [it.selection_set for it in document.definitions if isinstance(it, ExecutableDefinitionNode)]
    while pending:
        for selection in pending.pop().selections:
            if isinstance(selection, FieldNode):
                yield selection
            if isinstance(selection, FieldNode | InlineFragmentNode) and selection.selection_set is not None:
                pending.append(selection.selection_set)
