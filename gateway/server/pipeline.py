"""The Pipeline: what every client's operation goes through, whichever way it came.

request -> its text (persisted operations) -> known operation (limits, authorization, plan) -> admitted (rate, cost,
load) -> executed
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Hashable
from contextlib import aclosing
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import orjson

from ..execution import ExecutionResult, RequestContext
from ..transport import NOTHING_TO_CANCEL, Cancellable, InFlight
from .authorization import Grants
from .forbidden_fields import Removal
from .graph import Graph, GraphHolder
from .headers import ResponseHeaderRules
from .operation_in_work import OperationInWork, put_nulls
from .operations import KnownOperation, KnownOperations
from .persisted import PersistedOperations
from .plan_extension import plan_extension
from .rate_limit import RateLimiter
from .refusals import BadRequest, HeaderPairs, JsonObject, Overloaded, UnauthorizedOperation
from .request import Caller, GraphqlRequest
from .response_cache import Place, ResponseCache, cache_headers, policy_of
from .settings import Settings
from .telemetry import Telemetry

if TYPE_CHECKING:
    # OpenTelemetry takes a third of a second to import, and most processes have no use for it.
    from .tracing import Tracing


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer in one piece, ready to be sent."""

    body: bytes
    errors: int = 0
    """How many errors are in it."""
    headers: HeaderPairs = ()
    """Response headers beside the usual ones."""


OnAnswer: TypeAlias = Callable[[Answer | Exception], None]


