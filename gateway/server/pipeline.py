"""The Pipeline: what every client's operation goes through, whichever way it came: find, limit, execute
or subscribe.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any
from uuid import uuid4

import orjson
import structlog
from graphql import GraphQLError

from ..errors import GatewayError, PlanningError
from ..execution import ExecutionResult, InvalidVariables, OperationRejected, RequestContext
from .graph import Graph, GraphHolder
from .operations import KnownOperation, KnownOperations
from .refusals import BadRequest, JsonObject, Overloaded, RequestRefused
from .request import Caller, GraphqlRequest
from .settings import Settings
from .telemetry import Telemetry

logger = structlog.get_logger("gateway")

_SUGGESTION = re.compile(r"\s*Did you mean [^?]*\?")


class Pipeline:
    """Stateless but for what it was given; one for the whole process."""

    def __init__(
        self, settings: Settings, graphs: GraphHolder, operations: KnownOperations, telemetry: Telemetry
    ) -> None:
        self._settings = settings
        self._graphs = graphs
        self._operations = operations
        self._telemetry = telemetry
        self._in_work = 0
        self._limits = operations.limits
        self._request_timeout = settings.traffic.request_timeout
        self._max_in_work = settings.traffic.max_concurrent_requests

    @property
    def in_work(self) -> int:
        """Operations that are being executed now; shutdown waits for them."""
        return self._in_work

    def prepare(self, request: GraphqlRequest) -> tuple[Graph, KnownOperation]:
        """Find the operation on the current graph. Raises RequestRefused, OperationRejected and PlanningError."""
        graph = self._graphs.current
        if not request.query:
            raise BadRequest("'query' is missing.")
        return graph, self._operations.find(graph, request.query, request.operation_name)

    async def execute(
        self,
        graph: Graph,
        known: KnownOperation,
        request: GraphqlRequest,
        caller: Caller,
        accepts_incremental: bool = False,
    ) -> ExecutionResult:
        """Execute a query or mutation. Raises RequestRefused and InvalidVariables."""
        cost = self._check_cost(known, request, caller)
        if self._in_work >= self._max_in_work:
            self._telemetry.shed()
            raise Overloaded("The gateway is busy; try again in a moment.")
        context = self._context(caller)
        context.accepts_incremental = accepts_incremental
        self._in_work += 1
        try:
            result = await graph.executor.execute(known.prepared, request.variables, context)
        finally:
            self._in_work -= 1
        if cost is not None:
            result.extensions["cost"] = cost
        return result

    def subscribe(
        self, graph: Graph, known: KnownOperation, request: GraphqlRequest, caller: Caller
    ) -> AsyncIterator[ExecutionResult]:
        """Start a subscription: one result per event. Raises RequestRefused and InvalidVariables."""
        self._check_cost(known, request, caller)
        return graph.executor.subscribe(known.prepared, request.variables, self._context(caller, is_live=True))

    def errors_of(self, error: Exception, caller: Caller) -> list[JsonObject]:
        """Return the GraphQL errors for what went wrong; what nobody foresaw is logged under an id and masked."""
        match error:
            case RequestRefused():
                return [error.formatted()]
            case OperationRejected() | InvalidVariables():
                return [self._formatted(it) for it in error.errors]
            case PlanningError() if not self._settings.production:
                return [{"message": error.message, "extensions": {"code": error.code}}]
            case GatewayError() if not self._settings.production:
                return [{"message": error.message, "extensions": {"code": error.code}}]
        return [self.masked(error, caller)]

    def masked(self, error: Exception, caller: Caller) -> JsonObject:
        """Log an unforeseen error with its stack, and return what the client may know of it."""
        error_id = uuid4().hex
        logger.error("request.failed", error_id=error_id, request_id=caller.request_id, exc_info=error)
        self._telemetry.masked()
        return {"message": "Unexpected error.", "extensions": {"code": "INTERNAL_SERVER_ERROR", "errorId": error_id}}

    def _formatted(self, error: GraphQLError) -> JsonObject:
        formatted: dict[str, Any] = dict(error.formatted)
        if self._settings.production:
            # Validation hides them itself; the parser and coercion of defaults do not.
            formatted["message"] = _SUGGESTION.sub("", formatted["message"])
        return formatted

    def _check_cost(self, known: KnownOperation, request: GraphqlRequest, caller: Caller) -> int | None:
        if known.cost is None:
            return None
        cost = known.cost(request.variables or {})
        self._limits.check_cost(cost)
        return cost if caller.wants_cost or self._settings.limits.cost_in_extensions else None

    def _context(self, caller: Caller, is_live: bool = False) -> RequestContext:
        return RequestContext(
            identity=caller.identity,
            headers=caller.headers,
            subgraph_headers=caller.subgraph_headers,
            deadline=None if is_live else asyncio.get_running_loop().time() + self._request_timeout,
            on_fetch=self._telemetry.on_fetch,
        )


def error_body(errors: list[JsonObject]) -> bytes:
    """Return the answer to a request that was never executed."""
    return orjson.dumps({"errors": errors})
