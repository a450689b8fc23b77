"""Subscriptions: the source's events come through a transport, and the rest of the plan runs on each of them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing
from typing import Any, cast

import orjson

from ..errors import TransportError
from ..transport.dispatch import DispatchingTransport
from ..transport.interface import SubgraphRequest, SubgraphResponse
from .answer import result_of_run
from .compiled_plan import CompiledPlan
from .failures import Failure
from .plan_run import PlanRun
from .request_context import RequestContext
from .result import ExecutionResult
from .settings import ExecutionSettings
from .subgraph_answer import parse_answer


async def run_subscription(
    plan: CompiledPlan,
    transports: Mapping[str, DispatchingTransport],
    variables: Mapping[str, Any],
    context: RequestContext,
    settings: ExecutionSettings,
) -> AsyncIterator[ExecutionResult]:
    """One result for each event, in order. What ends the source ends this, after a last result that tells why if it was an error."""
    fetch = plan.fetches[0]
    name = fetch.subgraph_name
    parts = [prefix + orjson.dumps(variables[key]) for key, prefix in fetch.variables if key in variables]
    request = SubgraphRequest(
        subgraph_name=name,
        body=fetch.constant_body or b"%b%b}}" % (fetch.head, b",".join(parts)),
        operation_kind="subscription",
        headers=context.headers_for(name, fetch.id),
        timeout=settings.timeout_for(name),
        identity=context.identity,
    )
    events = transports[name].subscribe(request)
    async with aclosing(cast(Any, events)):
        try:
            async for event in events:
                yield await _result_of_event(plan, transports, variables, context, settings, event)
        except TransportError as error:
            yield _last_result(plan, variables, settings, transports, context, error)


async def _result_of_event(
    plan: CompiledPlan,
    transports: Mapping[str, DispatchingTransport],
    variables: Mapping[str, Any],
    context: RequestContext,
    settings: ExecutionSettings,
    event: bytes,
) -> ExecutionResult:
    run = PlanRun(plan, transports, variables, context, settings)
    fetch = plan.fetches[0]
    answer = parse_answer(fetch.subgraph_name, SubgraphResponse(200, (), event))
    if isinstance(answer, TransportError):
        run.failures.append(Failure(fetch, (), answer))
        return result_of_run(run, variables, settings)
    if answer.get("errors"):
        run.failures.append(Failure(fetch, (), None, tuple(answer["errors"])))
    data = answer.get("data")
    if data is not None:
        await run.run_after(data)
    return result_of_run(run, variables, settings)


def _last_result(
    plan: CompiledPlan,
    variables: Mapping[str, Any],
    settings: ExecutionSettings,
    transports: Mapping[str, DispatchingTransport],
    context: RequestContext,
    error: TransportError,
) -> ExecutionResult:
    run = PlanRun(plan, transports, variables, context, settings)
    run.failures.append(Failure(plan.fetches[0], (), error))
    return result_of_run(run, variables, settings)