BUSY = "The gateway is busy; try again in a moment."


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
        self._collapse: InFlight[Hashable, Answer | Exception] | None = None
        if settings.traffic.collapse_identical_requests:
            self._collapse = InFlight(_without_cookies)
        self._in_work = 0
        self._limits = operations.limits
        self._cost_in_extensions = settings.limits.cost_in_extensions
        self._max_cost = min(settings.limits.cost.max, settings.limits.guessed_cost.max)
        self._request_timeout = settings.traffic.request_timeout
        self._max_in_work = settings.traffic.max_concurrent_requests

    @property
    def is_full(self) -> bool:
        """Whether every query and mutation would be refused now, whatever it is."""
        return self._in_work >= self._max_in_work and self._response_cache is None and self._collapse is None

    def start_anew(self) -> None:
        """Let no request share the answer of one that is being executed now."""
        if self._collapse is not None:
            self._collapse.start_anew()

    @property
    def in_work(self) -> int:
        """Operations that are being executed now."""
        return self._in_work

    async def prepare(self, request: GraphqlRequest, caller: Caller) -> tuple[Graph, KnownOperation]:
        """Find the operation of a request that a client has just sent, and count it against the client's rate.

        Raises RequestRefused, OperationRejected and PlanningError.
        """
        # Before anything is parsed: an operation that is refused has cost us something, too.
        self.admit(caller)
        return await self.find(request, caller)

    async def find(self, request: GraphqlRequest, caller: Caller) -> tuple[Graph, KnownOperation]:
        """Find the operation on the current graph. Raises RequestRefused, OperationRejected and PlanningError."""
        graph, grants = self._graph_and_grants(request, caller)
        known = await self._operations.find(graph, request.query, request.operation_name, grants)
        if known.removal is not None:
            self._check_removal(known.removal)
        return graph, known

    def known(self, request: GraphqlRequest, caller: Caller) -> tuple[Graph, KnownOperation] | None:
        """Do the same for an operation that is known already, at once and without counting it; else return None.

        Raises RequestRefused where `find` would.
        """
        graph, grants = self._graph_and_grants(request, caller)
        known = self._operations.look_up(graph, request.query, request.operation_name, grants)
        if known is None:
            return None
        if known.removal is not None:
            self._check_removal(known.removal)
        return graph, known

    def admit(self, caller: Caller) -> None:
        """Count a request against the client's rate. Raises RateLimited."""
        if self._rate_limiter is not None:
            self._rate_limiter.admit(caller)

    async def answer(self, graph: Graph, known: KnownOperation, request: GraphqlRequest, caller: Caller) -> Answer:
        """Answer a query or mutation in one piece. Raises RequestRefused and InvalidVariables; cancelling it gives up
        what is in flight.
        """
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        handle = self.start(graph, known, request, caller, partial(_settle, future))
        try:
            return await future
        except asyncio.CancelledError:
            handle.cancel()
            raise

    def start(
        self, graph: Graph, known: KnownOperation, request: GraphqlRequest, caller: Caller, on_answer: OnAnswer
    ) -> Cancellable:
        """Answer a query or mutation in one piece: from memory, together with others who ask the same, or by
        executing it.

        `on_answer` is called once, perhaps before this returns, with the answer or an error, unless cancelled.
        Raises RequestRefused and InvalidVariables.
        """
        cache, collapse = self._response_cache, self._collapse
        is_plain = known.prepared.operation_kind == "query" and not caller.plan and not caller.wants_cost
        if (cache is None and collapse is None) or not is_plain:
            return self._start_work(graph, known, request, caller, None, on_answer)
        key = _key(known, request, caller)
        if cache is not None:
            found = cache.find(key)
            self._telemetry.metrics.response_cache.labels("miss" if found is None else "hit").inc()
            if found is not None:
                self._admit_cost(known, request, caller)
                on_answer(Answer(found[0], headers=found[1]))
                return NOTHING_TO_CANCEL
        begin = partial(
            self._start_work, graph, known, request, caller, cache.place(key) if cache is not None else None
        )
        if collapse is not None:
            return collapse.join(key, begin, on_answer)
        return begin(on_answer)

    def answer_of(self, result: ExecutionResult) -> Answer:
        """Return a result in one piece."""
        headers: HeaderPairs = ()
        if not self._returned_headers.is_empty:
            headers = self._returned_headers.pairs(headers for _, _, headers in result.subgraph_headers)
        return Answer(result.to_bytes(), len(result.errors), headers)

    async def execute_in_parts(
        self, graph: Graph, known: KnownOperation, request: GraphqlRequest, caller: Caller
    ) -> ExecutionResult:
        """Execute a query or mutation whose client takes deferred parts later. Raises RequestRefused and
        InvalidVariables.
        """
        work = self._take_in(known, request, caller)
        if work is None:
            return _plan_only(known)
        # A part that comes later would need its nulls put in, too; so it does not come later.
        work.context.accepts_incremental = known.removal is None
        self._in_work += 1
        try:
            result = await graph.executor.execute(known.prepared, request.variables, work.context)
        except BaseException:
            work.failed()
            raise
        finally:
            self._in_work -= 1
        result = work.completed(result)
        if result.patches is not None:
            result.patches = self._in_work_until_the_end(result.patches)
        return result

    def subscribe(
        self, graph: Graph, known: KnownOperation, request: GraphqlRequest, caller: Caller
    ) -> AsyncGenerator[ExecutionResult]:
        """Start a subscription: one result per event. Raises RequestRefused and InvalidVariables."""
        self._admit_cost(known, request, caller)
        results = graph.executor.subscribe(known.prepared, request.variables, self._context(caller, is_live=True))
        return _events(results, known.removal)

    def _start_work(
        self,
        graph: Graph,
        known: KnownOperation,
        request: GraphqlRequest,
        caller: Caller,
        place: Place | None,
        on_answer: OnAnswer,
    ) -> Cancellable:
        work = self._take_in(known, request, caller)
        if work is None:
            on_answer(self.answer_of(_plan_only(known)))
            return NOTHING_TO_CANCEL
        running = _Running(self, work, place, on_answer)
        self._in_work += 1
        try:
            running.handle = graph.executor.start(known.prepared, request.variables, work.context, running)
        except BaseException:
            running.cancel()
            raise
        return running

    def _take_in(self, known: KnownOperation, request: GraphqlRequest, caller: Caller) -> OperationInWork | None:
        """Admit an operation; None when its client only wants to see the plan. Raises RequestRefused."""
        cost = self._admit_cost(known, request, caller)
        if caller.plan == "dry-run":
            return None
        if self._in_work >= self._max_in_work:
            self._telemetry.shed()
            raise Overloaded(BUSY)
        return OperationInWork(known, caller, self._context(caller), cost, self._tracing)

    async def _in_work_until_the_end(self, patches: AsyncGenerator[bytes]) -> AsyncGenerator[bytes]:
        """Count what is deferred as work, too: else @defer would be the way around the bound."""
        self._in_work += 1
        try:
            async with aclosing(patches):
                async for patch in patches:
                    yield patch
        finally:
            self._in_work -= 1

    def _left_work(self) -> None:
        self._in_work -= 1

    def _finished_answer(self, result: ExecutionResult, place: Place | None) -> Answer:
        answer = self.answer_of(result)
        if place is None or self._response_cache is None or result.errors:
            return answer
        policy = policy_of(headers for _, _, headers in result.subgraph_headers)
        if policy is None:
            return answer
        self._response_cache.store(place, answer.body, policy)
        return Answer(answer.body, headers=(*answer.headers, *cache_headers(policy)))

    def _admit_cost(self, known: KnownOperation, request: GraphqlRequest, caller: Caller) -> int | None:
        """Check cost and rate; return the cost where the client is to be told. Raises LimitExceeded and RateLimited."""
        cost = known.cost if isinstance(known.cost, int) else known.cost(request.variables or {})
        if cost > self._max_cost:
            self._limits.check_cost(cost, is_declared=known.cost_is_declared)
        if self._rate_limiter is not None:
            self._rate_limiter.charge(caller, cost)
        return cost if caller.wants_cost or self._cost_in_extensions else None

    def _graph_and_grants(self, request: GraphqlRequest, caller: Caller) -> tuple[Graph, Grants | None]:
        graph = self._graphs.current
        if self._persisted is not None:
            self._persisted.complete(request)
        if not request.query:
            raise BadRequest("'query' is missing.")
        if graph.authorization.is_empty or not self._settings.authorization.enabled:
            return graph, None
        return graph, graph.authorization.grants_of(caller, self._settings.jwt)

    def _check_removal(self, removal: Removal) -> None:
        if self._settings.authorization.mode == "reject":
            paths = ", ".join(".".join(error["path"]) for error in removal.errors)
            raise UnauthorizedOperation(f"This operation asks for what is not allowed: {paths}.")

    def _context(self, caller: Caller, is_live: bool = False) -> RequestContext:
        return RequestContext(
            identity=caller.identity,
            headers=caller.headers,
            subgraph_headers=caller.subgraph_headers,
            deadline=None if is_live else asyncio.get_running_loop().time() + self._request_timeout,
            collect_headers=self._collects_headers,
            on_fetch=self._telemetry.on_fetch,
        )


