"""SingleFetch: the run of a plan that asks one subgraph once, without all that `PlanRun` needs for several fetches.

Requests that share a fetch (identical fetches in flight are sent once) also share what is made of its answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

import orjson

from ..errors import SubgraphUnreachable, TransportError
from ..transport.dispatch import NOTHING_TO_CANCEL, Cancellable, DispatchingTransport, Outcome
from ..transport.interface import SubgraphResponse
from .answer import result_of_run
from .compiled_plan import CompiledPlan
from .failures import Failure
from .fetch_request import fetch_event, fetch_request
from .request_context import RequestContext
from .response_tree import TreeObject
from .result import ExecutionResult
from .settings import ExecutionSettings
from .subgraph_answer import parse_answer

OnResult: TypeAlias = Callable[[ExecutionResult | Exception], None]


class SingleFetch:
    """Sends the fetch when it is made; `on_result` is called once, perhaps at once, unless it is cancelled."""

    __slots__ = (
        "_context", "_handle", "_is_over", "_on_result", "_settings", "_started", "_variables", "failures", "plan",
        "responses", "sent", "tree",
    )  # fmt: skip

    def __init__(
        self,
        plan: CompiledPlan,
        transports: Mapping[str, DispatchingTransport],
        variables: Mapping[str, Any],
        context: RequestContext,
        settings: ExecutionSettings,
        on_result: OnResult,
    ) -> None:
        self.plan = plan
        self.tree: TreeObject = {}
        self.failures: list[Failure] = []
        self.responses: list[tuple[str, int, tuple[tuple[bytes, bytes], ...]]] = []
        self._variables = variables
        self._context = context
        self._settings = settings
        self._on_result = on_result
        self._is_over = False
        self._handle: Cancellable = NOTHING_TO_CANCEL
        fetch = plan.fetches[0]
        body = fetch.constant_body
        if body is None:
            parts = [prefix + orjson.dumps(variables[name]) for name, prefix in fetch.variables if name in variables]
            body = b"%b%b}}" % (fetch.head, b",".join(parts))
        self.sent = len(body)
        now = self._started = asyncio.get_running_loop().time()
        request = fetch_request(fetch, body, context, settings, now)
        transport = transports.get(fetch.subgraph_name)
        if transport is None:
            name = fetch.subgraph_name
            self(SubgraphUnreachable(name, f'There is no transport for subgraph "{name}".'))
            return
        handle = transport.dispatch(request, self)
        if not self._is_over:
            self._handle = handle

    def __call__(self, outcome: Outcome) -> None:
        if self._is_over:
            return
        self._is_over = True
        self._handle = NOTHING_TO_CANCEL
        result: ExecutionResult | Exception
        try:
            result = self._result_of(outcome)
        except Exception as bug:
            # Whoever waits must be told; raised here, it would reach the transport.
            result = bug
        self._on_result(result)

    def cancel(self) -> None:
        """Give the fetch up; nobody is told."""
        self._is_over = True
        handle, self._handle = self._handle, NOTHING_TO_CANCEL
        handle.cancel()

    def _result_of(self, outcome: Outcome) -> ExecutionResult:
        plan, context = self.plan, self._context
        fetch = plan.fetches[0]
        if context.on_fetch is not None:
            now = asyncio.get_running_loop().time()
            context.on_fetch(fetch_event(fetch, outcome, self._started, now, self.sent))
        if isinstance(outcome, TransportError):
            self.failures.append(Failure(fetch, (), outcome))
            return result_of_run(self, self._variables, self._settings)
        if outcome.made_by is plan:
            made: ExecutionResult = outcome.made
            return made
        result = self._result_of_response(outcome)
        # Conditions decide by variables what is in the answer; without them equal answers make equal results.
        if not plan.condition_names:
            result.is_shared = True
            outcome.made, outcome.made_by = result, plan
        return result

    def _result_of_response(self, response: SubgraphResponse) -> ExecutionResult:
        fetch = self.plan.fetches[0]
        if self._context.collect_headers:
            self.responses.append((fetch.subgraph_name, response.status, response.headers))
        answer = parse_answer(fetch.subgraph_name, response)
        if isinstance(answer, TransportError):
            self.failures.append(Failure(fetch, (), answer))
        else:
            if errors := answer.get("errors"):
                self.failures.append(Failure(fetch, (), None, tuple(errors)))
            self.tree = answer.get("data") or {}
        return result_of_run(self, self._variables, self._settings)
