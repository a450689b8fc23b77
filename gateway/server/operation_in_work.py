"""OperationInWork: one query or mutation from its admission to the result that its client may see."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..execution import ExecutionResult, FetchEvent, RequestContext
from .forbidden_fields import Removal
from .operations import KnownOperation
from .plan_extension import plan_extension
from .request import Caller

if TYPE_CHECKING:
    # OpenTelemetry takes a third of a second to import, and most processes have no use for it.
    from .tracing import OperationTrace, Tracing


class OperationInWork:
    """Holds what must be done when the operation is over. `cost` is what the client is told, or None."""

    __slots__ = ("_caller", "_cost", "_fetched", "_known", "_trace", "context")

    def __init__(
        self,
        known: KnownOperation,
        caller: Caller,
        context: RequestContext,
        cost: int | None,
        tracing: Tracing | None,
    ) -> None:
        self._known = known
        self._caller = caller
        self._cost = cost
        self.context = context
        self._trace = _trace(tracing, known, caller, context) if tracing is not None else None
        self._fetched = _collect_fetches(context) if caller.plan else None

    def completed(self, result: ExecutionResult) -> ExecutionResult:
        """End it, and add to its result what the executor knows nothing of."""
        if self._trace is not None:
            self._trace.end(len(result.errors))
        known = self._known
        if known.removal is None and self._cost is None and self._fetched is None:
            return result
        result = result.own()
        if known.removal is not None:
            put_nulls(result, known.removal)
        if self._cost is not None:
            result.extensions["cost"] = self._cost
        if self._fetched is not None:
            result.extensions["queryPlan"] = plan_extension(known.prepared.plan, self._fetched)
        return result

    def failed(self) -> None:
        """End it without a result."""
        if self._trace is not None:
            self._trace.end(1)


def put_nulls(result: ExecutionResult, removal: Removal) -> None:
    """Put null, and an error, where something was that the caller may not see."""
    result.data = removal.apply(result.data)
    result.errors = [*result.errors, *removal.errors]


def _trace(tracing: Tracing, known: KnownOperation, caller: Caller, context: RequestContext) -> OperationTrace:
    trace = tracing.start(caller, known)
    context.headers = caller.headers
    context.before_fetch = trace.before_fetch
    _tell_first(context, trace.on_fetch)
    return trace


def _collect_fetches(context: RequestContext) -> list[FetchEvent]:
    """Return a list that every fetch of the operation is added to when it is over."""
    fetched: list[FetchEvent] = []
    _tell_first(context, fetched.append)
    return fetched


def _tell_first(context: RequestContext, listener: Callable[[FetchEvent], None]) -> None:
    """Tell the listener of each fetch that is over, before whoever is told already."""
    next_listener = context.on_fetch

    def on_fetch(event: FetchEvent) -> None:
        listener(event)
        if next_listener is not None:
            next_listener(event)

    context.on_fetch = on_fetch