class _Running:
    """Called with the result of an operation: leaves the work, and tells the answer."""

    __slots__ = ("_is_over", "_on_answer", "_pipeline", "_place", "_work", "handle")

    def __init__(self, pipeline: Pipeline, work: OperationInWork, place: Place | None, on_answer: OnAnswer) -> None:
        self._pipeline = pipeline
        self._work = work
        self._place = place
        self._on_answer = on_answer
        self._is_over = False
        self.handle: Cancellable = NOTHING_TO_CANCEL

    def __call__(self, result: ExecutionResult | Exception) -> None:
        if self._is_over:
            return
        self._is_over = True
        # Whoever holds this must not keep the run, which holds this.
        self.handle = NOTHING_TO_CANCEL
        self._pipeline._left_work()
        outcome: Answer | Exception
        if isinstance(result, Exception):
            self._work.failed()
            outcome = result
        else:
            try:
                outcome = self._pipeline._finished_answer(self._work.completed(result), self._place)
            except Exception as error:
                outcome = error
        self._on_answer(outcome)

    def cancel(self) -> None:
        """Give the operation up; nobody is told."""
        if not self._is_over:
            self._is_over = True
            self._pipeline._left_work()
            self._work.failed()
            handle, self.handle = self.handle, NOTHING_TO_CANCEL
            handle.cancel()


def _settle(future: asyncio.Future[Answer], outcome: Answer | Exception) -> None:
    if future.done():
        return
    if isinstance(outcome, Exception):
        future.set_exception(outcome)
    else:
        future.set_result(outcome)


def _without_cookies(answer: Answer | Exception) -> Answer | Exception:
    """Return what others than the first are told: a cookie is for one."""
    if isinstance(answer, Exception) or not answer.headers:
        return answer
    return replace(answer, headers=tuple([it for it in answer.headers if it[0] != b"set-cookie"]))


def _plan_only(known: KnownOperation) -> ExecutionResult:
    return ExecutionResult(None, extensions={"queryPlan": plan_extension(known.prepared.plan)})


def _key(known: KnownOperation, request: GraphqlRequest, caller: Caller) -> Hashable:
    """Return what two requests share only if they may share an answer. The known operation stands for graph, text,
    name and grants.
    """
    return known.number, request.variables_key(), caller.identity


async def _events(results: AsyncIterator[ExecutionResult], removal: Removal | None) -> AsyncGenerator[ExecutionResult]:
    try:
        async for result in results:
            if removal is not None:
                put_nulls(result, removal)
            yield result
    finally:
        await results.aclose()  # type: ignore[attr-defined]  # the executor's iterator is a generator


def error_body(errors: list[JsonObject]) -> bytes:
    """Return the answer to a request that was never executed."""
    return orjson.dumps({"errors": errors})
