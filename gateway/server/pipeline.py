"""The Pipeline: what every client's operation goes through, whichever way it came.

request -> its text (persisted operations) -> known operation (limits, authorization, plan) -> admitted (rate, cost,
load) -> executed
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator

import orjson

from ..execution import ExecutionResult, RequestContext
from .forbidden_fields import Removal
from .graph import Graph, GraphHolder
from .operations import KnownOperation, KnownOperations
from .persisted import PersistedOperations
from .plan_extension import plan_extension
from .rate_limit import RateLimiter
from .refusals import BadRequest, JsonObject, Overloaded, UnauthorizedOperation
from .request import Caller, GraphqlRequest
from .settings import Settings
from .telemetry import Telemetry


class Pipeline:
    """One for the whole process."""

    def __init__(
        self,
        settings: Settings,
        graphs: GraphHolder,
        operations: KnownOperations,
        persisted: PersistedOperations,
        rate_limiter: RateLimiter | None,
        telemetry: Telemetry,
        collects_headers: bool = False,
    ) -> None:
        self._settings = settings
        self._graphs = graphs
        self._operations = operations
        self._persisted = persisted if persisted.is_needed else None
        self._rate_limiter = rate_limiter
        self._telemetry = telemetry
        self._collects_headers = collects_headers
        self._in_work = 0
        self._limits = operations.limits
        self._request_timeout = settings.traffic.request_timeout
        self._max_in_work = settings.traffic.max_concurrent_requests

    @property
    def in_work(self) -> int:
        """Operations that are being executed now."""
        return self._in_work

    def prepare(self, request: GraphqlRequest, caller: Caller) -> tuple[Graph, KnownOperation]:
        """Find the operation on the current graph. Raises RequestRefused, OperationRejected and PlanningError."""
        graph = self._graphs.current
        if self._persisted is not None:
            self._persisted.complete(request)
        if not request.query:
            raise BadRequest("'query' is missing.")
        grants = None
        if not graph.authorization.is_empty and self._settings.authorization.enabled:
            grants = graph.authorization.grants_of(caller, self._settings.jwt)
        known = self._operations.find(graph, request.query, request.operation_name, grants)
        if known.removal is not None and self._settings.authorization.mode == "reject":
            paths = ", ".join(".".join(error["path"]) for error in known.removal.errors)
            raise UnauthorizedOperation(f"This operation asks for what is not allowed: {paths}.")
        return graph, known

    async def execute(
        self,
        graph: Graph,
        known: KnownOperation,
        request: GraphqlRequest,
        caller: Caller,
        accepts_incremental: bool = False,
    ) -> ExecutionResult:
        """Execute a query or mutation. Raises RequestRefused and InvalidVariables."""
        cost = self._admit(known, request, caller)
        if caller.plan == "dry-run":
            return ExecutionResult(None, extensions={"queryPlan": plan_extension(known.prepared.plan)})
        if self._in_work >= self._max_in_work:
            self._telemetry.shed()
            raise Overloaded("The gateway is busy; try again in a moment.")
        context = self._context(caller)
        # A part that comes later would need its nulls put in, too; so it does not come later.
        context.accepts_incremental = accepts_incremental and known.removal is None
        self._in_work += 1
        try:
            result = await graph.executor.execute(known.prepared, request.variables, context)
        finally:
            self._in_work -= 1
        if known.removal is not None:
            _put_nulls(result, known.removal)
        if cost is not None:
            result.extensions["cost"] = cost
        if caller.plan:
            result.extensions["queryPlan"] = plan_extension(known.prepared.plan)
        return result

    def subscribe(
        self, graph: Graph, known: KnownOperation, request: GraphqlRequest, caller: Caller
    ) -> AsyncGenerator[ExecutionResult]:
        """Start a subscription: one result per event. Raises RequestRefused and InvalidVariables."""
        self._admit(known, request, caller)
        results = graph.executor.subscribe(known.prepared, request.variables, self._context(caller, is_live=True))
        return _events(results, known.removal)

    def _admit(self, known: KnownOperation, request: GraphqlRequest, caller: Caller) -> int | None:
        """Check cost and rate; return the cost where the client is to be told. Raises LimitExceeded and RateLimited."""
        cost = 0
        if known.cost is not None:
            cost = known.cost(request.variables or {})
            self._limits.check_cost(cost)
        if self._rate_limiter is not None:
            self._rate_limiter.admit(caller, cost)
        return cost if caller.wants_cost or self._settings.limits.cost_in_extensions else None

    def _context(self, caller: Caller, is_live: bool = False) -> RequestContext:
        return RequestContext(
            identity=caller.identity,
            headers=caller.headers,
            subgraph_headers=caller.subgraph_headers,
            deadline=None if is_live else asyncio.get_running_loop().time() + self._request_timeout,
            collect_headers=self._collects_headers,
            before_fetch=caller.before_fetch,
            on_fetch=self._telemetry.on_fetch,
        )


async def _events(results: AsyncIterator[ExecutionResult], removal: Removal | None) -> AsyncGenerator[ExecutionResult]:
    try:
        async for result in results:
            if removal is not None:
                _put_nulls(result, removal)
            yield result
    finally:
        await results.aclose()  # type: ignore[attr-defined]  # the executor's iterator is a generator


def _put_nulls(result: ExecutionResult, removal: Removal) -> None:
    result.data = removal.apply(result.data)
    result.errors = [*result.errors, *removal.errors]


def error_body(errors: list[JsonObject]) -> bytes:
    """Return the answer to a request that was never executed."""
    return orjson.dumps({"errors": errors})
