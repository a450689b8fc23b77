"""The Pipeline: what every client's operation goes through, whichever way it came.

request -> its text (persisted operations) -> known operation (limits, authorization, plan) -> admitted (rate, cost,
load) -> executed
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Hashable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from ..execution import ExecutionResult, FetchEvent, RequestCollapse, RequestContext
from .forbidden_fields import Removal
from .graph import Graph, GraphHolder
from .headers import ResponseHeaderRules
from .operations import KnownOperation, KnownOperations
from .persisted import PersistedOperations
from .plan_extension import plan_extension
from .rate_limit import RateLimiter
from .refusals import BadRequest, HeaderPairs, JsonObject, Overloaded, UnauthorizedOperation
from .request import Caller, GraphqlRequest
from .response_cache import ResponseCache, cache_headers, policy_of
from .settings import Settings
from .telemetry import Telemetry

if TYPE_CHECKING:
    # OpenTelemetry takes a third of a second to import, and most processes have no use for it.
    from .tracing import OperationTrace, Tracing


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in one piece, ready to be sent."""

    body: bytes
    errors: int = 0
    """How many errors are in it."""
    headers: HeaderPairs = ()
    """Response headers beside the usual ones."""


class Pipeline:
    """One for the whole process."""

    def __init__(
        self,
        settings: Settings,
        graphs: GraphHolder,
        operations: KnownOperations,
        persisted: PersistedOperations,
        rate_limiter: RateLimiter | None,
        response_cache: ResponseCache | None,
        tracing: Tracing | None,
        telemetry: Telemetry,
    ) -> None:
        self._settings = settings
        self._graphs = graphs
        self._operations = operations
        self._persisted = persisted if persisted.is_needed else None
        self._rate_limiter = rate_limiter
        self._response_cache = response_cache
        self._tracing = tracing
        self._telemetry = telemetry
        self._returned_headers = ResponseHeaderRules(settings.headers)
        self._collects_headers = response_cache is not None or not self._returned_headers.is_empty
        self._collapse: RequestCollapse[Answer] | None = None
        if settings.traffic.collapse_identical_requests:
            self._collapse = RequestCollapse()
        self._in_work = 0
        self._limits = operations.limits
        self._max_cost = min(settings.limits.cost.max, settings.limits.guessed_cost.max)
        self._request_timeout = settings.traffic.request_timeout
        self._max_in_work = settings.traffic.max_concurrent_requests

    @property
    def in_work(self) -> int:
        """Operations that are being executed now."""
        return self._in_work

    async def prepare(self, request: GraphqlRequest, caller: Caller) -> tuple[Graph, KnownOperation]:
        """Find the operation of a request that a client has just sent, and count it against the client's rate.

        Raises RequestRefused, OperationRejected and PlanningError.
        """
        # Before anything is parsed: an operation that is refused has cost us something, too.
        if self._rate_limiter is not None:
            self._rate_limiter.admit(caller)
        return await self.find(request, caller)

    async def find(self, request: GraphqlRequest, caller: Caller) -> tuple[Graph, KnownOperation]:
        """Find the operation on the current graph. Raises RequestRefused, OperationRejected and PlanningError."""
        graph = self._graphs.current
        if self._persisted is not None:
            self._persisted.complete(request)
        if not request.query:
            raise BadRequest("'query' is missing.")
        grants = None
        if not graph.authorization.is_empty and self._settings.authorization.enabled:
            grants = graph.authorization.grants_of(caller, self._settings.jwt)
        known = await self._operations.find(graph, request.query, request.operation_name, grants)
        if known.removal is not None and self._settings.authorization.mode == "reject":
            paths = ", ".join(".".join(error["path"]) for error in known.removal.errors)
            raise UnauthorizedOperation(f"This operation asks for what is not allowed: {paths}.")
        return graph, known

    async def answer(self, graph: Graph, known: KnownOperation, request: GraphqlRequest, caller: Caller) -> Answer:
        """Answer a query or mutation in one piece: from memory, together with others who ask the same, or by
        executing it.

        Raises RequestRefused and InvalidVariables.
        """
        cache, collapse = self._response_cache, self._collapse
        is_plain = known.prepared.operation_kind == "query" and not caller.plan and not caller.wants_cost
        if (cache is None and collapse is None) or not is_plain:
            return self.answer_of(await self.execute(graph, known, request, caller))
        key = _key(known, request, caller)
        if cache is not None:
            found = cache.find(key)
            self._telemetry.metrics.response_cache.labels("miss" if found is None else "hit").inc()
            if found is not None:
                self._admit(known, request, caller)
                return Answer(found[0], headers=found[1])
        if collapse is not None:
            return await collapse.run(key, lambda: self._answer_and_store(key, graph, known, request, caller))
        return await self._answer_and_store(key, graph, known, request, caller)

    async def _answer_and_store(
        self, key: Hashable, graph: Graph, known: KnownOperation, request: GraphqlRequest, caller: Caller
    ) -> Answer:
        result = await self.execute(graph, known, request, caller)
        answer = self.answer_of(result)
        if self._response_cache is None or result.errors:
            return answer
        policy = policy_of(headers for _, _, headers in result.subgraph_headers)
        if policy is None:
            return answer
        self._response_cache.store(key, answer.body, policy)
        return Answer(answer.body, headers=(*answer.headers, *cache_headers(policy)))

    def answer_of(self, result: ExecutionResult) -> Answer:
        """Return a result in one piece."""
        headers: HeaderPairs = ()
        if not self._returned_headers.is_empty:
            headers = self._returned_headers.pairs(headers for _, _, headers in result.subgraph_headers)
        return Answer(result.to_bytes(), len(result.errors), headers)

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
        trace = self._trace(known, caller, context) if self._tracing is not None else None
        fetched = _collect_fetches(context) if caller.plan else []
        errors = 1
        self._in_work += 1
        try:
            result = await graph.executor.execute(known.prepared, request.variables, context)
            errors = len(result.errors)
        finally:
            self._in_work -= 1
            if trace is not None:
                trace.end(errors)
        if known.removal is not None:
            _put_nulls(result, known.removal)
        if cost is not None:
            result.extensions["cost"] = cost
        if caller.plan:
            result.extensions["queryPlan"] = plan_extension(known.prepared.plan, fetched)
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
        cost = known.cost if isinstance(known.cost, int) else known.cost(request.variables or {})
        if cost > self._max_cost:
            self._limits.check_cost(cost, is_declared=known.cost_is_declared)
        if self._rate_limiter is not None:
            self._rate_limiter.charge(caller, cost)
        return cost if caller.wants_cost or self._settings.limits.cost_in_extensions else None

    def _trace(self, known: KnownOperation, caller: Caller, context: RequestContext) -> OperationTrace:
        assert self._tracing is not None
        trace = self._tracing.start(caller, known)
        context.headers = caller.headers
        context.before_fetch = trace.before_fetch
        count = context.on_fetch

        def on_fetch(event: FetchEvent) -> None:
            trace.on_fetch(event)
            if count is not None:
                count(event)

        context.on_fetch = on_fetch
        return trace

    def _context(self, caller: Caller, is_live: bool = False) -> RequestContext:
        return RequestContext(
            identity=caller.identity,
            headers=caller.headers,
            subgraph_headers=caller.subgraph_headers,
            deadline=None if is_live else asyncio.get_running_loop().time() + self._request_timeout,
            collect_headers=self._collects_headers,
            on_fetch=self._telemetry.on_fetch,
        )


def _collect_fetches(context: RequestContext) -> list[FetchEvent]:
    """Return a list that every fetch of the operation is added to when it is over."""
    fetched: list[FetchEvent] = []
    count = context.on_fetch

    def on_fetch(event: FetchEvent) -> None:
        fetched.append(event)
        if count is not None:
            count(event)

    context.on_fetch = on_fetch
    return fetched


def _key(known: KnownOperation, request: GraphqlRequest, caller: Caller) -> Hashable:
    """Return what two requests share only if they may share an answer. The known operation stands for graph, text,
    name and grants.
    """
    variables = orjson.dumps(request.variables, option=orjson.OPT_SORT_KEYS) if request.variables else b""
    return known.number, variables, caller.identity


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
