"""Executor: a prepared operation and its variables -> the answer, through the subgraphs' transports."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from ..transport.dispatch import Cancellable, as_dispatching
from ..transport.interface import SubgraphTransport
from .answer import result_of_run
from .compiled_plan import CompiledPlan
from .defer import Delivery, deferred_ids, held_fetches
from .operation_cache import PreparedOperation
from .plan_run import PlanRun
from .request_context import RequestContext
from .result import ExecutionResult
from .settings import ExecutionSettings
from .single_fetch import OnResult, SingleFetch
from .subscribe import run_subscription


class Executor:
    """Executes operations against one transport per subgraph, which it owns: `aclose` closes them."""

    def __init__(self, transports: Mapping[str, SubgraphTransport], settings: ExecutionSettings | None = None) -> None:
        self._transports = {name: as_dispatching(transport) for name, transport in transports.items()}
        self._settings = settings or ExecutionSettings()

    async def execute(
        self, prepared: PreparedOperation, variables: Mapping[str, Any] | None, context: RequestContext
    ) -> ExecutionResult:
        """Run a query or mutation. Raises `InvalidVariables` before anything is sent, and nothing for what subgraphs do."""
        coerced = prepared.coercion.coerce(variables)
        plan = prepared.compiled
        deferred = deferred_ids(plan.plan, coerced) if self._may_defer(plan, context) else frozenset()
        held = held_fetches(plan.plan, deferred) if deferred else frozenset()
        run = PlanRun(plan, self._transports, coerced, context, self._settings, held)
        await run.run()
        if deferred:
            delivery = Delivery(run, coerced, deferred, self._settings)
            return delivery.first_result()
        return result_of_run(run, coerced, self._settings)

    def start(
        self,
        prepared: PreparedOperation,
        variables: Mapping[str, Any] | None,
        context: RequestContext,
        on_result: OnResult,
    ) -> Cancellable:
        """Run a query or mutation without a task; its answer comes in one piece, also where it holds @defer.

        `on_result` is called once, perhaps before this returns, with the result or with a bug, unless the run is
        cancelled. Raises `InvalidVariables` before anything is sent.
        """
        coerced = prepared.coercion.coerce(variables)
        plan = prepared.compiled
        if plan.is_single_fetch:
            return SingleFetch(plan, self._transports, coerced, context, self._settings, on_result)
        run = PlanRun(plan, self._transports, coerced, context, self._settings)
        run.start(_Ending(run, coerced, self._settings, on_result))
        return run

    def subscribe(
        self, prepared: PreparedOperation, variables: Mapping[str, Any] | None, context: RequestContext
    ) -> AsyncIterator[ExecutionResult]:
        """Run a subscription: one result for each event. Raises `InvalidVariables` at once. `aclose` the iterator to end it."""
        coerced = prepared.coercion.coerce(variables)
        return run_subscription(prepared.compiled, self._transports, coerced, context, self._settings)

    async def aclose(self) -> None:
        """Close all transports; what is in flight fails."""
        for transport in self._transports.values():
            await transport.aclose()

    def _may_defer(self, plan: CompiledPlan, context: RequestContext) -> bool:
        return plan.has_deferred and context.accepts_incremental and self._settings.allow_defer


class _Ending:
    """Called at the end of a run: makes the result and tells it."""

    __slots__ = ("_on_result", "_run", "_settings", "_variables")

    def __init__(
        self, run: PlanRun, variables: Mapping[str, Any], settings: ExecutionSettings, on_result: OnResult
    ) -> None:
        self._run = run
        self._variables = variables
        self._settings = settings
        self._on_result = on_result

    def __call__(self, error: Exception | None) -> None:
        if error is not None:
            self._on_result(error)
            return
        try:
            result = result_of_run(self._run, self._variables, self._settings)
        except Exception as bug:
            # Whoever waits must be told; raised here, it would reach the transport.
            self._on_result(bug)
            return
        self._on_result(result)
