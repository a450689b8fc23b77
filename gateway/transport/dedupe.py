"""DedupeTransport: identical queries in flight at the same time share one fetch."""

from __future__ import annotations

from functools import partial
from typing import TypeAlias

from .dispatch import AnswerCallback, Cancellable, Outcome, WrappingTransport
from .in_flight import InFlight
from .interface import SubgraphRequest, SubgraphResponse, SubgraphTransport

DedupeKey: TypeAlias = tuple[str, bytes, tuple[tuple[bytes, bytes], ...]]

# They differ from request to request and cannot change an answer.
PER_REQUEST_HEADERS = frozenset({b"x-request-id", b"traceparent", b"tracestate"})


class DedupeTransport(WrappingTransport):
    """Collapses queries with equal body, headers (but those that name the request) and identity. Mutations always go through.

    The fetch is given up only when everyone who waits for it has given up. Its timeout is that of the request that started it: one
    that joins later cannot wait longer than the first. Cookies that the subgraph sets are for one of them: two who are nobody yet
    must not become the same.
    """

    def __init__(self, inner: SubgraphTransport) -> None:
        super().__init__(inner)
        self._in_flight: InFlight[DedupeKey, Outcome] = InFlight(_without_cookies)

    def dispatch(self, request: SubgraphRequest, on_outcome: AnswerCallback) -> Cancellable:
        if request.operation_kind != "query":
            return self._inner.dispatch(request, on_outcome)
        headers = request.headers
        key = (request.identity, request.body, tuple([it for it in headers if it[0] not in PER_REQUEST_HEADERS]))
        return self._in_flight.join(key, partial(self._inner.dispatch, request), on_outcome)

    def start_anew(self) -> None:
        self._in_flight.start_anew()


def _without_cookies(outcome: Outcome) -> Outcome:
    if not isinstance(outcome, SubgraphResponse):
        return outcome
    kept = tuple([it for it in outcome.headers if it[0].lower() != b"set-cookie"])
    if len(kept) == len(outcome.headers):
        return outcome
    return SubgraphResponse(outcome.status, kept, outcome.body)
