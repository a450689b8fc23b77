"""What is sent to a subgraph for a fetch, and what is told of it when it is over."""

from __future__ import annotations

from ..transport.dispatch import Outcome
from ..transport.interface import SubgraphRequest, SubgraphResponse
from .compiled_plan import CompiledFetch
from .request_context import FetchEvent, RequestContext
from .settings import ExecutionSettings

SHORTEST_TIMEOUT = 0.001  # seconds; for a request whose deadline is over: the transport tells of the timeout


def fetch_request(
    fetch: CompiledFetch, body: bytes, context: RequestContext, settings: ExecutionSettings, now: float
) -> SubgraphRequest:
    """The request of a fetch; `now` is the loop's time."""
    name = fetch.subgraph_name
    timeout = settings.timeout_for(name)
    deadline = context.deadline
    if deadline is not None and deadline - now < timeout:
        timeout = max(SHORTEST_TIMEOUT, deadline - now)
    headers = context.headers_for(name, fetch.id)
    return SubgraphRequest(name, body, fetch.node.operation_kind, headers, timeout, context.identity)


def fetch_event(
    fetch: CompiledFetch, outcome: Outcome, started: float, ended: float, sent: int, joined_ids: tuple[int, ...] = ()
) -> FetchEvent:
    """What telemetry and plans are told; `sent` is the length of the request's body."""
    name = fetch.subgraph_name
    if isinstance(outcome, SubgraphResponse):
        received = len(outcome.body)
        return FetchEvent(name, fetch.id, started, ended, outcome.status, None, sent, received, joined_ids)
    return FetchEvent(name, fetch.id, started, ended, None, outcome.code, sent, 0, joined_ids)
