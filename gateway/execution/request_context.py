"""RequestContext: what execution must know of the client's request, and nothing more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

HeaderPairs: TypeAlias = tuple[tuple[bytes, bytes], ...]


@dataclass(slots=True)  # not frozen: one is made for every fetch, and freezing costs three times as much
class FetchEvent:
    """One request to a subgraph that is over. Times are the event loop's seconds; `error_code` is set when no GraphQL answer came.

    `joined_ids` are the other fetches of the plan that went out in the same request.
    """

    subgraph_name: str
    fetch_id: int
    started: float
    ended: float
    status: int | None
    error_code: str | None
    bytes_sent: int
    bytes_received: int
    joined_ids: tuple[int, ...] = ()


@dataclass(slots=True)
class RequestContext:
    """Passed along with one operation.

    `identity` separates what must never be shared between people: it is part of every key under which requests are collapsed.
    `headers` go to every subgraph, `subgraph_headers` to the named one. `deadline` is the loop time at which all must be over.
    """

    identity: str = ""
    headers: HeaderPairs = ()
    subgraph_headers: Mapping[str, HeaderPairs] = field(default_factory=dict)
    deadline: float | None = None
    collect_headers: bool = False
    """Keep the subgraphs' response headers for the caller (`ExecutionResult.subgraph_headers`)."""
    accepts_incremental: bool = True
    """False: the client cannot read incremental answers, so @defer is ignored."""
    before_fetch: Callable[[str, int], HeaderPairs] | None = None
    """Called with subgraph name and fetch id; returns headers of this one fetch (trace context)."""
    on_fetch: Callable[[FetchEvent], None] | None = None

    def headers_for(self, subgraph_name: str, fetch_id: int) -> HeaderPairs:
        """All headers of one fetch."""
        headers = self.headers
        if self.subgraph_headers:
            headers += self.subgraph_headers.get(subgraph_name, ())
        if self.before_fetch is not None:
            headers += self.before_fetch(subgraph_name, fetch_id)
        return headers
