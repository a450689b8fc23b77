"""SubgraphTransport: the one small port through which the gateway talks to a subgraph; every transport and wrapper implements it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any, Literal, Protocol


@dataclass(slots=True)
class SubgraphRequest:
    """One GraphQL request to one subgraph.

    `body` is the whole JSON object `{"query", "operationName", "variables", "extensions"}` as bytes: the body of an HTTP POST and
    the payload of a graphql-transport-ws `subscribe` alike. `headers` are lower-case (name, value) pairs to send beside the
    transport's own. `timeout` is in seconds and covers the whole answer (of a subscription: the time to its start).
    """

    subgraph_name: str
    body: bytes
    operation_kind: Literal["query", "mutation", "subscription"]
    headers: tuple[tuple[bytes, bytes], ...] = ()
    timeout: float = 5.0
    identity: str = ""
    """Whose request it is: requests of different identities are never collapsed and never share a socket."""


@dataclass(slots=True)
class SubgraphResponse:
    """What came back: any HTTP status with its body as it is (a GraphQL answer may come with 4xx or 5xx)."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes
    made: Any = None
    """What a reader has made of it, for others who share this response (see `in_flight`) and would make the same."""
    made_by: object = None
    """What tells who would make the same: compared by identity."""


class SubgraphTransport(Protocol):
    """Sends requests to one subgraph. Raises only subclasses of `TransportError`; closing it fails what is still in flight."""

    async def execute(self, request: SubgraphRequest) -> SubgraphResponse:
        """Send a query or mutation and return its whole answer."""
        ...

    def subscribe(self, request: SubgraphRequest) -> AsyncIterator[bytes]:
        """Start a subscription; each item is one GraphQL answer as JSON bytes. Closing the iterator ends the subscription."""
        ...

    async def aclose(self) -> None:
        """Close all connections."""
        ...
