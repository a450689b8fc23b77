"""OperationCache: operation text -> PreparedOperation, each stage once: parsed, validated, planned, compiled.

Nothing of a request enters it but the text, the operation's name, the active override labels and a `variant` that names whatever
else the outcome depends on, and all four are in the key: nothing can leak from one person to another.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from graphql import (
    DocumentNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    get_operation_ast,
    parse,
    validate,
)

from ..planning.query_plan import OperationKind, QueryPlan
from .compiled_plan import CompiledPlan, compile_plan
from .variables import VariableCoercion

Rewrite: TypeAlias = Callable[[DocumentNode, GraphQLSchema], DocumentNode]
CacheKey: TypeAlias = tuple[str, str | None, frozenset[str], str]
WarmUpOperation: TypeAlias = tuple[str, str | None]


class OperationPlanner(Protocol):
    """What makes plans; see `planning.Planner`."""

    def plan(
        self, document: DocumentNode, operation_name: str | None = None, override_labels: frozenset[str] = frozenset()
    ) -> QueryPlan: ...


class OperationRejected(Exception):
    """Raised when a text is no operation that the API schema can answer; the errors are for the client."""

    def __init__(self, errors: tuple[GraphQLError, ...]) -> None:
        super().__init__("; ".join(error.message for error in errors))
        self.errors = errors


@dataclass(frozen=True, slots=True)
class OperationCacheSettings:
    """Bounds of the cache and of the work on a text that is not in it."""

    max_operations: int = 1000
    max_tokens: int | None = None
    max_validation_errors: int = 100
    hide_suggestions: bool = False


@dataclass(frozen=True, slots=True)
class PreparedOperation:
    """An operation with all that is known of it before a request: ready to run any number of times."""

    document: DocumentNode
    operation: OperationDefinitionNode
    compiled: CompiledPlan
    coercion: VariableCoercion

    @property
    def plan(self) -> QueryPlan:
        """The plan, as `print_plan` shows it."""
        return self.compiled.plan

    @property
    def operation_kind(self) -> OperationKind:
        """Whether it is a query, a mutation or a subscription."""
        return self.compiled.plan.operation_kind

    @property
    def operation_name(self) -> str | None:
        """The name in the text, if it has one."""
        return self.operation.name.value if self.operation.name else None


class OperationCache:
    """A bounded cache of prepared operations; the one not used for longest goes first."""

    def __init__(
        self, schema: GraphQLSchema, planner: OperationPlanner, settings: OperationCacheSettings | None = None
    ) -> None:
        self.schema = schema
        self._planner = planner
        self._settings = settings or OperationCacheSettings()
        self._operations: OrderedDict[CacheKey, PreparedOperation] = OrderedDict()
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        return len(self._operations)

    def prepare(
        self,
        text: str,
        operation_name: str | None = None,
        labels: frozenset[str] = frozenset(),
        *,
        variant: str = "",
        rewrite: Rewrite | None = None,
        check: Callable[[DocumentNode], None] | None = None,
    ) -> PreparedOperation:
        """The prepared operation. Raises `OperationRejected`, the planner's `PlanningError`, or what `check` raises.

        `check` may refuse a document that was just parsed. `rewrite` changes it after validation (a filter by authorization);
        `variant` must name everything that its outcome depends on.
        """
        key = (text, operation_name, labels, variant)
        known = self._operations.get(key)
        if known is not None:
            self.hits += 1
            self._operations.move_to_end(key)
            return known
        self.misses += 1
        prepared = self._prepare(text, operation_name, labels, rewrite, check)
        self._operations[key] = prepared
        if len(self._operations) > self._settings.max_operations:
            self._operations.popitem(last=False)
        return prepared

    def warm_up(self, operations: Iterable[WarmUpOperation]) -> list[tuple[WarmUpOperation, Exception]]:
        """Prepare a list of (text, operation name) beforehand; returns those that cannot be, with the reason."""
        refused: list[tuple[WarmUpOperation, Exception]] = []
        for text, operation_name in operations:
            try:
                self.prepare(text, operation_name)
            except Exception as error:
                refused.append(((text, operation_name), error))
        return refused

    def known_operations(self) -> list[WarmUpOperation]:
        """The operations in the cache, most recently used first: what to warm up the next cache with."""
        return list(dict.fromkeys((text, name) for text, name, _, _ in reversed(self._operations)))

    def _prepare(
        self,
        text: str,
        operation_name: str | None,
        labels: frozenset[str],
        rewrite: Rewrite | None,
        check: Callable[[DocumentNode], None] | None,
    ) -> PreparedOperation:
        try:
            # The grammar has no empty selection sets; this parser must be told.
            document = parse(text, max_tokens=self._settings.max_tokens, allow_empty_selection_sets=False)
        except GraphQLError as error:
            raise OperationRejected((error,)) from error
        if check is not None:
            check(document)
        errors = validate(
            self.schema,
            document,
            max_errors=self._settings.max_validation_errors,
            hide_suggestions=self._settings.hide_suggestions,
        )
        if errors:
            raise OperationRejected(tuple(errors))
        operation = _chosen_operation(document, operation_name)
        if rewrite is not None:
            document = rewrite(document, self.schema)
            operation = _chosen_operation(document, operation_name)
        _unlink_tokens(document)
        plan = self._planner.plan(document, operation_name, labels)
        compiled = compile_plan(plan, self.schema, operation)
        if not compiled.condition_names:
            compiled.answer_variant({})  # made here, as preparing may run beside the event loop and answering does not
        coercion = VariableCoercion(
            self.schema,
            operation,
            conditions=compiled.condition_names,
            hide_suggestions=self._settings.hide_suggestions,
        )
        return PreparedOperation(document, operation, compiled, coercion)


def _unlink_tokens(document: DocumentNode) -> None:
    """Cut the tokens' way back: a list linked both ways is a cycle, and a forgotten operation would wait for the collector."""
    token = document.loc.start_token if document.loc is not None else None
    while token is not None:
        token.prev = None
        token = token.next


def _chosen_operation(document: DocumentNode, operation_name: str | None) -> OperationDefinitionNode:
    operation = get_operation_ast(document, operation_name)
    if operation is not None:
        return operation
    if operation_name is not None:
        raise OperationRejected((GraphQLError(f'Unknown operation named "{operation_name}".'),))
    count = sum(isinstance(definition, OperationDefinitionNode) for definition in document.definitions)
    message = (
        "Must provide operation name if query contains multiple operations." if count else "Must provide an operation."
    )
    raise OperationRejected((GraphQLError(message),))
